// SPDX-License-Identifier: Apache-2.0
// Keeps the history from filling the disk: below a limit of free space the host takes no new work,
// so that what runs can still be finished and written down.
#pragma once

#include "base/timers.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace mortise::host {

class metric;
class metric_registry;

// What is decided from one look at the disk after the other; no I/O. New work is taken again only
// with a quarter more than the limit, so that a disk at the limit does not open and close all the
// time.
class space_decision {
public:
    explicit space_decision(std::uint64_t least) : least_(least) {}
    enum class change : std::uint8_t { none, became_low, became_enough };
    change see(std::uint64_t free_bytes);
    bool is_low() const noexcept { return is_low_; }
    std::uint64_t least() const noexcept { return least_; }
    std::uint64_t enough() const noexcept { return least_ + least_ / 4; }

private:
    std::uint64_t least_;
    bool is_low_ = false;
};

// Free bytes for this user on the disk of a folder; empty when the system does not say.
std::optional<std::uint64_t> free_disk(const std::string& folder);

class space_guard : public std::enable_shared_from_this<space_guard> {
public:
    static constexpr std::chrono::milliseconds interval{2000};
    using probe = std::function<std::optional<std::uint64_t>()>;

    // least 0: never low. timers and metrics outlive it.
    space_guard(timer_source& timers, metric_registry& metrics, std::uint64_t least, probe free);

    // The first look is now, in the caller. on_enough: there is room again [any-thread].
    void start(std::function<void()> on_enough);
    void stop();    // [any-thread]
    void look();    // [any-thread] now, as after a write that found the disk full
    void refused(); // [any-thread] counts a refusal

    bool is_low() const noexcept { return is_low_.load(std::memory_order_relaxed); }
    // For whoever is refused: what is wrong, without figures of the host.
    static constexpr const char* refusal =
        "the host's disk has too little free space; new work is refused until there is more, send "
        "it again later";
    static constexpr std::chrono::seconds retry_after{30};

private:
    void arm();

    timer_source& timers_;
    probe free_;
    metric& free_bytes_;
    metric& refusals_;
    std::atomic<bool> is_low_{false};
    std::mutex guard_; // of what follows
    space_decision decision_;
    std::function<void()> on_enough_;
    bool is_stopped_ = false;
    timer timer_;
};

} // namespace mortise::host
