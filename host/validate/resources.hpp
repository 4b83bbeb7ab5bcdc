// SPDX-License-Identifier: Apache-2.0
// What this process holds right now, for comparing before and after. [any-thread]
#pragma once

#include <cstddef>

namespace mortise::host {

struct resources {
    std::size_t threads = 0;
    std::size_t files = 0;
    std::size_t heap_bytes = 0; // 0 when the allocator does not say, as under a sanitizer

    static resources now();
    // The threads once they are no more than `most`, or after a second: a joined thread may still
    // be listed for a moment.
    static std::size_t threads_settling_to(std::size_t most);
};

} // namespace mortise::host
