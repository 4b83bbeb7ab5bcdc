// SPDX-License-Identifier: Apache-2.0
// Growth rules for structs that come from the host. Private to the SDK.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace mortise::detail {

// Copies a request at min(its size, ours). False when it is longer and its tail says something: an
// instruction this SDK does not know must be refused, not ignored.
template <class T>
bool copy_in(const T* from, T& to) noexcept {
    to = T{};
    if (!from) return false;
    std::uint32_t size = 0;
    std::memcpy(&size, from, sizeof size);
    if (size < sizeof size) return false;
    std::memcpy(&to, from, std::min<std::size_t>(size, sizeof(T)));
    const auto* bytes = reinterpret_cast<const unsigned char*>(from);
    for (std::size_t i = sizeof(T); i < size; ++i) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

} // namespace mortise::detail
