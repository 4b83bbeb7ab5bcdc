// SPDX-License-Identifier: Apache-2.0
//
// Finds plugin code that blocks a strand: every call into a plugin is entered here, and a thread of
// its own reports, once per call, the ones that have not come back within the limit.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

namespace mortise::host {

class watchdog {
public:
    // limit 0 switches it off. time must outlive it. on_report is called on the watchdog's thread,
    // once for each report.
    watchdog(std::chrono::milliseconds limit,
             const clock& time,
             std::function<void()> on_report = {});
    ~watchdog();
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    // How many calls were reported. [any-thread]
    std::uint64_t reports() const;

    // Marks the calling thread as inside plugin code for the scope's life. what and instance must
    // live as long. [any-thread]
    class scope {
    public:
        scope(watchdog& dog, std::string_view what, std::string_view instance);
        ~scope();
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;

    private:
        friend class watchdog;
        watchdog& dog_;
        const bool on_;
        bool reported_ = false;
        std::uint64_t since_ns_ = 0;
        std::string_view what_;
        std::string_view instance_;
        scope* before_ = nullptr; // in the list of those inside, under guard_
        scope* after_ = nullptr;
    };

private:
    void patrol();

    const std::chrono::milliseconds limit_;
    const clock& time_;
    const std::function<void()> on_report_;
    mutable std::mutex guard_;
    std::condition_variable wake_;
    scope* inside_ = nullptr;
    bool entered_ = false; // somebody, since the last look
    bool asleep_ = false;  // the thread waits to be woken
    std::uint64_t reports_ = 0;
    bool stop_ = false;
    std::thread thread_;
};

} // namespace mortise::host
