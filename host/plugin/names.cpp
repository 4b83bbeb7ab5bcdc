// SPDX-License-Identifier: Apache-2.0
#include "plugin/names.hpp"

#include "plugin/catalog.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mortise::host {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) noexcept {
    return c >= 'a' && c <= 'z';
}
bool is_alnum(char c) noexcept {
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z');
}

// Calls accept(label) for the parts between separators; false as soon as one is refused.
template <class F>
bool each_part(std::string_view text, char separator, F accept) noexcept {
    for (;;) {
        const auto at = text.find(separator);
        if (!accept(text.substr(0, at))) return false;
        if (at == std::string_view::npos) return true;
        text.remove_prefix(at + 1);
    }
}

bool is_word(std::string_view w) noexcept {
    return !w.empty() &&
           std::ranges::all_of(w, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

bool is_number(std::string_view n) noexcept {
    return !n.empty() && std::ranges::all_of(n, is_digit) && (n.size() == 1 || n[0] != '0');
}

struct parsed_version {
    std::array<std::string_view, 3> numbers;
    std::string_view pre; // without the '-'
};

bool parse_version(std::string_view text, parsed_version& out) noexcept {
    const auto dotted_words = [](std::string_view words, bool numeric_rule) {
        return each_part(words, '.', [numeric_rule](std::string_view w) {
            if (w.empty() ||
                !std::ranges::all_of(w, [](char c) { return is_alnum(c) || c == '-'; }))
                return false;
            return !numeric_rule || !std::ranges::all_of(w, is_digit) || is_number(w);
        });
    };
    if (const auto plus = text.find('+'); plus != std::string_view::npos) {
        if (!dotted_words(text.substr(plus + 1), false)) return false;
        text = text.substr(0, plus);
    }
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        out.pre = text.substr(dash + 1);
        if (!dotted_words(out.pre, true)) return false;
        text = text.substr(0, dash);
    }
    std::size_t n = 0;
    const bool ok = each_part(text, '.', [&](std::string_view part) {
        if (n == 3 || !is_number(part)) return false;
        out.numbers[n++] = part;
        return true;
    });
    return ok && n == 3;
}

int compare_numbers(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1; // no leading zeros
    return a.compare(b);
}

int compare_pre_releases(std::string_view a, std::string_view b) noexcept {
    if (a.empty() || b.empty()) return a.empty() && b.empty() ? 0 : a.empty() ? 1 : -1;
    for (;;) {
        const auto end_a = a.find('.');
        const auto end_b = b.find('.');
        const auto x = a.substr(0, end_a);
        const auto y = b.substr(0, end_b);
        const bool number_x = std::ranges::all_of(x, is_digit);
        const bool number_y = std::ranges::all_of(y, is_digit);
        int order = 0;
        if (number_x && number_y)
            order = compare_numbers(x, y);
        else if (number_x != number_y)
            order = number_x ? -1 : 1;
        else
            order = x.compare(y);
        if (order != 0) return order;
        if (end_a == std::string_view::npos || end_b == std::string_view::npos) {
            if (end_a == end_b) return 0;
            return end_a == std::string_view::npos ? -1 : 1;
        }
        a.remove_prefix(end_a + 1);
        b.remove_prefix(end_b + 1);
    }
}

} // namespace

bool is_plugin_id(std::string_view id) noexcept {
    if (id.size() > 128 || id.find('.') == std::string_view::npos) return false;
    return each_part(id, '.', [](std::string_view label) {
        return !label.empty() && label.front() != '-' && label.back() != '-' &&
               std::ranges::all_of(label,
                                   [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
    });
}

bool is_factory_id(std::string_view id) noexcept {
    if (id.empty() || id.size() > 64 || !is_lower(id.front())) return false;
    if (!is_lower(id.back()) && !is_digit(id.back())) return false;
    return std::ranges::all_of(
        id, [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_member_id(std::string_view id) noexcept {
    return id.size() <= 128 && each_part(id, '.', is_word);
}

bool is_service_id(std::string_view id) noexcept {
    const auto slash = id.find('/');
    return slash != std::string_view::npos && id.size() <= 128 &&
           is_member_id(id.substr(0, slash)) && is_number(id.substr(slash + 1));
}

bool is_version(std::string_view version) noexcept {
    parsed_version ignored;
    return version.size() <= 64 && parse_version(version, ignored);
}

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        std::size_t more = 0;
        std::uint32_t code = lead;
        std::uint32_t least = 0;
        if (lead < 0x80) {
            ++i;
            continue;
        }
        if ((lead & 0xE0u) == 0xC0u)
            more = 1, code = lead & 0x1Fu, least = 0x80;
        else if ((lead & 0xF0u) == 0xE0u)
            more = 2, code = lead & 0x0Fu, least = 0x800;
        else if ((lead & 0xF8u) == 0xF0u)
            more = 3, code = lead & 0x07u, least = 0x10000;
        else
            return false;
        if (text.size() - i <= more) return false;
        for (std::size_t k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xC0u) != 0x80u) return false;
            code = (code << 6) | (next & 0x3Fu);
        }
        if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
        i += more + 1;
    }
    return true;
}

int compare_versions(std::string_view a, std::string_view b) noexcept {
    parsed_version x;
    parsed_version y;
    const bool ok_a = parse_version(a, x);
    const bool ok_b = parse_version(b, y);
    if (ok_a != ok_b) return ok_a ? 1 : -1;
    if (!ok_a) return a.compare(b);
    for (std::size_t i = 0; i < 3; ++i) {
        if (const int order = compare_numbers(x.numbers[i], y.numbers[i])) return order;
    }
    return compare_pre_releases(x.pre, y.pre);
}

} // namespace mortise::host
