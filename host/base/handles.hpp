// SPDX-License-Identifier: Apache-2.0
// Handles for plugins: never 0, never reused within the process. [any-thread]
#pragma once

#include <mortise/core.h>

#include <atomic>

namespace mortise::host {

inline mortise_handle next_handle() noexcept {
    static std::atomic<mortise_handle> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

} // namespace mortise::host
