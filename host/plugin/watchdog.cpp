// SPDX-License-Identifier: Apache-2.0
#include "plugin/watchdog.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace mortise::host {

watchdog::watchdog(std::chrono::milliseconds limit,
                   const clock& time,
                   std::function<void()> on_report)
    : limit_(limit), time_(time), on_report_(std::move(on_report)) {
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
    constexpr int quiet_rounds = 20;
    int quiet = 0;
    std::unique_lock lock(guard_);
    while (!stop_) {
        // An idle host stays idle; a busy one must not pay a wake-up for every call.
        if (quiet >= quiet_rounds) {
            asleep_ = true;
            wake_.wait(lock, [this] { return stop_ || !asleep_; });
        }
        wake_.wait_for(lock, pause, [this] { return stop_; });
        quiet = entered_ || inside_ != nullptr ? 0 : quiet + 1;
        entered_ = false;
        const auto now = time_.now_mono_ns();
        bool found = false;
        for (auto* call = inside_; call != nullptr; call = call->after_) {
            const auto ms = now > call->since_ns_
                                ? static_cast<std::int64_t>((now - call->since_ns_) / 1'000'000u)
                                : 0;
            if (call->reported_ || ms <= limit_.count()) continue;
            call->reported_ = true;
            found = true;
            ++reports_;
            log(log_level::warn,
                "a plugin blocks its strand: mark the operation BLOCKING or make it asynchronous",
                {{"instance", call->instance_}, {"function", call->what_}, {"running_ms", ms}});
        }
        if (!found || !on_report_) continue;
        lock.unlock();
        on_report_();
        lock.lock();
    }
}

watchdog::scope::scope(watchdog& dog, std::string_view what, std::string_view instance)
    : dog_(dog), on_(dog.limit_.count() > 0), what_(what), instance_(instance) {
    if (!on_) return;
    since_ns_ = dog.time_.now_mono_ns();
    const std::lock_guard lock(dog.guard_);
    after_ = dog.inside_;
    if (after_ != nullptr) after_->before_ = this;
    dog.inside_ = this;
    dog.entered_ = true;
    if (dog.asleep_) {
        dog.asleep_ = false;
        dog.wake_.notify_one();
    }
}

watchdog::scope::~scope() {
    if (!on_) return;
    const std::lock_guard lock(dog_.guard_);
    (before_ != nullptr ? before_->after_ : dog_.inside_) = after_;
    if (after_ != nullptr) after_->before_ = before_;
}

} // namespace mortise::host
