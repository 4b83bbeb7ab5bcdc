// SPDX-License-Identifier: Apache-2.0
//
// The engine under a seeded simulation. A seed that breaks a promise is printed with what it broke
// and the end of its trace; MORTISE_SIM_SEED=<n> replays it alone with all of it.
// MORTISE_SIM_SEEDS=<how many> and MORTISE_SIM_FIRST=<from which on> change the row that is run.
#include "base/log.hpp"
#include "sim_world.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>

using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t usual_seeds = 60;
#else
constexpr std::uint64_t usual_seeds = 1000;
#endif

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr || *text == 0 ? otherwise : std::strtoull(text, nullptr, 10);
}

void be_quiet() { // thousands of simulated failures are no news
    static const bool once = [] {
        log_options o;
        o.level = log_level::off;
        start_log(o);
        return true;
    }();
    static_cast<void>(once);
}

void tell(const sim_report& r, std::size_t lines) {
    std::cerr << "seed " << r.seed << " broke:\n";
    for (const auto& what : r.broken)
        std::cerr << "  " << what << '\n';
    const auto skip = r.trace.size() > lines ? r.trace.size() - lines : 0;
    if (skip > 0)
        std::cerr << "  ... " << skip << " lines before; MORTISE_SIM_SEED=" << r.seed
                  << " shows them\n";
    for (std::size_t i = skip; i < r.trace.size(); ++i)
        std::cerr << "  " << r.trace[i] << '\n';
}

} // namespace

TEST_CASE("under a thousand seeds nothing is lost, doubled, out of order or stuck",
          "[simulation]") {
    be_quiet();
    if (const auto seed = from_environment("MORTISE_SIM_SEED", 0); seed != 0) {
        const auto r = simulate(seed, true);
        tell(r, r.trace.size());
        CHECK(r.broken.empty());
        return;
    }
    const auto first = from_environment("MORTISE_SIM_FIRST", 1);
    const auto count = from_environment("MORTISE_SIM_SEEDS", usual_seeds);
    std::uint64_t events = 0, runs = 0, attempts = 0, crashes = 0, commits = 0, failed = 0;
    for (auto seed = first; seed < first + count; ++seed) {
        const auto r = simulate(seed);
        events += r.events;
        runs += r.runs;
        attempts += r.attempts;
        crashes += r.crashes;
        commits += r.commits;
        if (r.broken.empty()) continue;
        const auto again = simulate(seed, true);
        tell(again, 60);
        if (again.digest != r.digest) std::cerr << "  (and did not do so twice)\n";
        CHECK(r.broken.empty());
        if (++failed == 5) break;
    }
    std::cerr << count << " seeds: " << events << " events, " << runs << " runs, " << attempts
              << " attempts, " << crashes << " crashes, " << commits << " commits\n";
    // The worlds are worth something only when enough happens in them.
    if (count >= usual_seeds) {
        CHECK(runs > 5 * count);
        CHECK(attempts > 5 * count);
        CHECK(crashes > count / 2);
    }
}

TEST_CASE("the same seed gives the same history", "[simulation]") {
    be_quiet();
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        INFO("seed " << seed);
        const auto once = simulate(seed);
        simulate(seed + 1000); // what went before must not matter
        const auto twice = simulate(seed, true);
        CHECK(once.digest == twice.digest);
        CHECK(once.steps == twice.steps);
    }
}

TEST_CASE("different seeds give different histories", "[simulation]") {
    be_quiet();
    std::set<std::uint64_t> digests;
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
        digests.insert(simulate(seed).digest);
    CHECK(digests.size() == 20);
}
