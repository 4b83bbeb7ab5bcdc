// SPDX-License-Identifier: Apache-2.0
// sqlite_tx: the ledger of external writes, and the revisions runs were begun with.
#include "journal/ledger.hpp"
#include "journal/sqlite_tx.hpp"

namespace mortise::host {

// Where the chain goes on. The record of the newest entry counts: entries missing at the end must
// leave a gap, not be written over. Only entries behind it (tampering) go before it.
void sqlite_tx::load_chain() {
    if (chain_loaded_) return;
    chain_ = {};
    if (auto rows = db_.query("SELECT seq,hash FROM ledger_head WHERE id=1"); rows.next()) {
        chain_ = {rows.number(0), rows.digest(1)};
    }
    if (auto rows = db_.query("SELECT seq,hash FROM ledger ORDER BY seq DESC LIMIT 1");
        rows.next() && rows.number(0) > chain_.seq) {
        chain_ = {rows.number(0), rows.digest(1)};
    }
    chain_loaded_ = true;
}

void sqlite_tx::append_ledger(ledger_entry entry) {
    load_chain();
    const auto seq = chain_.seq + 1;
    entry.seq = static_cast<std::uint64_t>(seq);
    entry.at = now();
    std::string hash = chained_hash(chain_.hash, entry);
    std::optional<std::int64_t> actor;
    if (!entry.actor.empty()) actor = names_.number(entry.actor);
    db_.exec("INSERT INTO ledger(seq,at,run,instance,step,attempt,connection,operation,object,"
             "outcome,request_digest,before_digest,after_digest,hash,actor) "
             "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)",
             seq, entry.at, stored_id(entry.run.str()), names_.number(entry.instance), entry.step,
             entry.attempt, names_.number(entry.connection), names_.number(entry.operation),
             entry.object, names_.number(entry.outcome), stored_digest(entry.request),
             stored_digest(entry.before), stored_digest(entry.after), stored_digest(hash), actor);
    chain_ = {seq, std::move(hash)};
    chain_grew_ = true;
}

// Once a transaction. A record that is gone stays gone, as a proof that somebody removed it.
void sqlite_tx::seal_chain() {
    if (!chain_grew_) return;
    db_.exec("UPDATE ledger_head SET seq=?1,hash=?2 WHERE id=1", chain_.seq,
             stored_digest(chain_.hash));
    chain_grew_ = false;
}

void sqlite_tx::put_revision(std::string_view instance,
                             std::string_view revision,
                             std::string_view flow,
                             std::string_view flow_version,
                             std::string_view settings_json) {
    db_.exec("INSERT OR IGNORE INTO revision(instance,revision,flow,flow_version,settings,made_at) "
             "VALUES(?1,?2,?3,?4,?5,?6)",
             names_.number(instance), names_.number(revision), names_.number(flow),
             names_.number(flow_version), settings_json, now());
}

} // namespace mortise::host
