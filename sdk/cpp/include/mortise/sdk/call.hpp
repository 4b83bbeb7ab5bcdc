// SPDX-License-Identifier: Apache-2.0
//
// The call an operation works for. Lives until the operation's task has ended.
#pragma once

#include <mortise/connector.h>
#include <mortise/sdk/instance.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mortise {

class call_context {
public:
    call_context(instance& owner, mortise_handle handle) noexcept
        : owner_(owner), handle_(handle) {}
    call_context(const call_context&) = delete;
    call_context& operator=(const call_context&) = delete;

    // Requests on behalf of this call: its deadline, cancel and trace apply.
    http_client http() noexcept { return {owner_, this}; }
    // Ends early with CANCELLED when the call is cancelled.
    task<void> sleep(std::chrono::milliseconds d);
    logger log() const noexcept { return owner_.log(); }
    instance& owner() noexcept { return owner_; }
    mortise_handle handle() const noexcept { return handle_; }

    const std::string& operation() const noexcept { return operation_; }
    std::uint32_t attempt() const noexcept { return attempt_; }
    // Stable over retries and restarts: hand it to systems that take one.
    const std::string& idempotency_key() const noexcept { return idempotency_key_; }
    const std::string& trace_parent() const noexcept { return trace_parent_; }
    std::uint64_t deadline_ns() const noexcept { return deadline_ns_; } // of time().now_mono_ns()
    // [any-thread] After a cancel or past the deadline. Poll it in blocking operations.
    bool cancelled() const noexcept;
    void throw_if_cancelled() const;

    // The content that came with the call (empty when none); the one to answer with.
    content_stream& content() noexcept { return content_; }
    void answer_content(content_stream content) noexcept { answer_ = std::move(content); }

    // For the SDK.
    void begin(std::string operation,
               std::uint32_t attempt,
               std::string idempotency_key,
               std::string trace_parent,
               std::uint64_t deadline_ns,
               content_stream content);
    content_stream take_answer() noexcept { return std::move(answer_); }
    void cancel() noexcept; // [strand]
    // waiter: the token of a detail::waiter, woken from the strand's queue.
    enum class pending { request, timer, waiter };
    void watch(pending kind, mortise_handle handle);
    void unwatch(pending kind, mortise_handle handle) noexcept;

private:
    struct outstanding {
        pending kind;
        mortise_handle handle;
    };

    instance& owner_;
    mortise_handle handle_;
    std::string operation_;
    std::uint32_t attempt_ = 1;
    std::string idempotency_key_;
    std::string trace_parent_;
    std::uint64_t deadline_ns_ = 0;
    content_stream content_;
    content_stream answer_;
    mutable std::mutex mutex_; // a blocking operation runs beside the strand
    bool cancel_requested_ = false;
    std::vector<outstanding> outstanding_;
};

} // namespace mortise
