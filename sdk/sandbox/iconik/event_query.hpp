// SPDX-License-Identifier: Apache-2.0
// The small language of a webhook's `query`: `field op value` with = != < > <= >=, strings,
// numbers, true, false, null, /regular expressions/, AND, OR and parentheses; fields of data by
// dots.
#pragma once

#include <boost/json/object.hpp>

#include <stdexcept>
#include <string_view>

namespace mortise::sandbox::iconik {

// Throws std::invalid_argument that says where the text cannot be read. An empty query matches.
bool matches_event(const boost::json::object& event, std::string_view query);

} // namespace mortise::sandbox::iconik
