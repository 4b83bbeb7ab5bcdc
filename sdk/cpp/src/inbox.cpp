// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/detail/root.hpp>
#include <mortise/sdk/detail/waiter.hpp>
#include <mortise/sdk/inbox.hpp>

#include <deque>
#include <list>
#include <vector>

namespace mortise {

// The waits and the pause are tasks with roots of their own, beside the flow's. What ends one of
// them may be in the middle of it, so the flow is woken last of all.
struct event_inbox::state {
    struct kind {
        std::string type;
        std::string key;
        int taken = 0;
    };
    struct open_wait {
        state& of;
        std::size_t kind;
        std::optional<event> got;
        detail::root work = {}; // last: its frames use all of the above
    };
    struct pause {
        state& of;
        time_point until;
        bool is_over = false;
        detail::root work = {};
    };
    struct signal : detail::waiter {
        state& of;
        explicit signal(state& s) noexcept : of(s) { of.flow = this; }
        ~signal() { of.flow = nullptr; }
        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<> h) noexcept { return suspend(h); }
        void await_resume() const noexcept {}
    };

    explicit state(flow_run r) : run(std::move(r)) {}

    void open(std::size_t which) {
        kind& k = kinds[which];
        const std::string step = k.type + " " + k.key + "/" + std::to_string(++k.taken);
        auto& wait = *waits.emplace_back(new open_wait{*this, which, std::nullopt});
        task<event> event_comes = run.wait_event(step, event_wait(k.type, k.key));
        task<void> kept = keep(wait, std::move(event_comes));
        ++starting;
        wait.work.start(std::move(kept), &on_event, &wait);
        --starting;
    }
    static task<void> keep(open_wait& self, task<event> comes) {
        event e = co_await std::move(comes);
        self.got.emplace(std::move(e));
    }
    static void on_event(void* ctx, std::exception_ptr why) noexcept {
        auto& ended = *static_cast<open_wait*>(ctx);
        state& s = ended.of;
        try {
            const std::size_t which = ended.kind;
            if (ended.got) s.came.push_back(std::move(*ended.got));
            s.waits.remove_if([&](const auto& w) { return w.get() == &ended; });
            if (!why) s.open(which);
        } catch (...) {
            why = std::current_exception();
        }
        if (why) s.failure = std::move(why);
        s.wake_flow();
    }

    void pause_until(time_point t) {
        if (sleep && sleep->until == t) return;
        sleep.reset(new pause{*this, t});
        task<void> over = run.sleep_until("until-" + std::to_string(++pauses), t);
        ++starting;
        sleep->work.start(std::move(over), &on_time, sleep.get());
        --starting;
    }
    static void on_time(void* ctx, std::exception_ptr why) noexcept {
        auto& ended = *static_cast<pause*>(ctx);
        state& s = ended.of;
        ended.is_over = true;
        if (why) s.failure = std::move(why);
        s.wake_flow();
    }

    // The flow may end and destroy *this.
    void wake_flow() noexcept {
        if (flow == nullptr || starting > 0) return;
        signal& waiting = *std::exchange(flow, nullptr);
        waiting.wake();
    }

    flow_run run;
    std::vector<kind> kinds;
    std::deque<event> came;
    std::exception_ptr failure;
    signal* flow = nullptr; // while it waits
    int starting = 0;       // a task that ends while it is started wakes nobody
    int pauses = 0;
    std::list<std::unique_ptr<open_wait>> waits;
    std::unique_ptr<pause> sleep;
};

event_inbox::event_inbox(const flow_run& run, const std::string& name)
    : state_(new state(run.scope(name))) {}
event_inbox::~event_inbox() = default;

void event_inbox::listen(std::string type, std::string key) {
    for (const auto& k : state_->kinds)
        if (k.type == type && k.key == key) return;
    state_->kinds.push_back({std::move(type), std::move(key)});
    state_->open(state_->kinds.size() - 1);
}

task<std::optional<event>> event_inbox::next(std::optional<time_point> until) {
    state& s = *state_;
    for (;;) {
        if (!s.came.empty()) {
            std::optional<event> first(std::move(s.came.front()));
            s.came.pop_front();
            co_return std::move(first);
        }
        if (s.failure) std::rethrow_exception(s.failure);
        if (until) {
            s.pause_until(*until);
            if (s.failure) continue;
            if (s.sleep->is_over) co_return std::nullopt;
        }
        if (!s.came.empty()) continue;
        state::signal woken(s);
        co_await woken;
    }
}

} // namespace mortise
