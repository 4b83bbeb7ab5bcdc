// SPDX-License-Identifier: Apache-2.0
#include "policy/connection_gate.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace mortise::host {
namespace {

// The first that is held becomes the probe; the others follow at this pace, so that thousands do
// not come back in one moment only to be held again. A release wakes all of them at once.
constexpr std::chrono::milliseconds stagger{250};
constexpr std::uint32_t longest_row = 2400;
// A release ends a pause; this is for the case that it is lost.
constexpr std::chrono::milliseconds look_again_paused{std::chrono::hours(1)};

std::string label(const std::string& connection) {
    return metric_label("connection", connection);
}

} // namespace

connection_gate::connection_gate(std::string name,
                                 const clock& time,
                                 metric_registry& metrics,
                                 std::function<void()> released,
                                 std::function<void(const gate_change&)> changed)
    : name_(std::move(name)), time_(time), released_(std::move(released)),
      changed_(std::move(changed)), breaker_metric_(metrics.get(metric_kind::gauge,
                                                                "mortise_connection_breaker_state",
                                                                "0 closed, 1 half open, 2 open",
                                                                label(name_))),
      paused_metric_(metrics.get(
          metric_kind::gauge, "mortise_connection_paused", "1 while paused by hand", label(name_))),
      openings_metric_(metrics.get(metric_kind::counter,
                                   "mortise_connection_breaker_openings_total",
                                   "How often the circuit breaker opened",
                                   label(name_))),
      held_metric_(metrics.get(metric_kind::counter,
                               "mortise_connection_calls_held_total",
                               "Calls that had to wait for the breaker or the end of a pause",
                               label(name_))) {}

breaker::time_point connection_gate::now() const {
    return std::chrono::duration_cast<breaker::time_point>(
        std::chrono::nanoseconds(time_.now_mono_ns()));
}

void connection_gate::show() {
    const auto state = breaker_.state();
    breaker_metric_.set(retired_ || state == breaker_state::closed ? 0
                        : state == breaker_state::half_open        ? 1
                                                                   : 2);
    paused_metric_.set(paused_ && !retired_ ? 1 : 0);
}

connection_gate::admission connection_gate::may_call() {
    std::unique_lock lock(guard_);
    if (paused_) {
        held_metric_.add(1);
        return {verdict::paused, look_again_paused, {}};
    }
    const auto t = now();
    const auto before = breaker_.state();
    const auto a = breaker_.ask(t);
    if (before != breaker_.state()) {
        log(log_level::info, "connection is probed", {{"connection", name_}});
        show();
        if (a.go && changed_) {
            lock.unlock();
            tell({});
        }
    }
    if (a.go) return {verdict::go, {}, a.pass};
    held_metric_.add(1);
    const auto row = held_ < longest_row ? held_++ : longest_row;
    return {verdict::wait, std::max(a.ask_again - t, breaker::time_point(1)) + row * stagger, {}};
}

// Whatever else the system answers, it has let us in for that.
void connection_gate::count_sign_in(const error* failure, breaker_sign sign) {
    if (failure != nullptr && failure->category == category::auth)
        ++sign_ins_refused_;
    else if (failure == nullptr || sign == breaker_sign::alive)
        sign_ins_refused_ = 0;
}

void connection_gate::report(const breaker_pass& pass, const error* failure) {
    const auto sign = failure == nullptr ? breaker_sign::alive : sign_of(*failure);
    bool closed = false;
    {
        const std::lock_guard lock(guard_);
        if (failure != nullptr) last_failure_ = {*failure, time_.now_unix_ms()};
        const auto t = now();
        const auto before = breaker_.state();
        const bool locked_out = status_locked().is_locked_out();
        breaker_.report(pass, sign, t, random_u64());
        count_sign_in(failure, sign);
        const auto after = breaker_.state();
        const bool still = status_locked().is_locked_out();
        if (before == after && locked_out == still) return;
        show();
        const bool moved = before != after;
        if (moved) held_ = 0;
        if (!locked_out && still) {
            log(log_level::warn, "connection's credentials are refused: " + failure->message,
                {{"connection", name_}, {"code", failure->code}});
        } else if (locked_out && !still) {
            log(log_level::info, "connection's credentials are taken again",
                {{"connection", name_}});
        }
        if (moved && after == breaker_state::open) {
            openings_metric_.add(1);
            log(log_level::warn, "connection is left alone for a while: " + failure->message,
                {{"connection", name_},
                 {"code", failure->code},
                 {"failures", static_cast<std::uint64_t>(breaker_.failures_in_a_row())},
                 {"probe_in_ms", static_cast<std::int64_t>((breaker_.open_until() - t).count())}});
        } else if (moved && after == breaker_state::closed) {
            log(log_level::info, "connection answers again", {{"connection", name_}});
            closed = !paused_;
        }
    }
    tell(failure != nullptr ? failure->message : std::string());
    if (closed) release();
}

void connection_gate::give_back(const breaker_pass& pass) {
    const std::lock_guard lock(guard_);
    breaker_.report(pass, breaker_sign::nothing, now(), random_u64());
}

bool connection_gate::is_open() const {
    const std::lock_guard lock(guard_);
    return !paused_ && breaker_.state() == breaker_state::closed;
}

void connection_gate::on_release(const void* owner, std::function<void()> fn) {
    const std::lock_guard lock(guard_);
    waiting_[owner] = std::move(fn);
}

void connection_gate::forget(const void* owner) {
    const std::lock_guard lock(guard_);
    waiting_.erase(owner);
}

void connection_gate::release() {
    std::map<const void*, std::function<void()>> waiting;
    {
        const std::lock_guard lock(guard_);
        waiting.swap(waiting_);
    }
    for (auto& [owner, fn] : waiting)
        fn();
    if (released_) released_();
}

void connection_gate::configure(const breaker_options& options) {
    bool closed = false, changed = false;
    {
        const std::lock_guard lock(guard_);
        const auto before = breaker_.state();
        breaker_.configure(options);
        changed = before != breaker_.state();
        closed = changed && !paused_;
        // Back again with what it had.
        const bool back = std::exchange(retired_, false);
        if (back && !status_locked().is_well()) changed = true;
        show();
    }
    if (changed) tell({});
    if (closed) release();
}

void connection_gate::retire() {
    {
        const std::lock_guard lock(guard_);
        if (std::exchange(retired_, true)) return;
        show();
    }
    if (changed_) changed_({name_, {}, {}, true});
}

void connection_gate::pause(connection_pause why) {
    const auto reason = why.reason;
    {
        const std::lock_guard lock(guard_);
        paused_ = std::move(why);
        show();
    }
    tell(reason);
}

void connection_gate::resume() {
    {
        const std::lock_guard lock(guard_);
        if (!paused_) return;
        paused_.reset();
        held_ = 0;
        show();
    }
    tell({});
    // Also while the breaker is open: what was held for the pause asks again and is told when.
    release();
}

void connection_gate::tell(std::string why) const {
    if (!changed_) return;
    {
        const std::lock_guard lock(guard_);
        if (retired_) return;
    }
    changed_({name_, status(), std::move(why)});
    bool gone = false;
    {
        const std::lock_guard lock(guard_);
        gone = retired_;
    }
    if (gone)
        changed_({name_, {}, {}, true}); // while it was told: the last word is that it is gone
}

gate_status connection_gate::status() const {
    const std::lock_guard lock(guard_);
    return status_locked();
}

gate_status connection_gate::status_locked() const {
    gate_status s;
    s.breaker = breaker_.state();
    s.failures_in_a_row = breaker_.failures_in_a_row();
    s.sign_ins_refused = sign_ins_refused_;
    if (s.breaker == breaker_state::open)
        s.probe_in = std::max(breaker_.open_until() - now(), breaker::time_point(0));
    s.paused = paused_;
    s.last_failure = last_failure_;
    return s;
}

} // namespace mortise::host
