// SPDX-License-Identifier: Apache-2.0
//
// Rows of cells that fit the terminal. Where it is too narrow the columns that
// matter least get narrower, then go; piped, every cell is there in full.
#pragma once

#include "cli/terminal.hpp"

#include <string>
#include <vector>

namespace mortise::host::cli {

enum class matters : unsigned char {
    most, // ids, states, numbers: never cut
    some, // names
    less, // times, what can be looked up: goes first
    text, // sentences: get narrower first, but stay
};

struct column {
    column(const char* name, matters how = matters::some) : heading(name), weight(how) {}
    std::string heading;
    matters weight;
};
class table {
public:
    // Under the headings STATE, OUTCOME and "" (marks) words are coloured by the
    // state they say.
    explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}
    // Cells beyond the columns are left out; control characters in them do no
    // harm.
    void row(std::vector<std::string> cells);
    bool empty() const noexcept { return rows_.empty(); }
    // For standard output, with a line end behind each row.
    std::string text() const { return text(output_screen()); }
    std::string text(const screen& on) const;

private:
    std::vector<std::size_t> natural_widths() const;
    std::vector<column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// The width of each column so that all fit; 0: left out. Pure.
std::vector<std::size_t> widths_that_fit(const std::vector<column>& columns,
                                         const std::vector<std::size_t>& natural,
                                         std::size_t total);

} // namespace mortise::host::cli
