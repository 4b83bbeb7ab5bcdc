// SPDX-License-Identifier: Apache-2.0
#include "policy/space_guard.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"

#include <sys/statvfs.h>

namespace mortise::host {

space_decision::change space_decision::see(std::uint64_t free_bytes) {
    if (!is_low_ && free_bytes < least_) {
        is_low_ = true;
        return change::became_low;
    }
    if (is_low_ && free_bytes >= enough()) {
        is_low_ = false;
        return change::became_enough;
    }
    return change::none;
}

std::optional<std::uint64_t> free_disk(const std::string& folder) {
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
    return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

space_guard::space_guard(timer_source& timers,
                         metric_registry& metrics,
                         std::uint64_t least,
                         probe free)
    : timers_(timers), free_(std::move(free)),
      free_bytes_(metrics.get(
          metric_kind::gauge, "mortise_disk_free_bytes", "Free space on the disk of the journal")),
      refusals_(metrics.get(metric_kind::counter,
                            "mortise_intake_refused_total",
                            "New work that was refused for want of disk space")),
      decision_(least) {}

void space_guard::start(std::function<void()> on_enough) {
    {
        const std::lock_guard lock(guard_);
        on_enough_ = std::move(on_enough);
    }
    look();
    arm();
}

void space_guard::stop() {
    const std::lock_guard lock(guard_);
    is_stopped_ = true;
    timer_.cancel();
}

void space_guard::arm() {
    const std::lock_guard lock(guard_);
    if (is_stopped_) return;
    timer_ = timers_.start(interval, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        self->look();
        self->arm();
    });
}

void space_guard::look() {
    const auto free = free_();
    if (!free) return; // what was decided stands
    free_bytes_.set(static_cast<double>(*free));
    auto change = space_decision::change::none;
    std::function<void()> then;
    std::uint64_t wanted = 0;
    {
        const std::lock_guard lock(guard_);
        if (is_stopped_) return;
        change = decision_.see(*free);
        is_low_ = decision_.is_low();
        wanted = decision_.is_low() ? decision_.enough() : decision_.least();
        if (change == space_decision::change::became_enough) then = on_enough_;
    }
    // Once for each change, whatever comes in meanwhile.
    if (change == space_decision::change::became_low) {
        log(log_level::error,
            "the journal's disk is nearly full: new work is refused, what runs goes on; free some "
            "space",
            {{"free_mib", *free >> 20}, {"wanted_mib", wanted >> 20}});
    } else if (change == space_decision::change::became_enough) {
        log(log_level::info, "the journal's disk has room again: new work is taken",
            {{"free_mib", *free >> 20}});
    }
    if (then) then();
}

void space_guard::refused() {
    refusals_.add(1);
}

} // namespace mortise::host
