// SPDX-License-Identifier: Apache-2.0
//
// A connection at work: one instance of a connector. Turns host requests into ABI calls on the
// instance's strand and pays the host back exactly once for each: with the plugin's answer, its
// refusal, or a time-out when the plugin does not answer.
#pragma once

#include "plugin/descriptors.hpp"
#include "plugin/instance.hpp"

#include <mortise/call.h>
#include <mortise/trigger.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mortise::host {

struct call_request {
    std::string operation;
    std::string input; // JSON
    std::uint32_t attempt = 1;
    std::string idempotency_key;
    std::string trace_parent;
    std::shared_ptr<const log_subject> subject; // of lines written meanwhile; may be null
    std::chrono::milliseconds timeout{0};       // 0: none
    mortise_handle content = 0;
    std::shared_ptr<std::atomic<std::int64_t>> queued_ns = {}; // of its requests, see http_request
};

struct call_answer {
    std::string json; // empty: an empty result
    mortise_handle content = 0;
};

// What a backfill makes durable with each emit of a page; position is null when it did not move.
using page_taken = std::function<void(
    journal_tx&, std::uint64_t fresh, std::uint64_t known, const std::string* position)>;

struct delivery_request {
    std::uint32_t kind = MORTISE_TRIGGER_POLL;
    std::string cursor;
    std::string head;       // webhook: JSON
    std::string media_type; // of body
    std::string body;
    std::string trace_parent;
    std::chrono::milliseconds timeout{0};
    page_taken page; // with MORTISE_TRIGGER_BACKFILL: takes the position in place of the cursor
};

class connector_instance final : public plugin_instance {
public:
    // Called once, on any thread: post from it.
    using call_handler = std::function<void(result<call_answer>)>;

    connector_instance(plugin_environment& env,
                       instance_settings settings,
                       const connector_descriptor& d);
    ~connector_instance() override;

    const connector_descriptor& descriptor() const noexcept { return descriptor_; }
    std::shared_ptr<connector_instance> shared();

    // [any-thread] Runs create() on the strand. Once, before anything else.
    void open(std::function<void(result<void>)> opened);

    // [any-thread] Returns the call's handle for cancel().
    mortise_handle invoke(call_request request, call_handler done);
    void cancel(mortise_handle call);
    // [any-thread] mortise.test-connection/1; UNSUPPORTED-like error (category config) without it.
    void test_connection(std::chrono::milliseconds timeout, call_handler done);

    // [any-thread] opened gives the trigger's handle.
    void open_trigger(std::string trigger,
                      std::string config,
                      std::string cursor,
                      std::function<void(result<mortise_handle>)> opened);
    void deliver(mortise_handle trigger, delivery_request request, call_handler done);
    void close_trigger(mortise_handle trigger, std::function<void()> closed);
    // [any-thread] After the intake has room again.
    void resume_triggers();

    // [any-thread] Closes triggers, waits for calls until the grace is over, cancels them, settles
    // what is owed and destroys the instance; then closed() on the strand. Calls still open after
    // another grace are answered for the plugin and the instance is kept in memory for good
    // (reported).
    void close(std::chrono::milliseconds grace, std::function<void()> closed);

    // For metrics and tests. [any-thread]
    std::size_t open_calls() const;
    std::uint64_t late_completions() const noexcept { return late_.load(); }
    std::uint64_t misuses() const noexcept { return misuses_.load(); }

protected:
    const void* own_service(std::string_view id) override;
    call_trace trace_of(mortise_handle call) const override;

private:
    struct pending_call {
        call_handler done;
        std::uint64_t deadline_ns = 0;
        std::uint64_t abandon_ns = 0; // after a cancel: when the host answers itself
        bool cancelled = false;
        bool overdue = false;       // cancelled for being past its deadline
        bool refused = false;       // came when the instance was closing
        const char* via = "stream"; // of events emitted for it
        page_taken page;            // of a backfill
        call_trace trace = {};
        std::size_t emits = 0; // a webhook's: not yet durable
        bool answered = false; // complete() came while emits were pending
        result<call_answer> held = call_answer{};
    };
    struct open_trigger_state {
        std::string id;
        bool limited = false;
        bool closing = false;
    };

    mortise_handle begin(pending_call call);
    void start_call(mortise_handle call, const operation_descriptor& op, call_request request);
    void settle(mortise_handle call, result<call_answer> outcome);
    mortise_status answered(mortise_handle call, result<call_answer> outcome);
    void emit_settled(mortise_handle call, const result<void>& durable);
    mortise_status emit(mortise_handle trigger,
                        mortise_handle delivery,
                        const mortise_event* events,
                        std::uint64_t n,
                        mortise_bytes cursor,
                        mortise_done_fn done,
                        void* user);
    void sweep();
    void arm_sweep();
    void close_calls(std::chrono::milliseconds grace);
    void try_destroy();
    std::uint64_t deadline_from(std::chrono::milliseconds timeout) const;

    const connector_descriptor& descriptor_;
    void* self_ = nullptr; // [strand]
    mortise_svc_call call_table_{};
    mortise_svc_trigger trigger_table_{};

    mutable std::mutex guard_;
    std::unordered_map<mortise_handle, pending_call> calls_;
    std::unordered_set<mortise_handle>
        abandoned_; // answered by the host; the plugin may still come
    std::unordered_map<mortise_handle, open_trigger_state> triggers_;
    bool sweeping_ = false;
    std::size_t on_workers_ = 0; // invoke() of BLOCKING operations that have not returned
    bool closing_ = false;
    std::function<void()> closed_;
    std::uint64_t close_by_ns_ = 0;
    std::atomic<std::uint64_t> late_{0};
    std::atomic<std::uint64_t> misuses_{0};

    struct timers;
    std::unique_ptr<timers> timers_;
};

} // namespace mortise::host
