// SPDX-License-Identifier: Apache-2.0
// A sliding window per caller.
#pragma once

#include "kit/clock.hpp"

#include <deque>
#include <map>
#include <string>

namespace mortise::sandbox {

class rate_limiter {
public:
    rate_limiter(std::size_t limit, milliseconds window) : limit_(limit), window_(window) {}

    struct verdict {
        bool allowed = true;
        std::size_t remaining = 0;
        milliseconds retry_after{0}; // when refused
    };
    // Counts the request when it is allowed.
    verdict check(const std::string& caller, time_point now);
    void set(std::size_t limit, milliseconds window);
    std::size_t limit() const noexcept { return limit_; }
    void reset() { seen_.clear(); }

private:
    std::size_t limit_;
    milliseconds window_;
    std::map<std::string, std::deque<time_point>> seen_;
};

} // namespace mortise::sandbox
