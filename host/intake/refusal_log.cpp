// SPDX-License-Identifier: Apache-2.0
#include "intake/refusal_log.hpp"

#include "base/log.hpp"

namespace mortise::host {

void refusal_log::refused(const std::string& hook, const error& why) {
    constexpr std::uint64_t pause_ns = 60'000'000'000;
    std::uint64_t times = 0;
    {
        const std::lock_guard lock(guard_);
        auto& seen = all_[{hook, why.category}];
        ++seen.since;
        const auto now = static_cast<std::uint64_t>(time_.now_mono_ns());
        if (seen.told_ns && now - *seen.told_ns < pause_ns) return;
        seen.told_ns = now;
        times = std::exchange(seen.since, 0);
    }
    log(log_level::warn, "a webhook was refused: " + why.message,
        {{"hook", hook},
         {"code", why.code},
         {"category", to_string(why.category)},
         {"times", times}});
}

} // namespace mortise::host
