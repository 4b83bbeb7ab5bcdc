// SPDX-License-Identifier: Apache-2.0
// sqlite_tx: asking runs to stop.
#include "journal/record_json.hpp"
#include "journal/refusals.hpp"
#include "journal/sqlite_tx.hpp"

#include <set>

namespace mortise::host {

mortise::result<cancelled_runs>
sqlite_tx::cancel(const run_id& run, std::string_view who, std::string_view reason) {
    if (reason.empty()) {
        return refusal(category::input, "journal.reason-missing",
                       "a run is cancelled only with a reason; say why \"" + run.str() +
                           "\" must stop");
    }
    const auto root = find_run(run);
    if (!root) return run_unknown(run);
    if (is_dead(root->state)) {
        return refusal(category::conflict, "journal.run-state",
                       "run \"" + run.str() + "\" is " + std::string(to_string(root->state)) +
                           " and does nothing any more; discard it instead");
    }
    if (is_final(root->state)) {
        return wrong_state(run, root->state, "runs that have not ended can be cancelled");
    }
    std::string detail = "{\"reason\":";
    append_json_string(detail, reason);
    std::string from_parent = detail;
    from_parent.append(",\"parent\":");
    append_json_string(from_parent, run.str());
    detail.push_back('}');
    from_parent.push_back('}');

    cancelled_runs out;
    std::vector<run_id> open{run};
    std::set<run_id> seen{run};
    for (std::size_t i = 0; i < open.size(); ++i) {
        const run_id id = open[i];
        const run_row row = known_run(id);
        {
            // Ended ones are gone through too: they may have left children behind.
            auto rows = db_.query("SELECT id FROM run INDEXED BY run_parent WHERE parent=?1 "
                                  "ORDER BY seq",
                                  row.seq);
            while (rows.next()) {
                run_id child(rows.id(0));
                if (seen.insert(child).second) open.push_back(std::move(child));
            }
        }
        if (is_final(row.state)) continue;
        if (cancel_one(id, row, reason, out)) {
            note(row.seq, who, "cancel", i == 0 ? detail : from_parent);
        }
    }
    return out;
}

// False: it had been asked before.
bool sqlite_tx::cancel_one(const run_id& id,
                           const run_row& row,
                           std::string_view reason,
                           cancelled_runs& out) {
    if (row.state == run_state::ready && row.starts == 0) {
        error why(category::cancelled, "run.cancelled", std::string(reason));
        why.effect = effect::none;
        finish(id, run_state::cancelled, {}, why, {});
        out.ended.push_back(id);
        return true;
    }
    const bool first = db_.exec("UPDATE run SET cancel_reason=?2 WHERE seq=?1 AND cancel_reason IS "
                                "NULL",
                                row.seq, reason) != 0;
    if (row.state == run_state::active) {
        // It may leave memory before the engine reaches it: then it comes back at once.
        db_.exec("UPDATE run SET poked=1 WHERE seq=?1", row.seq);
        out.active.push_back(id);
    } else {
        if (row.state == run_state::waiting) make_ready(row.seq);
        out.woken.push_back(id);
    }
    return first;
}

} // namespace mortise::host
