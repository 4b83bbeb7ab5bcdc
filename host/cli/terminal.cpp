// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <sys/ioctl.h>
#include <unistd.h>

namespace mortise::host::cli {
namespace {

std::string color_mode = "auto"; // set once, at start

bool may_color(bool terminal) {
    if (color_mode == "always") return true;
    if (color_mode == "never" || !terminal) return false;
    const char* no = std::getenv("NO_COLOR"); // https://no-color.org: any value but an empty one
    if (no != nullptr && *no != '\0') return false;
    const char* term = std::getenv("TERM");
    return term != nullptr && std::string_view(term) != "dumb" && *term != '\0';
}

struct character {
    std::size_t bytes;
    std::size_t columns;
    char32_t code;
};

character next_character(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t want = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    char32_t code = want == 1 ? first : first & (0xFFu >> (want + 1));
    std::size_t n = 1;
    for (; n < want && n < text.size(); ++n) {
        const auto c = static_cast<unsigned char>(text[n]);
        if ((c & 0xC0) != 0x80) break;
        code = (code << 6) | (c & 0x3Fu);
    }
    if (n != want || (want > 1 && first < 0xC0)) return {n, 1, 0xFFFD};
    // The C library's table, whatever the locale of the user: what is printed is
    // UTF-8.
    static const bool ready = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
    const int width = ready ? ::wcwidth(static_cast<wchar_t>(code)) : 1;
    return {n, width < 0 ? 1u : static_cast<std::size_t>(width), code};
}

template <std::size_t N>
bool is_among(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

} // namespace

screen output_screen() {
    screen s;
    s.is_terminal = ::isatty(STDOUT_FILENO) != 0;
    s.color = may_color(s.is_terminal);
    if (!s.is_terminal) return s;
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        s.width = size.ws_col;
        s.height = size.ws_row;
    }
    if (s.width == 0) s.width = 80;
    if (s.height == 0) s.height = 24;
    return s;
}

void choose_color(std::string_view mode) {
    color_mode = mode;
}

std::size_t columns_of(std::string_view text) {
    std::size_t n = 0;
    while (!text.empty()) {
        const auto c = next_character(text);
        n += c.columns;
        text.remove_prefix(c.bytes);
    }
    return n;
}

std::string cut_to(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    std::size_t used = 0, bytes = 0;
    for (auto rest = text; !rest.empty();) {
        const auto c = next_character(rest);
        if (used + c.columns > columns - 1) break; // one for the mark
        used += c.columns;
        bytes += c.bytes;
        rest.remove_prefix(c.bytes);
    }
    return std::string(text.substr(0, bytes)) + "…";
}

std::string harmless(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto c = next_character(text);
        const auto piece = text.substr(0, c.bytes);
        text.remove_prefix(c.bytes);
        if (c.code == 0xFFFD && piece != "\xEF\xBF\xBD") {
            out += "\xEF\xBF\xBD"; // no UTF-8
        } else if (c.code == '\n' || c.code == '\r' || c.code == '\t') {
            if (!out.empty() && out.back() != ' ') out += ' ';
        } else if (c.code < 0x20) {
            out += '^';
            out += static_cast<char>(c.code + 0x40);
        } else if (c.code == 0x7F || (c.code >= 0x80 && c.code < 0xA0) ||
                   (c.code >= 0x202A && c.code <= 0x202E) ||
                   (c.code >= 0x2066 && c.code <= 0x2069)) {
            out += '?'; // also what would turn the direction of the rest of the line
        } else {
            out += piece;
        }
    }
    return out;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
    std::string out;
    std::size_t used = indent;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        const auto n = columns_of(word);
        if (!out.empty() && used + 1 + n > width && used > indent) {
            out += '\n';
            out.append(indent, ' ');
            used = indent;
        } else if (!out.empty()) {
            out += ' ';
            ++used;
        }
        out += word;
        used += n;
    }
    return out;
}

std::string painted(std::string_view text, paint how, bool color) {
    if (!color || how == paint::plain || text.empty()) return std::string(text);
    const char* code = how == paint::bold   ? "1"
                       : how == paint::dim  ? "2"
                       : how == paint::good ? "32"
                       : how == paint::bad  ? "31"
                                            : "33";
    return "\x1b[" + std::string(code) + 'm' + std::string(text) + "\x1b[0m";
}

paint paint_of_state(std::string_view text) {
    static constexpr std::array<std::string_view, 12> good{
        "succeeded", "healthy", "done", "loaded", "ok",    "ready",
        "yes",       "open",    "live", "passed", "sound", "whole"};
    static constexpr std::array<std::string_view, 9> bad{
        "failed", "in_doubt", "failing", "refused", "!!", "broken", "no", "stopped", "FAILED"};
    static constexpr std::array<std::string_view, 10> warn{
        "waiting",  "waits",    "retrying", "again",  "paused",
        "draining", "starting", "running",  "active", "dead_letters"};
    static constexpr std::array<std::string_view, 7> dim{"cancelled", "discarded", "off", "not",
                                                         "retired",   "skipped",   "-"};
    const auto word = text.substr(0, text.find_first_of(" :,("));
    if (is_among(word, good)) return paint::good;
    if (is_among(word, bad)) return paint::bad;
    if (is_among(word, warn)) return paint::warn;
    if (is_among(word, dim)) return paint::dim;
    return paint::plain;
}

} // namespace mortise::host::cli
