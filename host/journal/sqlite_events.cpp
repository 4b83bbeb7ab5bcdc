// SPDX-License-Identifier: Apache-2.0
// sqlite_tx: accepting events, steps, and waits for events.
#include "journal/record_json.hpp"
#include "journal/sqlite_records.hpp"
#include "journal/sqlite_tx.hpp"

namespace mortise::host {

accepted sqlite_tx::accept(const intake& in) {
    const event_record& e = in.event;
    const std::string& key = !e.partition_key.empty() ? e.partition_key
                             : !e.subject.empty()     ? e.subject
                                                      : e.id;
    const auto source = names_.number(e.source);
    const auto type = names_.number(e.type);
    const unix_ms at = now();
    accepted out;
    std::string ref = uuid_v7(at);
    const auto stored =
        db_.exec("INSERT INTO event(ref,source,id,type,subject,partition_key,trace_parent,time,"
                 "accepted_at,via,data) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11) "
                 "ON CONFLICT(source,id) DO NOTHING",
                 stored_id(ref), source, e.id, type, e.subject, key, e.trace_parent, e.time, at,
                 names_.number(e.via), packed(e.data));
    if (stored == 0) {
        find_first(source, e, out);
        ++now_.duplicates;
        return out;
    }
    const auto event_seq = db_.last_row();
    out.ref = event_ref(std::move(ref));
    ++now_.events;
    if (e.via == "poll") ++now_.poll_only;
    for (const run_seed& seed : in.runs) {
        insert_run(seed, event_seq);
        remember_fresh(seed, e, key, out.ref, at);
    }
    if (waited_types_.contains(type)) {
        event_record full = e;
        full.partition_key = key;
        wake_waits(event_seq, type, full, out);
    }
    return out;
}

// Most runs are claimed in the transaction that makes them: they need not be read back.
void sqlite_tx::remember_fresh(const run_seed& seed,
                               const event_record& e,
                               const std::string& key,
                               const event_ref& ref,
                               unix_ms at) {
    constexpr std::size_t most_fresh = 1024;
    if (fresh_.size() >= most_fresh) return;
    claimed_run c;
    c.run.id = seed.id;
    c.run.instance = seed.instance;
    c.run.key = seed.key;
    c.run.flow = seed.flow;
    c.run.flow_version = seed.flow_version;
    c.run.config_revision = seed.config_revision;
    c.run.state = run_state::active;
    c.run.event = ref;
    c.run.event_type = e.type;
    c.run.event_subject = e.subject;
    c.run.created_at = c.run.updated_at = at;
    c.run.starts = 1;
    c.run.parent = seed.parent;
    c.run.parent_step = seed.parent_step;
    c.event = e;
    c.event.ref = ref;
    c.event.partition_key = key;
    c.event.accepted_at = at;
    fresh_.emplace(db_.last_row(), std::move(c));
}

void sqlite_tx::find_first(std::int64_t source, const event_record& e, accepted& out) {
    out.duplicate = true;
    std::int64_t seq = 0;
    bool is_empty = false;
    {
        auto rows =
            db_.query("SELECT ref,via,data,seq FROM event WHERE source=?1 AND id=?2", source, e.id);
        if (!rows.next()) return;
        out.ref = event_ref(rows.id(0));
        out.first_via = names_.text(rows.number(1));
        const std::string data = rows.payload(2);
        out.same_data = data == e.data;
        is_empty = data.empty();
        seq = rows.number(3);
    }
    out.runs = runs_of_event(db_, names_, seq);
    if (is_empty && out.runs.empty()) out.same_data = true; // emptied by retention
}

void sqlite_tx::insert_run(const run_seed& seed, std::int64_t event_seq) {
    if (seed.id.empty()) {
        throw journal_failure(
            {category::internal, "journal.run-without-id",
             "a run of \"" + seed.instance + "\" was to be stored without an id"});
    }
    const auto instance = names_.number(seed.instance);
    const auto flow = names_.number(seed.flow);
    const auto version = names_.number(seed.flow_version);
    const auto revision = names_.number(seed.config_revision);
    std::optional<std::int64_t> parent;
    std::optional<std::string_view> parent_step;
    if (!seed.parent.empty()) {
        parent = run_seq(seed.parent);
        parent_step = seed.parent_step;
    }
    db_.exec("INSERT INTO run(id,instance,key,flow,flow_version,config_revision,event,state,head,"
             "created_at,updated_at,parent,parent_step) VALUES(?1,?2,?3,?4,?5,?6,?7,0,NOT EXISTS("
             "SELECT 1 FROM run INDEXED BY run_key WHERE instance=?2 AND key=?3 AND state<3),?8,?8,"
             "?9,?10)",
             stored_id(seed.id.str()), instance, seed.key, flow, version, revision, event_seq,
             now(), parent, parent_step);
    ++now_.runs[static_cast<std::size_t>(run_state::ready)];
}

void sqlite_tx::wake_waits(std::int64_t event_seq,
                           std::int64_t type,
                           const event_record& e,
                           accepted& out) {
    const auto note = [&](std::string_view key) {
        db_.exec("INSERT OR IGNORE INTO event_match(type,key,event) VALUES(?1,?2,?3)", type, key,
                 event_seq);
    };
    note({}); // for waits for any event of the type
    if (!e.subject.empty()) note(e.subject);
    note(e.partition_key);

    struct match {
        std::int64_t run;
        std::int64_t step;
        run_state state;
        run_id id;
    };
    std::vector<match> matches;
    {
        auto rows =
            db_.query("SELECT w.run,min(w.step),r.state,r.id FROM wait w INDEXED BY wait_match "
                      "CROSS JOIN run r "
                      "ON r.seq=w.run WHERE w.type=?1 AND w.key IN ('',?2,?3) GROUP BY w.run",
                      type, e.subject, e.partition_key);
        while (rows.next()) {
            matches.push_back({rows.number(0), rows.number(1),
                               static_cast<run_state>(rows.number(2)), run_id(rows.id(3))});
        }
    }
    if (matches.empty()) return;
    const std::string text = event_to_json(e);
    for (match& m : matches) {
        complete_wait(m.run, m.step, event_seq, text);
        if (m.state == run_state::waiting) {
            make_ready(m.run);
            out.woken.push_back(std::move(m.id));
        } else if (m.state == run_state::active) {
            db_.exec("UPDATE run SET poked=1 WHERE seq=?1", m.run);
        }
    }
}

void sqlite_tx::complete_wait(std::int64_t run,
                              std::int64_t step,
                              std::int64_t event,
                              std::string_view event_json) {
    db_.exec(
        "UPDATE step SET state=?2,result=?3,finished_at=?4,wake_at=0,failure=NULL WHERE seq=?1",
        step, step_state::done, packed(event_json), now());
    db_.exec("DELETE FROM wait WHERE run=?1 AND step=?2", run, step);
    db_.exec("INSERT OR IGNORE INTO consumed(run,event) VALUES(?1,?2)", run, event);
}

void sqlite_tx::upsert_step(std::int64_t run, const step_record& s) {
    std::optional<std::string> failure;
    if (s.failure) failure = error_to_json(*s.failure);
    db_.exec(
        "INSERT INTO step(run,key,kind,target,state,attempts,started_at,finished_at,wake_at,input,"
        "result,failure,edited) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13) "
        "ON CONFLICT(run,key) DO UPDATE SET kind=excluded.kind,target=excluded.target,"
        "state=excluded.state,attempts=excluded.attempts,finished_at=excluded.finished_at,"
        "wake_at=excluded.wake_at,input=iif(edited,input,excluded.input),result=excluded.result,"
        "failure=excluded.failure",
        run, s.key, s.kind, s.target, s.state, s.attempts, s.started_at != 0 ? s.started_at : now(),
        s.finished_at, s.wake_at, packed(s.input), packed(s.result), failure, s.edited ? 1 : 0);
}

std::int64_t sqlite_tx::step_seq(std::int64_t run, std::string_view key) {
    auto rows = db_.query("SELECT seq FROM step WHERE run=?1 AND key=?2", run, key);
    return rows.next() ? rows.number(0) : 0;
}

void sqlite_tx::put_step(const run_id& run, const step_record& step) {
    const auto run_number = run_seq(run);
    upsert_step(run_number, step);
    // A wait that timed out or was cancelled must not take an event any more.
    if (step.kind == step_kind::wait_event && step.state != step_state::waiting) {
        db_.exec("DELETE FROM wait WHERE run=?1 AND step=?2", run_number,
                 step_seq(run_number, step.key));
    }
}

bool sqlite_tx::put_wait(const run_id& run,
                         const step_record& step,
                         std::string_view event_type,
                         std::string_view event_key) {
    const run_row row = known_run(run);
    {
        // An event may have come after the caller read the steps: keep what it brought.
        auto rows = db_.query("SELECT 1 FROM step WHERE run=?1 AND key=?2 AND kind=?3 AND state=?4",
                              row.seq, step.key, step_kind::wait_event, step_state::done);
        if (rows.next()) return true;
    }
    step_record waiting = step;
    waiting.kind = step_kind::wait_event;
    waiting.state = step_state::waiting;
    upsert_step(row.seq, waiting);
    const auto number = step_seq(row.seq, waiting.key);
    const auto type = names_.number(event_type);
    register_type(type);
    if (match_earlier(row, number, type, event_key)) return true;
    db_.exec("INSERT INTO wait(run,step,type,key) VALUES(?1,?2,?3,?4) "
             "ON CONFLICT DO UPDATE SET type=excluded.type,key=excluded.key",
             row.seq, number, type, event_key);
    if (!row.waited) db_.exec("UPDATE run SET waited=1 WHERE seq=?1", row.seq);
    return false;
}

// From the first wait on, events of the type are kept findable by key. Those already accepted count
// as far back as the oldest run that may still wait.
void sqlite_tx::register_type(std::int64_t type) {
    if (waited_types_.contains(type)) return;
    std::int64_t oldest = 0;
    {
        auto rows = db_.query("SELECT min(ifnull((SELECT min(event) FROM run INDEXED BY run_key "
                              "WHERE state<3),9e18),ifnull((SELECT min(event) FROM run INDEXED BY "
                              "run_dead WHERE state>3),9e18))");
        if (rows.next()) oldest = rows.number(0);
    }
    db_.exec("INSERT INTO waited_type(type) VALUES(?1)", type);
    db_.exec("INSERT INTO event_match(type,key,event) SELECT type,'',seq FROM event "
             "INDEXED BY event_type WHERE type=?1 AND seq>?2",
             type, oldest);
    db_.exec("INSERT OR IGNORE INTO event_match(type,key,event) SELECT type,subject,seq FROM event "
             "INDEXED BY event_type WHERE type=?1 AND seq>?2",
             type, oldest);
    db_.exec("INSERT OR IGNORE INTO event_match(type,key,event) SELECT type,partition_key,seq FROM "
             "event INDEXED BY event_type WHERE type=?1 AND seq>?2",
             type, oldest);
    waited_types_.insert(type);
}

bool sqlite_tx::match_earlier(const run_row& run,
                              std::int64_t step,
                              std::int64_t type,
                              std::string_view key) {
    std::int64_t found = 0;
    std::string text;
    {
        auto rows = db_.query(
            "SELECT m.event," MORTISE_EVENT_COLUMNS " FROM event_match m CROSS JOIN event e "
            "ON e.seq=m.event WHERE m.type=?1 AND m.key=?2 AND m.event>?3 AND NOT EXISTS(SELECT 1 "
            "FROM consumed c WHERE c.run=?4 AND c.event=m.event) ORDER BY m.event LIMIT 1",
            type, key, run.event, run.seq);
        if (!rows.next()) return false;
        found = rows.number(0);
        text = event_to_json(event_of(rows, names_, 1));
    }
    complete_wait(run.seq, step, found, text);
    return true;
}

} // namespace mortise::host
