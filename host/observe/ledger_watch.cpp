// SPDX-License-Identifier: Apache-2.0
#include "observe/ledger_watch.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "journal/journal.hpp"
#include "journal/ledger.hpp"

#include <algorithm>

namespace mortise::host {

ledger_watch::ledger_watch(journal& store, metric_registry& metrics)
    : store_(store), ok_(metrics.get(metric_kind::gauge,
                                     "mortise_ledger_ok",
                                     "1 while every entry of the ledger that was looked at fits to "
                                     "the one before, 0 once one did not")),
      looked_at_(metrics.get(metric_kind::counter,
                             "mortise_ledger_entries_verified_total",
                             "Entries of the ledger whose place in the chain was checked")) {
    ok_.set(1);
}

void ledger_watch::found(std::string what) {
    const std::lock_guard lock(guard_);
    if (broken_) return; // the first finding is the one to look at; a restart forgets it
    log(log_level::error,
        "the ledger is not as it was written: " + what + "; see `mortise ledger verify`");
    broken_ = std::move(what);
    ok_.set(0);
}

std::optional<std::string> ledger_watch::broken() const {
    const std::lock_guard lock(guard_);
    return broken_;
}

void ledger_watch::look_at_new(std::uint64_t most) {
    const std::lock_guard lock(looking_);
    try {
        store_.read([&](journal_reader& r) {
            const auto head = r.ledger_head();
            if (!head.present) {
                if (begun_ && seq_ > 0) found("its head is gone");
                return;
            }
            // Retention has dropped what was looked at last: the chain goes on from its anchor.
            if (!begun_ || head.anchor_seq > seq_) {
                const bool first = !std::exchange(begun_, true);
                seq_ = first ? head.seq : head.anchor_seq;
                hash_ = first ? head.hash : head.anchor_hash;
            }
            if (head.seq < seq_)
                return found("its newest entry is " + std::to_string(head.seq) + ", and entry " +
                             std::to_string(seq_) + " has been there before");
            for (std::uint64_t left = most; seq_ < head.seq && left > 0;) {
                ledger_filter next;
                next.from_seq = seq_ + 1;
                next.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, 500));
                const auto entries = r.ledger(next);
                if (entries.empty())
                    return found("entry " + std::to_string(seq_ + 1) + " is missing");
                for (const auto& e : entries) {
                    if (e.seq != seq_ + 1)
                        return found("entry " + std::to_string(seq_ + 1) + " is missing");
                    if (chained_hash(hash_, e) != e.hash)
                        return found("entry " + std::to_string(e.seq) + " was changed");
                    seq_ = e.seq;
                    hash_ = e.hash;
                    looked_at_.add(1);
                    --left;
                }
            }
            if (seq_ == head.seq && hash_ != head.hash)
                found("its head is not the hash of its last entry");
        });
    } catch (const journal_failure&) {
        // The journal's own trouble is told elsewhere.
    }
}

void ledger_watch::look_at_all() {
    try {
        store_.read([&](journal_reader& r) {
            const auto report = verify_ledger(r);
            looked_at_.add(static_cast<double>(report.entries));
            if (!report.ok) found(report.what);
        });
    } catch (const journal_failure&) {
        // as above
    }
}

} // namespace mortise::host
