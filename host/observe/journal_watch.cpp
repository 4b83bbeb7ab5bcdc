// SPDX-License-Identifier: Apache-2.0
#include "observe/journal_watch.hpp"

#include "base/metrics.hpp"

namespace mortise::host {

journal_watch::journal_watch(metric_registry& metrics, const clock& time)
    : time_(time),
      seconds_(metrics.get(metric_kind::histogram,
                           "mortise_journal_commit_duration_seconds",
                           "How long the journal's transactions took, the sync included")),
      operations_(metrics.get(metric_kind::counter,
                              "mortise_journal_operations_total",
                              "Writes made durable; many of them share a transaction")),
      failures_(metrics.get(metric_kind::counter,
                            "mortise_journal_commit_failures_total",
                            "Transactions the journal's storage refused: disk full, I/O error")) {}

void journal_watch::committed(std::chrono::nanoseconds took,
                              std::size_t operations,
                              const error* failure) {
    if (failure == nullptr) {
        seconds_.observe(std::chrono::duration<double>(took).count());
        operations_.add(static_cast<double>(operations));
        const std::lock_guard lock(guard_);
        trouble_.reset();
        return;
    }
    const bool storage =
        failure->category == category::unavailable && failure->code != "journal.earlier-write-lost";
    if (!storage) return;
    failures_.add(1);
    const std::lock_guard lock(guard_);
    if (!trouble_) trouble_ = trouble{time_.now_unix_ms(), {}};
    trouble_->message = failure->message;
}

std::optional<journal_watch::trouble> journal_watch::failing() const {
    const std::lock_guard lock(guard_);
    return trouble_;
}

} // namespace mortise::host
