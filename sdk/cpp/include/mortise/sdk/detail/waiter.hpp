// SPDX-License-Identifier: Apache-2.0
//
// What a coroutine leaves behind with the host while it waits: a token, never a pointer. A frame
// that is destroyed while its request is out (drop(), first()) takes its token back, so a late
// callback finds nothing instead of freed memory.
#pragma once

#include <mortise/core.h>

#include <atomic>
#include <coroutine>
#include <memory>

namespace mortise::detail {

// What must outlive a waiter that was given up: a buffer the host still writes to, or the way to
// close a content handle that arrives late.
class leftover {
public:
    virtual ~leftover() = default;
    virtual void late(mortise_handle content) noexcept = 0;
};

class waiter {
public:
    waiter() noexcept = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    ~waiter() { disarm(); }

    // The user pointer for the host.
    void* arm();
    // Takes the token back: the request was refused.
    void disarm() noexcept { abandon(nullptr); }
    // Takes the token back; rest is kept until the callback has come.
    void abandon(std::unique_ptr<leftover> rest) noexcept;
    bool armed() const noexcept { return token_ != nullptr; }

    // From the callback: the waiter that armed the token, once; nullptr when it was given up, after
    // handing content to its leftover. [any-thread]
    static waiter* claim(void* token, mortise_handle content = 0) noexcept;

    // After the request was accepted: true means stay suspended. The answer may have come already.
    bool suspend(std::coroutine_handle<> h) noexcept {
        frame_ = h;
        return !met_.exchange(true, std::memory_order_acq_rel);
    }
    // From the callback, after claim() and after the result was stored.
    void wake() noexcept {
        if (met_.exchange(true, std::memory_order_acq_rel)) frame_.resume();
    }

private:
    void* token_ = nullptr;
    std::coroutine_handle<> frame_;
    std::atomic<bool> met_{false};
};

} // namespace mortise::detail
