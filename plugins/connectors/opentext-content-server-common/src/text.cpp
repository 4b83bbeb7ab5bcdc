// SPDX-License-Identifier: Apache-2.0
#include "content_server/text.hpp"

#include <mortise/sdk/time_text.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <numeric>

namespace content_server {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t cost = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, cost}));
        }
    }
    return row.back();
}

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string one_line(std::string_view text, std::size_t most) {
    std::string out(text.substr(0, most));
    for (char& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) c = ' ';
    }
    if (text.size() > most) {
        while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0u) == 0x80u)
            out.pop_back();
        if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0u) out.pop_back();
        out += "...";
    }
    return out;
}

std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known) {
    std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
    std::optional<std::string> found;
    for (const auto& each : known) {
        const std::size_t d = distance(name, each);
        if (d < best) {
            best = d;
            found = each;
        }
    }
    return found;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& known) {
    if (const auto near = nearest(name, known)) return "; did you mean \"" + *near + "\"?";
    if (known.empty()) return "; there are none";
    constexpr std::size_t most = 12;
    std::string out = known.size() == 1 ? "; there is " : "; there are ";
    for (std::size_t i = 0; i < known.size() && i < most; ++i)
        out.append(i == 0 ? "\"" : ", \"").append(known[i]).append("\"");
    if (known.size() > most) out += ", ...";
    return out;
}

std::int64_t id_of(const json::value& from, std::string_view field) {
    const auto id = to_integer(from);
    if (id && *id > 0) return *id;
    throw error(
        category::input, "xecm.input.bad-id",
        "\"" + std::string(field) + "\" must be the id of an item, a whole number above 0 " +
            "(or its digits as text), not " +
            (from.is_null() ? std::string("missing") : mortise::serialize_json(from)) + ".");
}

std::optional<std::int64_t> to_integer(const json::value& from) noexcept {
    if (from.is_int64()) return from.get_int64();
    if (const auto* s = from.if_string()) return parse_integer({s->data(), s->size()});
    return std::nullopt;
}

std::string text_at(const json::object& from, std::string_view key) {
    const json::value* v = from.if_contains(key);
    if (!v || v->is_null()) return {};
    if (const auto* s = v->if_string()) return std::string(*s);
    if (v->is_int64() || v->is_uint64()) return mortise::serialize_json(*v);
    return {};
}

std::int64_t int_at(const json::object& from, std::string_view key) {
    const json::value* v = from.if_contains(key);
    return v ? to_integer(*v).value_or(0) : 0;
}

const json::value* part(const json::value& from, std::string_view dotted_path) {
    const auto unwrap = [](const json::value* v) {
        while (v && v->is_array())
            v = v->get_array().empty() ? nullptr : &v->get_array().front();
        return v;
    };
    const json::value* at = &from;
    while (at && !dotted_path.empty()) {
        const std::size_t dot = std::min(dotted_path.find('.'), dotted_path.size());
        at = unwrap(at);
        const auto* o = at ? at->if_object() : nullptr;
        at = o ? o->if_contains(dotted_path.substr(0, dot)) : nullptr;
        dotted_path.remove_prefix(std::min(dot + 1, dotted_path.size()));
    }
    return at;
}

const json::object& object_part(const json::value& from, std::string_view dotted_path) {
    const json::value* at = part(from, dotted_path);
    while (at && at->is_array())
        at = at->get_array().empty() ? nullptr : &at->get_array().front();
    if (at && at->is_object()) return at->get_object();
    throw error(category::remote_protocol, "xecm.answer.incomplete",
                "Content Server's answer has no object at \"" + std::string(dotted_path) + "\".");
}

std::string plain_date(std::string_view date) {
    return std::string(date.substr(0, 19));
}

std::string earlier(std::string_view date, std::int64_t seconds) {
    const auto t = mortise::parse_time(plain_date(date) + "Z");
    if (!t) return std::string(date);
    return plain_date(mortise::format_time(*t - std::chrono::seconds(seconds)));
}

std::string fingerprint(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ull;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ull;
    }
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
    return digits;
}

} // namespace content_server
