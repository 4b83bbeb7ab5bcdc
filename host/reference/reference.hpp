// SPDX-License-Identifier: Apache-2.0
//
// The reference for operators, made from what the program itself checks by: the host's schemas and
// what each plugin says about itself. Nothing in it is written by hand, so nothing in it can be out
// of date; the test reference_test holds the committed pages against it.
//
// [any-thread] Pure functions.
#pragma once

#include <boost/json/object.hpp>

#include <map>
#include <string>
#include <vector>

namespace mortise::host::reference {

// What the plugins say about themselves (manifest_json of plugin/inspect.hpp), in any order.
using manifests = std::vector<boost::json::object>;

// Path below the repository -> content: config/reference.toml and docs/reference/*.md.
std::map<std::string, std::string> make_files(const manifests& plugins);

// The parts of it.
std::string configuration_page();
std::string connector_page(const boost::json::object& connector);
std::string flow_page(const boost::json::object& flow);
// Every line that begins with "#" and no blank behind it is configuration; uncommented as a whole
// it is one that `mortise check` takes.
std::string toml_reference(const manifests& plugins);

} // namespace mortise::host::reference
