// SPDX-License-Identifier: Apache-2.0
#include "validate/resources.hpp"

#include <chrono>
#include <filesystem>
#include <iterator>
#include <malloc.h>
#include <thread>

namespace mortise::host {

namespace {

std::size_t entries_of(const char* folder) {
    std::error_code ec;
    const std::filesystem::directory_iterator all(folder, ec);
    return ec ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace

resources resources::now() {
    resources out;
    out.threads = entries_of("/proc/self/task");
    out.files = entries_of("/proc/self/fd");
    const auto heap = ::mallinfo2();
    out.heap_bytes = heap.uordblks + heap.hblkhd;
    return out;
}

std::size_t resources::threads_settling_to(std::size_t most) {
    using namespace std::chrono;
    const auto deadline = steady_clock::now() + seconds(1);
    std::size_t have = entries_of("/proc/self/task");
    while (have > most && steady_clock::now() < deadline) {
        std::this_thread::sleep_for(milliseconds(2));
        have = entries_of("/proc/self/task");
    }
    return have;
}

} // namespace mortise::host
