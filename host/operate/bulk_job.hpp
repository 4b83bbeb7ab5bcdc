// SPDX-License-Identifier: Apache-2.0
//
// One person's word on many dead letters: which ones, how fast, and how far it has come. Sans-I/O:
// the record lies in the journal's state (scope "host/bulk", key the job's id) and moves in the
// transactions that change the runs, so that its counts are exact and it goes on after a restart.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "journal/records.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

inline constexpr std::string_view bulk_scope = "host/bulk";

enum class bulk_action : std::uint8_t { retry, discard, edit };
enum class bulk_state : std::uint8_t { running, done, stopped, cancelled, failed };
std::string_view to_string(bulk_action a) noexcept;
std::string_view to_string(bulk_state s) noexcept;
std::optional<bulk_action> bulk_action_from_string(std::string_view text) noexcept;

struct bulk_request {
    bulk_action action = bulk_action::retry;
    std::string fingerprint; // of the cause; empty: any
    std::string flow;        // flow instance; empty: any
    bool all = false;        // neither fingerprint nor flow: it must be said
    double runs_per_second = 10;
    // Runs in doubt are left alone unless a person says that their doubtful step is to be repeated.
    bool redo = false;
    bool fresh = false;              // failed ones read the systems again; see retry_choice
    std::string reason;              // for discard
    std::string patch;               // for edit: a JSON merge patch over the failed step's input
    std::uint32_t give_up_after = 5; // runs in a row that fail again for the same cause
    std::string who;
};

// Errors: input, with what is missing or out of range.
result<void> check_request(const bulk_request& request);

struct bulk_job {
    struct watched_run {
        run_id run;
        std::string fingerprint;
        unix_ms since = 0;
    };
    std::string id;
    bulk_request request;
    bulk_state state = bulk_state::running;
    std::string why;            // it stopped or failed
    std::uint64_t total = 0;    // dead letters that fitted at the start
    std::uint64_t done = 0;     // made ready or discarded
    std::uint64_t failed = 0;   // of those, dead letters again
    std::uint64_t left_out = 0; // could not be done, or are left to a person; last_problem says why
    std::string last_problem;
    std::string after; // the last run that was looked at
    std::vector<watched_run> watched;
    std::map<std::string, std::uint32_t> same_again; // cause -> failed again in a row
    unix_ms started_at = 0;
    unix_ms updated_at = 0;
    unix_ms ended_at = 0;
};

// For the journal, and for people: one JSON object.
std::string to_json_text(const bulk_job& job);
// Errors: internal, when the text is no such record.
result<bulk_job> bulk_job_from_json(std::string_view text);

// What became of a run that was made ready again.
enum class second_try : std::uint8_t { open, went_on, failed_same, failed_other };
second_try judge(const claimed_run& run, std::string_view first_fingerprint) noexcept;

// ---- what happens to a job ----

void note_changed(bulk_job& job, const run_record& run, unix_ms now);
void note_left_out(bulk_job& job, const run_record& run, std::string problem, unix_ms now);
// A watched run's second try is known (not open). May stop the job.
void note_outcome(bulk_job& job, const run_id& run, second_try outcome, unix_ms now);
// Forgets runs that have been under way for long: one that waits for others of its key must not
// hold the job up.
void let_go(bulk_job& job, unix_ms now);
void end_job(bulk_job& job, bulk_state state, std::string why, unix_ms now);

// How many runs may be changed now, `elapsed` after the last time some were: by the rate, and never
// so many that more than a few are under way whose outcome is not known.
std::uint32_t may_take(const bulk_job& job, std::chrono::milliseconds elapsed) noexcept;
// When to look again.
std::chrono::milliseconds pace(const bulk_job& job) noexcept;

} // namespace mortise::host
