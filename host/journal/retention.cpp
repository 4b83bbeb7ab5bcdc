// SPDX-License-Identifier: Apache-2.0
#include "journal/retention.hpp"

#include "journal/journal.hpp"
#include "journal/sqlite_records.hpp"
#include "journal/sqlite_tx.hpp"

#include <algorithm>
#include <optional>

namespace mortise::host {
namespace {

constexpr std::size_t chunk = 64;   // of one removal: about two milliseconds of the writer
constexpr std::int64_t look = 1000; // rows of one look at a table

bool is_removable(std::int64_t state) {
    const auto s = static_cast<run_state>(state);
    return s == run_state::succeeded || s == run_state::cancelled || s == run_state::discarded;
}

std::int64_t number_of(sqlite_db& db, std::string_view sql) {
    auto rows = db.query(sql);
    return rows.next() ? rows.number(0) : 0;
}

// Runs of one event are made together, so that they are neighbours, whatever has been removed
// between them.
bool is_referenced_beside(sqlite_db& db, std::int64_t run, std::int64_t event) {
    {
        auto below = db.query("SELECT event FROM run WHERE seq<?1 ORDER BY seq DESC LIMIT 1", run);
        if (below.next() && below.number(0) == event) return true;
    }
    auto above = db.query("SELECT event FROM run WHERE seq>?1 ORDER BY seq LIMIT 1", run);
    return above.next() && above.number(0) == event;
}

bool is_referenced(sqlite_db& db, std::int64_t event) {
    auto rows = db.query("SELECT event FROM run WHERE seq>=?1 ORDER BY seq LIMIT 1",
                         first_run_of(db, event));
    return rows.next() && rows.number(0) == event;
}

} // namespace

// ---- on the writer ----

trimmed sqlite_trim::remove(sqlite_tx& tx, const removal& what) {
    trimmed out;
    sqlite_db& db = tx.db_;
    // The newest of both stay, so that no number is given twice.
    const auto newest_run = number_of(db, "SELECT ifnull(max(seq),0) FROM run");
    const auto newest_event = number_of(db, "SELECT ifnull(max(seq),0) FROM event");
    const auto bury = [&](std::int64_t event) {
        std::int64_t type = 0;
        unix_ms accepted = 0;
        bool is_empty = false;
        {
            auto rows = db.query("SELECT type,accepted_at,data='' AND trace_parent='' FROM event "
                                 "WHERE seq=?1",
                                 event);
            if (!rows.next()) return;
            type = rows.number(0);
            accepted = rows.number(1);
            is_empty = rows.number(2) != 0;
        }
        {
            // A run that is not finished may still wait for it.
            auto rows = db.query("SELECT 1 FROM event_match WHERE type=?1 AND key='' AND event=?2",
                                 type, event);
            if (rows.next()) return;
        }
        if (accepted < what.ids_before && event != newest_event) {
            db.exec("DELETE FROM event WHERE seq=?1", event);
            ++out.removed_events;
        } else if (!is_empty) {
            db.exec("UPDATE event SET data='',trace_parent='' WHERE seq=?1", event);
            ++out.emptied_events;
        }
    };
    for (const auto run : what.runs) {
        std::int64_t state = 0;
        std::int64_t event = 0;
        {
            auto rows = db.query("SELECT r.state,r.event,p.state FROM run r LEFT JOIN run p ON "
                                 "p.seq=r.parent WHERE r.seq=?1",
                                 run);
            if (!rows.next()) continue;
            state = rows.number(0);
            event = rows.number(1);
            // A parent that goes on, or may be retried, finds its children again.
            if (!rows.is_null(2) && !is_removable(rows.number(2))) continue;
        }
        if (!is_removable(state) || run == newest_run) continue;
        db.exec("DELETE FROM step WHERE run=?1", run);
        db.exec("DELETE FROM attempt WHERE run=?1", run);
        db.exec("DELETE FROM wait WHERE run=?1", run);
        db.exec("DELETE FROM consumed WHERE run=?1", run);
        db.exec("DELETE FROM note WHERE run=?1", run);
        db.exec("DELETE FROM note WHERE run=?1", run);
        db.exec("DELETE FROM run WHERE seq=?1", run);
        --tx.now_.runs[static_cast<std::size_t>(state)];
        ++out.runs;
        if (!is_referenced_beside(db, run, event)) bury(event);
    }
    if (out.runs > 0) {
        tx.last_run_ = {};
        tx.last_seq_ = 0;
    }
    std::int64_t looked_at = 0;
    if (!what.matches.empty()) looked_at = number_of(db, "SELECT event_cursor FROM care");
    for (const auto& m : what.matches) {
        db.exec("DELETE FROM event_match WHERE type=?1 AND key=?2 AND event=?3", m.type, m.key,
                m.event);
        if (m.key.empty() && m.event <= looked_at && !is_referenced(db, m.event)) bury(m.event);
    }
    for (const auto event : what.events)
        bury(event);
    if (what.event_cursor != 0)
        db.exec("UPDATE care SET event_cursor=?1 WHERE id=1", what.event_cursor);
    if (what.expired_cursor != 0)
        db.exec("UPDATE care SET expired_cursor=?1 WHERE id=1", what.expired_cursor);
    if (what.ledger_upto != 0) {
        // The chain goes on from where it was cut. A gap is left for the ledger's check to find.
        auto whole =
            db.query("SELECT (SELECT count(*) FROM ledger WHERE seq<=?1)=?1-anchor_seq AND "
                     "?1<seq FROM ledger_head WHERE id=1",
                     what.ledger_upto);
        if (whole.next() && whole.number(0) != 0) {
            db.exec("UPDATE ledger_head SET anchor_seq=?1,anchor_hash=(SELECT hash FROM ledger "
                    "WHERE seq=?1) WHERE id=1",
                    what.ledger_upto);
            out.ledger_entries = static_cast<std::uint64_t>(
                db.exec("DELETE FROM ledger WHERE seq<=?1", what.ledger_upto));
        }
    }
    if (out.runs != 0 || out.removed_events != 0)
        db.exec("UPDATE care SET removed_runs=removed_runs+?1,removed_events=removed_events+?2 "
                "WHERE id=1",
                out.runs, out.removed_events);
    return out;
}

// ---- on the reader ----

retention_search::retention_search(const std::string& path, const clock& time)
    : db_(path, sqlite_db::mode::read_only), time_(time) {
    db_.script("PRAGMA query_only=1; PRAGMA cache_size=-1000; PRAGMA temp_store=MEMORY");
}

removal retention_search::fresh() const {
    removal r;
    r.ids_before = ids_before_;
    return r;
}

void retention_search::sweep(const retention_rules& rules, const apply& to) {
    now_ = time_.now_unix_ms();
    const auto keep = rules.standard.keep_runs.count();
    const auto ids = rules.keep_event_ids.count();
    empty_before_ = keep > 0 ? now_ - keep : 0;
    ids_before_ = ids > 0 ? now_ - std::max(keep, ids) : 0;
    // In this order: an event becomes free when its last run goes, or its last match.
    if (sweep_runs(rules, to) && sweep_matches(to) && sweep_events(to) && sweep_expired(to))
        sweep_ledger(rules, to);
}

bool retention_search::sweep_runs(const retention_rules& rules, const apply& to) {
    std::int64_t instance = 0;
    for (;;) {
        std::string name;
        {
            auto rows = db_.query("SELECT instance FROM run INDEXED BY run_instance WHERE "
                                  "instance>?1 ORDER BY instance LIMIT 1",
                                  instance);
            if (!rows.next()) return true;
            instance = rows.number(0);
        }
        {
            auto rows = db_.query("SELECT text FROM name WHERE id=?1", instance);
            if (rows.next()) name = rows.text(0);
        }
        const auto own = rules.flows.find(name);
        if (!sweep_instance(instance, own != rules.flows.end() ? own->second : rules.standard, to))
            return false;
    }
}

bool retention_search::sweep_instance(std::int64_t instance,
                                      const retention_rule& rule,
                                      const apply& to) {
    const unix_ms before = rule.keep_runs.count() > 0 ? now_ - rule.keep_runs.count() : 0;
    std::int64_t boundary = 0; // finished runs up to it are too many
    if (rule.keep_count > 0) {
        auto rows = db_.query("SELECT seq FROM run INDEXED BY run_instance WHERE instance=?1 AND "
                              "state IN (3,6,7) ORDER BY seq DESC LIMIT 1 OFFSET ?2",
                              instance, rule.keep_count);
        if (rows.next()) boundary = rows.number(0);
    }
    if (before == 0 && boundary == 0) return true;
    std::int64_t at = 0;
    removal next = fresh();
    for (bool more = true; more;) {
        more = false;
        std::vector<std::int64_t> found;
        {
            auto rows = db_.query("SELECT seq,state,created_at,updated_at FROM run INDEXED BY "
                                  "run_instance WHERE instance=?1 AND seq>?2 ORDER BY seq LIMIT ?3",
                                  instance, at, look);
            while (rows.next()) {
                at = rows.number(0);
                // Nothing made after the limit can have ended before it; a clock that was set back
                // in between only delays what it concerns.
                if (at <= boundary || rows.number(2) < before) more = true;
                if (!is_removable(rows.number(1))) continue;
                if (at <= boundary || rows.number(3) < before) found.push_back(at);
            }
        }
        // More than was made since the last sweep can explain: it has fallen behind.
        const auto size = found.size() > static_cast<std::size_t>(look) / 2 ? 4 * chunk : chunk;
        for (const auto run : found) {
            next.runs.push_back(run);
            if (next.size() < size) continue;
            if (!to(std::exchange(next, fresh()))) return false;
        }
    }
    return next.size() == 0 || to(std::move(next));
}

bool retention_search::sweep_matches(const apply& to) {
    // Runs match events that came after their own. Below the oldest one that is not finished, or
    // may be retried, nobody looks.
    const auto oldest = number_of(
        db_, "SELECT min(ifnull((SELECT min(event) FROM run INDEXED BY run_key WHERE "
             "state<3),9e18),ifnull((SELECT min(event) FROM run INDEXED BY run_dead WHERE "
             "state>3 AND state IN (4,5)),9e18),(SELECT ifnull(max(seq),0) FROM event))");
    if (oldest == matched_below_) return true; // nothing new to find
    removal::match last{-1, {}, 0};
    for (;;) {
        removal next = fresh();
        std::int64_t seen = 0;
        {
            auto rows = db_.query("SELECT type,key,event FROM event_match WHERE "
                                  "(type,key,event)>(?1,?2,?3) ORDER BY type,key,event LIMIT ?4",
                                  last.type, last.key, last.event, look);
            while (rows.next() && next.size() < chunk) {
                ++seen;
                last = {rows.number(0), rows.text(1), rows.number(2)};
                if (last.event <= oldest) next.matches.push_back(last);
            }
        }
        if (seen == 0) break;
        if (next.size() > 0 && !to(std::move(next))) return false;
    }
    matched_below_ = oldest;
    return true;
}

std::vector<std::int64_t> retention_search::referenced(std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> out;
    auto rows =
        db_.query("SELECT event FROM run WHERE seq>=?1 ORDER BY seq", first_run_of(db_, first));
    while (rows.next() && rows.number(0) <= last)
        if (out.empty() || out.back() != rows.number(0)) out.push_back(rows.number(0));
    return out;
}

// Events are looked at once: those with runs are emptied when their last run goes.
bool retention_search::sweep_events(const apply& to) {
    if (empty_before_ == 0) return true;
    auto at = number_of(db_, "SELECT event_cursor FROM care");
    for (;;) {
        std::vector<std::int64_t> events;
        {
            auto rows = db_.query("SELECT seq,accepted_at FROM event WHERE seq>?1 ORDER BY seq "
                                  "LIMIT ?2",
                                  at, chunk);
            while (rows.next() && rows.number(1) < empty_before_)
                events.push_back(rows.number(0));
        }
        if (events.empty()) return true;
        const auto used = referenced(events.front(), events.back());
        removal next = fresh();
        std::set_difference(events.begin(), events.end(), used.begin(), used.end(),
                            std::back_inserter(next.events));
        at = events.back();
        next.event_cursor = at;
        if (!to(std::move(next))) return false;
    }
}

bool retention_search::sweep_ledger(const retention_rules& rules, const apply& to) {
    if (rules.keep_ledger.count() == 0) return true;
    const unix_ms before = now_ - rules.keep_ledger.count();
    for (std::int64_t done = 0;;) {
        removal next = fresh();
        {
            auto rows = db_.query("SELECT seq,at FROM ledger WHERE seq>?1 AND seq<(SELECT max(seq) "
                                  "FROM ledger) ORDER BY seq LIMIT ?2",
                                  done, 4 * chunk);
            while (rows.next() && rows.number(1) < before)
                next.ledger_upto = rows.number(0);
        }
        if (next.ledger_upto == 0) return true;
        done = next.ledger_upto;
        if (!to(std::move(next))) return false;
    }
}

bool retention_search::sweep_expired(const apply& to) {
    if (ids_before_ == 0) return true;
    auto at = number_of(db_, "SELECT expired_cursor FROM care");
    for (;;) {
        std::vector<std::int64_t> events;
        {
            auto rows = db_.query("SELECT seq,accepted_at FROM event WHERE seq>?1 ORDER BY seq "
                                  "LIMIT ?2",
                                  at, chunk);
            while (rows.next() && rows.number(1) < ids_before_)
                events.push_back(rows.number(0));
        }
        if (events.empty()) return true;
        const auto used = referenced(events.front(), events.back());
        removal next = fresh();
        std::set_difference(events.begin(), events.end(), used.begin(), used.end(),
                            std::back_inserter(next.events));
        at = events.back();
        next.expired_cursor = at;
        if (!to(std::move(next))) return false;
    }
}

} // namespace mortise::host
