// SPDX-License-Identifier: Apache-2.0
// Retention, in two halves: a search on a reading connection, which may take its time, and small
// removals that share the writer's transactions. The search needs no index of its own, so accepting
// and finishing cost nothing more: runs are found by instance in the order they were made, and a
// run's event is never lower than that of an earlier run.
#pragma once

#include "base/clock.hpp"
#include "journal/retention_rules.hpp"
#include "journal/sqlite_db.hpp"

#include <functional>
#include <vector>

namespace mortise::host {

class sqlite_tx;

// One small removal. Everything in it is checked again when it is done.
struct removal {
    std::vector<std::int64_t> runs;
    std::vector<std::int64_t> events; // no run refers to them: empty them, or remove them when old
    struct match {
        std::int64_t type = 0;
        std::string key;
        std::int64_t event = 0;
    };
    std::vector<match> matches;    // no run can wait for them any more
    std::int64_t event_cursor = 0; // 0: leave; else every event up to it has been looked at
    std::int64_t expired_cursor = 0;
    unix_ms ids_before = 0;       // events accepted earlier need not be remembered
    std::int64_t ledger_upto = 0; // 0: none
    std::size_t size() const { return runs.size() + events.size() + matches.size(); }
};

// [writer thread] Does one removal inside the transaction.
class sqlite_trim {
public:
    static trimmed remove(sqlite_tx& tx, const removal& what);
};

// One sweep over the journal. [one thread at a time]
class retention_search {
public:
    // apply gets one small removal after the other, in order; false: stop (the journal closes or
    // cannot write). Throws journal_failure when reading fails.
    using apply = std::function<bool(removal)>;

    retention_search(const std::string& path, const clock& time);
    void sweep(const retention_rules& rules, const apply& to);

private:
    bool sweep_runs(const retention_rules& rules, const apply& to);
    bool sweep_instance(std::int64_t instance, const retention_rule& rule, const apply& to);
    bool sweep_matches(const apply& to);
    bool sweep_events(const apply& to);
    bool sweep_expired(const apply& to);
    bool sweep_ledger(const retention_rules& rules, const apply& to);
    // The events from first to last that runs refer to.
    std::vector<std::int64_t> referenced(std::int64_t first, std::int64_t last);
    removal fresh() const;

    sqlite_db db_;
    const clock& time_;
    unix_ms now_ = 0;
    unix_ms empty_before_ = 0; // events without runs accepted earlier are emptied; 0: none
    unix_ms ids_before_ = 0;
    std::int64_t matched_below_ = -1; // of the last sweep through table event_match
};

} // namespace mortise::host
