// SPDX-License-Identifier: Apache-2.0
//
// What to do after a failed attempt of a step. Sans-I/O: facts in, decision out.
#pragma once

#include "base/result.hpp"
#include "config/failure_config.hpp"
#include "plugin/descriptors.hpp"

#include <chrono>
#include <cstdint>

namespace mortise::host {

struct retry_policy {
    std::uint32_t max_attempts = 8;
    std::chrono::milliseconds first_delay{500};
    std::chrono::milliseconds max_delay{std::chrono::minutes(5)};
    double multiplier = 2.0;
    double jitter = 0.2;                  // share of the delay that is random, 0..1
    std::chrono::milliseconds max_age{0}; // give up this long after the first attempt; 0: never
};

// What over says, the rest from base.
retry_policy merge(retry_policy base, const retry_config& over);

// False when the error says, or its category implies, that nothing was changed remotely.
bool may_have_happened(const error& e) noexcept;

struct retry_decision {
    enum class action { again, give_up, in_doubt };
    action what = action::give_up;
    std::chrono::milliseconds delay{0};
};

// True when the category (or the connector's advice) speaks for another attempt.
bool is_transient(const error& e) noexcept;

// attempt is the one that failed (1-based); age is the time since the first began; random is any 64
// bits. A failure whose effect is unknown on an operation that may not be repeated is in doubt,
// whatever the category: the host must not guess.
retry_decision decide_retry(const retry_policy& policy,
                            const error& e,
                            effect_class repeat,
                            std::uint32_t attempt,
                            std::chrono::milliseconds age,
                            std::uint64_t random) noexcept;

} // namespace mortise::host
