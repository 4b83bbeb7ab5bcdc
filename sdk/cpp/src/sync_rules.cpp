// SPDX-License-Identifier: Apache-2.0
// How values are brought into the common form and back.
#include "nearest.hpp"

#include <mortise/sdk/sync_merge.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <set>
#include <string_view>

namespace mortise {

namespace {

std::string in_quotes(std::string_view text) {
    constexpr std::size_t most = 80;
    std::string out = "\"";
    out += text.substr(0, most);
    return out += text.size() > most ? "...\"" : "\"";
}

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

[[noreturn]] void unreadable(std::string_view expected, std::string_view found) {
    throw error(category::input, "sync.value.type",
                std::string("expected ").append(expected) + ", found " + in_quotes(found));
}

bool all_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string exponent_free(std::string_view text) {
    double value = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (wrong != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
        unreadable("a number", text);
    }
    char buffer[400];
    const auto made =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
    if (made.ec != std::errc()) unreadable("a number of at most 300 digits", text);
    return {buffer, made.ptr};
}

// "+007.50" -> "7.5": by digits, so that no amount is rounded.
std::string number_words(std::string_view text) {
    if (text.find_first_of("eE") != std::string_view::npos) {
        const std::string plain = exponent_free(text);
        return number_words(plain);
    }
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    const auto dot = rest.find('.');
    std::string_view whole = rest.substr(0, dot);
    std::string_view part = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
    if (!all_digits(whole) || (dot != std::string_view::npos && !all_digits(part))) {
        unreadable("a number", text);
    }
    while (whole.size() > 1 && whole.front() == '0')
        whole.remove_prefix(1);
    while (!part.empty() && part.back() == '0')
        part.remove_suffix(1);
    std::string out(whole);
    if (!part.empty()) out.append(".").append(part);
    return negative && out != "0" ? "-" + out : out;
}

std::string boolean_words(std::string_view text) {
    std::string low(text);
    for (char& c : low)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (low == "true" || low == "1" || low == "yes") return "true";
    if (low == "false" || low == "0" || low == "no") return "false";
    unreadable("true or false", text);
}

// The day as it is written; a time of day is left away.
std::string date_words(std::string_view text) {
    constexpr std::string_view what = "a date such as \"2026-03-31\"";
    const bool shape = text.size() >= 10 && text[4] == '-' && text[7] == '-' &&
                       all_digits(text.substr(0, 4)) && all_digits(text.substr(5, 2)) &&
                       all_digits(text.substr(8, 2)) &&
                       (text.size() == 10 || text[10] == 'T' || text[10] == ' ');
    if (!shape) unreadable(what, text);
    const auto number = [&](std::size_t at, std::size_t n) {
        int out = 0;
        std::from_chars(text.data() + at, text.data() + at + n, out);
        return out;
    };
    const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                          std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                          std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    if (!day.ok()) unreadable("a day of the calendar", text);
    return std::string(text.substr(0, 10));
}

std::string scalar_text(const json::value& v) {
    if (const auto* s = v.if_string()) return std::string(trimmed(*s));
    if (v.is_bool()) return v.get_bool() ? "true" : "false";
    if (v.is_number()) return serialize_json(v);
    throw error(category::input, "sync.value.type",
                "expected a plain value, found " + std::string(type_in_words(v)));
}

std::string not_listed(const std::string& found, const std::vector<std::string_view>& known) {
    std::string text = in_quotes(found) + " is not in the field's value table";
    const std::string_view near = detail::nearest(found, known.data(), known.size());
    if (!near.empty()) return text + "; did you mean " + in_quotes(near) + "?";
    text += ", which knows";
    for (const auto& name : known)
        text += " " + in_quotes(name);
    return text + ": correct the value, or add it to \"values\"";
}

[[noreturn]] void bad_fields(std::string_view reason, const sync_field& f, std::string text) {
    throw error(category::config, "sync.fields." + std::string(reason),
                "fields, \"" + f.name() + "\": " + std::move(text));
}

} // namespace

sync_rules::sync_rules(std::vector<sync_field> fields) : fields_(std::move(fields)) {
    std::set<std::string> names_a, names_b;
    for (const sync_field& f : fields_) {
        if (!names_a.insert(f.a).second) {
            bad_fields("twice", f, "a = " + in_quotes(f.a) + " is in another pair already");
        }
        if (!names_b.insert(f.b).second) {
            bad_fields("twice", f, "b = " + in_quotes(f.b) + " is in another pair already");
        }
        if (!f.values.empty() && f.type != sync_type::text && f.type != sync_type::set) {
            bad_fields("table", f, "a value table goes with type = \"text\" or \"set\" only");
        }
        auto& back = to_a_.emplace_back();
        for (const auto& [a, b] : f.values) {
            const auto [there, added] = back.emplace(b, a);
            if (added) continue;
            bad_fields("ambiguous", f,
                       "values " + in_quotes(there->second) + " and " + in_quotes(a) +
                           " of a are both " + in_quotes(b) + " of b, so it is not known what " +
                           in_quotes(b) +
                           " is on a: give each its own word, or list one of them only");
        }
    }
}

std::string sync_rules::word(std::size_t i, sync_side side, const json::value& v) const {
    const sync_field& f = fields_[i];
    std::string text = scalar_text(v);
    if (text.empty()) return text;
    switch (f.type) {
    case sync_type::number:
        return number_words(text);
    case sync_type::boolean:
        return boolean_words(text);
    case sync_type::date:
        return date_words(text);
    case sync_type::text:
    case sync_type::set:
        break;
    }
    if (f.values.empty()) return text;
    const auto& known = side == sync_side::a ? f.values : to_a_[i];
    const auto row = known.find(text);
    if (row != known.end()) return side == sync_side::a ? text : row->second;
    // A word that is kept must not be taken for another one on the way back.
    const auto& others = side == sync_side::a ? to_a_[i] : f.values;
    if (f.unlisted == sync_unlisted::keep && !others.contains(text)) return text;
    std::vector<std::string_view> names;
    for (const auto& entry : known)
        names.push_back(entry.first);
    throw error(category::input, "sync.value.unlisted", not_listed(text, names));
}

sync_words sync_rules::read(std::size_t i, sync_side side, const sync_view& view) const {
    const sync_field& f = fields_[i];
    const auto* given = view.values.if_contains(side == sync_side::a ? f.a : f.b);
    if (!given) return std::nullopt;
    sync_value out;
    const auto add = [&](const json::value& v) {
        if (v.is_null()) return;
        std::string text = word(i, side, v);
        if (!text.empty()) out.push_back(std::move(text));
    };
    if (const auto* list = given->if_array()) {
        for (const auto& v : *list)
            add(v);
    } else {
        add(*given);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (f.type != sync_type::set && out.size() > 1) {
        throw error(category::input, "sync.value.many",
                    "holds " + std::to_string(out.size()) +
                        " values, but the pair is configured for one: leave one, or configure "
                        "type = \"set\"");
    }
    return out;
}

json::value sync_rules::write(std::size_t i, sync_side side, const sync_value& value) const {
    const sync_field& f = fields_[i];
    const auto own_word = [&](const std::string& text) {
        const auto row = f.values.find(text);
        return json::string(side == sync_side::b && row != f.values.end() ? row->second : text);
    };
    if (f.type == sync_type::set) {
        json::array out;
        for (const auto& text : value)
            out.emplace_back(own_word(text));
        return out;
    }
    if (value.empty()) return nullptr;
    const std::string& text = value.front();
    if (f.type == sync_type::boolean) return text == "true";
    if (f.type != sync_type::number) return own_word(text);
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, whole);
    if (read.ec == std::errc() && read.ptr == end) return whole;
    double real = 0;
    std::from_chars(text.data(), end, real);
    return real;
}

} // namespace mortise
