// SPDX-License-Identifier: Apache-2.0
// When the next request of a lane may leave: a token bucket, a concurrency limit and the pauses a
// server asks for. Decides only; the client around it waits. One thread at a time.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mortise::host {

struct limiter_options {
    double requests_per_second = 0; // 0 = unlimited
    double burst = 1;
    std::uint32_t max_concurrent = 1;
    std::chrono::milliseconds max_pause{0};
};

class lane_limiter {
public:
    enum class verdict { go, wait_until, wait_for_release };
    struct action {
        verdict what = verdict::go;
        std::uint64_t at_ns = 0; // with wait_until, on the clock of `now_ns`
    };

    explicit lane_limiter(const limiter_options& options);

    // May one more request leave? go takes a token and a place; give the place back with release().
    action step(std::uint64_t now_ns);
    void release();
    // A further exchange on a place already held (a redirect): pays a token, if need be in advance.
    void charge(std::uint64_t now_ns);
    // Nothing leaves before now + wait, capped by max_pause. Never shortens a pause.
    void pause(std::uint64_t now_ns, std::chrono::milliseconds wait);
    std::chrono::nanoseconds pause_left(std::uint64_t now_ns) const;
    std::uint32_t in_flight() const noexcept { return in_flight_; }

private:
    void refill(std::uint64_t now_ns);

    limiter_options options_;
    double tokens_;
    std::uint64_t refilled_ns_ = 0;
    bool started_ = false;
    std::uint64_t paused_until_ns_ = 0;
    std::uint32_t in_flight_ = 0;
};

// Retry-After as seconds or as an HTTP date (measured against `now`, at least zero); nothing when
// it is neither.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, unix_ms now);

} // namespace mortise::host
