// SPDX-License-Identifier: Apache-2.0
//
// Reading the parts of a schema; private to the schema sources.
#pragma once

#include "config/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace mortise::host {

constexpr int schema_max_depth = 32;

struct regex_cache; // compiled patterns of one schema

std::string escape_pointer(std::string_view token);
const boost::json::object* object_member(const boost::json::object& o, std::string_view key);
std::vector<std::string> names_of(const boost::json::object* o);
bool is_secret(const boost::json::object& schema_object);
bool is_mapping(const boost::json::object& schema_object);
bool requires_key(const boost::json::object& schema_object, std::string_view key);

// The property that tells the alternatives of "oneOf" apart, or empty.
std::string discriminator_of(const boost::json::object& schema_object);
const boost::json::value* discriminator_value(const boost::json::object& branch,
                                              std::string_view key);
// The alternative that value chooses, or null.
const boost::json::object* chosen_branch(const boost::json::object& schema_object,
                                         const boost::json::value& value);

// The validator proper; regexes may be null (patterns are compiled on the way).
void check_value(const boost::json::value& value,
                 const boost::json::object& schema_object,
                 const std::string& at,
                 schema_options options,
                 std::vector<schema_problem>& problems,
                 const regex_cache* regexes);

// Empty, or why text is not of the format: "expected an absolute URL ...".
std::string check_format(std::string_view format, std::string_view text);

} // namespace mortise::host
