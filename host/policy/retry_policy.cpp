// SPDX-License-Identifier: Apache-2.0
#include "policy/retry_policy.hpp"

#include <algorithm>
#include <cmath>

namespace mortise::host {

retry_policy merge(retry_policy base, const retry_config& over) {
    if (over.max_attempts)
        base.max_attempts = static_cast<std::uint32_t>(std::max(*over.max_attempts, 1));
    if (over.first_delay) base.first_delay = *over.first_delay;
    if (over.max_delay) base.max_delay = *over.max_delay;
    if (over.multiplier) base.multiplier = *over.multiplier;
    if (over.jitter) base.jitter = *over.jitter;
    if (over.max_age) base.max_age = *over.max_age;
    return base;
}

bool is_transient(const error& e) noexcept {
    switch (e.retry) {
    case retry_advice::yes:
        return true;
    case retry_advice::no:
        return false;
    case retry_advice::by_category:
        break;
    }
    return e.category == category::rate_limit || e.category == category::unavailable ||
           e.category == category::timeout;
}

bool may_have_happened(const error& e) noexcept {
    if (e.effect != effect::unknown) return e.effect == effect::done;
    // These say that the remote side looked at the request and refused it.
    switch (e.category) {
    case category::config:
    case category::input:
    case category::auth:
    case category::denied:
    case category::not_found:
    case category::conflict:
    case category::rate_limit:
        return false;
    default:
        return true;
    }
}

retry_decision decide_retry(const retry_policy& policy,
                            const error& e,
                            effect_class repeat,
                            std::uint32_t attempt,
                            std::chrono::milliseconds age,
                            std::uint64_t random) noexcept {
    using action = retry_decision::action;
    const bool nothing_done = !may_have_happened(e);
    const bool may_repeat = repeat != effect_class::unsafe || nothing_done;
    if (!may_repeat && e.effect == effect::unknown) return {action::in_doubt, {}};
    if (!is_transient(e) || !may_repeat || attempt >= policy.max_attempts)
        return {action::give_up, {}};
    if (policy.max_age.count() > 0 && age >= policy.max_age) return {action::give_up, {}};

    const double exponent = static_cast<double>(std::min<std::uint32_t>(attempt, 63) - 1);
    double delay = static_cast<double>(policy.first_delay.count()) *
                   std::pow(std::max(policy.multiplier, 1.0), exponent);
    delay = std::min(delay, static_cast<double>(policy.max_delay.count()));
    const double share = static_cast<double>(random >> 11) / 9007199254740992.0; // [0,1)
    delay *= 1.0 - std::clamp(policy.jitter, 0.0, 1.0) * share;
    auto wait = std::chrono::milliseconds(static_cast<std::int64_t>(delay));
    // The server knows best; it may ask for longer than our cap.
    if (e.retry_after) wait = std::max(wait, *e.retry_after);
    return {action::again, wait};
}

} // namespace mortise::host
