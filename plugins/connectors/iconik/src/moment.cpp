// SPDX-License-Identifier: Apache-2.0
#include "moment.hpp"

#include <chrono>

namespace iconik {
namespace {

constexpr std::int64_t micros_per_second = 1'000'000;

std::string written(std::int64_t micros, std::string_view zone) {
    std::int64_t seconds = micros / micros_per_second;
    std::int64_t rest = micros % micros_per_second;
    if (rest < 0) {
        rest += micros_per_second;
        --seconds;
    }
    std::string out = mortise::format_time(time_of(seconds * micros_per_second));
    out.pop_back(); // the Z
    const std::string digits = std::to_string(rest);
    return out.append(".").append(6 - digits.size(), '0').append(digits).append(zone);
}

} // namespace

std::optional<std::int64_t> micros_of(std::string_view date) noexcept {
    constexpr std::size_t seconds_end = 19; // 2025-03-28T09:15:01
    if (date.size() < seconds_end) return std::nullopt;
    std::string_view rest = date.substr(seconds_end);
    std::int64_t fraction = 0;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        std::int64_t scale = micros_per_second / 10;
        std::size_t n = 0;
        for (; n < rest.size() && rest[n] >= '0' && rest[n] <= '9'; ++n) {
            fraction += (rest[n] - '0') * scale;
            scale /= 10;
        }
        if (n == 0) return std::nullopt;
        rest.remove_prefix(n);
    }
    std::string plain(date.substr(0, seconds_end));
    plain.append(rest.empty() ? std::string_view("Z") : rest);
    const auto t = mortise::parse_time(plain);
    if (!t) return std::nullopt;
    return micros_of(*t) + fraction;
}

std::string canonical_date(std::string_view date) {
    const auto micros = micros_of(date);
    return micros ? written(*micros, "Z") : std::string(date);
}

std::string search_date(std::int64_t micros) {
    return written(micros, "+00:00");
}

std::int64_t micros_of(mortise::time_point t) noexcept {
    return std::chrono::floor<std::chrono::microseconds>(t.time_since_epoch()).count();
}

mortise::time_point time_of(std::int64_t micros) noexcept {
    return mortise::time_point(std::chrono::duration_cast<mortise::time_point::duration>(
        std::chrono::microseconds(micros)));
}

} // namespace iconik
