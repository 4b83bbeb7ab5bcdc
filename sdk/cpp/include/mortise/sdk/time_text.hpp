// SPDX-License-Identifier: Apache-2.0
//
// Time as text, both ways: RFC 3339 time stamps, durations such as "30s", HTTP dates.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mortise {

using time_point = std::chrono::system_clock::time_point;

// "2026-03-01T12:00:00Z"; milliseconds only when there are any.
std::string format_time(time_point t);
// Any RFC 3339 time stamp, with offset; finer parts than a millisecond are cut.
std::optional<time_point> parse_time(std::string_view text) noexcept;
// "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<time_point> parse_http_date(std::string_view text) noexcept;

// The largest unit that is exact: "250ms", "30s", "5m", "2h", "14d".
std::string format_duration(std::chrono::milliseconds d);
// A whole number and one of ms, s, m, h, d.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

} // namespace mortise
