// SPDX-License-Identifier: Apache-2.0
// sqlite_tx: what became of the attempts of a step.
#include "journal/record_json.hpp"
#include "journal/sqlite_tx.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

constexpr std::size_t most_message = 1000;

// There may be a hundred of them, and the step has the last one's details.
std::string short_failure(error e) {
    e.details.clear();
    if (e.message.size() > most_message) {
        auto end = most_message;
        while (end > 0 && (static_cast<unsigned char>(e.message[end]) & 0xC0) == 0x80)
            --end; // not within a character
        e.message.resize(end);
        e.message += "…";
    }
    return error_to_json(e);
}

bool ends_round(try_outcome o) {
    return o != try_outcome::retrying && o != try_outcome::held && o != try_outcome::cut_off;
}

} // namespace

void sqlite_tx::put_try(const run_id& run, std::string_view step, const step_try& t) {
    insert_try(run_seq(run), step, t);
}

void sqlite_tx::insert_try(std::int64_t run, std::string_view step, const step_try& t) {
    std::uint32_t last = 0;
    bool goes_on = false;
    {
        auto rows = db_.query("SELECT number,outcome,wait FROM attempt WHERE run=?1 AND key=?2 "
                              "ORDER BY number DESC LIMIT 1",
                              run, step);
        if (rows.next()) {
            last = rows.small(0);
            goes_on = t.outcome == try_outcome::held &&
                      static_cast<try_outcome>(rows.number(1)) == t.outcome &&
                      static_cast<try_wait>(rows.number(2)) == t.wait;
        }
    }
    if (goes_on) {
        // The clock may have been set back since it began.
        db_.exec("UPDATE attempt SET ended=max(began,?4),wait_until=?5 WHERE run=?1 AND key=?2 AND "
                 "number=?3",
                 run, step, last, t.ended, t.wait_until);
        return;
    }
    std::optional<std::string> failure;
    if (t.failure) failure = short_failure(*t.failure);
    const auto number = last + 1;
    db_.exec("INSERT INTO attempt(run,key,number,attempt,began,ended,limited,outcome,wait,"
             "wait_until,failure) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
             run, step, number, t.attempt, t.began, t.ended, t.limited_ms, t.outcome, t.wait,
             t.wait_until, failure);
    if (number > first_tries_kept + last_tries_kept) {
        db_.exec("DELETE FROM attempt WHERE run=?1 AND key=?2 AND number>?3 AND number<=?4", run,
                 step, first_tries_kept, number - last_tries_kept);
    }
}

void sqlite_tx::end_round(std::int64_t run, std::string_view step) {
    step_try t;
    auto state = step_state::failed;
    {
        auto rows =
            db_.query("SELECT state,attempts,started_at,finished_at,failure FROM step WHERE "
                      "run=?1 AND key=?2",
                      run, step);
        if (!rows.next()) return;
        state = static_cast<step_state>(rows.number(0));
        t.attempt = rows.small(1);
        t.began = rows.number(2);
        t.ended = rows.number(3);
        if (!rows.is_null(4)) t.failure = error_from_json(rows.view(4));
    }
    {
        auto rows = db_.query("SELECT number,outcome FROM attempt WHERE run=?1 AND key=?2 ORDER BY "
                              "number DESC LIMIT 1",
                              run, step);
        const bool any = rows.next();
        if (!any && t.attempt == 0) return; // never made
        const bool told = any && (state == step_state::retrying ||
                                  ends_round(static_cast<try_outcome>(rows.number(1))));
        if (told) {
            db_.exec("UPDATE attempt SET wait=?4,wait_until=?5 WHERE run=?1 AND key=?2 AND "
                     "number=?3",
                     run, step, rows.number(0), try_wait::person, now());
            return;
        }
        if (any) t.attempt = 0; // it ended while it waited for the next one
    }
    const bool cancelled = t.failure && t.failure->category == category::cancelled;
    t.outcome = state == step_state::done      ? try_outcome::done
                : state == step_state::started ? try_outcome::in_doubt
                : cancelled                    ? try_outcome::cancelled
                                               : try_outcome::failed;
    if (t.ended == 0) t.ended = now();
    t.began = std::min(t.began, t.ended);
    // More than one and none kept: by a program that kept none.
    if (t.attempt != 1) t.began = t.attempt == 0 ? t.ended : 0;
    t.wait = try_wait::person;
    t.wait_until = now();
    insert_try(run, step, t);
}

void sqlite_tx::forget_tries(std::int64_t run) {
    db_.exec("DELETE FROM attempt WHERE run=?1 AND key NOT IN (SELECT key FROM step WHERE run=?1)",
             run);
}

} // namespace mortise::host
