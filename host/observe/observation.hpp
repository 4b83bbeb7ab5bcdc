// SPDX-License-Identifier: Apache-2.0
//
// Everything an operator watches a host by, put together: metrics, health, traces, alerts, the
// ledger's verification. Made before the journal is opened, so that its first commits are seen, and
// gone after the engine.
#pragma once

#include "base/timers.hpp"
#include "config/config.hpp"
#include "journal/journal.hpp"
#include "observe/health.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class thread_pool;
}

namespace mortise::host {

class connection_gates;
class engine;
class http_client;
class metric_registry;
class plugin_catalog;

class observation {
public:
    // All outlive it. workers: for the verification of the ledger.
    observation(metric_registry& metrics,
                const clock& time,
                timer_source& timers,
                boost::asio::thread_pool& workers);
    ~observation();

    // For journal_options::committed.
    std::function<void(std::chrono::nanoseconds, std::size_t, const error*)> on_commit();

    struct parts { // all of it outlives stop()
        engine& runs;
        connection_gates& gates;
        journal& store;
        http_client& http;
        const plugin_catalog& plugins;
        std::string version, abi, host_id;
        std::uint64_t max_backlog = 0;
    };
    // [main] Once, before the engine is started and the first gate is made.
    void attach(parts p);
    // [any-thread] What a configuration says of traces and alerts, now and at each reload. Errors:
    // config.
    result<void> configure(std::shared_ptr<const configuration> config);
    // [main] The time-driven part: health, failing connections, the ledger.
    void start();
    // [any-thread] Sends what is left of the traces for at most grace and lets go of all parts,
    // then calls done.
    void stop(std::chrono::milliseconds grace, std::function<void()> done);

    health& state() noexcept;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace mortise::host
