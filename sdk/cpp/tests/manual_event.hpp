// SPDX-License-Identifier: Apache-2.0
// Something a coroutine waits for until the test lets it go; and how a test runs a task.
#pragma once

#include <mortise/sdk/detail/root.hpp>
#include <mortise/sdk/task.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <vector>

namespace mortise::test {

class manual_event {
public:
    manual_event() = default;
    manual_event(const manual_event&) = delete;
    manual_event& operator=(const manual_event&) = delete;
    bool await_ready() const noexcept { return set_; }
    void await_suspend(std::coroutine_handle<> h) { waiting_.push_back(h); }
    void await_resume() const noexcept {}
    void set() {
        set_ = true;
        for (const auto h : std::exchange(waiting_, {}))
            h.resume();
    }
    std::size_t waiters() const noexcept { return waiting_.size(); }
    void forget_waiters() noexcept { waiting_.clear(); }

private:
    bool set_ = false;
    std::vector<std::coroutine_handle<>> waiting_;
};

class runner {
public:
    explicit runner(task<void> work) : root_(std::make_unique<detail::root>()) {
        root_->start(std::move(work), &ended, this);
    }
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;
    bool done() const noexcept { return done_; }
    std::exception_ptr failure() const noexcept { return failure_; }
    void drop() { root_.reset(); }

private:
    static void ended(void* ctx, std::exception_ptr failure) noexcept {
        auto* self = static_cast<runner*>(ctx);
        self->done_ = true;
        self->failure_ = std::move(failure);
    }
    bool done_ = false;
    std::exception_ptr failure_;
    std::unique_ptr<detail::root> root_;
};

// Counts the living, to see that frames are freed.
struct counted {
    explicit counted(int& n) : alive(&n) { ++*alive; }
    counted(counted&& other) noexcept : alive(other.alive) { ++*alive; }
    counted& operator=(counted&&) = delete;
    ~counted() { --*alive; }
    int* alive;
};

} // namespace mortise::test
