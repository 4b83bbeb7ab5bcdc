// SPDX-License-Identifier: Apache-2.0
#include "journal/fingerprint.hpp"

#include "base/digest.hpp"

#include <algorithm>
#include <charconv>

namespace mortise::host {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// What ids are made of. Bytes above 127 belong to letters of other scripts.
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

// The place behind the closing quote, or npos. An apostrophe inside a word opens nothing.
std::size_t quoted_end(std::string_view text, std::size_t at) {
    const char quote = text[at];
    if (quote != '"' && quote != '\'' && quote != '`') return std::string_view::npos;
    if (quote == '\'' && at > 0 && is_word(text[at - 1])) return std::string_view::npos;
    const auto end = text.find(quote, at + 1);
    return end == std::string_view::npos ? end : end + 1;
}

} // namespace

std::string same_for_all(std::string_view message) {
    std::string out;
    out.reserve(message.size());
    for (std::size_t i = 0; i < message.size();) {
        if (const auto end = quoted_end(message, i); end != std::string_view::npos) {
            out += "\"\"";
            i = end;
        } else if (is_word(message[i])) {
            auto last = i;
            while (last < message.size() && is_word(message[last])) {
                ++last;
            }
            const auto word = message.substr(i, last - i);
            if (std::any_of(word.begin(), word.end(), is_digit)) {
                out.push_back('#');
            } else {
                out.append(word);
            }
            i = last;
        } else {
            out.push_back(message[i++]);
        }
    }
    return out;
}

std::uint64_t fingerprint(std::string_view flow, std::string_view target, const error& e) {
    std::string text;
    // A line feed is in none of the first four.
    for (const std::string_view part :
         {flow, target, to_string(e.category), std::string_view(e.code)}) {
        text.append(part).push_back('\n');
    }
    text += same_for_all(e.message);
    const auto digest = sha256(text);
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        out = out << 8 | digest[i];
    }
    return out == 0 ? 1 : out; // 0 stands for none
}

std::string fingerprint_text(std::uint64_t value) {
    static constexpr char hex[] = "0123456789abcdef";
    std::string out(16, '0');
    for (std::size_t i = 16; i-- > 0; value >>= 4) {
        out[i] = hex[value & 15];
    }
    return out;
}

std::uint64_t fingerprint_from(std::string_view text) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto r = std::from_chars(text.data(), end, value, 16);
    return text.size() == 16 && r.ec == std::errc() && r.ptr == end ? value : 0;
}

} // namespace mortise::host
