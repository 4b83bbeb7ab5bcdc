// SPDX-License-Identifier: Apache-2.0
//
// What became of a step's attempts, for people. The journal keeps none of it for a step that its
// first attempt ended: the step says all of that. Comes with records.hpp.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace mortise::host {

enum class try_outcome : std::uint8_t {
    retrying, // failed, to be made again
    held,     // no attempt: the connection took no calls
    done,
    found, // a look-up found that it had been done before
    failed,
    in_doubt,
    cancelled,
    cut_off, // by the host's own end; that costs no attempt, the same one is made again
};
std::string_view to_string(try_outcome o) noexcept;

// What the step then waited for.
enum class try_wait : std::uint8_t {
    none,
    back_off,    // of the retry policy
    retry_after, // what the system asked for
    breaker,     // until the connection answers again
    pause,       // until a person resumes the connection
    person,      // until a person retried the dead letter; from there on attempts count from 1
};
std::string_view to_string(try_wait w) noexcept;

struct step_try {
    std::uint32_t number = 0;  // among all of the step's, from 1; set by the journal
    std::uint32_t attempt = 0; // as the retry policy counts; 0: held
    unix_ms began = 0;
    unix_ms ended = 0; // held: when it was last asked again
    std::int64_t limited_ms =
        0; // of the time between: its requests stood in the connection's queue
    try_outcome outcome = try_outcome::retrying;
    try_wait wait = try_wait::none;
    unix_ms wait_until = 0; // as planned; the next one's beginning says when it really went on
    std::optional<error> failure = {}; // its message cut when long, without details
};

// Of a step that is tried for weeks the first and the last stay. Gaps in number are those left out.
inline constexpr std::uint32_t first_tries_kept = 20;
inline constexpr std::uint32_t last_tries_kept = 80;

} // namespace mortise::host
