// SPDX-License-Identifier: Apache-2.0
#include "intake/poll_schedule.hpp"

#include <algorithm>

namespace mortise::host {

poll_schedule::poll_schedule(std::chrono::milliseconds interval,
                             double jitter,
                             std::chrono::milliseconds max_backoff)
    : interval_(std::max(interval, std::chrono::milliseconds(10))),
      jitter_(std::clamp(jitter, 0.0, 1.0)), max_backoff_(std::max(max_backoff, interval_)) {}

std::chrono::milliseconds poll_schedule::spread(std::chrono::milliseconds d,
                                                std::uint64_t random) const noexcept {
    const double share = static_cast<double>(random >> 11) / 9007199254740992.0;
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(d.count()) * (1.0 - jitter_ * share)));
}

std::chrono::milliseconds poll_schedule::after_success(std::uint64_t random) noexcept {
    failures_ = 0;
    return spread(interval_, random);
}

std::chrono::milliseconds
poll_schedule::after_failure(std::uint64_t random, std::chrono::milliseconds asked_for) noexcept {
    failures_ = std::min<std::uint32_t>(failures_ + 1, 30);
    auto delay = interval_;
    for (std::uint32_t i = 1; i < failures_ && delay < max_backoff_; ++i)
        delay *= 2;
    return std::max(spread(std::min(delay, max_backoff_), random), asked_for);
}

} // namespace mortise::host
