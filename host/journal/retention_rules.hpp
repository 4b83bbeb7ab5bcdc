// SPDX-License-Identifier: Apache-2.0
// How long the journal keeps what is finished. Dead letters (failed, in doubt) and runs that are
// not finished are never removed by retention.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace mortise::host {

// Of finished runs: removed when older than keep_runs, or when keep_count newer ones of the same
// flow instance are finished. 0: no such limit.
struct retention_rule {
    std::chrono::milliseconds keep_runs{0};
    std::uint64_t keep_count = 0;
    bool operator==(const retention_rule&) const = default;
};

struct retention_rules {
    retention_rule standard;
    std::map<std::string, retention_rule> flows; // by instance, instead of the standard
    // An event whose runs are gone keeps its id, without its data, so that it is still recognised
    // when it comes again. After this time it goes, unless a run still refers to it. 0: for ever.
    // Never shorter than the standard keep_runs.
    std::chrono::milliseconds keep_event_ids{0};
    // Of the ledger's entries. 0: for ever.
    std::chrono::milliseconds keep_ledger{0};
    bool operator==(const retention_rules&) const = default;
};

// What retention has taken away.
struct trimmed {
    std::uint64_t runs = 0;
    std::uint64_t emptied_events = 0; // kept as source and id
    std::uint64_t removed_events = 0;
    std::uint64_t ledger_entries = 0;
    bool operator==(const trimmed&) const = default;
};

} // namespace mortise::host
