// SPDX-License-Identifier: Apache-2.0
#include "admin/random_text.hpp"

#include "base/ids.hpp"

#include <array>

namespace mortise::host {

std::string random_text(std::string_view prefix) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out(prefix);
    std::uint64_t bits = 0;
    int left = 0;
    for (int n = 0; n < 43; ++n) {
        if (left < 6) {
            bits = random_u64(); // the few bits that are left are not used
            left = 64;
        }
        out += digits[bits & 63];
        bits >>= 6;
        left -= 6;
    }
    return out;
}

} // namespace mortise::host
