// SPDX-License-Identifier: Apache-2.0
// Polls one open trigger from its durable cursor, never twice at a time.
#pragma once

#include "base/timers.hpp"
#include "intake/poll_schedule.hpp"
#include "plugin/connector_instance.hpp"
#include "policy/connection_gate.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace mortise::host {

class poller : public std::enable_shared_from_this<poller> {
public:
    poller(plugin_environment& env,
           std::shared_ptr<connector_instance> on,
           std::string trigger_id,
           mortise_handle trigger,
           std::chrono::milliseconds interval,
           std::chrono::milliseconds timeout,
           std::shared_ptr<connection_gate> gate = nullptr); // null: always open

    // [any-thread] The first poll comes at once.
    void start();
    // [any-thread] No further poll; one in flight still ends.
    void stop();
    // [any-thread] How often it has asked and was answered, and when it last asked; 0: not yet.
    std::uint64_t polls() const noexcept { return polls_; }
    unix_ms last_poll() const noexcept { return last_poll_; }

private:
    void poll();
    void wait_for_gate(std::chrono::milliseconds at_most);
    void again(std::chrono::milliseconds after);

    plugin_environment& env_;
    std::shared_ptr<connector_instance> on_;
    const std::string trigger_id_;
    const mortise_handle trigger_;
    const std::chrono::milliseconds timeout_;
    const std::shared_ptr<connection_gate> gate_;
    poll_schedule schedule_; // used by one poll's end at a time
    std::mutex guard_;
    timer timer_; // under guard_
    std::atomic<bool> polling_{false};
    std::atomic<bool> stopped_{false};
    std::atomic<unix_ms> last_poll_{0};
    std::atomic<std::uint64_t> polls_{0};
};

} // namespace mortise::host
