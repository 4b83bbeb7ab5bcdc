// SPDX-License-Identifier: Apache-2.0
//
// Tells the operator in the log of webhooks that were refused: a wrong secret, a body nobody can
// read. A sender repeats for hours and a stranger as often as he likes, so each hook and cause is
// told once and then at most once a minute, with how many there were.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace mortise::host {

class refusal_log {
public:
    explicit refusal_log(const clock& time) : time_(time) {} // outlives it

    // [any-thread] hook: of the configuration, so that there are few of them.
    void refused(const std::string& hook, const error& why);

private:
    struct one {
        std::optional<std::uint64_t> told_ns; // monotonic
        std::uint64_t since = 0;
    };
    const clock& time_;
    std::mutex guard_;
    std::map<std::pair<std::string, category>, one> all_;
};

} // namespace mortise::host
