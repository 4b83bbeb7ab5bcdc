// SPDX-License-Identifier: Apache-2.0
//
// What the engine tells whoever watches: traces, live traffic, alerts. A watcher sees what happens
// now; what a replay merely repeats from the journal is not told again.
#pragma once

#include "journal/records.hpp"

#include <cstdint>
#include <string_view>

namespace mortise::host {

// One attempt of a step that has come to an end, or a wait that began. Views and references live
// for the call.
struct attempt_seen {
    enum class end : std::uint8_t {
        done,
        found,    // a look-up found that it had been done before
        retrying, // failed, and will be tried again
        failed,
        in_doubt,
        waiting, // a sleep, event, child or closed connection (failure says why) is waited for
        cancelled,
    };
    const run_record& run;
    const event_record& event;
    std::string_view step; // its key
    step_kind kind = step_kind::call;
    std::string_view target;     // "dam:assets.get"
    std::string_view connection; // of a call; of a transfer: where to
    std::uint32_t attempt = 1;
    std::int64_t began_unix_us = 0;
    std::int64_t ended_unix_us = 0;
    end outcome = end::done;
    const error* failure = nullptr;          // null: went well
    std::string_view span_id;                // base/trace_context.hpp
    std::string_view source_connection = {}; // of a transfer: where from
};
std::string_view to_string(attempt_seen::end e) noexcept;

// [any-thread] Called from the engine's own threads, several at a time: quick, no I/O.
class run_observer {
public:
    virtual ~run_observer() = default;
    // Durable now. runs: how many flow instances it starts. For a duplicate the event is as it came
    // again and runs is 0.
    virtual void
    event_taken(const event_record&, std::size_t /*runs*/, bool /*duplicate*/) noexcept {}
    // Claimed (active), put to sleep (waiting, or ready when it goes on at once), or over. What
    // people do to a run that is not at work shows when it is claimed again.
    virtual void run_changed(const run_record&) noexcept {}
    // The same for who wants the run's event as well; what is called is this one.
    virtual void run_changed(const run_record& run, const event_record&) noexcept {
        run_changed(run);
    }
    virtual void attempt_ended(const attempt_seen&) noexcept {}
};

} // namespace mortise::host
