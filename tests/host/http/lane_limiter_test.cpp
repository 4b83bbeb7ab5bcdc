// SPDX-License-Identifier: Apache-2.0
#include "http/lane_limiter.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

using namespace mortise::host;
using namespace std::chrono_literals;
using verdict = lane_limiter::verdict;

namespace {

constexpr std::uint64_t s = 1'000'000'000;
constexpr std::uint64_t t0 = 5 * s;

} // namespace

TEST_CASE("a lane lets a burst go and then one request per token", "[http][limiter]") {
    lane_limiter l({.requests_per_second = 4, .burst = 3, .max_concurrent = 100});
    for (int i = 0; i < 3; ++i)
        CHECK(l.step(t0).what == verdict::go);
    const auto wait = l.step(t0);
    REQUIRE(wait.what == verdict::wait_until);
    CHECK(wait.at_ns == t0 + s / 4);
    CHECK(l.step(wait.at_ns - s / 100).what == verdict::wait_until);
    CHECK(l.step(wait.at_ns).what == verdict::go);
    CHECK(l.step(wait.at_ns).what == verdict::wait_until);
}

TEST_CASE("waiting exactly as long as the lane says is always enough", "[http][limiter]") {
    const double rate = GENERATE(0.1, 0.3, 1.0, 3.0, 7.0, 33.3, 1234.5);
    lane_limiter l({.requests_per_second = rate, .burst = 1, .max_concurrent = 100000});
    std::uint64_t now = t0;
    for (int i = 0; i < 1000; ++i) {
        auto a = l.step(now);
        if (a.what == verdict::wait_until) {
            REQUIRE(a.at_ns > now);
            now = a.at_ns;
            a = l.step(now);
        }
        REQUIRE(a.what == verdict::go);
    }
    CHECK(static_cast<double>(now - t0) / 1e9 == Approx(999 / rate).epsilon(0.001));
}

TEST_CASE("a long rest gives no more than the burst", "[http][limiter]") {
    lane_limiter l({.requests_per_second = 10, .burst = 2, .max_concurrent = 100});
    CHECK(l.step(t0).what == verdict::go);
    const auto later = t0 + 3600 * s;
    CHECK(l.step(later).what == verdict::go);
    CHECK(l.step(later).what == verdict::go);
    CHECK(l.step(later).what == verdict::wait_until);
}

TEST_CASE("a lane holds back past its concurrency until a place is given back", "[http][limiter]") {
    lane_limiter l({.max_concurrent = 2});
    CHECK(l.step(t0).what == verdict::go);
    CHECK(l.step(t0).what == verdict::go);
    CHECK(l.step(t0 + 100 * s).what == verdict::wait_for_release);
    l.release();
    CHECK(l.in_flight() == 1);
    CHECK(l.step(t0 + 100 * s).what == verdict::go);
}

TEST_CASE("being held back costs no token", "[http][limiter]") {
    lane_limiter l({.requests_per_second = 1, .burst = 2, .max_concurrent = 1});
    CHECK(l.step(t0).what == verdict::go);
    for (int i = 0; i < 5; ++i)
        CHECK(l.step(t0).what == verdict::wait_for_release);
    l.release();
    CHECK(l.step(t0).what == verdict::go);
}

TEST_CASE("a redirect pays a token in advance", "[http][limiter]") {
    lane_limiter l({.requests_per_second = 1, .burst = 1, .max_concurrent = 10});
    CHECK(l.step(t0).what == verdict::go);
    l.charge(t0);
    CHECK(l.step(t0).at_ns == t0 + 2 * s);
}

TEST_CASE("a pause stops the lane, is capped and never shortened", "[http][limiter]") {
    lane_limiter l({.max_concurrent = 10, .max_pause = 60s});
    l.pause(t0, 30s);
    CHECK(l.step(t0).at_ns == t0 + 30 * s);
    l.pause(t0, 5s);
    CHECK(l.pause_left(t0) == 30s);
    l.pause(t0, std::chrono::hours(24));
    CHECK(l.pause_left(t0) == 60s);
    l.pause(t0, -5s);
    CHECK(l.step(t0 + 60 * s - 1).what == verdict::wait_until);
    CHECK(l.step(t0 + 60 * s).what == verdict::go);
    CHECK(l.pause_left(t0 + 61 * s) == 0s);
}

TEST_CASE("Retry-After is read as seconds or as a date", "[http][limiter]") {
    const unix_ms now = 784111777000; // Sun, 06 Nov 1994 08:49:37 GMT
    CHECK(parse_retry_after("0", now) == 0ms);
    CHECK(parse_retry_after(" 120 ", now) == 120s);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now) == 60s);
    CHECK(parse_retry_after("Sunday, 06-Nov-94 08:50:37 GMT", now) == 60s);
    CHECK(parse_retry_after("Sun Nov  6 08:50:37 1994", now) == 60s);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now) == 0ms);
    CHECK(*parse_retry_after("99999999999999999999999", now) > std::chrono::hours(24 * 365));
    for (const char* bad : {"", "  ", "-5", "soon", "1.5", "12:00", "10 apples", "Sun, 99 Foo"}) {
        INFO(bad);
        CHECK_FALSE(parse_retry_after(bad, now));
    }
}
