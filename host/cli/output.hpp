// SPDX-License-Identifier: Apache-2.0
// Tables for people, JSON for programs.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mortise::host::cli {

class table {
public:
    explicit table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    // Columns as wide as their longest cell; the last one is cut to the terminal's width, if there
    // is one.
    std::string text() const;

private:
    std::vector<std::string> headings_;
    std::vector<std::vector<std::string>> rows_;
};

// "2026-03-01 14:05:09" in UTC, "-" for 0.
std::string time_text(unix_ms t);
// "840 ms", "3.2 s", "4 min", "2 h", "3 d".
std::string span_text(unix_ms duration);
// JSON text cut for a table's cell.
std::string excerpt(std::string_view text, std::size_t most = 100);
void print_json(const boost::json::value& v);
// Two-space indented, for people.
std::string pretty(const boost::json::value& v, std::size_t indent = 0);
// "mortise: <message>" to standard error; returns code.
int fail(int code, std::string_view message);

} // namespace mortise::host::cli
