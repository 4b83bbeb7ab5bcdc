// SPDX-License-Identifier: Apache-2.0
// Waiting for the host's callbacks, one kind per callback signature. Private to the SDK.
//
//     auto start = [&](void* user) { return svc.get(svc.ctx, key, &on_state, user); };
//     detail::request<detail::state_op, decltype(start)> op(start);
//     co_await op;
//     op.check("mortise.state/1 get");
#pragma once

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/content.hpp>
#include <mortise/sdk/detail/waiter.hpp>
#include <mortise/sdk/error.hpp>
#include <mortise/state.h>
#include <mortise/time.h>

#include <coroutine>
#include <exception>
#include <optional>
#include <string>

namespace mortise::detail {

// Collects what a callee says through an error sink.
class error_capture {
public:
    mortise_error_sink sink() noexcept { return {this, &set}; }
    std::optional<error> value;

private:
    static void set(void* ctx, const mortise_error* e) noexcept;
};

// What a negative status means when the callee gave no details.
error refusal(mortise_status st, std::string_view what);

struct op_base : waiter {
    mortise_status refused = MORTISE_OK;
    std::exception_ptr failure; // an error of the host, or no memory to copy the answer

    // Throws when the request was refused or failed.
    void check(std::string_view what, error_capture* details = nullptr);
    void fail(const mortise_error& e) noexcept;
    // Runs f, which copies the answer; a failure of it becomes the answer.
    template <class F>
    void store(F&& f) noexcept {
        try {
            f();
        } catch (...) {
            failure = std::current_exception();
        }
    }
};

struct done_op : op_base {
    static void on_done(void* user, mortise_status st, const mortise_error* e) noexcept;
};

struct result_op : op_base {
    std::optional<std::string> text;
    mortise_handle content = 0;
    static void on_result(void* user,
                          const mortise_payload* r,
                          mortise_handle content,
                          const mortise_error* e) noexcept;
};

struct state_op : op_base {
    std::optional<std::string> text;
    std::uint64_t version = 0;
    static void on_state(void* user,
                         const mortise_payload* value,
                         std::uint64_t version,
                         const mortise_error* e) noexcept;
};

struct timer_op : op_base {
    bool was_cancelled = false;
    static void on_timer(void* user, std::uint32_t cancelled) noexcept;
};

// Closes a content handle that comes for a request nobody waits for any more.
class close_late_content final : public leftover {
public:
    explicit close_late_content(const mortise_svc_content& service) noexcept : service_(service) {}
    void late(mortise_handle content) noexcept override { content_stream(&service_, content); }

private:
    const mortise_svc_content& service_;
};

template <class Op, class Start>
class request : public Op {
public:
    explicit request(Start start) : start_(std::move(start)) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h) {
        void* const token = this->arm();
        this->refused = start_(token);
        if (this->refused != MORTISE_OK) {
            this->disarm();
            return false;
        }
        return this->suspend(h);
    }
    void await_resume() const noexcept {}

private:
    Start start_;
};

} // namespace mortise::detail
