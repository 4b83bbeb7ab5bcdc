// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/detail/root.hpp>

namespace mortise::detail {

struct root::promise_type {
    ended_fn ended = nullptr;
    void* ctx = nullptr;
    std::exception_ptr failure;

    runner get_return_object() noexcept;
    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept {
        struct awaiter {
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<promise_type> h) const noexcept {
                promise_type& p = h.promise();
                // Suspended for good: ended() may destroy the frame, so nothing of it is used
                // after.
                const auto ended_copy = p.ended;
                void* const ctx_copy = p.ctx;
                ended_copy(ctx_copy, std::move(p.failure));
            }
            void await_resume() const noexcept {}
        };
        return awaiter{};
    }
    void unhandled_exception() noexcept { failure = std::current_exception(); }
    void return_void() const noexcept {}
};

struct root::runner {
    using promise_type = root::promise_type;
    std::coroutine_handle<promise_type> frame;
};

root::runner root::promise_type::get_return_object() noexcept {
    return {std::coroutine_handle<promise_type>::from_promise(*this)};
}

root::runner root::run(task<void> work) {
    co_await std::move(work);
}

void root::start(task<void> work, ended_fn ended, void* ctx) {
    const auto frame = run(std::move(work)).frame;
    frame.promise().ended = ended;
    frame.promise().ctx = ctx;
    frame_ = frame;
    frame.resume();
}

} // namespace mortise::detail
