// SPDX-License-Identifier: Apache-2.0
//
// Sends the spans of runs and attempts to a receiver of OTLP over HTTP, in batches. Never in the
// way of the work: the queue is bounded, and what does not fit is dropped and counted. One request
// at a time; what the receiver may take later is sent again with growing pauses, what it refuses is
// dropped (OTLP/HTTP: 429, 502, 503 and 504 may be repeated, others may not).
#pragma once

#include "base/timers.hpp"
#include "config/observe_config.hpp"
#include "engine/observer.hpp"
#include "http/client.hpp"
#include "observe/span.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace mortise::host {

class metric;
class metric_registry;
class secret_store;

struct trace_export_options {
    std::string url; // of the receiver, with its path
    receiver_headers headers;
    std::shared_ptr<const secret_store> secrets;
    double sample = 1;
    bool gzip = false;
    trace_resource resource;
    std::size_t queue = 8192;
    std::size_t batch = 512;
    std::chrono::milliseconds linger{2000}; // before a batch that is not full is sent
    std::chrono::milliseconds first_pause{1000}, longest_pause{30'000};
    unsigned most_attempts = 8; // of a batch
    std::chrono::milliseconds timeout{10'000};
};

// "/v1/traces" behind the endpoint, unless it is there.
std::string traces_url(std::string endpoint);

class trace_exporter final : public run_observer,
                             public std::enable_shared_from_this<trace_exporter> {
public:
    // Both outlive it.
    trace_exporter(timer_source& timers, metric_registry& metrics, const clock& time);

    // [any-thread] From now on; an empty url: nothing is collected any more.
    result<void> configure(http_client& client, trace_export_options options);
    // The share of traces that is exported now; less than 0: none, and nothing is configured.
    double sample() const noexcept { return sample_.load(std::memory_order_relaxed); }

    void run_changed(const run_record& run, const event_record& event) noexcept override;
    void attempt_ended(const attempt_seen& attempt) noexcept override;

    // [any-thread] Sends what is there for at most grace, then drops the rest and calls done.
    void stop(std::chrono::milliseconds grace, std::function<void()> done);
    std::size_t queued() const;

private:
    void take(span s);
    void send_soon(std::chrono::milliseconds after); // under the lock
    void send();
    void answered(result<http_response> r);
    void drop_queue(); // under the lock
    void finish_if_empty(std::unique_lock<std::mutex>& lock);

    timer_source& timers_;
    const clock& time_;
    metric& exported_;
    metric& dropped_;
    metric& refused_;
    metric& failures_;
    metric& waiting_;
    std::atomic<double> sample_{-1};
    mutable std::mutex guard_; // of what follows
    http_client* client_ = nullptr;
    std::shared_ptr<http_lane> lane_;
    std::shared_ptr<const trace_export_options> options_;
    std::deque<span> queue_;
    std::vector<span> on_its_way_;
    unsigned attempts_ = 0;
    bool is_sending_ = false;
    bool is_due_ = false; // a timer runs
    bool is_stopping_ = false;
    request_id request_ = request_id::none;
    std::function<void()> stopped_;
    timer timer_, grace_;
};

} // namespace mortise::host
