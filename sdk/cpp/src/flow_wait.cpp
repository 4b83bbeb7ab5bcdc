// SPDX-License-Identifier: Apache-2.0
// Waiting for an event, with reminders beside it.
#include "flow_steps.hpp"

namespace mortise::detail {
namespace {

task<event> wait_step(run_core& core, std::string key, event_wait wait) {
    const mortise_svc_flow& svc = core.service;
    mortise_wait c{};
    c.struct_size = sizeof(c);
    c.event_type = c_str_of(wait.type);
    c.key = c_str_of(wait.key);
    c.timeout_ms = wait.timeout.count() > 0 ? static_cast<std::uint64_t>(wait.timeout.count()) : 0;
    auto start = [&](void* user) {
        return svc.wait_event(svc.ctx, core.handle, c_str_of(key), &c, &result_op::on_result, user);
    };
    request<step_op, decltype(start)> op(start);
    op.content_service = core.content;
    co_await op;
    content_stream content(core.content, op.content);
    op.check("step \"" + key + "\" (wait for " + wait.type + ")");
    const json::value got = value_of(op.text, "the awaited event");
    event out = event_from_json(got);
    if (content) out.content = std::make_shared<content_stream>(std::move(content));
    co_return std::move(out);
}

// A wait that stays open while other things go on beside it: its task has a root of its own.
struct open_wait {
    std::optional<event> got;
    std::exception_ptr failure;
    bool ended = false;
    waiter* beside = nullptr; // where the flow waits meanwhile; woken by the end
    root work;                // last: its frames use all of the above

    void start(task<event> wait) {
        task<void> keep = keep_event(*this, std::move(wait));
        work.start(std::move(keep), &on_end, this);
    }
    // co_await it to wait for the end alone.
    struct end : waiter {
        open_wait& of;
        explicit end(open_wait& w) noexcept : of(w) {}
        bool await_ready() const noexcept { return of.ended; }
        bool await_suspend(std::coroutine_handle<> h) noexcept {
            of.beside = this;
            return suspend(h);
        }
        void await_resume() const noexcept {}
    };

private:
    static task<void> keep_event(open_wait& self, task<event> wait) {
        event e = co_await std::move(wait);
        self.got.emplace(std::move(e));
    }
    // What it wakes may destroy *this.
    static void on_end(void* ctx, std::exception_ptr why) noexcept {
        auto& self = *static_cast<open_wait*>(ctx);
        self.failure = std::move(why);
        self.ended = true;
        if (auto* const waiting = std::exchange(self.beside, nullptr)) {
            waiting->disarm(); // the sleep goes on in the journal, nobody looks
            waiting->wake();
        }
    }
};

// Until the time has come or the wait has ended.
task<void> sleep_beside(run_core& core, std::string key, std::int64_t ms, open_wait& wait) {
    const mortise_svc_flow& svc = core.service;
    auto start = [&](void* user) {
        return svc.sleep_until(svc.ctx, core.handle, c_str_of(key), ms, &done_op::on_done, user);
    };
    request<done_op, decltype(start)> op(start);
    wait.beside = &op;
    co_await op;
    wait.beside = nullptr;
    if (!wait.ended) op.check("step \"" + key + "\" (sleep)");
}

void check_reminders(const std::string& key, const event_wait& w) {
    const bool times = w.remind_after.count() > 0 || w.remind_every.count() > 0;
    const bool negative = w.remind_after.count() < 0 || w.remind_every.count() < 0;
    if (w.remind && times && !negative) return;
    throw error(category::internal, "sdk.wait.reminder",
                "step \"" + key +
                    "\": a reminder needs remind and a positive remind_after or "
                    "remind_every, and none of the two negative.");
}

// The steps are the wait and one sleep at a time. Which of them ends first is the host's to say, in
// the same order on replay, so a replay reminds exactly as often.
task<event> wait_and_remind(run_core& core, std::string key, event_wait wait) {
    check_reminders(key, wait);
    const mortise_svc_flow& svc = core.service;
    const auto remind = std::move(wait.remind);
    const std::int64_t every = wait.remind_every.count();
    const std::int64_t after = wait.remind_after.count();
    std::int64_t due = svc.now_unix_ms(svc.ctx, core.handle) + (after > 0 ? after : every);
    open_wait open;
    task<event> only_wait = wait_step(core, key, std::move(wait));
    open.start(std::move(only_wait));
    for (int n = 1; !open.ended; ++n) {
        task<void> pause = sleep_beside(core, key + "/remind-" + std::to_string(n), due, open);
        co_await std::move(pause);
        if (open.ended) break;
        task<void> reminder = remind(n);
        co_await std::move(reminder);
        if (every == 0) break;
        const std::int64_t now = svc.now_unix_ms(svc.ctx, core.handle);
        due += every;
        if (due <= now) due = now + every;
    }
    open_wait::end end(open);
    co_await end;
    if (open.failure) std::rethrow_exception(std::move(open.failure));
    co_return std::move(*open.got);
}

} // namespace

task<event> wait_for_event(run_core& core, std::string key, event_wait wait) {
    if (wait.remind || wait.remind_after.count() != 0 || wait.remind_every.count() != 0) {
        return wait_and_remind(core, std::move(key), std::move(wait));
    }
    return wait_step(core, std::move(key), std::move(wait));
}

} // namespace mortise::detail
