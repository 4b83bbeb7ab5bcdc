// SPDX-License-Identifier: Apache-2.0
// ./dev torture kills: thousands of lives that end by SIGKILL. How many: MORTISE_TORTURE_KILLS;
// the first seed: MORTISE_TORTURE_FIRST.
#include "kill_rounds.hpp"
#include "support/catch.hpp"
#include "torture.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>

TEST_CASE("killed thousands of times, nothing is lost and nothing is doubled", "[torture]") {
    using namespace mortise::test;
    const std::size_t wanted = from_environment("MORTISE_TORTURE_KILLS", 10'000);
    std::uint64_t seed = from_environment("MORTISE_TORTURE_FIRST", 1);
    constexpr std::size_t rounds = 100; // a journal's lives; then a fresh one
    const auto began = std::chrono::steady_clock::now();
    kill_report sum;
    for (; sum.kills < wanted; ++seed) {
        INFO("again: MORTISE_TORTURE_FIRST=" << seed << " MORTISE_TORTURE_KILLS=" << rounds);
        const auto r = kill_rounds(seed, std::min(rounds, wanted - sum.kills));
        sum.kills += r.kills;
        sum.events += r.events;
        sum.runs += r.runs;
        sum.effects += r.effects;
        sum.in_doubt += r.in_doubt;
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        std::cout << sum.kills << " kills, " << sum.events << " events, " << sum.runs << " runs ("
                  << sum.in_doubt << " in doubt), " << sum.effects << " effects in "
                  << static_cast<int>(took.count()) << " s" << std::endl;
        for (const auto& what : r.broken)
            FAIL_CHECK(what);
        REQUIRE(r.broken.empty());
    }
}
