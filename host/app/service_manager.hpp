// SPDX-License-Identifier: Apache-2.0
//
// What a service manager wants to hear of its service: the datagrams of sd_notify(3) to
// NOTIFY_SOCKET, and a watchdog. Does nothing when there is no manager. [any-thread]
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace mortise::host {

// Lines "READY=1\nSTATUS=...". False when it could not be sent.
bool notify_manager(std::string_view lines);
// RELOADING=1 with the time that systemd wants with it.
bool notify_reloading(std::string_view status);

// Says WATCHDOG=1 twice in the time the manager gives (WATCHDOG_USEC), as long as is_well says so.
class watchdog_feed {
public:
    explicit watchdog_feed(std::function<bool()> is_well);
    ~watchdog_feed();
    watchdog_feed(const watchdog_feed&) = delete;
    watchdog_feed& operator=(const watchdog_feed&) = delete;
    // is_well is asked no more: the host is stopping, which takes at most that long.
    void trust_for(std::chrono::milliseconds time);

private:
    void run(std::chrono::microseconds every);

    std::function<bool()> is_well_;
    std::mutex guard_;
    std::condition_variable wake_;
    bool ends_ = false;
    std::chrono::steady_clock::time_point trusted_until_{};
    std::thread thread_;
};

} // namespace mortise::host
