// SPDX-License-Identifier: Apache-2.0
// How the journal's commits go: as metrics, and whether they fail just now.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

namespace mortise::host {

class metric;
class metric_registry;

class journal_watch {
public:
    // Both outlive it.
    journal_watch(metric_registry& metrics, const clock& time);

    // For journal_options::committed. failure null: it was kept. What only one operation was
    // refused for (a conflict, wrong input) is no failure of the journal.
    void committed(std::chrono::nanoseconds took, std::size_t operations, const error* failure);

    struct trouble {
        unix_ms since = 0;
        std::string message;
    };
    // [any-thread] Since when nothing could be written; nothing: the last commit went well.
    std::optional<trouble> failing() const;

private:
    const clock& time_;
    metric& seconds_;
    metric& operations_;
    metric& failures_;
    mutable std::mutex guard_;
    std::optional<trouble> trouble_;
};

} // namespace mortise::host
