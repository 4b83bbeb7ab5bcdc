// SPDX-License-Identifier: Apache-2.0
//
// [alerts.<name>] at work: dead letters, open breakers, failing connections and a broken ledger are
// told to a webhook or a program. Nothing here holds up a run: what is seen is decided on at once
// and sent elsewhere, and of what cannot be sent in time only the newest is kept.
#pragma once

#include "base/timers.hpp"
#include "config/observe_config.hpp"
#include "engine/observer.hpp"
#include "http/client.hpp"
#include "observe/alert_rules.hpp"
#include "policy/connection_gate.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace boost::asio {
class thread_pool;
}

namespace mortise::host {

class metric_registry;
class secret_store;

struct alert_parts { // all of it outlives the alerts
    timer_source& timers;
    boost::asio::thread_pool& commands; // blocked by programs, so not the one plugins work on
    metric_registry& metrics;
    const clock& time;
    http_client& http;
};

class alerts final : public run_observer, public std::enable_shared_from_this<alerts> {
public:
    static constexpr std::size_t most_waiting = 100; // messages of one alert; the oldest goes
    static constexpr unsigned most_attempts = 5;     // of one message

    explicit alerts(alert_parts parts, std::string host_id = {});
    ~alerts() override;

    // [any-thread] Those of a new configuration; one that has not changed keeps what it knows.
    result<void> configure(const std::map<std::string, alert_config>& all,
                           std::shared_ptr<const secret_store> secrets);
    void run_changed(const run_record& run) noexcept override;
    void gate_changed(const gate_change& change); // [any-thread]
    void ledger_broken(const std::string& what);  // [any-thread]
    // [any-thread] Whether a connection has been failing for long; asked for now and then.
    void look();
    // [any-thread] Sends what waits, for at most grace, and then nothing more: a run that failed
    // just before the end is not told again by the next start. done is called once.
    void drain(std::chrono::milliseconds grace, std::function<void()> done);
    // [any-thread] Sends nothing more; what waits is counted as failed.
    void stop();

private:
    struct sender;
    void see(const alert_event& e);
    void send_next(const std::shared_ptr<sender>& s);
    void post_next(const std::shared_ptr<sender>& s, const std::string& text);
    void sent(const std::shared_ptr<sender>& s, const result<void>& outcome);
    bool nothing_waits() const; // under guard_

    const alert_parts parts_;
    const std::string host_id_;
    std::mutex guard_; // of what follows
    std::atomic<bool> stopped_{false};
    std::shared_ptr<const secret_store> secrets_;
    std::map<std::string, std::shared_ptr<sender>> senders_;
    struct failing {
        unix_ms since = 0;
        std::string why;
    };
    std::map<std::string, failing> failing_; // connections whose breaker is not closed
    std::function<void()> drained_;          // while draining
    timer grace_;
};

} // namespace mortise::host
