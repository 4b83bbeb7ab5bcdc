// SPDX-License-Identifier: Apache-2.0
//
// Which ticks of a schedule are due, and what becomes of those that were missed. Sans-I/O: the time
// and the last tick that is durable in, ticks to fire out. A tick is known by the time it was
// planned for, so that it is the same on every host and after every restart.
#pragma once

#include "intake/cron.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace mortise::host {

// What becomes of ticks that the host was not there for.
enum class missed_ticks : std::uint8_t {
    skip, // nothing; the next one fires in its time
    once, // the last of them fires, late
    all,  // each fires, late, in order; of more than the limit the last ones
};

struct schedule_plan {
    std::string instance;
    cron when;
    time_zone zone;
    std::chrono::milliseconds jitter{0};
    missed_ticks missed = missed_ticks::once;
    std::uint32_t missed_limit = 100; // with all
};

struct schedule_tick {
    unix_ms planned = 0;
    std::uint64_t missed = 0; // ticks before it that will never fire
};

struct schedule_step {
    std::vector<schedule_tick> fire; // in order
    unix_ms last = 0;                // to be made durable with them; unchanged: nothing to write
    unix_ms look_again = 0;
    bool clock_was_ahead = false; // the last tick lay far in the future: begun again from now
};

// A tick fires within this of its time, or it was missed.
inline constexpr std::chrono::milliseconds tick_tolerance{60'000};
// More missed ticks than this are not counted.
inline constexpr std::uint32_t most_missed = 10'000;

// last is the planned time of the last tick dealt with (or when the schedule was first seen).
schedule_step step_schedule(const schedule_plan& plan, unix_ms last, unix_ms now);

// How much later than planned the tick fires: less than the jitter, the same for ever.
std::chrono::milliseconds
jitter_of(std::string_view instance, unix_ms planned, std::chrono::milliseconds jitter);

// "2026-03-29T01:00:00Z"; milliseconds only when there are any.
std::string to_rfc3339(unix_ms t);

} // namespace mortise::host
