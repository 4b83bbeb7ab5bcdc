// SPDX-License-Identifier: Apache-2.0
//
// The engine: takes events in, makes runs of them, keeps the runs going until they end or wait, and
// starts again where the journal says. One per host.
#pragma once

#include "engine/flow_instance.hpp"
#include "engine/observer.hpp"
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
class space_guard;

struct engine_options {
    std::string owner;                    // of leases; stable over restarts of one host
    std::uint32_t max_active_runs = 2000; // in memory at once
    // Runs that want to go on; above it nothing new is taken. Waiting ones do not count: what they
    // wait for must find a way in.
    std::uint64_t max_backlog = 100'000;
    std::chrono::milliseconds lease{60'000};
};

using connection_map = std::map<std::string, bound_connection>; // by name

// What the engine works on; replaced as a whole on reload.
struct engine_setup {
    std::shared_ptr<const router> routes;
    connection_map connections;
    std::map<std::string, std::shared_ptr<flow_instance>> flows; // by name
};

// A child run a flow asks for.
struct child_request {
    std::string flow; // instance; empty: the parent's own
    std::string event_type;
    std::string key; // empty: no order
    std::string data;
    std::string trace_parent = {}; // of the step that asks for it
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
    // [main] Before start(): where the instance is found that a run began on, when it is not the
    // current one; answers on any thread.
    using pinned_source = std::function<void(
        const run_record&, std::function<void(result<std::shared_ptr<flow_instance>>)>)>;
    void set_pinned_source(pinned_source source);
    // [main] Before start(): refuses new work while the disk is nearly full. Looked after by the
    // caller, who starts it with room_again() and stops it.
    void watch_space(std::shared_ptr<space_guard> guard);
    void room_again(); // [any-thread]
    // [main] Before start(); may be called several times. Told in this order.
    void observe(std::shared_ptr<run_observer> observer);
    // [main] Takes up what the journal holds. After set_up().
    result<void> start();
    // [any-thread] No new runs; lets active ones reach an end for at most grace, forgets the rest
    // (the journal keeps them), then calls stopped.
    void stop(std::chrono::milliseconds grace, std::function<void()> stopped);

    // ---- intake, [any-thread] ----
    bool has_room() const override;
    bool is_disk_low() const;
    // Why nothing new is taken just now, for whoever is refused; counts the refusal.
    error refusal() const;
    void take(emitted batch, std::function<void(const result<void>&)> done) override;
    // An event for one flow instance (request, manual). done gets the run's id once durable, ended
    // how the run ended (may be empty). An event whose id is known starts nothing: the caller gets
    // what became, or becomes, of the first one. Errors: not_found (no such flow), input (it takes
    // no such event; "request.key-reused": the first one had other data), unavailable (backlog),
    // conflict (the first one's run is no longer kept).
    void request(std::string instance,
                 event_record event,
                 std::function<void(result<run_id>)> done,
                 std::function<void(run_outcome)> ended);
    // Calls off a run and its unfinished children. done is called once, when it is durable; the
    // runs end soon after. Errors: not_found, conflict (it has ended; a dead letter is discarded
    // instead), input (no reason).
    void cancel(const run_id& run,
                std::string who,
                std::string reason,
                std::function<void(result<cancelled_runs>)> done);
    bool has_flow(const std::string& instance) const;
    // Looks for ready runs now (after a retry from outside, or a clock that was moved in a test).
    void kick();

    // ---- for runs, [any-thread] ----
    std::shared_ptr<const connection_map> connections_now() const;
    // entry: an effect that nobody knows of, for the ledger.
    void end_run(std::shared_ptr<const run_record> run,
                 std::shared_ptr<const event_record> event,
                 journal::operation last_steps, // may be empty; same transaction, first
                 std::optional<ledger_entry> entry);
    // The event and run of a child. Errors (category config): no such flow, or it does not start on
    // that.
    result<intake> child_of(const run_record& parent, const std::string& step, child_request c);
    void child_began(const event_record& event);
    // Within a journal operation that may have changed how many runs want to go on.
    void count_backlog(const journal_tx& tx);
    void
    run_suspended(const run_record& run, const event_record& event, run_state state, unix_ms wake);
    void run_lost(const run_record& run);
    void count_retry();

    // [any-thread] Nothing need be computed for observers when there are none.
    bool is_observed() const noexcept { return !observers_.empty(); }
    void tell(const attempt_seen& attempt) const noexcept;
    // [any-thread] The share of traces that is exported, which outgoing requests say; less than 0:
    // none is.
    void set_trace_share(double share) noexcept { trace_share_ = share; }
    double trace_share() const noexcept { return trace_share_.load(std::memory_order_relaxed); }

    std::size_t active_runs() const;
    std::uint64_t backlog() const noexcept { return backlog_.load(); }

private:
    struct impl;
    void tell_taken(event_record& event, const accepted& outcome, std::size_t runs) const;
    void tell_unroutable(const event_record& event, const std::vector<routed>& runs) const;
    void tell_changed(const run_record& run, const event_record& event) const noexcept;
    void tell_ended(const std::vector<run_id>& runs) const;
    void began(std::vector<claimed_run> claimed);
    void dispatch(claimed_run claimed);
    void begin(std::shared_ptr<flow_instance> flow, claimed_run claimed);
    void refuse(claimed_run claimed, error why);
    void answer_like_first(const accepted& first,
                           const event_record& event,
                           const std::function<void(result<run_id>)>& done,
                           std::function<void(run_outcome)> ended);
    void settle_waiting(const run_outcome& outcome);
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
    pinned_source pinned_source_;
    std::unique_ptr<impl> impl_;
    std::shared_ptr<space_guard> space_;                   // may be none
    std::vector<std::shared_ptr<run_observer>> observers_; // does not change after start()
    std::atomic<std::uint64_t> backlog_{0};
    std::atomic<double> trace_share_{-1};
    std::atomic<bool> full_{false};
    std::atomic<bool> starved_{false}; // a ready run was left in the journal for want of a slot
};

} // namespace mortise::host
