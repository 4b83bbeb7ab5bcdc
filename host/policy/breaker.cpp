// SPDX-License-Identifier: Apache-2.0
#include "policy/breaker.hpp"

#include <algorithm>

namespace mortise::host {

std::string_view to_string(breaker_state s) noexcept {
    switch (s) {
    case breaker_state::closed:
        return "closed";
    case breaker_state::open:
        return "open";
    case breaker_state::half_open:
        return "half_open";
    }
    return "closed";
}

breaker_sign sign_of(const error& e) noexcept {
    if (e.code == "trigger.closed") return breaker_sign::nothing; // by us, on a reload
    switch (e.category) {
    case category::unavailable:
    case category::timeout:
        return breaker_sign::failing;
    case category::config:
    case category::rate_limit: // it is alive, and its lane waits by itself
    case category::cancelled:
    case category::limit:
    case category::internal:
    case category::unknown:
        break;
    case category::input:
    case category::auth:
    case category::denied:
    case category::not_found:
    case category::conflict:
    case category::remote_protocol:
        return e.retry == retry_advice::yes ? breaker_sign::failing : breaker_sign::alive;
    }
    return e.category != category::rate_limit && e.retry == retry_advice::yes
               ? breaker_sign::failing
               : breaker_sign::nothing;
}

void breaker::roll(time_point now) {
    const auto length = std::max(options_.window / 2, time_point(1));
    if (now < half_began_ + length) return;
    before_ = now < half_began_ + 2 * length ? current_ : half{};
    current_ = {};
    half_began_ = now;
}

bool breaker::too_many() const {
    if (in_a_row_ >= std::max(options_.failures, 1u)) return true;
    const auto calls = current_.calls + before_.calls;
    const auto failed = current_.failed + before_.failed;
    return calls >= std::max(options_.min_calls, 1u) &&
           static_cast<double>(failed) >= options_.failure_ratio * static_cast<double>(calls);
}

void breaker::open(time_point now, std::uint64_t random) {
    auto length = std::max(options_.open_for, time_point(1));
    const auto longest = std::max(options_.max_open_for, length);
    for (std::uint32_t i = 0; i < openings_ && length < longest; ++i)
        length *= 2;
    length = std::min(length, longest);
    const double share = static_cast<double>(random >> 11) / 9007199254740992.0; // [0,1)
    const double jittered =
        static_cast<double>(length.count()) * (1.0 - std::clamp(options_.jitter, 0.0, 1.0) * share);
    state_ = breaker_state::open;
    until_ = now + std::max(time_point(static_cast<std::int64_t>(jittered)), time_point(1));
    probe_ = 0;
    ++era_;
    openings_ = std::min(openings_ + 1, 62u);
}

void breaker::close() {
    state_ = breaker_state::closed;
    ++era_;
    in_a_row_ = 0;
    openings_ = 0;
    probe_ = 0;
    current_ = before_ = {};
}

breaker::admission breaker::ask(time_point now) {
    if (!options_.enabled || state_ == breaker_state::closed) return {true, {era_, 0}, {}};
    if (state_ == breaker_state::open) {
        if (now < until_) return {false, {}, until_};
        state_ = breaker_state::half_open;
        probe_ = 0;
    }
    if (probe_ != 0 && now < probe_lost_at_) return {false, {}, probe_lost_at_};
    probe_ = ++probes_;
    probe_lost_at_ = now + std::max(options_.probe_lease, time_point(1));
    return {true, {era_, probe_}, {}};
}

void breaker::report(const breaker_pass& pass,
                     breaker_sign sign,
                     time_point now,
                     std::uint64_t random) {
    if (!options_.enabled || pass.era != era_) return;
    if (pass.probe != 0) {
        if (state_ != breaker_state::half_open) return;
        // A probe given up for lost that does come back alive is as good as any other.
        if (sign == breaker_sign::alive) {
            close();
        } else if (pass.probe == probe_) {
            if (sign == breaker_sign::failing)
                open(now, random);
            else
                probe_ = 0;
        }
        return;
    }
    if (state_ != breaker_state::closed || sign == breaker_sign::nothing) return;
    roll(now);
    ++current_.calls;
    if (sign == breaker_sign::alive) {
        in_a_row_ = 0;
        return;
    }
    ++current_.failed;
    ++in_a_row_;
    if (too_many()) open(now, random);
}

void breaker::configure(const breaker_options& options) {
    const bool was = options_.enabled;
    options_ = options;
    if (was != options.enabled) close();
}

} // namespace mortise::host
