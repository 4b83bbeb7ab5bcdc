// SPDX-License-Identifier: Apache-2.0
// sqlite_tx: runs, from being claimed to their end.
#include "journal/record_json.hpp"
#include "journal/sqlite_records.hpp"
#include "journal/sqlite_tx.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace mortise::host {
namespace {

error run_unknown(const run_id& run) {
    error e(category::not_found, "journal.run-unknown", "there is no run \"" + run.str() + "\"");
    e.effect = effect::none;
    return e;
}

error wrong_state(const run_id& run, run_state state, std::string_view what) {
    error e(category::conflict, "journal.run-state",
            "run \"" + run.str() + "\" is " + std::string(to_string(state)) + "; only " +
                std::string(what));
    e.effect = effect::none;
    return e;
}

} // namespace

std::vector<claimed_run>
sqlite_tx::claim(std::string_view owner, std::uint32_t limit, unix_ms lease_until) {
    const auto owner_number = names_.number(owner);
    std::vector<std::int64_t> expired;
    {
        auto rows = db_.query("SELECT owner FROM lease WHERE until<=?1", now());
        while (rows.next()) {
            expired.push_back(rows.number(0));
        }
    }
    for (const auto one : expired) {
        release_owner(one);
    }
    wake_due(limit);
    std::vector<std::int64_t> chosen;
    {
        auto rows = db_.query("SELECT seq FROM run INDEXED BY run_ready WHERE state=0 AND head=1 "
                              "ORDER BY seq LIMIT ?1",
                              limit);
        while (rows.next()) {
            chosen.push_back(rows.number(0));
        }
    }
    std::vector<claimed_run> out;
    if (chosen.empty()) return out;
    db_.exec("INSERT INTO lease(owner,until) VALUES(?1,?2) "
             "ON CONFLICT DO UPDATE SET until=max(until,excluded.until)",
             owner_number, lease_until);
    out.reserve(chosen.size());
    for (const auto seq : chosen) {
        out.push_back(take_run(seq, owner_number));
    }
    return out;
}

claimed_run sqlite_tx::take_run(std::int64_t seq, std::int64_t owner) {
    db_.exec("UPDATE run SET state=1,owner=?2,poked=0,wake_at=0,starts=starts+1,updated_at=?3 "
             "WHERE seq=?1",
             seq, owner, now());
    count(run_state::ready, run_state::active);
    claimed_run out;
    {
        auto rows = db_.query("SELECT " MORTISE_RUN_COLUMNS "," MORTISE_EVENT_COLUMNS " FROM run r "
                              "CROSS JOIN event e ON e.seq=r.event WHERE r.seq=?1",
                              seq);
        if (!rows.next()) {
            throw journal_failure({category::internal, "journal.corrupted",
                                   "a run's event is missing in the journal; run the integrity "
                                   "check and restore a backup"});
        }
        out.run = run_of(rows, names_);
        out.event = event_of(rows, names_, run_column_count);
    }
    if (out.run.starts > 1) out.steps = steps_of(db_, seq);
    return out;
}

// The lease belongs to the owner, not to each run: renewing it writes one row however many runs are
// active.
void sqlite_tx::renew_leases(std::string_view owner, unix_ms lease_until) {
    db_.exec("UPDATE lease SET until=?2 WHERE owner=?1", names_.number(owner), lease_until);
}

std::uint64_t sqlite_tx::release_leases(std::string_view owner) {
    std::vector<std::int64_t> owners{names_.number(owner)};
    {
        auto rows = db_.query("SELECT owner FROM lease WHERE until<=?1 AND owner<>?2", now(),
                              owners.front());
        while (rows.next()) {
            owners.push_back(rows.number(0));
        }
    }
    std::uint64_t released = 0;
    for (const auto one : owners) {
        released += release_owner(one);
    }
    return released;
}

std::uint64_t sqlite_tx::release_owner(std::int64_t owner) {
    struct key_of_run {
        std::int64_t seq;
        std::int64_t instance;
        std::string key;
    };
    std::vector<key_of_run> runs;
    {
        auto rows =
            db_.query("SELECT seq,instance,key FROM run INDEXED BY run_active WHERE state=1 "
                      "AND owner=?1",
                      owner);
        while (rows.next()) {
            runs.push_back({rows.number(0), rows.number(1), rows.text(2)});
        }
    }
    for (const auto& r : runs) {
        db_.exec("UPDATE run SET state=0,owner=NULL,updated_at=?2 WHERE seq=?1", r.seq, now());
        count(run_state::active, run_state::ready);
        pass_head(r.instance, r.key);
    }
    db_.exec("DELETE FROM lease WHERE owner=?1", owner);
    return runs.size();
}

void sqlite_tx::wake_due(std::uint32_t limit) {
    std::vector<std::int64_t> due;
    {
        auto rows =
            db_.query("SELECT seq FROM run INDEXED BY run_wake WHERE state=2 AND wake_at>0 AND "
                      "wake_at<=?1 ORDER BY wake_at LIMIT ?2",
                      now(), limit);
        while (rows.next()) {
            due.push_back(rows.number(0));
        }
    }
    for (const auto seq : due) {
        db_.exec("UPDATE run SET state=0,wake_at=0,updated_at=?2 WHERE seq=?1", seq, now());
        count(run_state::waiting, run_state::ready);
    }
}

// Puts the head mark where it belongs among the unfinished runs of a key: on the active one, as two
// must never be active together; else on the oldest.
void sqlite_tx::pass_head(std::int64_t instance, const std::string& key) {
    std::int64_t oldest = 0;
    {
        auto rows = db_.query("SELECT seq,head FROM run INDEXED BY run_key WHERE instance=?1 AND "
                              "key=?2 AND state<3 ORDER BY seq LIMIT 1",
                              instance, key);
        if (!rows.next() || rows.number(1) != 0) return;
        oldest = rows.number(0);
    }
    std::int64_t head = 0;
    {
        auto rows = db_.query("SELECT seq,state FROM run INDEXED BY run_key WHERE instance=?1 AND "
                              "key=?2 AND state<3 AND head=1 LIMIT 1",
                              instance, key);
        if (rows.next()) {
            if (static_cast<run_state>(rows.number(1)) == run_state::active) return;
            head = rows.number(0);
        }
    }
    if (head != 0) db_.exec("UPDATE run SET head=0 WHERE seq=?1", head);
    db_.exec("UPDATE run SET head=1 WHERE seq=?1", oldest);
}

run_state sqlite_tx::suspend(const run_id& run, unix_ms wake_at) {
    const run_row row = known_run(run);
    if (is_final(row.state)) return row.state;
    const auto next = row.poked ? run_state::ready : run_state::waiting;
    db_.exec("UPDATE run SET state=?2,poked=0,owner=NULL,wake_at=?3,updated_at=?4 WHERE seq=?1",
             row.seq, next, next == run_state::waiting ? wake_at : 0, now());
    count(row.state, next);
    pass_head(row.instance, row.key);
    return next;
}

void sqlite_tx::finish(const run_id& run,
                       run_state state,
                       std::string_view result,
                       const std::optional<error>& failure,
                       std::string_view failed_step) {
    if (!is_final(state)) {
        throw journal_failure(
            {category::internal, "journal.not-final",
             "run \"" + run.str() + "\" was to be finished as " + std::string(to_string(state))});
    }
    const run_row row = known_run(run);
    std::optional<std::string> failure_json;
    if (failure) failure_json = error_to_json(*failure);
    db_.exec("UPDATE run SET state=?2,head=0,poked=0,owner=NULL,wake_at=0,result=?3,failure=?4,"
             "failed_step=?5,updated_at=?6 WHERE seq=?1",
             row.seq, state, packed(result), failure_json, failed_step, now());
    count(row.state, state);
    if (row.waited) {
        end_waits(row.seq);
        // A dead letter may be retried: the events it has used up stay used up.
        if (state != run_state::failed && state != run_state::in_doubt) {
            db_.exec("DELETE FROM consumed WHERE run=?1", row.seq);
        }
    }
    if (row.head) pass_head(row.instance, row.key);
}

void sqlite_tx::end_waits(std::int64_t run) {
    db_.exec("DELETE FROM wait WHERE run=?1", run);
}

// The step whose effect is not known: the one the run stopped at, or one that only began.
std::int64_t sqlite_tx::doubtful_step(const run_row& run) {
    auto rows = db_.query("SELECT seq FROM step WHERE run=?1 AND (key=?2 OR state=?3) "
                          "ORDER BY key=?2 DESC,seq LIMIT 1",
                          run.seq, run.failed_step, step_state::started);
    return rows.next() ? rows.number(0) : 0;
}

mortise::result<void> sqlite_tx::retry(const run_id& run, bool redo, std::string_view result) {
    const auto row = find_run(run);
    if (!row) return run_unknown(run);
    if (row->state != run_state::failed && row->state != run_state::in_doubt) {
        return wrong_state(run, row->state, "failed and in_doubt runs can be retried");
    }
    if (row->state == run_state::in_doubt) {
        const auto step = doubtful_step(*row);
        if (step == 0 && !redo) {
            error e(category::conflict, "journal.no-doubtful-step",
                    "run \"" + run.str() +
                        "\" has no doubtful step that could be taken as done; retry it with redo");
            e.effect = effect::none;
            return e;
        }
        if (redo) {
            db_.exec("DELETE FROM step WHERE seq=?1", step);
        } else {
            db_.exec(
                "UPDATE step SET state=?2,result=?3,failure=NULL,finished_at=?4,wake_at=0 WHERE "
                "seq=?1",
                step, step_state::done, packed(result), now());
        }
    }
    // A call that may have had its effect stays known, so that the engine looks before it repeats.
    db_.exec(
        "UPDATE step SET state=?3,attempts=0,wake_at=0,started_at=?4 WHERE run=?1 AND state=?2 "
        "AND kind=?5 AND failure IS NOT NULL AND json_extract(failure,'$.effect') IS NULL",
        row->seq, step_state::failed, step_state::retrying, now(), step_kind::call);
    db_.exec("DELETE FROM step WHERE run=?1 AND state=?2", row->seq, step_state::failed);
    db_.exec("UPDATE run SET state=0,head=0,result='',failure=NULL,failed_step='',updated_at=?2 "
             "WHERE seq=?1",
             row->seq, now());
    count(row->state, run_state::ready);
    pass_head(row->instance, row->key);
    return {};
}

mortise::result<void> sqlite_tx::discard(const run_id& run, std::string_view reason) {
    if (reason.empty()) {
        error e(category::input, "journal.reason-missing",
                "a run is discarded only with a reason; say why \"" + run.str() +
                    "\" needs no retry");
        e.effect = effect::none;
        return e;
    }
    const auto row = find_run(run);
    if (!row) return run_unknown(run);
    if (row->state != run_state::failed && row->state != run_state::in_doubt) {
        return wrong_state(run, row->state, "failed and in_doubt runs can be discarded");
    }
    const boost::json::value note{
        {"reason", boost::json::string_view(reason.data(), reason.size())}};
    db_.exec("UPDATE run SET state=?2,result=?3,updated_at=?4 WHERE seq=?1", row->seq,
             run_state::discarded, boost::json::serialize(note), now());
    db_.exec("DELETE FROM consumed WHERE run=?1", row->seq);
    count(row->state, run_state::discarded);
    return {};
}

} // namespace mortise::host
