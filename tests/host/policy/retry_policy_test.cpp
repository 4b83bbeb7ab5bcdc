// SPDX-License-Identifier: Apache-2.0
#include "policy/retry_policy.hpp"
#include "support/catch.hpp"

using namespace mortise;
using namespace mortise::host;
using std::chrono::milliseconds;
using action = retry_decision::action;

namespace {

error failure(category c, effect e = effect::none) {
    error out{c, "test.failure", "it failed"};
    out.effect = e;
    return out;
}

retry_policy plain() {
    retry_policy p;
    p.max_attempts = 5;
    p.first_delay = milliseconds(100);
    p.max_delay = milliseconds(1000);
    p.jitter = 0;
    return p;
}

} // namespace

TEST_CASE("delays grow by the multiplier up to the longest", "[engine][retry]") {
    const auto e = failure(category::unavailable);
    auto p = plain();
    p.max_attempts = 100;
    const auto delay = [&](std::uint32_t attempt) {
        const auto d = decide_retry(p, e, effect_class::read, attempt, {}, 0);
        CHECK(d.what == action::again);
        return d.delay.count();
    };
    CHECK(delay(1) == 100);
    CHECK(delay(2) == 200);
    CHECK(delay(4) == 800);
    CHECK(delay(5) == 1000);
    CHECK(delay(99) == 1000);
}

TEST_CASE("jitter shortens a delay by at most its share", "[engine][retry]") {
    auto p = plain();
    p.jitter = 0.5;
    const auto e = failure(category::timeout);
    const auto at = [&](std::uint64_t random) {
        return decide_retry(p, e, effect_class::read, 1, {}, random).delay.count();
    };
    CHECK(at(0) == 100);
    CHECK(at(~std::uint64_t{0}) == 50);
    CHECK(at(std::uint64_t{1} << 63) == 75);
}

TEST_CASE("the server's Retry-After wins over a shorter delay, and over the longest",
          "[engine][retry]") {
    auto e = failure(category::rate_limit);
    e.retry_after = milliseconds(60'000);
    CHECK(decide_retry(plain(), e, effect_class::read, 1, {}, 0).delay == milliseconds(60'000));
    e.retry_after = milliseconds(1);
    CHECK(decide_retry(plain(), e, effect_class::read, 1, {}, 0).delay == milliseconds(100));
}

TEST_CASE("only what may get better is tried again", "[engine][retry]") {
    const auto what = [](error e, effect_class repeat = effect_class::read) {
        return decide_retry(plain(), e, repeat, 1, {}, 0).what;
    };
    for (const auto c : {category::rate_limit, category::unavailable, category::timeout})
        CHECK(what(failure(c)) == action::again);
    for (const auto c : {category::config, category::input, category::auth, category::denied,
                         category::not_found, category::conflict, category::internal})
        CHECK(what(failure(c)) == action::give_up);
    auto told = failure(category::internal);
    told.retry = retry_advice::yes;
    CHECK(what(told) == action::again);
    told = failure(category::unavailable);
    told.retry = retry_advice::no;
    CHECK(what(told) == action::give_up);
}

TEST_CASE("attempts and age have an end", "[engine][retry]") {
    const auto e = failure(category::unavailable);
    auto p = plain();
    CHECK(decide_retry(p, e, effect_class::read, 4, {}, 0).what == action::again);
    CHECK(decide_retry(p, e, effect_class::read, 5, {}, 0).what == action::give_up);
    p.max_age = milliseconds(1000);
    CHECK(decide_retry(p, e, effect_class::read, 1, milliseconds(999), 0).what == action::again);
    CHECK(decide_retry(p, e, effect_class::read, 1, milliseconds(1000), 0).what == action::give_up);
}

TEST_CASE("what may have happened is repeated only where a repeat is safe", "[engine][retry]") {
    const auto e = failure(category::timeout, effect::unknown);
    const auto what = [&](effect_class repeat, const error& f) {
        return decide_retry(plain(), f, repeat, 1, {}, 0).what;
    };
    CHECK(what(effect_class::idempotent, e) == action::again);
    CHECK(what(effect_class::lookup_first, e) == action::again);
    CHECK(what(effect_class::unsafe, e) == action::in_doubt);
    // Not a question of whether it is transient: an internal error after the request is a doubt.
    CHECK(what(effect_class::unsafe, failure(category::internal, effect::unknown)) ==
          action::in_doubt);
    CHECK(what(effect_class::unsafe, failure(category::unavailable, effect::none)) ==
          action::again);
    CHECK(what(effect_class::unsafe, failure(category::timeout, effect::done)) == action::give_up);
    // A refusal changed nothing, even when the plugin did not say so.
    CHECK(what(effect_class::unsafe, failure(category::input, effect::unknown)) == action::give_up);
    CHECK(what(effect_class::unsafe, failure(category::rate_limit, effect::unknown)) ==
          action::again);
}
