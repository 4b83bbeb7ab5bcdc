// SPDX-License-Identifier: Apache-2.0
#include "app/retention_setup.hpp"

namespace mortise::host {

retention_rules retention_of(const configuration& config) {
    const auto& j = config.journal;
    retention_rules out;
    out.standard = {j.keep_runs, j.keep_count};
    out.keep_event_ids = j.keep_event_ids;
    out.keep_ledger = j.keep_ledger;
    for (const auto& [name, f] : config.flows) {
        if (!f.keep_runs && !f.keep_count) continue;
        out.flows[name] = {f.keep_runs.value_or(j.keep_runs), f.keep_count.value_or(j.keep_count)};
    }
    return out;
}

} // namespace mortise::host
