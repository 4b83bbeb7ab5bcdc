// SPDX-License-Identifier: Apache-2.0
//
// Schemas as Markdown: sections of settings, and flat tables for inputs, results and event data.
// [any-thread]
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace mortise::host::reference {

// Text that means itself inside a table cell; what stands in backticks stays as it is.
std::string cell(std::string_view text);

// One table for the section's own keys under "LEVEL `[path]`", then one for each section in it.
std::string settings_sections(const boost::json::object& schema,
                              const std::string& path,
                              std::string_view heading = "##");

// What a mapping makes when nothing is said: each target field with its rule.
std::string mapping_table(const boost::json::object& schema);

// Every value of the schema as one row, nested ones by their path: "a.b", "a[].b". A sentence
// instead of a table where there is nothing to list.
std::string value_table(const boost::json::object& schema);

} // namespace mortise::host::reference
