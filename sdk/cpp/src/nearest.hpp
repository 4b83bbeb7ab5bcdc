// SPDX-License-Identifier: Apache-2.0
// The nearest of some names, for "did you mean". Private to the SDK.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace mortise::detail {

// Optimal string alignment distance: insert, delete, change, swap of neighbours.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = std::min(now[j], before[j - 2] + 1);
            }
        }
        before = last;
        last = now;
    }
    return last[b.size()];
}

// Empty when none is near enough (2 edits, or a third of the length).
inline std::string_view
nearest(std::string_view text, const std::string_view* names, std::size_t n) {
    std::string_view best;
    if (text.size() > 100) return best;
    std::size_t best_distance = std::max<std::size_t>(2, text.size() / 3) + 1;
    for (std::size_t i = 0; i < n; ++i) {
        if (names[i].size() > 100) continue;
        const std::size_t d = edit_distance(text, names[i]);
        if (d < best_distance && d < names[i].size()) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}

} // namespace mortise::detail
