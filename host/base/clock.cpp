// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

namespace mortise::host {

unix_ms system_clock::now_unix_ms() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::uint64_t system_clock::now_mono_ns() const {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count());
}

void manual_clock::advance(std::chrono::milliseconds by) {
    unix_.fetch_add(by.count());
    mono_.fetch_add(static_cast<std::uint64_t>(by.count()) * 1'000'000u);
}

} // namespace mortise::host
