// SPDX-License-Identifier: Apache-2.0
//
// What the terminal can show: its width, colour, and how many columns a text
// takes there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mortise::host::cli {

enum class paint { plain, bold, dim, good, bad, warn };

// What standard output is. Piped: width 0 (nothing is cut) and no colour.
struct screen {
    std::size_t width = 0;
    std::size_t height = 0;
    bool is_terminal = false;
    bool color = false;
};
screen output_screen();
// "auto" (on a terminal, unless NO_COLOR is set or TERM is dumb), "always",
// "never".
void choose_color(std::string_view mode);

// Columns of UTF-8 text: wide characters take two, combining ones none.
std::size_t columns_of(std::string_view text);
// At most so many columns, with "…" where something was cut; characters are
// never broken.
std::string cut_to(std::string_view text, std::size_t columns);
// Control characters, which could move the cursor or end the row, as what they
// are called.
std::string harmless(std::string_view text);
// Broken into lines at spaces; the first is not indented.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

std::string painted(std::string_view text, paint how, bool color);
// For a word that says a state: "failed", "well", "in_doubt", ...
paint paint_of_state(std::string_view word);

} // namespace mortise::host::cli
