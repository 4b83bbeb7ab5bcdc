// SPDX-License-Identifier: Apache-2.0
#include "engine/poller.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"

namespace mortise::host {

poller::poller(plugin_environment& env,
               std::shared_ptr<connector_instance> on,
               std::string trigger_id,
               mortise_handle trigger,
               std::chrono::milliseconds interval,
               std::chrono::milliseconds timeout)
    : env_(env), on_(std::move(on)), trigger_id_(std::move(trigger_id)), trigger_(trigger),
      timeout_(timeout), schedule_(interval) {}

void poller::start() {
    poll();
}

void poller::stop() {
    stopped_ = true;
    const std::lock_guard lock(guard_);
    timer_.cancel();
}

void poller::again(std::chrono::milliseconds after) {
    const std::lock_guard lock(guard_);
    if (stopped_) return;
    timer_ = env_.timers.start(after, [self = shared_from_this()] { self->poll(); });
}

void poller::poll() {
    if (stopped_) return;
    delivery_request d;
    d.kind = MORTISE_TRIGGER_POLL;
    d.timeout = timeout_;
    try {
        env_.store.read([&](journal_reader& r) { d.cursor = r.cursor(on_->name(), trigger_id_); });
    } catch (const journal_failure& failure) {
        log(log_level::error, "cannot read a cursor: " + failure.get().message,
            {{"connection", on_->name()}});
        again(schedule_.after_failure(random_u64()));
        return;
    }
    on_->deliver(trigger_, std::move(d), [self = shared_from_this()](result<call_answer> polled) {
        if (polled) {
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
