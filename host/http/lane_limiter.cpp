// SPDX-License-Identifier: Apache-2.0
#include "http/lane_limiter.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace mortise::host {
namespace {

constexpr double second_ns = 1e9;
// A token that was waited for exactly may miss 1 by a rounding error.
constexpr double one_token = 1.0 - 1e-6;
// Longer than any sane Retry-After; keeps the arithmetic away from its limits.
constexpr std::int64_t longest_wait_s = 10LL * 365 * 24 * 3600;

} // namespace

lane_limiter::lane_limiter(const limiter_options& options) : options_(options) {
    options_.burst = std::max(1.0, options_.burst);
    options_.max_concurrent = std::max(1u, options_.max_concurrent);
    tokens_ = options_.burst;
}

void lane_limiter::refill(std::uint64_t now_ns) {
    if (!started_) {
        started_ = true;
        refilled_ns_ = now_ns;
    }
    if (now_ns < refilled_ns_) {
        // The clock stepped back: time goes on from here, no token was earned, and a pause has left
        // what it had left.
        const auto back = refilled_ns_ - now_ns;
        if (paused_until_ns_ > refilled_ns_) paused_until_ns_ -= back;
    } else if (options_.requests_per_second > 0) {
        const double gained =
            static_cast<double>(now_ns - refilled_ns_) / second_ns * options_.requests_per_second;
        tokens_ = std::min(options_.burst, tokens_ + gained);
    }
    refilled_ns_ = now_ns;
}

lane_limiter::action lane_limiter::step(std::uint64_t now_ns) {
    refill(now_ns);
    if (in_flight_ >= options_.max_concurrent) return {verdict::wait_for_release, 0};
    if (now_ns < paused_until_ns_) return {verdict::wait_until, paused_until_ns_};
    if (options_.requests_per_second > 0) {
        if (tokens_ < one_token) {
            const double wait = (1.0 - tokens_) / options_.requests_per_second * second_ns;
            return {verdict::wait_until, now_ns + static_cast<std::uint64_t>(std::ceil(wait))};
        }
        tokens_ -= 1.0;
    }
    ++in_flight_;
    return {};
}

void lane_limiter::release() {
    if (in_flight_ > 0) --in_flight_;
}

void lane_limiter::charge(std::uint64_t now_ns) {
    if (options_.requests_per_second <= 0) return;
    refill(now_ns);
    tokens_ -= 1.0;
}

void lane_limiter::pause(std::uint64_t now_ns, std::chrono::milliseconds wait) {
    refill(now_ns);
    const auto capped = std::clamp(wait, std::chrono::milliseconds(0), options_.max_pause);
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(capped).count();
    paused_until_ns_ = std::max(paused_until_ns_, now_ns + static_cast<std::uint64_t>(ns));
}

std::chrono::nanoseconds lane_limiter::pause_left(std::uint64_t now_ns) const {
    if (now_ns >= paused_until_ns_) return std::chrono::nanoseconds(0);
    return std::chrono::nanoseconds(static_cast<std::int64_t>(paused_until_ns_ - now_ns));
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, unix_ms now) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    if (text.empty() || text.size() > 64) return std::nullopt;
    if (std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        std::int64_t seconds = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (parsed.ec != std::errc()) seconds = longest_wait_s; // more digits than 64 bits hold
        return std::chrono::seconds(std::min(seconds, longest_wait_s));
    }
    // Dates begin with the name of a day; without this, curl would also take "-5" and "12:00".
    if (text.find(',') == std::string_view::npos && text.find(' ') == std::string_view::npos)
        return std::nullopt;
    const std::time_t date = curl_getdate(std::string(text).c_str(), nullptr);
    if (date < 0) return std::nullopt;
    const std::int64_t seconds = std::min<std::int64_t>(date, (now / 1000) + longest_wait_s);
    return std::chrono::milliseconds(std::max<std::int64_t>(0, seconds * 1000 - now));
}

} // namespace mortise::host
