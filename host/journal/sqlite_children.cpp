// SPDX-License-Identifier: Apache-2.0
// sqlite_tx: runs that a step of another run waits for.
#include "journal/record_json.hpp"
#include "journal/sqlite_records.hpp"
#include "journal/sqlite_tx.hpp"

#include <algorithm>
#include <set>

namespace mortise::host {
namespace {

[[noreturn]] void refuse(enum category c, std::string code, std::string message) {
    error e(c, std::move(code), std::move(message));
    e.effect = effect::none;
    throw journal_failure(std::move(e));
}

// What the parent's step gets of a child that has ended without a result.
error child_ended(const std::string& id, run_state state, std::string_view failure) {
    error e(category::cancelled, "run.child-ended",
            "child run \"" + id + "\" was " + std::string(to_string(state)));
    e.effect = effect::none;
    e.details = "{\"run\":";
    append_json_string(e.details, id);
    e.details.append(",\"state\":\"").append(to_string(state)).push_back('"');
    if (!failure.empty()) e.details.append(",\"failure\":").append(failure);
    e.details.push_back('}');
    return e;
}

} // namespace

bool sqlite_tx::put_spawn(const run_id& run, const step_record& step, const intake& child) {
    const run_row row = known_run(run);
    if (child.runs.size() != 1 || child.runs.front().parent != run ||
        child.runs.front().parent_step != step.key) {
        refuse(category::internal, "journal.child-seed",
               "step \"" + step.key + "\" of run \"" + run.str() +
                   "\" must give exactly one child run, with itself as its parent");
    }
    {
        // The child may have ended after the caller read the steps: keep what it brought.
        auto rows =
            db_.query("SELECT 1 FROM step WHERE run=?1 AND key=?2 AND kind=?3 AND state>=?4",
                      row.seq, step.key, step_kind::spawn, step_state::done);
        if (rows.next()) return true;
    }
    const auto known = find_child(row, child.event);
    if (known == 0) refuse_deadlock(row, child.runs.front());
    step_record waiting = step;
    waiting.kind = step_kind::spawn;
    waiting.state = step_state::waiting;
    upsert_step(row.seq, waiting);
    if (known != 0) return complete_spawn(known).has_value();
    accept(child);
    return false;
}

std::int64_t sqlite_tx::find_child(const run_row& parent, const event_record& e) {
    const auto source = names_.find(e.source);
    if (!source) return 0;
    std::int64_t event = 0;
    {
        auto rows = db_.query("SELECT seq FROM event WHERE source=?1 AND id=?2", *source, e.id);
        if (!rows.next()) return 0;
        event = rows.number(0);
    }
    auto rows = db_.query("SELECT seq FROM run INDEXED BY run_parent WHERE parent=?1 AND event=?2",
                          parent.seq, event);
    if (rows.next()) return rows.number(0);
    refuse(category::conflict, "run.child-taken",
           "event \"" + e.id + "\" of \"" + e.source +
               "\" was accepted before and is not that of a child of this run; give the child an "
               "event id of its own");
}

// A run waits for the older ones of its key, and for the children its steps wait for. The new child
// must not come back to its parent this way: both would wait for ever.
void sqlite_tx::refuse_deadlock(const run_row& parent, const run_seed& child) {
    using order = std::pair<std::int64_t, std::string>;
    constexpr std::size_t most_looked_at = 1000;
    const auto instance = names_.find(child.instance);
    if (!instance) return; // never had a run
    const order target{parent.instance, parent.key};
    std::vector<order> open{{*instance, child.key}};
    std::set<order> seen{open.front()};
    for (std::size_t i = 0; i < open.size() && i < most_looked_at; ++i) {
        if (open[i] == target) {
            refuse(category::input, "run.child-order",
                   "a child run in flow \"" + child.instance + "\" with order key \"" + child.key +
                       "\" would wait for its own parent; give it another key");
        }
        // Those far behind have not begun and wait for no child.
        auto rows = db_.query(
            "SELECT c.instance,c.key FROM (SELECT seq FROM run INDEXED BY run_key WHERE "
            "instance=?1 AND key=?2 AND state<3 ORDER BY seq LIMIT 16) p CROSS JOIN run c INDEXED "
            "BY run_parent ON c.parent=p.seq CROSS JOIN step s ON s.run=p.seq AND "
            "s.key=c.parent_step WHERE c.state<3 AND s.state=?3",
            open[i].first, open[i].second, step_state::waiting);
        while (rows.next()) {
            order next{rows.number(0), rows.text(1)};
            if (seen.insert(next).second) open.push_back(std::move(next));
        }
    }
}

std::optional<sqlite_tx::parent_row> sqlite_tx::complete_spawn(std::int64_t child) {
    parent_row parent;
    std::string result;
    std::optional<std::string> failure;
    std::int64_t step = 0;
    {
        auto rows =
            db_.query("SELECT p.seq,p.state,s.seq,c.state,c.result,c.failure,c.id FROM run c "
                      "CROSS JOIN run p ON p.seq=c.parent CROSS JOIN step s ON s.run=p.seq "
                      "AND s.key=c.parent_step WHERE c.seq=?1 AND s.kind=?2 AND s.state=?3",
                      child, step_kind::spawn, step_state::waiting);
        if (!rows.next()) return std::nullopt;
        const auto state = static_cast<run_state>(rows.number(3));
        if (!is_final(state) || is_dead(state)) return std::nullopt;
        parent = {rows.number(0), static_cast<run_state>(rows.number(1))};
        step = rows.number(2);
        if (state == run_state::succeeded) {
            result = rows.payload(4);
        } else {
            failure = error_to_json(child_ended(rows.id(6), state, rows.view(5)));
        }
    }
    db_.exec("UPDATE step SET state=?2,result=?3,failure=?4,finished_at=?5,wake_at=0 WHERE seq=?1",
             step, failure ? step_state::failed : step_state::done, packed(result), failure, now());
    return parent;
}

bool sqlite_tx::end_child(std::int64_t child) {
    const auto parent = complete_spawn(child);
    if (!parent) return false;
    if (parent->state == run_state::active) {
        db_.exec("UPDATE run SET poked=1 WHERE seq=?1", parent->seq);
    }
    if (parent->state != run_state::waiting) return false;
    make_ready(parent->seq);
    return true;
}

} // namespace mortise::host
