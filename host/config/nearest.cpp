// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include <algorithm>

namespace mortise::host {

namespace {

// Optimal string alignment: insert, delete, change, swap of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

} // namespace

std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t longest = 128;
    if (word.empty() || word.size() > longest) return {};
    // Short words need a stricter rule, or everything is near everything.
    const std::size_t limit = std::max<std::size_t>(word.size() / 3, word.size() > 3 ? 2 : 1);
    std::string_view best;
    std::size_t best_distance = limit + 1;
    for (const std::string& c : candidates) {
        if (c.size() > word.size() + limit || word.size() > c.size() + limit) continue;
        const std::size_t d = distance(word, c);
        if (d < best_distance && d < std::max(word.size(), c.size())) {
            best = c;
            best_distance = d;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string_view near = nearest(word, candidates);
    return near.empty() ? std::string() : "did you mean \"" + std::string(near) + "\"?";
}

} // namespace mortise::host
