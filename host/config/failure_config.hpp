// SPDX-License-Identifier: Apache-2.0
//
// What the configuration says about failures, as written: an absent member leaves the default of
// whoever applies it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace mortise::host {

// [connections.<name>.retry], [connections.<name>.operations."<id>".retry], [flows.<name>.retry]
struct retry_config {
    std::optional<int> max_attempts; // 1 = no repeat
    std::optional<std::chrono::milliseconds> first_delay;
    std::optional<std::chrono::milliseconds> max_delay;
    std::optional<double> multiplier;
    std::optional<double> jitter;                     // 0..1, share of the delay that is random
    std::optional<std::chrono::milliseconds> max_age; // give up this long after the first attempt

    bool empty() const noexcept {
        return !max_attempts && !first_delay && !max_delay && !multiplier && !jitter && !max_age;
    }
};

// [connections.<name>.breaker]
struct breaker_config {
    std::optional<bool> enabled;
    std::optional<std::uint32_t> failures;
    std::optional<double> failure_ratio;
    std::optional<std::chrono::milliseconds> open_for;
    std::optional<std::chrono::milliseconds> max_open_for;
};

// [connections.<name>.operations."<id>"]
struct operation_config {
    retry_config retry;
    std::optional<std::chrono::milliseconds> timeout; // of one call
};

} // namespace mortise::host
