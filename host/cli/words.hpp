// SPDX-License-Identifier: Apache-2.0
// What people type, read; and members of answers.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mortise::host::cli {

// A file's text, or standard input for "-". Errors: not_found.
result<std::string> text_of(const std::string& file);
result<boost::json::value> json_of(const std::string& file); // also input, with the place

// "2026-03-01", "2026-03-01T14:05:09Z", or a time ago: "36h", "7d". Errors:
// input.
result<unix_ms> point_in_time(const std::string& text, unix_ms now);

// For a URL's path or query.
std::string url_encoded(std::string_view text);
// Empty values are left out.
using query_parameters = std::vector<std::pair<std::string, std::string>>;
std::string with_query(std::string path, const query_parameters& query);

// A member of an answer as text, or empty.
std::string member(const boost::json::value& v, std::string_view name);
// An empty one where there is none.
const boost::json::value& part(const boost::json::value& v, std::string_view name);
const boost::json::array& list_in(const boost::json::value& v, std::string_view name);
// 0 where there is none.
std::int64_t number_in(const boost::json::value& v, std::string_view name);
std::string time_in(const boost::json::value& v, std::string_view name);

} // namespace mortise::host::cli
