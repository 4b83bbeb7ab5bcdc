// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/time_text.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <limits>

namespace mortise {
namespace {

using namespace std::chrono;

// Reads exactly n digits and moves on.
bool digits(std::string_view& text, std::size_t n, int& out) noexcept {
    if (text.size() < n) return false;
    int value = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
    }
    out = value;
    text.remove_prefix(n);
    return true;
}

bool skip(std::string_view& text, std::string_view one_of) noexcept {
    if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

struct clock_fields {
    int hour = 0, minute = 0, second = 0;
};

bool clock_time(std::string_view& text, clock_fields& c) noexcept {
    return digits(text, 2, c.hour) && skip(text, ":") && digits(text, 2, c.minute) &&
           skip(text, ":") && digits(text, 2, c.second) && c.hour < 24 && c.minute < 60 &&
           c.second <= 60;
}

std::optional<time_point> join(int y, int m, int d, const clock_fields& c, int ms) noexcept {
    const year_month_day date{year(y), month(static_cast<unsigned>(m)),
                              day(static_cast<unsigned>(d))};
    if (!date.ok()) return std::nullopt;
    return time_point(sys_days(date)) + hours(c.hour) + minutes(c.minute) + seconds(c.second) +
           milliseconds(ms);
}

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

} // namespace

std::string format_time(time_point t) {
    const auto ms_total = floor<milliseconds>(t);
    const auto date = floor<days>(ms_total);
    const year_month_day ymd(date);
    const hh_mm_ss clock(ms_total - date);
    std::array<char, 64> out;
    int n = std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                          static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                          static_cast<unsigned>(ymd.day()), static_cast<int>(clock.hours().count()),
                          static_cast<int>(clock.minutes().count()),
                          static_cast<int>(clock.seconds().count()));
    std::string text(out.data(), static_cast<std::size_t>(n));
    if (const auto ms = clock.subseconds().count(); ms != 0) {
        n = std::snprintf(out.data(), out.size(), ".%03d", static_cast<int>(ms));
        text.append(out.data(), static_cast<std::size_t>(n));
    }
    return text += 'Z';
}

std::optional<time_point> parse_time(std::string_view text) noexcept {
    int y = 0, m = 0, d = 0, ms = 0;
    clock_fields c;
    if (!digits(text, 4, y) || !skip(text, "-") || !digits(text, 2, m) || !skip(text, "-") ||
        !digits(text, 2, d) || !skip(text, "Tt ") || !clock_time(text, c)) {
        return std::nullopt;
    }
    if (skip(text, ".")) {
        int scale = 100;
        std::size_t n = 0;
        for (; n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n) {
            ms += (text[n] - '0') * scale;
            scale /= 10;
        }
        if (n == 0) return std::nullopt;
        text.remove_prefix(n);
    }
    auto t = join(y, m, d, c, ms);
    if (!t) return std::nullopt;
    if (skip(text, "Zz")) return text.empty() ? t : std::nullopt;
    if (text.empty()) return std::nullopt;
    const bool east = text.front() == '+';
    int oh = 0, om = 0;
    if (!skip(text, "+-") || !digits(text, 2, oh)) return std::nullopt;
    skip(text, ":");
    if (!digits(text, 2, om) || !text.empty() || oh > 23 || om > 59) return std::nullopt;
    const auto offset = hours(oh) + minutes(om);
    return east ? *t - offset : *t + offset;
}

std::optional<time_point> parse_http_date(std::string_view text) noexcept {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::size_t comma = text.find(", ");
    if (comma != 3) return std::nullopt;
    text.remove_prefix(5);
    int y = 0, d = 0;
    if (!digits(text, 2, d) || !skip(text, " ") || text.size() < 3) return std::nullopt;
    const std::size_t at = months.find(text.substr(0, 3));
    if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
    text.remove_prefix(3);
    clock_fields c;
    if (!skip(text, " ") || !digits(text, 4, y) || !skip(text, " ") || !clock_time(text, c) ||
        text != " GMT") {
        return std::nullopt;
    }
    return join(y, static_cast<int>(at / 3) + 1, d, c, 0);
}

std::string format_duration(milliseconds d) {
    for (const auto& [unit, factor] : units) {
        if (d.count() % factor == 0 && (d.count() != 0 || unit == "s")) {
            return std::to_string(d.count() / factor).append(unit);
        }
    }
    return std::to_string(d.count()) + "ms";
}

std::optional<milliseconds> parse_duration(std::string_view text) noexcept {
    std::int64_t n = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, ec] = std::from_chars(text.data(), end, n);
    if (ec != std::errc() || n < 0) return std::nullopt;
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    for (const auto& [name, factor] : units) {
        if (name == unit) {
            if (n > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
            return milliseconds(n * factor);
        }
    }
    return std::nullopt;
}

} // namespace mortise
