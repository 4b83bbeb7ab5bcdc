// SPDX-License-Identifier: Apache-2.0
// The part of Lucene's query syntax that clients of iconik use: words, "phrases", field:value,
// AND OR NOT + -, parentheses, * and ?, and backslash escapes. As the real one does for callers,
// text that cannot be parsed finds nothing.
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mortise::sandbox::iconik {

// fields: where words without a field are looked for; empty = title and metadata.
bool matches_query(const boost::json::object& document,
                   std::string_view query,
                   const std::vector<std::string>& fields);
// One value of a filter's term: goes through the same parser, for one field.
bool matches_term(const boost::json::object& document,
                  std::string_view field,
                  std::string_view value);
// Values of a dotted field name ("metadata.campaign_id"), arrays flattened.
std::vector<const boost::json::value*> values_of(const boost::json::object& document,
                                                 std::string_view field);

} // namespace mortise::sandbox::iconik
