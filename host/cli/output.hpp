// SPDX-License-Identifier: Apache-2.0
// Texts for people, JSON for programs.
#pragma once

#include "base/clock.hpp"
#include "cli/common.hpp"
#include "cli/table.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace mortise::host::cli {

// "2026-03-01 14:05:09" in UTC, "-" for 0.
std::string time_text(unix_ms t);
// "840 ms", "3.2 s", "4 min", "2 h", "3 d".
std::string span_text(unix_ms duration);
// "812 B", "3.4 MiB"
std::string bytes_text(std::uint64_t n);
// For a cell: cut on a terminal, whole in a pipe.
std::string excerpt(std::string_view text, std::size_t most = 100);
// One line.
void print_json(const boost::json::value& v);
// Text as it is, to standard output.
void print(std::string_view text);
// Two-space indented, for people.
std::string pretty(const boost::json::value& v, std::size_t indent = 0);
// "mortise: <message>" to standard error; returns code.
int fail(int code, std::string_view message);

} // namespace mortise::host::cli
