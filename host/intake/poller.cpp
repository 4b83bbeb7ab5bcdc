// SPDX-License-Identifier: Apache-2.0
#include "intake/poller.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"

namespace mortise::host {
namespace {
constexpr std::chrono::milliseconds while_full{2000};
} // namespace

poller::poller(plugin_environment& env,
               std::shared_ptr<connector_instance> on,
               std::string trigger_id,
               mortise_handle trigger,
               std::chrono::milliseconds interval,
               std::chrono::milliseconds timeout,
               std::shared_ptr<connection_gate> gate)
    : env_(env), on_(std::move(on)), trigger_id_(std::move(trigger_id)), trigger_(trigger),
      timeout_(timeout), gate_(std::move(gate)), schedule_(interval) {}

void poller::start() {
    poll();
}

void poller::stop() {
    stopped_ = true;
    if (gate_) gate_->forget(this);
    const std::lock_guard lock(guard_);
    timer_.cancel();
}

void poller::again(std::chrono::milliseconds after) {
    const std::lock_guard lock(guard_);
    if (stopped_) return;
    timer_ = env_.timers.start(after, [self = shared_from_this()] { self->poll(); });
}

// While the connection takes no calls the trigger is asked nothing; its release asks at once.
void poller::wait_for_gate(std::chrono::milliseconds at_most) {
    again(at_most);
    gate_->on_release(this, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->again(std::chrono::milliseconds(0));
    });
    // Released since it was asked: nobody would call.
    if (gate_->is_open()) again(std::chrono::milliseconds(0));
}

void poller::poll() {
    if (stopped_ || polling_.exchange(true)) return;
    // Nothing it finds could be taken: leave the system alone until there is room.
    if (env_.intake != nullptr && !env_.intake->has_room()) {
        polling_ = false;
        again(while_full);
        return;
    }
    breaker_pass pass;
    if (gate_) {
        const auto a = gate_->may_call();
        if (a.what != connection_gate::verdict::go) {
            polling_ = false;
            wait_for_gate(a.wait);
            return;
        }
        pass = a.pass;
    }
    last_poll_ = env_.time.now_unix_ms();
    delivery_request d;
    d.kind = MORTISE_TRIGGER_POLL;
    d.timeout = timeout_;
    try {
        env_.store.read([&](journal_reader& r) { d.cursor = r.cursor(on_->name(), trigger_id_); });
    } catch (const journal_failure& failure) {
        log(log_level::error, "cannot read a cursor: " + failure.get().message,
            {{"connection", on_->name()}});
        polling_ = false;
        again(schedule_.after_failure(random_u64()));
        return;
    }
    on_->deliver(
        trigger_, std::move(d),
        [self = shared_from_this(), pass](const result<call_answer>& polled) {
            if (self->gate_) {
                const auto failure = polled ? error{} : polled.error();
                self->gate_->report(pass, polled ? nullptr : &failure);
            }
            self->polling_ = false;
            if (polled) {
                ++self->polls_;
                self->again(self->schedule_.after_success(random_u64()));
                return;
            }
            const auto& e = polled.error();
            if (!self->stopped_) {
                log(log_level::warn, "poll failed: " + e.message,
                    {{"connection", self->on_->name()},
                     {"trigger", self->trigger_id_},
                     {"code", e.code},
                     {"failures", static_cast<std::uint64_t>(self->schedule_.failures() + 1)}});
            }
            self->again(self->schedule_.after_failure(
                random_u64(), e.retry_after.value_or(std::chrono::milliseconds(0))));
        });
}

} // namespace mortise::host
