// SPDX-License-Identifier: Apache-2.0
//
// Looks after the ledger while the host runs: new entries soon after they were made, the whole now
// and then. Who changes the journal's file behind the host's back is found without anybody asking.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace mortise::host {

class journal;
class metric;
class metric_registry;

class ledger_watch {
public:
    // All outlive it.
    ledger_watch(journal& store, metric_registry& metrics);

    // [worker] What was added since the last look, at most `most` entries of it: whether each fits
    // to the one before and the journal's head to the last. The first look only takes the head
    // down, as the start of what is new.
    void look_at_new(std::uint64_t most = 5000);
    // [worker] All of it.
    void look_at_all();
    // [any-thread] A sentence for a person; nothing: all that was looked at was as it should be.
    std::optional<std::string> broken() const;

private:
    void found(std::string what);

    journal& store_;
    metric& ok_;
    metric& looked_at_;
    std::mutex looking_; // one look at a time; guards what follows
    bool begun_ = false;
    std::uint64_t seq_ = 0; // the last one that was looked at
    std::string hash_;
    mutable std::mutex guard_;
    std::optional<std::string> broken_;
};

} // namespace mortise::host
