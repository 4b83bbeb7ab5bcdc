// SPDX-License-Identifier: Apache-2.0
//
// A run in memory: answers finished steps from the journal, carries out new ones, and leaves memory
// when it only waits. Everything here happens on the run's own strand; runs of one flow instance go
// on beside each other.
//
// Order of durability: a step's outcome is handed to the flow at once and goes to the journal as
// soon as the flow returns, with the run's end when that is what comes next; before any operation
// that may change a remote system, every earlier outcome is durable (a barrier), and for operations
// that must not be repeated blindly the intent is durable too. The journal keeps the order of
// writes, so a crash can only lose a suffix whose repeat is safe by the operation's effect class.
#pragma once

#include "base/timers.hpp"
#include "base/trace_context.hpp"
#include "engine/content_transfer.hpp"
#include "engine/flow_instance.hpp"
#include "engine/observer.hpp"
#include "engine/replay_difference.hpp"
#include "engine/run_subject.hpp"
#include "engine/write_chain.hpp"
#include "journal/journal.hpp"

#include <mortise/run.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mortise::host {

struct child_request;

class active_run final : public std::enable_shared_from_this<active_run> {
public:
    // connections: those at work when it begins.
    active_run(std::shared_ptr<flow_instance> flow,
               plugin_environment& env,
               claimed_run claimed,
               std::shared_ptr<const std::map<std::string, bound_connection>> connections);

    mortise_handle handle() const noexcept { return handle_; }
    const run_record& record() const noexcept { return run_; }
    const event_record& event() const noexcept { return event_; }

    // [any-thread] Begins on the strand.
    void start();
    // [any-thread] Asks the flow to stop: open steps fail with `why`, finish() follows from the
    // flow.
    void cancel(error why);
    // [any-thread] Forgets the run without a trace; the journal still holds it (shutdown).
    void abandon();

    // ---- the flow's side, [strand] (flow_service.cpp) ----
    struct receiver { // exactly one of the two
        mortise_result_fn result = nullptr;
        mortise_done_fn done = nullptr;
        void* user = nullptr;
    };
    mortise_status call(std::string key,
                        std::string role,
                        std::string operation,
                        std::string input,
                        mortise_handle content,
                        receiver to);
    mortise_status transfer(std::string key, transfer_end from, transfer_end to, receiver to_flow);
    mortise_status sleep_until(std::string key, unix_ms until, receiver to);
    mortise_status wait_event(std::string key,
                              std::string event_type,
                              std::string event_key,
                              std::chrono::milliseconds timeout,
                              receiver to);
    mortise_status spawn(std::string key, child_request child, receiver to);
    mortise_status record_value(std::string key, std::string value, receiver to);
    // A step that is one journal operation; body's result becomes the step's outcome.
    using journal_body = std::function<result<std::string>(journal_tx&)>;
    mortise_status journal_step(
        std::string key, step_kind kind, std::string target, journal_body body, receiver to);
    mortise_status finish(std::string result_json, std::optional<error> failure);
    unix_ms logical_now() const noexcept { return logical_now_; }
    std::uint64_t random(std::uint64_t n) const noexcept;
    bool replaying() const noexcept { return delivered_ < journaled_done_; }

private:
    // Code of a step's failure that waits for its connection and not for its own next attempt.
    static constexpr std::string_view held_code = "run.step.held";

    struct step {
        step_record record;
        receiver to;
        std::string role, operation, input;
        std::string found;                 // what a look-up gave
        mortise_handle content = 0;        // to go with the call
        bool had_content = false;          // which an attempt uses up
        mortise_handle answer_content = 0; // for the flow, in this life only
        std::optional<transfer_end> from;  // of a transfer; role, operation, input: where to
        std::shared_ptr<content_transfer> moving;
        transfer_outcome moved;
        std::shared_ptr<connection_gate> from_gate;
        breaker_pass from_pass;
        effect_class repeat = effect_class::unsafe;
        bool parked = false; // journaled as waiting; nothing of it is in motion
        bool look_first = false;
        mortise_handle call = 0;
        std::shared_ptr<connector_instance> on;
        std::shared_ptr<connection_gate> gate; // let the attempt through, and hears how it went
        breaker_pass pass;
        std::shared_ptr<connection_gate> held; // did not; the step waits for it
        mortise::host::timer retry;
        // Of the attempt under way, for observers; 0: none is.
        unix_ms began_unix = 0;
        std::uint64_t began_mono = 0;
        std::string span; // of attempt number span_of
        std::uint32_t span_of = 0;
        unix_ms try_began = 0; // of the attempt under way; 0: none is
        std::shared_ptr<std::atomic<std::int64_t>> queued_ns; // of its requests
    };
    using step_ptr = std::shared_ptr<step>;

    // A stamp for an outcome, later than all before. Outcomes reach the flow in the order of their
    // stamps, in memory and on every replay, so that a race of two steps has one winner for ever.
    unix_ms tick();
    void stamp_waits();

    // Registers the step, or fails the run when the journal holds another one under the key. Null:
    // refused.
    step_ptr begin_step(
        std::string key, step_kind kind, std::string target, receiver to, mortise_status& refusal);
    std::vector<step_record> journaled_steps() const; // in ordinal order
    std::vector<std::string> left_out() const;
    const step_record* journaled(const std::string& key) const;
    bool answer_from_journal(const step_ptr& s);
    void park(const step_ptr& s);
    void take_up_again(const step_ptr& s);
    void time_out(const step_ptr& s, const std::string& event_type, const std::string& event_key);

    void go_on(const step_ptr& s); // from where the journal has it
    void attempt(const step_ptr& s);
    std::string
    unusable(const step_ptr& s, const std::string& role, const std::string& operation) const;
    void leave_source(const step_ptr& s);
    bool admit_source(const step_ptr& s);
    void perform(const step_ptr& s, const char* ledger);
    transfer_setup setup_of(const step_ptr& s);
    void move(const step_ptr& s, std::function<void(result<call_answer>)> then);
    void hold(const step_ptr& s,
              std::shared_ptr<connection_gate> gate,
              const connection_gate::admission& why);
    void let_go(const step_ptr& s); // of the gate that held it
    void after_barrier(std::function<void()> then);
    void look_up(const step_ptr& s, const operation_descriptor& op);
    void look_up_by(const step_ptr& s, const std::string& lookup, std::string input);
    void still_open(const step_ptr& s, error e);
    void invoke(const step_ptr& s,
                const std::string& operation,
                std::string input,
                std::function<void(result<call_answer>)> then);
    void attempt_failed(const step_ptr& s, error e);
    void retry_at(const step_ptr& s, unix_ms when);
    // active_run_tries.cpp: of the attempt under way, if it is to be kept: not when it was the only
    // one.
    std::optional<step_try>
    ended_try(const step_ptr& s, try_outcome outcome, unix_ms at, const error* failure);
    void put_with_try(const step_ptr& s, step_try t, std::function<void()> then);
    void keep_cut_off(const step_ptr& s);
    retry_policy policy_for(const step_ptr& s) const;

    void complete(const step_ptr& s, result<std::string> outcome, const char* ledger = nullptr);
    ledger_entry entry_of(const step_ptr& s, const char* outcome, std::string_view result) const;
    void in_doubt(const step_ptr& s, error why);
    // For observers and for those who are asked (active_run_seen.cpp).
    const std::string& span_of(const step_ptr& s) const;
    std::string trace_parent_of(const step_ptr& s);
    std::shared_ptr<const log_subject> subject_of(const step_ptr& s) const;
    void attempt_begins(const step_ptr& s);
    void attempt_ends(const step_ptr& s, attempt_seen::end outcome, const error* failure);
    void step_ended(const step_ptr& s, bool found = false);
    void call_off(error why);
    void tell_cancel();
    void deliver(const step_ptr& s);
    void deliver_next();
    void hand_over(const step_ptr& s);
    void write(journal::operation op, std::function<void()> then = {});
    void write_outcomes();
    journal::operation take_unwritten();
    void barrier_moved();
    void suspend_if_idle();
    void end(run_state state,
             std::string result_json,
             std::optional<error> failure,
             std::string failed_step);
    void end_by_host(run_state state, error failure, std::string failed_step);
    void drop();
    void stop_steps();
    // Runs plugin code; the run leaves its flow instance only when the outermost of it is back.
    template <class Code>
    bool guarded(std::string_view what, const Code& plugin_code) {
        ++inside_;
        const bool fine = flow_->guarded(what, plugin_code);
        if (--inside_ == 0 && leaving_) leave_flow();
        return fine;
    }
    void leave_flow();
    // [any-thread]
    template <class Fn>
    void post(Fn fn) {
        boost::asio::post(strand_, [self = shared_from_this(), fn = std::move(fn)]() mutable {
            const log_scope scope(self->subject_);
            fn();
        });
    }
    unix_ms deadline_at() const;
    void arm_deadline();

    // What this role's connection is to step s. A run uses the connections it began with, also
    // when a reload has renewed or removed them; a step that failed or was held up with them goes
    // on with those of today.
    std::optional<bound_connection> bound_to(const step_ptr& s, const std::string& role) const;

    const std::shared_ptr<const std::map<std::string, bound_connection>> began_with_;
    std::shared_ptr<flow_instance> flow_;
    plugin_environment& env_;
    boost::asio::strand<boost::asio::io_context::executor_type> strand_;
    const mortise_handle handle_;
    run_record run_;
    event_record event_;
    std::optional<trace_context> trace_;               // once it was asked for
    const std::shared_ptr<const log_subject> subject_; // of lines written on the strand
    std::unordered_map<std::string, step_record> journal_;
    std::unordered_map<std::string, step_ptr> open_;
    std::unordered_set<std::string> used_;
    std::vector<asked_step> asked_;             // on a replay, in order
    std::unordered_set<std::string> unstamped_; // waits an event ended while nobody looked
    std::vector<step_ptr> outcomes_;            // to be handed over
    struct unwritten {
        step_ptr step;
        std::optional<ledger_entry> entry;
        std::optional<step_try> last = {};
        bool itself = true; // false: the step stays as the journal has it
    };
    std::vector<unwritten> unwritten_; // outcomes to be journaled, oldest first
    write_chain writes_;
    std::set<unix_ms> reserved_; // stamps of journal steps that are being committed
    std::deque<std::function<void()>> at_barrier_;
    timer deadline_;
    std::size_t undurable_ = 0;
    std::size_t delivered_ = 0, journaled_done_ = 0;
    unix_ms logical_now_ = 0;
    unix_ms last_tick_ = 0;
    bool delivering_ = false;
    unsigned inside_ = 0;                             // calls into the plugin on the stack
    bool in_flow_ = false;                            // the flow instance knows the run
    bool leaving_ = false;                            // the plugin is done with it
    std::map<std::string, std::string> failed_steps_; // code of a failure -> last step that had it
    std::optional<error> cancelled_;
    std::optional<ledger_entry> doubt_; // the effect nobody knows of, entered with the run's end
    // Finished or dropped: nothing may reach the plugin any more. Written on the strand.
    std::atomic<bool> over_{false};
    bool suspending_ = false;
};

// Why a run that a person or its parent wants stopped is cancelled.
error called_off(const std::string& reason);

} // namespace mortise::host
