// SPDX-License-Identifier: Apache-2.0
// sqlite_tx: what people do to dead letters.
#include "journal/record_json.hpp"
#include "journal/refusals.hpp"
#include "journal/sqlite_records.hpp"
#include "journal/sqlite_tx.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

// A value as it stood; what is no JSON (a plugin's doing) becomes a string.
std::string as_json(std::string_view text) {
    if (text.empty()) return "null";
    if (is_json(text)) return std::string(text);
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string change(std::string_view before, std::string_view after) {
    return "\"before\":" + as_json(before) + ",\"after\":" + as_json(after) + '}';
}

error not_json(const run_id& run, std::string_view what) {
    return refusal(category::input, "journal.edit-not-json",
                   "the " + std::string(what) + " given for run \"" + run.str() +
                       "\" is not JSON; check it and send it again");
}

} // namespace

void sqlite_tx::note(std::int64_t run,
                     std::string_view who,
                     std::string_view action,
                     std::string_view detail) {
    db_.exec("INSERT INTO note(run,at,who,action,detail) VALUES(?1,?2,?3,?4,?5)", run, now(), who,
             action, packed(detail));
}

// The step whose effect is not known: the one the run stopped at, or one that only began.
std::int64_t sqlite_tx::doubtful_step(const run_row& run) {
    auto rows = db_.query("SELECT seq FROM step WHERE run=?1 AND (key=?2 OR state=?3) "
                          "ORDER BY key=?2 DESC,seq LIMIT 1",
                          run.seq, run.failed_step, step_state::started);
    return rows.next() ? rows.number(0) : 0;
}

mortise::result<void>
sqlite_tx::retry(const run_id& run, bool redo, std::string_view result, std::string_view who) {
    const auto row = find_run(run);
    if (!row) return run_unknown(run);
    if (!is_dead(row->state)) {
        return wrong_state(run, row->state, "failed and in_doubt runs can be retried");
    }
    std::string detail = "{}";
    if (row->state == run_state::in_doubt) {
        const auto step = doubtful_step(*row);
        if (step == 0 && !redo) {
            return refusal(category::conflict, "journal.no-doubtful-step",
                           "run \"" + run.str() +
                               "\" has no doubtful step that could be taken as done; retry it with "
                               "redo");
        }
        if (redo) {
            detail = "{\"redo\":true}";
            // An edited one stays, as its input is nowhere else.
            std::string edited;
            if (auto rows = db_.query("SELECT key FROM step WHERE seq=?1 AND edited=1", step);
                rows.next()) {
                edited = rows.text(0);
            }
            if (!edited.empty()) end_round(row->seq, edited);
            db_.exec("UPDATE step SET state=?2,attempts=0,wake_at=0,started_at=?3 WHERE seq=?1 AND "
                     "edited=1",
                     step, step_state::retrying, now());
            db_.exec("DELETE FROM step WHERE seq=?1 AND edited=0", step);
        } else {
            detail = "{\"result\":" + as_json(result) + '}';
            db_.exec(
                "UPDATE step SET state=?2,result=?3,failure=NULL,finished_at=?4,wake_at=0 WHERE "
                "seq=?1",
                step, step_state::done, packed(result), now());
        }
    }
    note(row->seq, who, "retry", detail);
    begin_again(*row, false);
    return {};
}

mortise::result<void>
sqlite_tx::retry_anew(const run_id& run, const fresh_look& look, std::string_view who) {
    const auto row = find_run(run);
    if (!row || row->state != run_state::failed) return retry(run, false, {}, who);
    const auto among = [](const std::vector<std::string>& targets, const step_record& s) {
        return std::find(targets.begin(), targets.end(), s.target) != targets.end();
    };
    for (const step_record& s : steps_of(db_, row->seq)) {
        if (s.state != step_state::done) continue;
        const bool call = s.kind == step_kind::call;
        const bool asks = s.kind == step_kind::link || s.kind == step_kind::state ||
                          (call && among(look.again, s));
        if (asks && !s.edited) {
            db_.exec("DELETE FROM step WHERE run=?1 AND key=?2", row->seq, s.key);
        } else if (asks || (call && among(look.look_first, s))) {
            end_round(row->seq, s.key);
            db_.exec("UPDATE step SET state=?3,attempts=0,wake_at=0,started_at=?4,result='' WHERE "
                     "run=?1 AND key=?2",
                     row->seq, s.key, step_state::retrying, now());
        }
    }
    note(row->seq, who, "retry", "{\"anew\":true}");
    begin_again(*row, true);
    return {};
}

// A dead letter becomes ready. Its failed steps run again.
void sqlite_tx::begin_again(const run_row& run, bool anew) {
    // A call stays known, so that the engine looks before it repeats what can be looked up: even
    // if it had no effect, somebody may have done the same since, such as another run that waited
    // for the same person. A flow that reads anew may take another way: then only what may have
    // had its effect stays. An edited one stays for its input in any case.
    std::vector<std::string> failed;
    {
        auto rows = db_.query("SELECT key FROM step WHERE run=?1 AND state=?2", run.seq,
                              step_state::failed);
        while (rows.next()) {
            failed.push_back(rows.text(0));
        }
    }
    for (const auto& step : failed) {
        end_round(run.seq, step);
    }
    db_.exec(
        "UPDATE step SET state=?3,attempts=0,wake_at=0,started_at=?4 WHERE run=?1 AND state=?2 "
        "AND (edited=1 OR kind IN (?5,?6) AND failure IS NOT NULL AND "
        "(?7=0 OR json_extract(failure,'$.effect') IS NULL))",
        run.seq, step_state::failed, step_state::retrying, now(), step_kind::call,
        step_kind::transfer, static_cast<std::int64_t>(anew));
    db_.exec("DELETE FROM step WHERE run=?1 AND state=?2", run.seq, step_state::failed);
    forget_tries(run.seq);
    db_.exec("UPDATE run SET state=0,head=0,result='',failure=NULL,failed_step='',fingerprint=NULL,"
             "cancel_reason=NULL,updated_at=?2 WHERE seq=?1",
             run.seq, now());
    count(run.state, run_state::ready);
    pass_head(run.instance, run.key);
}

mortise::result<void>
sqlite_tx::discard(const run_id& run, std::string_view reason, std::string_view who) {
    if (reason.empty()) {
        return refusal(category::input, "journal.reason-missing",
                       "a run is discarded only with a reason; say why \"" + run.str() +
                           "\" needs no retry");
    }
    const auto row = find_run(run);
    if (!row) return run_unknown(run);
    if (!is_dead(row->state)) {
        return wrong_state(run, row->state, "failed and in_doubt runs can be discarded");
    }
    std::string detail = "{\"reason\":";
    append_json_string(detail, reason);
    detail.push_back('}');
    db_.exec("UPDATE run SET state=?2,result=?3,updated_at=?4 WHERE seq=?1", row->seq,
             run_state::discarded, packed(detail), now());
    count(row->state, run_state::discarded);
    if (row->waited) end_waits(row->seq);
    note(row->seq, who, "discard", detail);
    if (row->parent != 0) end_child(row->seq);
    return {};
}

mortise::result<void> sqlite_tx::edit_event(const run_id& run,
                                            std::string_view data,
                                            std::span<const std::string> read_targets,
                                            std::string_view who) {
    if (!is_json(data)) return not_json(run, "event data");
    const auto row = find_run(run);
    if (!row) return run_unknown(run);
    if (!is_dead(row->state)) {
        return wrong_state(run, row->state, "failed and in_doubt runs can be edited");
    }
    for (const step_record& s : steps_of(db_, row->seq)) {
        const bool acts = s.kind == step_kind::call || s.kind == step_kind::transfer ||
                          s.kind == step_kind::spawn;
        if (!acts ||
            std::find(read_targets.begin(), read_targets.end(), s.target) != read_targets.end()) {
            continue;
        }
        return refusal(category::conflict, "journal.edit-after-write",
                       "run \"" + run.str() + "\" has begun step \"" + s.key + "\" (" + s.target +
                           "), which would be done a second time; edit the failed step instead");
    }
    std::string before;
    {
        auto rows =
            db_.query("SELECT ifnull(r.edited_data,e.data) FROM run r CROSS JOIN event e ON "
                      "e.seq=r.event WHERE r.seq=?1",
                      row->seq);
        if (rows.next()) before = rows.payload(0);
    }
    db_.exec("DELETE FROM step WHERE run=?1", row->seq);
    if (row->waited)
        end_waits(row->seq); // its waits begin anew, with the same events to choose from
    db_.exec("UPDATE run SET edited_data=?2 WHERE seq=?1", row->seq, packed(data));
    note(row->seq, who, "edit-event", '{' + change(before, data));
    begin_again(*row, true);
    return {};
}

mortise::result<void> sqlite_tx::edit_step(const run_id& run,
                                           std::string_view step,
                                           std::string_view input,
                                           std::string_view who) {
    if (!is_json(input)) return not_json(run, "input");
    const auto row = find_run(run);
    if (!row) return run_unknown(run);
    if (!is_dead(row->state)) {
        return wrong_state(run, row->state, "failed and in_doubt runs can be edited");
    }
    std::int64_t seq = 0;
    std::string before;
    {
        auto rows = db_.query("SELECT seq,kind,state,input FROM step WHERE run=?1 AND key=?2",
                              row->seq, step);
        if (!rows.next()) {
            return refusal(category::not_found, "journal.step-unknown",
                           "run \"" + run.str() + "\" has no step \"" + std::string(step) + "\"");
        }
        const auto kind = static_cast<step_kind>(rows.number(1));
        const auto state = static_cast<step_state>(rows.number(2));
        if (kind != step_kind::call && kind != step_kind::transfer) {
            return refusal(category::conflict, "journal.step-state",
                           "step \"" + std::string(step) + "\" is a " +
                               std::string(to_string(kind)) +
                               " step and has no input to change; only calls have");
        }
        if (state == step_state::done) {
            return refusal(category::conflict, "journal.step-state",
                           "step \"" + std::string(step) +
                               "\" is done; only a failed or doubtful one can be given another "
                               "input");
        }
        seq = rows.number(0);
        before = rows.payload(3);
    }
    end_round(row->seq, step);
    db_.exec("UPDATE step SET input=?2,edited=1,state=?3,attempts=0,wake_at=0,started_at=?4 WHERE "
             "seq=?1",
             seq, packed(input), step_state::retrying, now());
    std::string detail = "{\"step\":";
    append_json_string(detail, step);
    note(row->seq, who, "edit-step", detail + ',' + change(before, input));
    begin_again(*row, false);
    return {};
}

void sqlite_tx::repin(const run_id& run,
                      std::string_view version,
                      std::string_view revision,
                      std::string_view who) {
    fresh_.clear();
    const run_row row = known_run(run);
    if (is_final(row.state) && !is_dead(row.state)) {
        throw journal_failure(wrong_state(run, row.state, "runs that have not ended can be moved"));
    }
    std::string detail = "{\"from\":[";
    {
        auto rows = db_.query("SELECT flow_version,config_revision FROM run WHERE seq=?1", row.seq);
        if (rows.next()) {
            append_json_string(detail, names_.text(rows.number(0)));
            detail.push_back(',');
            append_json_string(detail, names_.text(rows.number(1)));
        }
    }
    detail.append("],\"to\":[");
    append_json_string(detail, version);
    detail.push_back(',');
    append_json_string(detail, revision);
    detail.append("]}");
    const auto new_version = names_.number(version);
    const auto new_revision = names_.number(revision);
    db_.exec("UPDATE run SET flow_version=?2,config_revision=?3 WHERE seq=?1", row.seq, new_version,
             new_revision);
    note(row.seq, who, "repin", detail);
}

} // namespace mortise::host
