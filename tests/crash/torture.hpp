// SPDX-License-Identifier: Apache-2.0
// How much of it a torture is asked for.
#pragma once

#include <cstddef>
#include <cstdlib>

namespace mortise::test {

inline std::size_t from_environment(const char* name, std::size_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr || *text == 0 ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace mortise::test
