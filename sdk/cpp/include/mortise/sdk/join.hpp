// SPDX-License-Identifier: Apache-2.0
//
// Several tasks at once. all(): every task runs to its end, then the first error (in order of time)
// is thrown or all results are returned. first(): the first task to end decides, the others are
// destroyed. In a flow each branch needs step keys of its own (see flow_run::scope).
#pragma once

#include <mortise/sdk/task.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <vector>

namespace mortise {

// What first() returns: which task ended first, and its result.
template <class T>
struct first_result {
    std::size_t index = 0;
    T value;
};

namespace detail {

template <class T>
using stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

// Shared by the branches of one all() or first(); lives in the joining coroutine's frame.
class join_state {
public:
    join_state(std::size_t branches, bool first_only) noexcept
        : left_(first_only ? 2 : branches + 1), first_only_(first_only) {}

    // Called once by a branch that has ended; the result says what to resume.
    std::coroutine_handle<> arrive(std::size_t index) noexcept {
        if (first_only_) {
            if (ended_.exchange(true, std::memory_order_acq_rel)) return std::noop_coroutine();
            winner_ = index;
        }
        if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) return parent_;
        return std::noop_coroutine();
    }
    void fail(std::exception_ptr e) noexcept {
        if (!failed_.exchange(true, std::memory_order_acq_rel)) failure_ = std::move(e);
    }
    bool ended() const noexcept { return ended_.load(std::memory_order_acquire); }
    std::size_t winner() const noexcept { return winner_; }
    void rethrow() {
        if (failure_) std::rethrow_exception(std::move(failure_));
    }

    void begin(std::coroutine_handle<> parent) noexcept { parent_ = parent; }
    // True: the parent stays suspended.
    bool begun() noexcept { return left_.fetch_sub(1, std::memory_order_acq_rel) != 1; }

private:
    std::atomic<std::size_t> left_;
    bool first_only_;
    std::atomic<bool> ended_{false};
    std::atomic<bool> failed_{false};
    std::size_t winner_ = 0;
    std::coroutine_handle<> parent_;
    std::exception_ptr failure_;
};

class branch {
public:
    struct promise_type {
        join_state* state = nullptr;
        std::size_t index = 0;
        branch get_return_object() noexcept {
            return branch(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        auto final_suspend() const noexcept {
            struct awaiter {
                bool await_ready() const noexcept { return false; }
                std::coroutine_handle<>
                await_suspend(std::coroutine_handle<promise_type> h) const noexcept {
                    return h.promise().state->arrive(h.promise().index);
                }
                void await_resume() const noexcept {}
            };
            return awaiter{};
        }
        void unhandled_exception() const noexcept { state->fail(std::current_exception()); }
        void return_void() const noexcept {}
    };

    branch(branch&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    branch& operator=(branch&&) = delete;
    ~branch() {
        if (frame_) frame_.destroy();
    }
    void start(join_state& state, std::size_t index) const {
        frame_.promise().state = &state;
        frame_.promise().index = index;
        frame_.resume();
    }

private:
    explicit branch(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    std::coroutine_handle<promise_type> frame_;
};

template <class T>
branch make_branch(task<T> work, std::optional<stored<T>>& out) {
    if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
        out.emplace();
    } else {
        T value = co_await std::move(work);
        out.emplace(std::move(value));
    }
}

struct join_awaiter {
    join_state& state;
    std::vector<branch>& branches;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> parent) const {
        state.begin(parent);
        for (std::size_t i = 0; i < branches.size() && !state.ended(); ++i) {
            branches[i].start(state, i);
        }
        return state.begun();
    }
    void await_resume() const noexcept {}
};

template <std::size_t... I, class... T>
task<std::tuple<stored<T>...>> all_of(std::index_sequence<I...>, task<T>... work) {
    std::tuple<std::optional<stored<T>>...> out;
    join_state state(sizeof...(T), false);
    std::vector<branch> branches;
    branches.reserve(sizeof...(T));
    (branches.push_back(make_branch(std::move(work), std::get<I>(out))), ...);
    join_awaiter join{state, branches};
    co_await join;
    state.rethrow();
    co_return std::tuple<stored<T>...>(std::move(*std::get<I>(out))...);
}

} // namespace detail

// Runs all tasks; results in the order of the tasks (std::monostate for void).
template <class... T>
task<std::tuple<detail::stored<T>...>> all(task<T>... work) {
    return detail::all_of(std::index_sequence_for<T...>(), std::move(work)...);
}

template <class T>
requires(!std::is_void_v<T>) task<std::vector<T>> all(std::vector<task<T>> work) {
    std::vector<std::optional<T>> out(work.size());
    detail::join_state state(work.size(), false);
    std::vector<detail::branch> branches;
    branches.reserve(work.size());
    for (std::size_t i = 0; i < work.size(); ++i) {
        branches.push_back(detail::make_branch(std::move(work[i]), out[i]));
    }
    detail::join_awaiter join{state, branches};
    co_await join;
    state.rethrow();
    std::vector<T> values;
    values.reserve(out.size());
    for (auto& value : out)
        values.push_back(std::move(*value));
    co_return values;
}

inline task<void> all(std::vector<task<void>> work) {
    std::vector<std::optional<std::monostate>> out(work.size());
    detail::join_state state(work.size(), false);
    std::vector<detail::branch> branches;
    branches.reserve(work.size());
    for (std::size_t i = 0; i < work.size(); ++i) {
        branches.push_back(detail::make_branch(std::move(work[i]), out[i]));
    }
    detail::join_awaiter join{state, branches};
    co_await join;
    state.rethrow();
}

// Throws std::invalid_argument without a task. Only on the strand: a blocking operation must not
// use it, since the losers are destroyed while they may be running elsewhere.
template <class T>
task<first_result<detail::stored<T>>> first(std::vector<task<T>> work) {
    if (work.empty()) throw std::invalid_argument("first() needs at least one task");
    std::vector<std::optional<detail::stored<T>>> out(work.size());
    detail::join_state state(work.size(), true);
    std::vector<detail::branch> branches;
    branches.reserve(work.size());
    for (std::size_t i = 0; i < work.size(); ++i) {
        branches.push_back(detail::make_branch(std::move(work[i]), out[i]));
    }
    detail::join_awaiter join{state, branches};
    co_await join;
    const std::size_t winner = state.winner();
    if (!out[winner]) state.rethrow();
    first_result<detail::stored<T>> result{winner, std::move(*out[winner])};
    branches.clear(); // the losers end here, not when the caller lets go of the result
    co_return result;
}

} // namespace mortise
