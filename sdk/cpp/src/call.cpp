// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include <mortise/sdk/call.hpp>
#include <mortise/sdk/detail/waiter.hpp>

namespace mortise {

task<void> call_context::sleep(std::chrono::milliseconds d) {
    return time_source::sleep_on(detail::pointer_to(owner_.tables().time), this, d);
}

bool call_context::cancelled() const noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (cancel_requested_) return true;
    }
    const auto& call = owner_.tables().call;
    return handle_ != 0 && call && call->cancelled(call->ctx, handle_) != 0;
}

void call_context::throw_if_cancelled() const {
    if (!cancelled()) return;
    error e(category::cancelled, "sdk.call.cancelled",
            "The call was cancelled or its deadline has passed.");
    e.effect = effect::none;
    throw e;
}

void call_context::begin(std::string operation,
                         std::uint32_t attempt,
                         std::string idempotency_key,
                         std::string trace_parent,
                         std::uint64_t deadline_ns,
                         content_stream content) {
    operation_ = std::move(operation);
    attempt_ = attempt;
    idempotency_key_ = std::move(idempotency_key);
    trace_parent_ = std::move(trace_parent);
    deadline_ns_ = deadline_ns;
    content_ = std::move(content);
}

static void wake(void* token, std::uint32_t) noexcept {
    if (auto* waiting = detail::waiter::claim(token)) waiting->wake();
}

void call_context::cancel() noexcept {
    const auto& t = owner_.tables();
    const std::lock_guard lock(mutex_);
    cancel_requested_ = true;
    // The host calls nothing back on this stack, so the list does not change meanwhile.
    for (const auto& o : outstanding_) {
        switch (o.kind) {
        case pending::request:
            t.http->cancel(t.http->ctx, o.handle);
            break;
        case pending::timer:
            t.time->cancel_timer(t.time->ctx, o.handle);
            break;
        case pending::waiter: // a frame must not go on below our lock
            t.time->post(t.time->ctx, &wake, reinterpret_cast<void*>(o.handle));
            break;
        }
    }
}

void call_context::watch(pending kind, mortise_handle handle) {
    const std::lock_guard lock(mutex_);
    outstanding_.push_back({kind, handle});
}

void call_context::unwatch(pending kind, mortise_handle handle) noexcept {
    const std::lock_guard lock(mutex_);
    std::erase_if(outstanding_,
                  [&](const outstanding& o) { return o.kind == kind && o.handle == handle; });
}

} // namespace mortise
