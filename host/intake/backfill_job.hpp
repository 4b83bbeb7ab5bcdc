// SPDX-License-Identifier: Apache-2.0
//
// The record of a backfill and what may become of it. Sans-I/O: it lies in the journal's state
// (scope "host/backfill", key "<connection>/<trigger>") as JSON.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::host {

inline constexpr std::string_view backfill_scope = "host/backfill";

enum class backfill_state : std::uint8_t { running, paused, done, failed, cancelled };
std::string_view to_string(backfill_state s) noexcept;
constexpr bool has_ended(backfill_state s) noexcept {
    return s >= backfill_state::done;
}

struct backfill_job {
    std::string connection;
    std::string trigger;
    backfill_state state = backfill_state::running;
    double events_per_second = 50;
    std::uint64_t pages = 0;
    std::uint64_t emitted = 0;    // new events
    std::uint64_t duplicates = 0; // events that were known already
    std::uint32_t failures = 0;   // pages that failed in a row
    std::string cursor;           // the connector's own; empty: at the beginning
    unix_ms started_at = 0;
    unix_ms updated_at = 0;
    unix_ms ended_at = 0;
    std::optional<error> last_error;

    std::string key() const { return connection + '/' + trigger; }
};

// For the journal, and for people (admin API, CLI): one JSON object.
std::string to_json_text(const backfill_job& job);
// Errors: internal, when the text is no such record.
result<backfill_job> backfill_job_from_json(std::string_view text);

// What a person asks for; each gives the job as it is then, or conflict with what would help.
result<backfill_job> paused(backfill_job job, unix_ms now);
result<backfill_job> resumed(backfill_job job, unix_ms now);
result<backfill_job> cancelled(backfill_job job, unix_ms now);

// What a page brings.
backfill_job after_page(
    backfill_job job, std::uint64_t fresh, std::uint64_t known, std::string cursor, unix_ms now);
backfill_job after_end(backfill_job job, unix_ms now);
// A failure that more attempts can mend leaves it running (the caller waits longer each time); any
// other, or the 50th in a row, ends it as failed.
backfill_job after_failure(backfill_job job, const error& e, unix_ms now);

} // namespace mortise::host
