// SPDX-License-Identifier: Apache-2.0
#include "sim_timers.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace mortise::host::testing {

struct sim_timers::entry final : pending_timer {
    explicit entry(std::function<void()> f) : fn(std::move(f)) {}

    bool cancel() override {
        if (over) return false;
        over = true;
        fn = nullptr;
        if (owner != nullptr) owner->queue_.erase(at);
        return true;
    }

    std::function<void()> fn;
    bool over = false;
    sim_timers* owner = nullptr; // while it is in the queue
    key at;
};

sim_timers::~sim_timers() {
    for (auto& [at, e] : queue_)
        e->owner = nullptr;
}

timer sim_timers::start(std::chrono::milliseconds delay, std::function<void()> fn) {
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0));
    auto made = std::make_shared<entry>(std::move(fn));
    made->owner = this;
    made->at = {time_.now_mono_ns() + ms * 1'000'000u, ++started_};
    queue_.emplace(made->at, made);
    return timer(std::move(made));
}

std::optional<std::uint64_t> sim_timers::next_due() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first.first;
}

bool sim_timers::fire_one(sim_random& random) {
    const auto now = time_.now_mono_ns();
    const auto end = queue_.upper_bound({now, UINT64_MAX});
    if (end == queue_.begin()) return false;
    // Those that are due at the same moment come in any order.
    auto it = queue_.begin();
    const auto due = it->first.first;
    std::uint64_t same = 0;
    for (auto i = it; i != end && i->first.first == due; ++i)
        ++same;
    std::advance(it, static_cast<std::ptrdiff_t>(random.below(same)));
    auto fired = std::move(it->second);
    queue_.erase(it);
    fired->owner = nullptr;
    boost::asio::post(io_, [fired] {
        if (fired->over) return;
        fired->over = true;
        const auto fn = std::move(fired->fn);
        fn();
    });
    return true;
}

} // namespace mortise::host::testing
