// SPDX-License-Identifier: Apache-2.0
// When a trigger is polled next. Sans-I/O: outcome in, delay out.
#pragma once

#include <chrono>
#include <cstdint>

namespace mortise::host {

class poll_schedule {
public:
    // jitter is the share of the interval by which a poll may come earlier, so that many triggers
    // spread.
    explicit poll_schedule(std::chrono::milliseconds interval,
                           double jitter = 0.1,
                           std::chrono::milliseconds max_backoff = std::chrono::minutes(5));
    // After a poll that went well, or failed (with what the system asked for, if anything). random
    // is any 64 bits. Failures back off exponentially from the interval up to max_backoff (or the
    // interval, when that is longer).
    std::chrono::milliseconds after_success(std::uint64_t random) noexcept;
    std::chrono::milliseconds after_failure(std::uint64_t random,
                                            std::chrono::milliseconds asked_for = {}) noexcept;
    std::uint32_t failures() const noexcept { return failures_; }

private:
    std::chrono::milliseconds spread(std::chrono::milliseconds d,
                                     std::uint64_t random) const noexcept;

    std::chrono::milliseconds interval_;
    double jitter_;
    std::chrono::milliseconds max_backoff_;
    std::uint32_t failures_ = 0;
};

} // namespace mortise::host
