// SPDX-License-Identifier: Apache-2.0
#include "mapping/field_type.hpp"

#include "config/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace json = boost::json;

namespace mortise::host {

namespace {

using converted = result<std::optional<json::value>>;

constexpr std::array<std::string_view, 9> names = {
    "any", "string", "integer", "number", "boolean", "date", "datetime", "list", "object"};

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

error unfit(std::string_view expected, const json::value& found) {
    return {category::input, "mapping.type",
            "expected " + std::string(expected) + ", found " + shown_value(found)};
}

template <class Number>
std::optional<Number> whole_text(std::string_view text) {
    Number n{};
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, n);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return n;
}

std::string_view without_plus(std::string_view text) {
    if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
    return text;
}

converted to_integer(const json::value& v) {
    constexpr std::string_view expected = "a whole number";
    if (v.is_int64() || v.is_uint64()) return v;
    if (const double* d = v.if_double()) {
        // Beyond 2^53 a double does not tell neighbours apart.
        if (std::floor(*d) != *d || std::abs(*d) > 9007199254740992.0) return unfit(expected, v);
        return json::value(static_cast<std::int64_t>(*d));
    }
    if (!v.is_string()) return unfit(expected, v);
    const std::string_view text = without_plus(trimmed(v.get_string()));
    if (text.empty()) return std::nullopt;
    if (const auto n = whole_text<std::int64_t>(text)) return json::value(*n);
    if (const auto n = whole_text<std::uint64_t>(text)) return json::value(*n);
    return unfit(expected, v);
}

converted to_number(const json::value& v) {
    constexpr std::string_view expected = "a number";
    if (v.is_number()) return v;
    if (!v.is_string()) return unfit(expected, v);
    const std::string_view text = without_plus(trimmed(v.get_string()));
    if (text.empty()) return std::nullopt;
    if (const auto n = whole_text<std::int64_t>(text)) return json::value(*n);
    const auto d = whole_text<double>(text);
    if (!d || !std::isfinite(*d)) return unfit(expected, v);
    return json::value(*d);
}

converted to_boolean(const json::value& v) {
    constexpr std::string_view expected = "true or false (also yes, no, on, off, 1, 0)";
    if (v.is_bool()) return v;
    if (v.is_int64() && (v.get_int64() == 0 || v.get_int64() == 1))
        return json::value(v.get_int64() == 1);
    if (!v.is_string()) return unfit(expected, v);
    std::string text(trimmed(v.get_string()));
    if (text.empty()) return std::nullopt;
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    for (const char* yes : {"true", "yes", "on", "1"})
        if (text == yes) return json::value(true);
    for (const char* no : {"false", "no", "off", "0"})
        if (text == no) return json::value(false);
    return unfit(expected, v);
}

// "2026-03-01", "2026-03-01T14:05:09.5+02:00"; "T" may be a space, the zone may be missing.
struct moment {
    std::chrono::year_month_day day;
    std::chrono::milliseconds time{0};
    std::chrono::minutes offset{0};
};

class moment_reader {
public:
    explicit moment_reader(std::string_view text) : rest_(text) {}

    std::optional<moment> read() {
        moment m;
        const auto y = digits(4), mo = dashed(), d = dashed();
        if (!y || !mo || !d) return std::nullopt;
        m.day = std::chrono::year(*y) / static_cast<unsigned>(*mo) / static_cast<unsigned>(*d);
        if (!m.day.ok()) return std::nullopt;
        if (rest_.empty()) return m;
        if (rest_.front() != 'T' && rest_.front() != 't' && rest_.front() != ' ')
            return std::nullopt;
        rest_.remove_prefix(1);
        if (!time(m) || !zone(m)) return std::nullopt;
        return m;
    }

private:
    std::optional<int> digits(std::size_t n) {
        if (rest_.size() < n) return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < n; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(n);
        return value;
    }
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::optional<int> dashed() { return take('-') ? digits(2) : std::nullopt; }

    bool time(moment& m) {
        const auto h = digits(2);
        if (!h || *h > 23 || !take(':')) return false;
        const auto min = digits(2);
        if (!min || *min > 59) return false;
        int seconds = 0;
        if (take(':')) {
            const auto s = digits(2);
            if (!s || *s > 60) return false; // a leap second
            seconds = *s;
        }
        m.time =
            std::chrono::hours(*h) + std::chrono::minutes(*min) + std::chrono::seconds(seconds);
        if (!take('.')) return true;
        int scale = 100;
        std::size_t n = 0;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++n) {
            m.time += std::chrono::milliseconds((rest_.front() - '0') * scale);
            scale /= 10;
            rest_.remove_prefix(1);
        }
        return n > 0;
    }

    // Without a zone it is UTC: the systems that leave it out mean that.
    bool zone(moment& m) {
        if (rest_.empty()) return true;
        if (take('Z') || take('z')) return rest_.empty();
        const bool west = rest_.front() == '-';
        if (!take('+') && !take('-')) return false;
        const auto h = digits(2);
        take(':');
        const auto min = rest_.empty() ? std::optional<int>(0) : digits(2);
        if (!h || !min || *h > 23 || *min > 59) return false;
        m.offset = (std::chrono::hours(*h) + std::chrono::minutes(*min)) * (west ? -1 : 1);
        return rest_.empty();
    }

    std::string_view rest_;
};

std::string date_text(const std::chrono::year_month_day& d) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u", static_cast<int>(d.year()),
                  static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day()));
    return buffer;
}

converted to_date(const json::value& v) {
    constexpr std::string_view expected = "a date such as \"2026-03-01\"";
    if (!v.is_string()) return unfit(expected, v);
    const std::string_view text = trimmed(v.get_string());
    if (text.empty()) return std::nullopt;
    const auto m = moment_reader(text).read();
    // The day as it is written: whoever wrote 1 March meant 1 March, in whatever zone.
    return m ? converted(json::value(date_text(m->day))) : unfit(expected, v);
}

converted to_datetime(const json::value& v) {
    constexpr std::string_view expected = "a date and time such as \"2026-03-01T14:05:09Z\"";
    if (!v.is_string()) return unfit(expected, v);
    const std::string_view text = trimmed(v.get_string());
    if (text.empty()) return std::nullopt;
    const auto m = moment_reader(text).read();
    if (!m) return unfit(expected, v);
    const auto at = std::chrono::sys_days(m->day) + m->time - m->offset;
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::hh_mm_ss clock(at - day);
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "T%02d:%02d:%02d", static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    std::string out = date_text(std::chrono::year_month_day(day)) + buffer;
    if (clock.subseconds().count() != 0) {
        std::snprintf(buffer, sizeof buffer, ".%03d", static_cast<int>(clock.subseconds().count()));
        out += buffer;
    }
    return json::value(out + 'Z');
}

} // namespace

std::optional<field_type> field_type_from(std::string_view word) {
    const auto it = std::find(names.begin(), names.end(), word);
    if (it == names.end()) return std::nullopt;
    return static_cast<field_type>(it - names.begin());
}

std::string_view to_string(field_type type) noexcept {
    return names[static_cast<std::size_t>(type)];
}

const std::vector<std::string>& field_type_names() {
    static const std::vector<std::string> all(names.begin() + 1, names.end());
    return all;
}

std::optional<std::string> scalar_text(const json::value& v) {
    char buffer[32];
    switch (v.kind()) {
    case json::kind::string:
        return std::string(v.get_string());
    case json::kind::bool_:
        return v.get_bool() ? "true" : "false";
    case json::kind::int64:
        return std::to_string(v.get_int64());
    case json::kind::uint64:
        return std::to_string(v.get_uint64());
    case json::kind::double_: {
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, v.get_double()).ptr;
        return std::string(buffer, end);
    }
    default:
        return std::nullopt;
    }
}

std::string shown_value(const json::value& v) {
    constexpr std::size_t most = 80;
    if (v.is_array()) return "a list of " + std::to_string(v.get_array().size());
    const auto scalar = scalar_text(v);
    if (!scalar) return std::string(kind_in_words(v));
    std::string text = *scalar;
    if (text.size() > most) {
        std::size_t cut = most;
        while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
            --cut;
        text = text.substr(0, cut) + "...";
    }
    return v.is_string() ? '"' + text + '"' : text;
}

converted convert(const json::value& v, field_type type) {
    switch (type) {
    case field_type::any:
        return v;
    case field_type::string: {
        auto text = scalar_text(v);
        return text ? converted(json::value(std::move(*text))) : unfit("text", v);
    }
    case field_type::integer:
        return to_integer(v);
    case field_type::number:
        return to_number(v);
    case field_type::boolean:
        return to_boolean(v);
    case field_type::date:
        return to_date(v);
    case field_type::datetime:
        return to_datetime(v);
    case field_type::list:
        return v.is_array() ? v : json::value(json::array{v});
    case field_type::object:
        break;
    }
    return v.is_object() ? converted(v) : unfit("an object", v);
}

} // namespace mortise::host
