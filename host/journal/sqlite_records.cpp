// SPDX-License-Identifier: Apache-2.0
#include "journal/sqlite_records.hpp"

#include "journal/fingerprint.hpp"
#include "journal/record_json.hpp"

namespace mortise::host {
namespace {

std::optional<error> failure_of(const sqlite_rows& rows, int column) {
    if (rows.is_null(column)) return std::nullopt;
    return error_from_json(rows.view(column));
}

} // namespace

run_record run_of(const sqlite_rows& rows, sqlite_names& names, int first) {
    run_record r;
    int c = first;
    r.id = run_id(rows.id(c++));
    r.instance = names.text(rows.number(c++));
    r.key = rows.text(c++);
    r.flow = names.text(rows.number(c++));
    r.flow_version = names.text(rows.number(c++));
    r.config_revision = names.text(rows.number(c++));
    r.state = static_cast<run_state>(rows.number(c++));
    r.created_at = rows.number(c++);
    r.updated_at = rows.number(c++);
    r.wake_at = rows.number(c++);
    r.starts = rows.small(c++);
    r.result = rows.payload(c++);
    r.failure = failure_of(rows, c++);
    r.failed_step = rows.text(c++);
    r.event = event_ref(rows.id(c++));
    r.event_type = names.text(rows.number(c++));
    r.event_subject = rows.text(c++);
    r.parent_step = rows.text(c++);
    r.cancel_reason = rows.text(c++);
    if (!rows.is_null(c)) r.held = names.text(rows.number(c));
    ++c;
    if (!rows.is_null(c)) {
        r.fingerprint = fingerprint_text(static_cast<std::uint64_t>(rows.number(c)));
    }
    ++c;
    r.edited_data = rows.payload(c++);
    if (!rows.is_null(c)) r.parent = run_id(rows.id(c));
    return r;
}

claimed_run claimed_of(const sqlite_rows& rows, sqlite_names& names) {
    claimed_run out;
    out.run = run_of(rows, names);
    out.event = event_of(rows, names, run_column_count);
    if (!out.run.edited_data.empty()) out.event.data = out.run.edited_data;
    return out;
}

std::int64_t first_run_of(sqlite_db& db, std::int64_t event_seq) {
    // run.event never falls with run.seq, so the first one is found by halving.
    std::int64_t below = 0; // all runs up to here belong to earlier events
    std::int64_t first = 0; // the runs from here on do not
    if (auto rows = db.query("SELECT ifnull(max(seq),0)+1 FROM run"); rows.next()) {
        first = rows.number(0);
    }
    while (below + 1 < first) {
        const auto middle = below + (first - below) / 2;
        auto rows =
            db.query("SELECT seq,event FROM run WHERE seq>=?1 ORDER BY seq LIMIT 1", middle);
        if (!rows.next() || rows.number(1) >= event_seq) {
            first = middle;
        } else {
            below = rows.number(0);
        }
    }
    return first;
}

std::vector<run_record> runs_of_event(sqlite_db& db, sqlite_names& names, std::int64_t event_seq) {
    const auto first = first_run_of(db, event_seq);
    std::vector<run_record> out;
    auto rows = db.query("SELECT " MORTISE_RUN_COLUMNS ",r.event FROM run r CROSS JOIN event e ON "
                         "e.seq=r.event WHERE r.seq>=?1 ORDER BY r.seq",
                         first);
    while (rows.next() && rows.number(run_column_count) == event_seq) {
        out.push_back(run_of(rows, names));
    }
    return out;
}

event_record event_of(const sqlite_rows& rows, sqlite_names& names, int first) {
    event_record e;
    int c = first;
    e.ref = event_ref(rows.id(c++));
    e.id = rows.text(c++);
    e.source = names.text(rows.number(c++));
    e.type = names.text(rows.number(c++));
    e.subject = rows.text(c++);
    e.partition_key = rows.text(c++);
    e.trace_parent = rows.text(c++);
    e.time = rows.number(c++);
    e.accepted_at = rows.number(c++);
    e.via = names.text(rows.number(c++));
    e.data = rows.payload(c);
    return e;
}

std::vector<step_record> steps_of(sqlite_db& db, std::int64_t run_seq) {
    std::vector<step_record> out;
    auto rows = db.query("SELECT key,kind,target,state,attempts,started_at,finished_at,wake_at,"
                         "input,result,failure,edited FROM step WHERE run=?1 ORDER BY seq",
                         run_seq);
    while (rows.next()) {
        step_record s;
        s.key = rows.text(0);
        s.kind = static_cast<step_kind>(rows.number(1));
        s.target = rows.text(2);
        s.state = static_cast<step_state>(rows.number(3));
        s.attempts = rows.small(4);
        s.started_at = rows.number(5);
        s.finished_at = rows.number(6);
        s.wake_at = rows.number(7);
        s.input = rows.payload(8);
        s.result = rows.payload(9);
        s.failure = failure_of(rows, 10);
        s.edited = rows.number(11) != 0;
        s.ordinal = static_cast<std::uint32_t>(out.size());
        out.push_back(std::move(s));
    }
    if (out.empty()) return out;
    auto tried = db.query("SELECT DISTINCT key FROM attempt WHERE run=?1", run_seq);
    while (tried.next()) {
        for (auto& s : out)
            if (s.key == tried.view(0)) s.tried = true;
    }
    return out;
}

void add_tries(sqlite_db& db, std::int64_t run_seq, std::vector<step_record>& steps) {
    for (auto& s : steps) {
        if (!s.tried) continue;
        auto rows = db.query("SELECT number,attempt,began,ended,limited,outcome,wait,wait_until,"
                             "failure FROM attempt WHERE run=?1 AND key=?2 ORDER BY number",
                             run_seq, s.key);
        while (rows.next()) {
            step_try t;
            t.number = rows.small(0);
            t.attempt = rows.small(1);
            t.began = rows.number(2);
            t.ended = rows.number(3);
            t.limited_ms = rows.number(4);
            t.outcome = static_cast<try_outcome>(rows.number(5));
            t.wait = static_cast<try_wait>(rows.number(6));
            t.wait_until = rows.number(7);
            t.failure = failure_of(rows, 8);
            s.tries.push_back(std::move(t));
        }
    }
}

std::string past_prefix(std::string_view prefix) {
    std::string out(prefix);
    while (!out.empty() && static_cast<unsigned char>(out.back()) == 0xFF) {
        out.pop_back();
    }
    if (!out.empty()) out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
    return out;
}

std::vector<link_record>
find_links(sqlite_db& db, std::string_view relation, std::string_view a, std::string_view b) {
    std::vector<link_record> out;
    const auto take = [&out](sqlite_rows rows) {
        while (rows.next()) {
            out.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.number(4)});
        }
    };
    const bool by_prefix = a.ends_with('*');
    if (!b.empty()) {
        take(
            db.query("SELECT relation,a,b,data,updated_at FROM link WHERE relation=?1 AND b=?2 AND "
                     "b<>''",
                     relation, b));
        std::erase_if(out, [&](const link_record& l) {
            if (a.empty()) return false;
            return by_prefix ? !l.a.starts_with(a.substr(0, a.size() - 1)) : l.a != a;
        });
    } else if (by_prefix || a.empty()) {
        const auto prefix = by_prefix ? a.substr(0, a.size() - 1) : a;
        const auto end = past_prefix(prefix);
        if (end.empty()) {
            take(db.query(
                "SELECT relation,a,b,data,updated_at FROM link WHERE relation=?1 AND a>=?2 "
                "ORDER BY a",
                relation, prefix));
        } else {
            take(db.query(
                "SELECT relation,a,b,data,updated_at FROM link WHERE relation=?1 AND a>=?2 "
                "AND a<?3 ORDER BY a",
                relation, prefix, end));
        }
    } else {
        take(db.query("SELECT relation,a,b,data,updated_at FROM link WHERE relation=?1 AND a=?2",
                      relation, a));
    }
    return out;
}

state_value find_state(sqlite_db& db, std::string_view scope, std::string_view key) {
    state_value out;
    out.key = key;
    auto rows = db.query("SELECT value,version FROM state WHERE scope=?1 AND key=?2", scope, key);
    if (rows.next()) {
        out.value = rows.text(0);
        out.version = static_cast<std::uint64_t>(rows.number(1));
    }
    return out;
}

} // namespace mortise::host
