// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"
#include "cli/table.hpp"
#include "support/catch.hpp"

#include <sstream>

using namespace mortise::host::cli;

namespace {

screen terminal(std::size_t width, bool color = false) {
    return {width, 24, true, color};
}
const screen piped{};

table runs() {
    table t({{"RUN", matters::most},
             "FLOW",
             {"STATE", matters::most},
             {"STARTED", matters::less},
             {"PROBLEM", matters::text}});
    t.row({"0190d3c5-5f0a-7cc0-8000-000000000001", "campaign-asset-references", "failed",
           "2026-03-01 14:05:09", "the category \"Campaign\" has no attribute \"Colour\""});
    t.row(
        {"0190d3c5-5f0a-7cc0-8000-000000000002", "media", "succeeded", "2026-03-01 14:05:10", ""});
    return t;
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        out.push_back(line);
    return out;
}

} // namespace

TEST_CASE("characters take the columns a terminal gives them", "[cli][terminal]") {
    CHECK(columns_of("plain") == 5);
    CHECK(columns_of("größer") == 6);
    CHECK(columns_of("日本語") == 6);
    CHECK(columns_of("e\u0301") == 1);  // e and a combining accent
    CHECK(columns_of("\xff\xfe") == 2); // no UTF-8
    CHECK(columns_of("") == 0);
}

TEST_CASE("a cut never breaks a character and never is too wide", "[cli][terminal]") {
    CHECK(cut_to("日本語", 6) == "日本語");
    CHECK(cut_to("日本語", 5) == "日本…");
    CHECK(cut_to("日本語", 4) == "日…");
    CHECK(cut_to("größer", 3) == "gr…");
    CHECK(cut_to("abc", 0).empty());
    const std::string mixed = "Ünïcödé 日本 e\u0301nd and a longer rest";
    for (std::size_t width = 0; width < 40; ++width) {
        INFO(width);
        const auto text = cut_to(mixed, width);
        CHECK(columns_of(text) <= width);
        CHECK(harmless(text) == text); // still UTF-8
    }
}

TEST_CASE("what a remote system says cannot move the cursor", "[cli][terminal]") {
    CHECK(harmless("a\nb\tc\r\nd") == "a b c d");
    CHECK(harmless("\x1b[2Jgone") == "^[[2Jgone");
    CHECK(harmless("\x7f\xc2\x9b"
                   "31m") == "??31m");
    CHECK(harmless("\xe2\x80\xaegnp.exe") == "?gnp.exe"); // right-to-left override
    CHECK(harmless("a\xff"
                   "b") == "a\xEF\xBF\xBD"
                           "b");
    table t({"A", "B"});
    t.row({"one\nrow", "\x1b]0;title\a"});
    CHECK(lines(t.text(piped)).size() == 2);
    CHECK(t.text(piped).find('\x1b') == std::string::npos);
}

TEST_CASE("piped tables are whole, whatever the terminal", "[cli][table]") {
    const auto text = runs().text(piped);
    CHECK_THAT(text, Catch::Contains("has no attribute \"Colour\"") &&
                         Catch::Contains("campaign-asset-references") && !Catch::Contains("…") &&
                         !Catch::Contains("\x1b"));
    CHECK(lines(text).size() == 3);
}

TEST_CASE("tables fit the terminal: sentences get narrower first, then names, then columns go",
          "[cli][table]") {
    for (std::size_t width = 1; width < 200; ++width) {
        INFO(width);
        for (const auto& line : lines(runs().text(terminal(width))))
            CHECK(columns_of(line) <= width);
    }
    const auto wide = runs().text(terminal(140));
    CHECK_THAT(wide, Catch::Contains("campaign-asset-references") && Catch::Contains("…") &&
                         Catch::Contains("2026-03-01 14:05:09"));
    const auto narrow = runs().text(terminal(80));
    CHECK_THAT(narrow, Catch::Contains("0190d3c5-5f0a-7cc0-8000-000000000001") &&
                           Catch::Contains("failed") && Catch::Contains("the catego") &&
                           !Catch::Contains("2026-03-01") &&
                           Catch::Contains("not shown for want of room: STARTED"));
}

TEST_CASE("room that a column leaves goes to names, then to sentences, and no further",
          "[cli][table]") {
    const std::vector<column> columns{{"ID", matters::most},
                                      {"NAME", matters::some},
                                      {"WHEN", matters::less},
                                      {"WHAT", matters::text}};
    using widths = std::vector<std::size_t>;
    CHECK(widths_that_fit(columns, {10, 20, 19, 30}, 100) == widths{10, 20, 19, 30});
    CHECK(widths_that_fit(columns, {10, 20, 19, 30}, 80) == widths{10, 20, 19, 25});
    CHECK(widths_that_fit(columns, {10, 20, 19, 30}, 60) == widths{10, 13, 19, 12});
    CHECK(widths_that_fit(columns, {10, 20, 19, 30}, 52) == widths{10, 20, 0, 18});
    CHECK(widths_that_fit(columns, {10, 20, 19, 4}, 50) == widths{10, 11, 19, 4});
    CHECK(widths_that_fit(columns, {10, 20, 19, 30}, 20) == widths{10, 8, 0, 0});
    CHECK(widths_that_fit(columns, {10, 20, 19, 30}, 5) == widths{10, 0, 0, 0});
    CHECK(widths_that_fit(columns, {10, 20, 19, 30}, 0) == widths{10, 20, 19, 30});
}

TEST_CASE("states are coloured and say the same without colour", "[cli][table]") {
    const auto plain = runs().text(terminal(120));
    auto painted = runs().text(terminal(120, true));
    CHECK_THAT(painted, Catch::Contains("\x1b[31mfailed\x1b[0m") &&
                            Catch::Contains("\x1b[32msucceeded\x1b[0m"));
    for (auto at = painted.find('\x1b'); at != std::string::npos; at = painted.find('\x1b'))
        painted.erase(at, painted.find('m', at) - at + 1);
    CHECK(painted == plain);
}

TEST_CASE("an empty table is its headings", "[cli][table]") {
    table t({"A", "B"});
    CHECK(t.empty());
    CHECK(t.text(piped) == "A  B\n");
    t.row({"too", "many", "cells"});
    CHECK(t.text(piped) == "A    B\ntoo  many\n");
    t.row({});
    CHECK(lines(t.text(piped)).size() == 3);
}
