// SPDX-License-Identifier: Apache-2.0
//
// One login shared by all calls of an instance. Whoever needs the token first logs in; who comes
// meanwhile waits for the same login. A failed login is given to all who waited; the next use tries
// again. Use instance::http() for the login, not a call's: one call's cancel must not end it for
// all. A cancelled call stops waiting, the login goes on for the others and for the next.
#pragma once

#include <mortise/sdk/call.hpp>
#include <mortise/sdk/detail/root.hpp>
#include <mortise/sdk/detail/waiter.hpp>
#include <mortise/sdk/task.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace mortise {

// [strand] of the instance. Token needs == and copying.
template <class Token>
class session {
public:
    explicit session(std::function<task<Token>()> log_in) : log_in_(std::move(log_in)) {}
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    // The token, after a login when there is none. Throws CANCELLED when the call is cancelled
    // while it waits.
    task<Token> get(call_context& c) { return get_for(&c); }
    // For work that belongs to no call.
    task<Token> get() { return get_for(nullptr); }

    // The system has refused this token. A newer one stays.
    void invalidate(const Token& refused) noexcept {
        if (token_ && *token_ == refused) token_.reset();
    }

private:
    struct attempt : detail::waiter {
        session& owner;
        call_context* call;
        mortise_handle watched = 0;
        std::optional<Token> token;
        std::exception_ptr failure;

        attempt(session& s, call_context* c) : owner(s), call(c) {}
        ~attempt() {
            if (watched) call->unwatch(call_context::pending::waiter, watched);
            std::erase(owner.waiting_, this);
            std::erase(owner.waking_, this);
        }
        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<> h) {
            owner.waiting_.push_back(this);
            if (!owner.running_) owner.start();
            // A login that did not have to wait has answered already.
            if (token || failure) return false;
            if (call) {
                watched = reinterpret_cast<mortise_handle>(arm());
                call->watch(call_context::pending::waiter, watched);
            }
            return suspend(h);
        }
        void await_resume() const noexcept {}
        void answered() noexcept {
            disarm(); // a cancel that comes now is too late
            wake();
        }
    };

    task<Token> get_for(call_context* c) {
        if (token_) co_return *token_;
        if (c) c->throw_if_cancelled();
        attempt join(*this, c);
        co_await join;
        if (join.failure) std::rethrow_exception(std::move(join.failure));
        if (!join.token) throw cancelled_error();
        co_return std::move(*join.token);
    }

    static error cancelled_error() {
        error e(category::cancelled, "sdk.call.cancelled",
                "The call was cancelled while it waited for the login.");
        e.effect = effect::none;
        return e;
    }

    void start() {
        finished_.reset(); // the frame of the login before this one
        running_ = std::make_unique<detail::root>();
        starting_ = true;
        running_->start(run(*this), &ended, this);
        starting_ = false;
        if (!running_) deliver();
    }

    static task<void> run(session& self) {
        Token fresh = co_await self.log_in_();
        self.token_ = std::move(fresh);
    }

    static void ended(void* ctx, std::exception_ptr failure) noexcept {
        auto& self = *static_cast<session*>(ctx);
        self.failure_ = std::move(failure);
        // Kept until the next login: waking a waiter may destroy the session, not this frame below
        // us.
        self.finished_ = std::move(self.running_);
        if (!self.starting_) self.deliver_and_wake();
    }

    void deliver() {
        for (attempt* a : waiting_) {
            if (failure_) {
                a->failure = failure_;
            } else {
                a->token = *token_;
            }
        }
        waiting_.clear();
    }

    void deliver_and_wake() noexcept {
        waking_ = waiting_;
        try {
            deliver();
        } catch (...) {
            for (attempt* a : waking_)
                a->failure = std::current_exception();
            waiting_.clear();
        }
        while (!waking_.empty()) {
            attempt* const next = waking_.front();
            waking_.erase(waking_.begin());
            next->answered();
        }
    }

    std::function<task<Token>()> log_in_;
    std::optional<Token> token_;
    std::exception_ptr failure_;
    std::vector<attempt*> waiting_;
    std::vector<attempt*> waking_;
    bool starting_ = false;
    std::unique_ptr<detail::root> running_;
    std::unique_ptr<detail::root> finished_;
};

} // namespace mortise
