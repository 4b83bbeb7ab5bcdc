// SPDX-License-Identifier: Apache-2.0
// Handles for plugins: never 0, never reused within the process. [any-thread]
#pragma once

#include <mortise/core.h>

#include <atomic>

namespace mortise::host {

namespace detail {
inline std::atomic<mortise_handle> last_handle{0}; // set back by simulations only
}

inline mortise_handle next_handle() noexcept {
    return detail::last_handle.fetch_add(1, std::memory_order_relaxed) + 1;
}

} // namespace mortise::host
