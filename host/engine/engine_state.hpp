// SPDX-License-Identifier: Apache-2.0
// The engine's inside, for the files that make it up.
#pragma once

#include "base/metrics.hpp"
#include "base/timers.hpp"
#include "engine/active_run.hpp"
#include "engine/engine.hpp"
#include "policy/space_guard.hpp"

#include <mutex>
#include <unordered_map>

namespace mortise::host {

struct engine::impl {
    explicit impl(plugin_environment& env)
        : accepted(env.metrics.get(
              metric_kind::counter, "mortise_events_accepted_total", "Events made durable")),
          duplicates(env.metrics.get(metric_kind::counter,
                                     "mortise_events_duplicate_total",
                                     "Events dropped because source and id were known")),
          poll_only(env.metrics.get(metric_kind::counter,
                                    "mortise_events_found_by_poll_total",
                                    "Events that came by poll and by no webhook before")),
          finished(env.metrics.get(
              metric_kind::counter, "mortise_runs_finished_total", "Runs that succeeded")),
          failed(env.metrics.get(metric_kind::counter,
                                 "mortise_runs_dead_lettered_total",
                                 "Runs that ended as failed or in doubt")),
          cancelled(env.metrics.get(
              metric_kind::counter, "mortise_runs_cancelled_total", "Runs that were called off")),
          retries(env.metrics.get(
              metric_kind::counter, "mortise_step_retries_total", "Attempts after the first")) {}

    mutable std::mutex guard;
    engine_setup setup; // its connections have moved into:
    std::shared_ptr<const connection_map> connections = std::make_shared<const connection_map>();
    std::unordered_map<run_id, std::shared_ptr<active_run>> active;
    // Woken and claimed again before their old selves have left memory; begun when these have.
    std::unordered_map<run_id, claimed_run> returning;
    std::unordered_multimap<run_id, std::function<void(run_outcome)>> waiting_for;
    bool stopping = false;
    std::function<void()> stopped;

    timer wake; // under guard, as all timers here
    unix_ms wake_at = 0;
    timer leases;
    timer grace;
    std::unordered_map<run_id, timer> lost; // to be taken up again
    metric& accepted;
    metric& duplicates;
    metric& poll_only;
    metric& finished;
    metric& failed;
    metric& cancelled;
    metric& retries;
};

} // namespace mortise::host
