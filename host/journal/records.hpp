// SPDX-License-Identifier: Apache-2.0
//
// What the journal keeps, as plain values. No storage engine's type appears here.
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "journal/step_tries.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mortise::host {

// ---- events ----

// A CloudEvents record as accepted. data is JSON text, passed through without being parsed.
struct event_record {
    event_ref ref;      // UUIDv7, made by the journal on accept
    std::string id;     // unique together with source
    std::string source; // "/connections/iconik"
    std::string type;
    std::string subject;
    std::string partition_key; // never empty once stored: falls back to subject, then id
    std::string trace_parent;
    unix_ms time = 0; // at the source; 0 = not known
    unix_ms accepted_at = 0;
    std::string via; // "webhook", "poll", "stream", "request", "manual"
    std::string data;
};

// A run to be made for an event: which flow instance, in which order key.
struct run_seed {
    run_id id;            // UUIDv7, made by the caller
    std::string instance; // [flows.<instance>]
    std::string key;      // runs of one (instance, key) go one after another
    std::string flow;     // plugin's flow id and version the run is pinned to
    std::string flow_version;
    std::string config_revision;
    run_id parent = {};           // a child run: whose step waits for its end
    std::string parent_step = {}; // key of that step
};

struct intake {
    event_record event;
    std::vector<run_seed> runs;
};

struct cursor_update {
    std::string connection;
    std::string trigger;
    std::string cursor;
};

// ---- runs ----

enum class run_state : std::uint8_t {
    ready,   // may be claimed when it is first of its key
    active,  // claimed under a lease
    waiting, // out of memory until wake_at or an event
    succeeded,
    failed,   // dead letter: needs a person
    in_doubt, // dead letter: an effect is unknown and must not be repeated blindly
    cancelled,
    discarded,
};
std::string_view to_string(run_state s) noexcept;
std::optional<run_state> run_state_from_string(std::string_view text) noexcept;
constexpr bool is_final(run_state s) noexcept {
    return s >= run_state::succeeded;
}
// A dead letter: final until a person decides.
constexpr bool is_dead(run_state s) noexcept {
    return s == run_state::failed || s == run_state::in_doubt;
}

enum class step_kind : std::uint8_t {
    call,
    sleep,
    wait_event,
    record,
    link,
    state,
    transfer,
    spawn
};
std::string_view to_string(step_kind k) noexcept;

enum class step_state : std::uint8_t {
    started,  // intent: an effect may have happened
    waiting,  // sleep or wait_event
    retrying, // failed with attempts left; wake_at says when
    done,
    failed,
};
std::string_view to_string(step_state s) noexcept;

// Which calls of a run that begins anew (journal_tx::retry_anew) ask the systems again, by target.
struct fresh_look {
    std::vector<std::string> again;      // reads, and writes whose repeat changes nothing
    std::vector<std::string> look_first; // looked up before they are repeated
};

struct step_record {
    std::string key; // unique in the run
    step_kind kind = step_kind::call;
    std::string target; // "dam:assets.get", "link_put:asset-reference", ...: compared on replay
    step_state state = step_state::started;
    std::uint32_t attempts = 0;
    unix_ms started_at = 0;
    unix_ms finished_at = 0;
    unix_ms wake_at = 0; // sleep, wait timeout, retry
    std::string input;   // JSON, for people; secrets never get here
    std::string result;  // JSON when done
    std::optional<error> failure;
    std::uint32_t ordinal = 0; // order of first appearance in the run
    bool edited = false;       // a person changed the input: it counts, not what the flow passes
    bool tried = false;        // the journal keeps tries of it
    std::vector<step_try> tries = {}; // oldest first; only journal_reader::run() fills them in
};

struct run_record {
    run_id id;
    std::string instance;
    std::string key;
    std::string flow;
    std::string flow_version;
    std::string config_revision;
    run_state state = run_state::ready;
    event_ref event;
    std::string event_type; // of its event, for lists
    std::string event_subject;
    unix_ms created_at = 0;
    unix_ms updated_at = 0;
    unix_ms wake_at = 0;
    std::uint32_t starts = 0; // how often it was claimed
    std::string result;
    std::optional<error> failure;
    std::string failed_step;
    run_id parent = {}; // of a child run
    std::string parent_step = {};
    std::string cancel_reason = {}; // not empty: asked to stop; started only to be cancelled
    std::string held = {};          // connection it waits for while that takes no calls
    std::string fingerprint = {};   // dead letters: the cause, 16 hex digits
    std::string edited_data = {};   // event data as a person changed it; empty: not changed
};

// What accept did with one event.
struct accepted {
    bool duplicate = false;    // known (source, id): nothing was written
    std::string first_via;     // for a duplicate: how the first one came
    event_ref ref;             // of the stored (or the first) event
    std::vector<run_id> woken; // waiting runs this event has made ready
    // For a duplicate: whether the first one had the same data, and the runs made for it, so that a
    // repeated request can be answered like the first.
    bool same_data = false;
    std::vector<run_record> runs = {};
};

// A run taken up for execution, with everything a replay needs.
struct claimed_run {
    run_record run;
    event_record event;             // with the data a person has put in, if any
    std::vector<step_record> steps; // in ordinal order
};

// ---- links and state ----

struct link_record {
    std::string relation;
    std::string a;
    std::string b;
    std::string data; // JSON
    unix_ms updated_at = 0;
};

struct state_value {
    std::string key;
    std::string value;         // JSON
    std::uint64_t version = 0; // 0: absent
};

} // namespace mortise::host

#include "journal/report_records.hpp"
