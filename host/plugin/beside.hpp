// SPDX-License-Identifier: Apache-2.0
// A few threads for work that is the same for each of many files and waits or computes: to hash
// them, to look at them in children. [any-thread]
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

namespace mortise::host {

// How many threads are worth it: no more than wanted, than there are processors, than eight; one
// at least.
inline std::size_t beside(std::size_t wanted) noexcept {
    const std::size_t processors = std::thread::hardware_concurrency();
    return std::clamp<std::size_t>(std::min(wanted, processors), 1, 8);
}

// Calls work(0) ... work(count - 1), each once, in any order, on up to `threads` threads of which
// the caller's is one; returns when all are done. work must not throw.
template <class Work>
void for_each_beside(std::size_t count, std::size_t threads, const Work& work) {
    std::atomic<std::size_t> next{0};
    const auto run = [&] {
        for (auto i = next++; i < count; i = next++)
            work(i);
    };
    std::vector<std::jthread> others;
    try {
        while (others.size() + 1 < std::min(threads, count))
            others.emplace_back(run);
    } catch (const std::system_error&) { // no thread to be had: those there are do it
    }
    run();
}

} // namespace mortise::host
