// SPDX-License-Identifier: Apache-2.0
//
// task<T>: the coroutine type of connectors and flows. Lazily started, awaited once, resumed on the
// strand of the instance or run by the SDK's services; exceptions travel to the awaiter. Destroying
// a suspended task frees every frame below it and gives up what they wait for.
//
// A rule for GCC 12, whose coroutines miscompile some temporaries: inside a co_await expression
// write no lambda, no braced aggregate and no ?: with non-trivial types. Name the value first, then
// move it in:
//
//     contact_query query{.email = mail};
//     auto found = co_await find(c, std::move(query));
//
// A lambda that is a coroutine captures nothing (GCC 12 awaits a copy of a captured object, and the
// captures die with the lambda): give it parameters.
// Parameters of a coroutine are taken by value, or by reference to something that outlives it.
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <utility>
#include <variant>

namespace mortise {

template <class T = void>
class task;

namespace detail {

// A child that ends without waiting must not resume its parent from within the parent's own stack:
// a loop over ready results would grow the stack. So the child is started as a plain call, and
// whoever comes second (the child's end, the parent's suspension) carries on. The flag is atomic
// because a blocking operation begins on a worker and may go on on the strand.
class promise_base {
public:
    struct final_awaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> h) const noexcept {
            promise_base& p = h.promise();
            if (p.met_.exchange(true, std::memory_order_acq_rel)) return p.parent_;
            return std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };

    std::suspend_always initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() const noexcept { return {}; }

    // True: the parent stays suspended and is resumed by the child.
    bool start(std::coroutine_handle<> self, std::coroutine_handle<> parent) {
        parent_ = parent;
        self.resume();
        return !met_.exchange(true, std::memory_order_acq_rel);
    }

private:
    std::coroutine_handle<> parent_;
    std::atomic<bool> met_{false};
};

template <class T>
class promise final : public promise_base {
public:
    task<T> get_return_object() noexcept;
    void unhandled_exception() noexcept { result_.template emplace<2>(std::current_exception()); }
    template <class U = T>
    void return_value(U&& value) {
        result_.template emplace<1>(std::forward<U>(value));
    }
    T take() {
        if (result_.index() == 2) std::rethrow_exception(std::move(std::get<2>(result_)));
        return std::move(std::get<1>(result_));
    }

private:
    std::variant<std::monostate, T, std::exception_ptr> result_;
};

template <>
class promise<void> final : public promise_base {
public:
    task<void> get_return_object() noexcept;
    void unhandled_exception() noexcept { failure_ = std::current_exception(); }
    void return_void() const noexcept {}
    void take() {
        if (failure_) std::rethrow_exception(std::move(failure_));
    }

private:
    std::exception_ptr failure_;
};

} // namespace detail

template <class T>
class [[nodiscard]] task {
public:
    using promise_type = detail::promise<T>;
    using value_type = T;

    task() noexcept = default;
    task(task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    task& operator=(task&& other) noexcept {
        if (this != &other) {
            reset();
            frame_ = std::exchange(other.frame_, {});
        }
        return *this;
    }
    ~task() { reset(); }

    explicit operator bool() const noexcept { return static_cast<bool>(frame_); }

    // Starts the task. Await a task once; an empty or moved-from task must not be awaited.
    auto operator co_await() && noexcept {
        struct awaiter {
            std::coroutine_handle<promise_type> frame;
            bool await_ready() const noexcept { return false; }
            bool await_suspend(std::coroutine_handle<> parent) const {
                return frame.promise().start(frame, parent);
            }
            T await_resume() const { return frame.promise().take(); }
        };
        return awaiter{frame_};
    }

private:
    friend promise_type;
    explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    void reset() noexcept {
        if (frame_) std::exchange(frame_, {}).destroy();
    }

    std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
task<T> promise<T>::get_return_object() noexcept {
    return task<T>(std::coroutine_handle<promise>::from_promise(*this));
}

inline task<void> promise<void>::get_return_object() noexcept {
    return task<void>(std::coroutine_handle<promise>::from_promise(*this));
}

} // namespace detail
} // namespace mortise
