// SPDX-License-Identifier: Apache-2.0
#include "admin/audit.hpp"

#include "base/log.hpp"
#include "journal/journal.hpp"

namespace mortise::host {

ledger_entry entry_of(const admin_action& action) {
    ledger_entry e;
    e.actor = action.who;
    e.operation = "admin:" + action.operation;
    e.object = action.object;
    e.outcome = action.outcome;
    e.request = action.request;
    e.connection = action.connection;
    e.instance = action.instance;
    e.run = run_id(action.run);
    return e;
}

std::function<void(const admin_action&, std::function<void()> then)> ledger_audit(journal& store) {
    return [&store](const admin_action& action, std::function<void()> then) {
        store.write([e = entry_of(action)](journal_tx& tx) { tx.append_ledger(e); },
                    [who = action.who, operation = action.operation,
                     then = std::move(then)](const result<void>& kept) {
                        if (!kept)
                            log(log_level::error,
                                "an action could not be written to the ledger: " +
                                    kept.error().message,
                                {{"who", who}, {"operation", operation}});
                        then();
                    });
    };
}

} // namespace mortise::host
