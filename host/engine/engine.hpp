// SPDX-License-Identifier: Apache-2.0
//
// The engine: takes events in, makes runs of them, keeps the runs going until they end or wait, and
// starts again where the journal says. One per host.
#pragma once

#include "engine/flow_instance.hpp"
#include "engine/router.hpp"
#include "journal/journal.hpp"
#include "plugin/environment.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mortise::host {

class active_run;

struct engine_options {
    std::string owner;                    // of leases; stable over restarts of one host
    std::uint32_t max_active_runs = 2000; // in memory at once
    std::uint64_t max_backlog = 100'000;  // unfinished runs; above it nothing new is taken
    std::chrono::milliseconds lease{60'000};
};

// What the engine works on; replaced as a whole on reload.
struct engine_setup {
    std::shared_ptr<const router> routes;
    std::map<std::string, bound_connection> connections;         // by name
    std::map<std::string, std::shared_ptr<flow_instance>> flows; // by name
};

// How a run ended, for whoever waits for it.
struct run_outcome {
    run_id id;
    run_state state = run_state::succeeded;
    std::string result;
    std::optional<error> failure;
};

class engine final : public event_intake {
public:
    engine(plugin_environment& env, engine_options options);
    ~engine() override;
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    // [any-thread] Running runs finish on what they began with.
    void set_up(engine_setup setup);
    // [main] Takes up what the journal holds. After set_up().
    result<void> start();
    // [any-thread] No new runs; lets active ones reach an end for at most grace, forgets the rest
    // (the journal keeps them), then calls stopped.
    void stop(std::chrono::milliseconds grace, std::function<void()> stopped);

    // ---- intake, [any-thread] ----
    bool has_room() const override;
    void take(emitted batch, std::function<void(const result<void>&)> done) override;
    // An event for one flow instance (request, manual). done gets the run's id once durable, ended
    // how the run ended (may be empty). Errors: not_found (no such flow, or it takes no such
    // event), unavailable (backlog), conflict (event id known).
    void request(std::string instance,
                 event_record event,
                 std::function<void(result<run_id>)> done,
                 std::function<void(run_outcome)> ended);
    // A dead letter was made ready again from outside.
    void retried();
    // Looks for ready runs now (after a retry from outside, or a clock that was moved in a test).
    void kick();

    // ---- for runs, [any-thread] ----
    std::optional<bound_connection> connection_of(const flow_instance& flow,
                                                  const std::string& role) const;
    void end_run(const run_record& run);
    void run_suspended(const run_record& run, run_state state, unix_ms wake);
    void run_lost(const run_record& run);
    void count_retry();

    std::size_t active_runs() const;
    std::uint64_t backlog() const noexcept { return backlog_.load(); }

private:
    struct impl;
    void began(std::vector<claimed_run> claimed);
    void dispatch(claimed_run claimed);
    void left(const run_id& id);
    void take_up_later(const run_id& id);
    void schedule_wake(unix_ms at);
    void look_for_wakes();
    void renew_leases();
    void give_up_runs();
    void resume_intake();
    std::uint32_t free_slots() const;
    std::uint32_t slots_for(std::uint32_t wanted);

    plugin_environment& env_;
    const engine_options options_;
    std::unique_ptr<impl> impl_;
    std::atomic<std::uint64_t> backlog_{0};
    std::atomic<bool> full_{false};
    std::atomic<bool> starved_{false}; // a ready run was left in the journal for want of a slot
};

} // namespace mortise::host
