// SPDX-License-Identifier: Apache-2.0
#include "kit/clock.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace mortise::sandbox {

namespace {
constexpr std::size_t max_steps = 100'000; // work that schedules itself at once must not hang us
using std::chrono::duration_cast;
using std::chrono::microseconds;
} // namespace

sandbox_clock::sandbox_clock(std::optional<time_point> start) : start_(start), fixed_(start) {}

time_point sandbox_clock::now() const {
    if (stepping_) return *stepping_;
    if (fixed_) return *fixed_;
    return std::chrono::system_clock::now() + offset_;
}

void sandbox_clock::advance(milliseconds by) {
    if (by < milliseconds(0)) throw std::invalid_argument("the clock only moves forward");
    if (stepping_) throw std::logic_error("advance() called from scheduled work");
    const time_point target = now() + by;
    std::size_t steps = 0;
    while (!work_.empty() && work_.begin()->first.first <= target && steps++ < max_steps) {
        auto node = work_.extract(work_.begin());
        stepping_ = std::max(node.key().first, now());
        try {
            node.mapped()();
        } catch (...) {
            stepping_.reset();
            throw;
        }
        stepping_.reset();
    }
    if (fixed_)
        fixed_ = target;
    else
        offset_ += by;
    if (changed_) changed_();
}

std::uint64_t sandbox_clock::schedule(milliseconds after, std::function<void()> fn) {
    const std::uint64_t id = next_++;
    work_.emplace(key{now() + after, id}, std::move(fn));
    if (changed_) changed_();
    return id;
}

bool sandbox_clock::cancel(std::uint64_t id) {
    return std::erase_if(work_, [id](const auto& w) { return w.first.second == id; }) != 0;
}

std::optional<milliseconds> sandbox_clock::run_due() {
    if (!stepping_) {
        const time_point limit = now();
        std::size_t steps = 0;
        while (!work_.empty() && work_.begin()->first.first <= limit && steps++ < max_steps) {
            auto node = work_.extract(work_.begin());
            node.mapped()();
        }
    }
    if (work_.empty() || fixed_) return {};
    const auto wait = std::chrono::ceil<milliseconds>(work_.begin()->first.first - now());
    return std::max(wait, milliseconds(0));
}

void sandbox_clock::reset() {
    work_.clear();
    offset_ = {};
    fixed_ = start_;
    stepping_.reset();
    if (changed_) changed_();
}

namespace {

struct civil {
    int year, hour, minute, second;
    unsigned month, day;
    long micros;
};

civil split(time_point t) {
    const auto since = duration_cast<microseconds>(t.time_since_epoch());
    const auto days = std::chrono::floor<std::chrono::days>(since);
    const std::chrono::year_month_day date{std::chrono::sys_days(days)};
    const std::chrono::hh_mm_ss time(since - days);
    return {static_cast<int>(date.year()),
            static_cast<int>(time.hours().count()),
            static_cast<int>(time.minutes().count()),
            static_cast<int>(time.seconds().count()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            static_cast<long>(time.subseconds().count())};
}

} // namespace

std::string iso_micros(time_point t, bool with_offset) {
    const civil c = split(t);
    char text[80];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06ld%s", c.year, c.month,
                  c.day, c.hour, c.minute, c.second, c.micros, with_offset ? "+00:00" : "");
    return text;
}

std::string iso_seconds(time_point t) {
    const civil c = split(t);
    char text[80];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", c.year, c.month, c.day,
                  c.hour, c.minute, c.second);
    return text;
}

std::optional<time_point> parse_iso(std::string_view text) {
    const auto digits = [&text](std::size_t count) -> std::optional<int> {
        if (text.size() < count) return {};
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (text[i] < '0' || text[i] > '9') return {};
            value = value * 10 + (text[i] - '0');
        }
        text.remove_prefix(count);
        return value;
    };
    const auto skip = [&text](char c) {
        if (text.empty() || text.front() != c) return false;
        text.remove_prefix(1);
        return true;
    };
    const auto year = digits(4);
    if (!year || !skip('-')) return {};
    const auto month = digits(2);
    if (!month || !skip('-')) return {};
    const auto day = digits(2);
    if (!day) return {};
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return {};
    time_point out = std::chrono::sys_days(date);
    if (text.empty()) return out;
    if (!skip('T') && !skip(' ')) return {};
    const auto hour = digits(2);
    if (!hour || !skip(':')) return {};
    const auto minute = digits(2);
    if (!minute) return {};
    int second = 0;
    if (skip(':')) {
        const auto s = digits(2);
        if (!s) return {};
        second = *s;
    }
    if (*hour > 23 || *minute > 59 || second > 60) return {};
    out += std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(second);
    if (skip('.')) {
        long long nanos = 0;
        int count = 0;
        while (!text.empty() && text.front() >= '0' && text.front() <= '9' && count < 9) {
            nanos = nanos * 10 + (text.front() - '0');
            ++count;
            text.remove_prefix(1);
        }
        if (count == 0) return {};
        for (; count < 9; ++count)
            nanos *= 10;
        out += duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(nanos));
    }
    if (text.empty() || text == "Z" || text == "z") return out;
    const bool west = text.front() == '-';
    if (!skip('+') && !skip('-')) return {};
    const auto offset_hour = digits(2);
    if (!offset_hour) return {};
    skip(':');
    const auto offset_minute = text.empty() ? std::optional<int>(0) : digits(2);
    if (!offset_minute || !text.empty()) return {};
    const auto offset = std::chrono::hours(*offset_hour) + std::chrono::minutes(*offset_minute);
    return west ? out + offset : out - offset;
}

} // namespace mortise::sandbox
