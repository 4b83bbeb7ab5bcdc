// SPDX-License-Identifier: Apache-2.0
#include "kit/rate_limiter.hpp"

#include <algorithm>

namespace mortise::sandbox {

rate_limiter::verdict rate_limiter::check(const std::string& caller, time_point now) {
    std::deque<time_point>& seen = seen_[caller];
    while (!seen.empty() && seen.front() + window_ <= now)
        seen.pop_front();
    verdict v;
    if (seen.size() >= limit_) {
        v.allowed = false;
        const time_point free_at = seen.empty() ? now + window_ : seen.front() + window_;
        v.retry_after = std::max(milliseconds(1), std::chrono::ceil<milliseconds>(free_at - now));
        return v;
    }
    seen.push_back(now);
    v.remaining = limit_ - seen.size();
    return v;
}

void rate_limiter::set(std::size_t limit, milliseconds window) {
    limit_ = limit;
    window_ = window;
}

} // namespace mortise::sandbox
