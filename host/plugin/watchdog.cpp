// SPDX-License-Identifier: Apache-2.0
#include "plugin/watchdog.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace mortise::host {

watchdog::watchdog(std::chrono::milliseconds limit, const clock& time)
    : limit_(limit), time_(time) {
    if (limit_.count() > 0) thread_ = std::thread([this] { patrol(); });
}

watchdog::~watchdog() {
    {
        const std::lock_guard lock(guard_);
        stop_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::uint64_t watchdog::reports() const {
    const std::lock_guard lock(guard_);
    return reports_;
}

void watchdog::patrol() {
    const auto pause = std::max(limit_ / 2, std::chrono::milliseconds(5));
    std::unique_lock lock(guard_);
    while (!stop_) {
        // Nothing to watch: sleep until somebody enters, so that an idle host stays idle.
        if (calls_.empty()) {
            wake_.wait(lock, [this] { return stop_ || !calls_.empty(); });
        } else {
            wake_.wait_for(lock, pause, [this] { return stop_; });
        }
        const auto now = time_.now_mono_ns();
        for (auto& call : calls_) {
            const auto ms = static_cast<std::int64_t>((now - call.since_ns) / 1'000'000u);
            if (call.reported || ms <= limit_.count()) continue;
            call.reported = true;
            ++reports_;
            log(log_level::warn,
                "a plugin blocks its strand: mark the operation BLOCKING or make it asynchronous",
                {{"instance", call.instance}, {"function", call.what}, {"running_ms", ms}});
        }
    }
}

watchdog::scope::scope(watchdog& dog, std::string_view what, std::string_view instance)
    : dog_(dog), on_(dog.limit_.count() > 0) {
    if (!on_) return;
    const auto now = dog.time_.now_mono_ns();
    const std::lock_guard lock(dog.guard_);
    const bool first = dog.calls_.empty();
    dog.calls_.push_front({what, instance, now, false});
    at_ = dog.calls_.begin();
    if (first) dog.wake_.notify_one();
}

watchdog::scope::~scope() {
    if (!on_) return;
    const std::lock_guard lock(dog_.guard_);
    dog_.calls_.erase(at_);
}

} // namespace mortise::host
