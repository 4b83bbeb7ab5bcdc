// SPDX-License-Identifier: Apache-2.0
// sqlite_tx: runs, from being claimed to their end.
#include "journal/fingerprint.hpp"
#include "journal/record_json.hpp"
#include "journal/sqlite_records.hpp"
#include "journal/sqlite_tx.hpp"

namespace mortise::host {
std::vector<claimed_run>
sqlite_tx::claim(std::string_view owner, std::uint32_t limit, unix_ms lease_until) {
    const auto owner_number = names_.number(owner);
    std::vector<std::int64_t> expired;
    {
        // Not the caller's own: it has these runs in hand, whatever a clock that jumped says.
        auto rows =
            db_.query("SELECT owner FROM lease WHERE until<=?1 AND owner<>?2", now(), owner_number);
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
    if (const auto it = fresh_.find(seq); it != fresh_.end()) {
        out = std::move(it->second);
        out.run.updated_at = now();
        fresh_.erase(it);
    } else {
        auto rows = db_.query("SELECT " MORTISE_RUN_COLUMNS "," MORTISE_EVENT_COLUMNS " FROM run r "
                              "CROSS JOIN event e ON e.seq=r.event WHERE r.seq=?1",
                              seq);
        if (!rows.next()) {
            throw journal_failure({category::internal, "journal.corrupted",
                                   "a run's event is missing in the journal; run the integrity "
                                   "check and restore a backup"});
        }
        out = claimed_of(rows, names_);
    }
    if (out.run.starts > 1) out.steps = steps_of(db_, seq);
    constexpr std::size_t most_in_hand = 20'000;
    if (in_hand_.size() >= most_in_hand) in_hand_.clear();
    in_hand_.insert_or_assign(out.run.id, seq);
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
        make_ready(seq);
    }
}

void sqlite_tx::make_ready(std::int64_t run) {
    db_.exec("UPDATE run SET state=0,wake_at=0,held=NULL,updated_at=?2 WHERE seq=?1", run, now());
    count(run_state::waiting, run_state::ready);
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

run_state sqlite_tx::suspend(const run_id& run, unix_ms wake_at, std::string_view held) {
    const run_row row = known_run(run);
    if (is_final(row.state)) return row.state;
    const auto next = row.poked ? run_state::ready : run_state::waiting;
    const bool waits = next == run_state::waiting;
    std::optional<std::int64_t> holder;
    if (waits && !held.empty()) holder = names_.number(held);
    db_.exec("UPDATE run SET state=?2,poked=0,owner=NULL,wake_at=?3,held=?5,updated_at=?4 "
             "WHERE seq=?1",
             row.seq, next, waits ? wake_at : 0, now(), holder);
    count(row.state, next);
    let_go(run);
    pass_head(row.instance, row.key);
    return next;
}

// Due, not ready: there may be very many of them, and claim() takes up no more than it needs.
std::uint64_t sqlite_tx::release_held(std::string_view connection) {
    const auto holder = names_.find(connection);
    if (!holder) return 0;
    return static_cast<std::uint64_t>(
        db_.exec("UPDATE run SET wake_at=?2,held=NULL WHERE held=?1", *holder, now()));
}

bool sqlite_tx::finish(const run_id& run,
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
    let_go(run);
    // A dead letter may be retried: its waits stay open, and what they have used up stays used up.
    const bool dead = is_dead(state);
    if (dead) {
        note_cause(row.seq, failed_step, failure ? *failure : error());
    } else if (row.waited) {
        end_waits(row.seq);
    }
    if (row.head) pass_head(row.instance, row.key);
    return !dead && row.parent != 0 && end_child(row.seq);
}

void sqlite_tx::note_cause(std::int64_t run, std::string_view failed_step, const error& failure) {
    std::uint64_t cause = 0;
    {
        auto rows = db_.query("SELECT r.flow,s.target FROM run r LEFT JOIN step s ON s.run=r.seq "
                              "AND s.key=?2 WHERE r.seq=?1",
                              run, failed_step);
        if (rows.next()) {
            cause = fingerprint(names_.text(rows.number(0)), rows.view(1), failure);
        }
    }
    db_.exec("UPDATE run SET held=NULL,fingerprint=?2 WHERE seq=?1", run, cause);
}

void sqlite_tx::end_waits(std::int64_t run) {
    db_.exec("DELETE FROM wait WHERE run=?1", run);
    db_.exec("DELETE FROM consumed WHERE run=?1", run);
}

} // namespace mortise::host
