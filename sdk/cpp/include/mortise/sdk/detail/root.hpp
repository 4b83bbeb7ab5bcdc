// SPDX-License-Identifier: Apache-2.0
//
// The top of a chain of tasks: starts one and reports its end to a plain function. Owned by the
// call, delivery or run it works for; destroying it while the task waits frees every frame.
#pragma once

#include <mortise/sdk/task.hpp>

#include <coroutine>
#include <exception>
#include <utility>

namespace mortise::detail {

class root {
public:
    // Called once, at the very end; it may destroy the root. failure is null on success.
    using ended_fn = void (*)(void* ctx, std::exception_ptr failure) noexcept;

    root() noexcept = default;
    root(const root&) = delete;
    root& operator=(const root&) = delete;
    ~root() {
        if (frame_) frame_.destroy();
    }

    // May run the task to its end before it returns; *this may be gone then. Call it once.
    void start(task<void> work, ended_fn ended, void* ctx);

private:
    struct promise_type;
    struct runner;
    static runner run(task<void> work);

    std::coroutine_handle<> frame_;
};

} // namespace mortise::detail
