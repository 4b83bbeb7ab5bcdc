// SPDX-License-Identifier: Apache-2.0
// Waits for a condition that something else makes true, up to a deadline; never for a time.
#pragma once

#include <chrono>
#include <thread>

namespace mortise::test {

// True as soon as condition() is; false when the deadline passed first.
template <class Condition>
bool eventually(Condition condition,
                std::chrono::milliseconds deadline = std::chrono::seconds(30)) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) return condition();
        std::this_thread::yield();
        std::this_thread::sleep_for(
            std::chrono::milliseconds(2)); // leaves the processor to the others
    }
    return true;
}

} // namespace mortise::test
