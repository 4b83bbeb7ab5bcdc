// SPDX-License-Identifier: Apache-2.0
#include "http/lane_limiter.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace mortise::host;
using verdict = lane_limiter::verdict;

namespace {

constexpr std::uint64_t second = 1'000'000'000;

// More than this may never have left between two departures, both counted.
double allowed(const limiter_options& o, std::uint64_t from, std::uint64_t to) {
    return o.burst + static_cast<double>(to - from) / 1e9 * o.requests_per_second + 1e-3;
}

} // namespace

TEST_CASE("over no window does a lane let more leave than its rate and burst",
          "[http][limiter][property]") {
    std::size_t total = 0;
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
        INFO("seed " << seed);
        std::mt19937_64 random(seed);
        limiter_options o;
        o.requests_per_second = std::pow(10.0, static_cast<double>(random() % 4000) / 1000.0 - 1);
        o.burst = 1 + static_cast<double>(random() % 20);
        o.max_concurrent = static_cast<std::uint32_t>(1 + random() % 64);
        o.max_pause = std::chrono::seconds(30);
        lane_limiter l(o);
        std::vector<std::uint64_t> left;
        // A clock may stand still, leap ahead, and step back (a virtual machine that was moved).
        std::uint64_t now = 1000 * second;
        std::uint64_t passed = second; // the clock's steps back made no time pass, nor took any
        const auto gap = static_cast<std::uint64_t>(1e9 / o.requests_per_second) + 1;
        for (int i = 0; i < 400; ++i) {
            const auto move = random() % 20;
            const std::uint64_t forward = move == 1   ? random() % (100 * gap)
                                          : move < 12 ? random() % (2 * gap)
                                                      : 0;
            if (move == 0)
                now -= std::min<std::uint64_t>(now, random() % (5 * gap));
            else
                now += forward;
            if (move != 0) passed += forward;
            if (random() % 50 == 0) l.pause(now, std::chrono::milliseconds(random() % 3000));
            if (random() % 2 == 0) l.release();
            const auto a = l.step(now);
            if (a.what == verdict::wait_until) REQUIRE(a.at_ns > now);
            if (a.what != verdict::go) continue;
            left.push_back(passed);
            if (random() % 10 == 0 && left.size() > 1) {
                l.charge(now); // a redirect: paid in advance, so it only delays what follows
                REQUIRE(l.in_flight() > 0);
            }
        }
        total += left.size();
        for (std::size_t i = 0; i < left.size(); ++i)
            for (std::size_t k = i; k < left.size(); ++k)
                if (static_cast<double>(k - i + 1) > allowed(o, left[i], left[k]))
                    FAIL("between " << left[i] << " and " << left[k] << " left " << k - i + 1);
    }
    CHECK(total > 50'000);
}

TEST_CASE("whoever waits as long as a lane says gets through, whatever happened before",
          "[http][limiter][property]") {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        INFO("seed " << seed);
        std::mt19937_64 random(seed);
        limiter_options o;
        o.requests_per_second = std::pow(10.0, static_cast<double>(random() % 4000) / 1000.0 - 1);
        o.burst = 1 + static_cast<double>(random() % 5);
        o.max_concurrent = static_cast<std::uint32_t>(1 + random() % 4);
        o.max_pause = std::chrono::seconds(30);
        lane_limiter l(o);
        std::uint64_t now = 1000 * second;
        for (int i = 0; i < 50; ++i) {
            const auto before = random() % 5;
            if (before == 0) l.pause(now, std::chrono::milliseconds(random() % 60'000));
            if (before == 1) l.charge(now);
            if (before == 2) now += random() % (20 * second);
            if (before == 3) now -= random() % second;
            // At most a place, a pause and the token stand in the way.
            const auto began = now;
            for (int waits = 0;; ++waits) {
                REQUIRE(waits < 5);
                const auto a = l.step(now);
                if (a.what == verdict::go) break;
                if (a.what == verdict::wait_for_release)
                    l.release();
                else
                    now = a.at_ns;
            }
            // Not for longer than the pause and what was paid in advance.
            REQUIRE(static_cast<double>(now - began) <= 31e9 + 1e9 * 52 / o.requests_per_second);
        }
    }
}
