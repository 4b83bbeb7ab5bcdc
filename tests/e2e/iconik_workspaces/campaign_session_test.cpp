// SPDX-License-Identifier: Apache-2.0
// Sessions that end while runs are under way.
#include "campaign_world.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using mortise::host::run_state;
using mortise::test::campaigns;
using mortise::test::eventually;
using mortise::test::world;

namespace {

// Of all calls of all runs; 1 when none had to be tried again.
std::uint32_t most_attempts(world& w) {
    std::uint32_t most = 0;
    for (const auto& r : w.runs()) {
        w.running_host().store().read([&](mortise::host::journal_reader& reader) {
            const auto run = reader.run(r.id);
            if (!run) return;
            for (const auto& s : run->steps)
                if (s.kind == mortise::host::step_kind::call) most = std::max(most, s.attempts);
        });
    }
    return most;
}

} // namespace

TEST_CASE("a session that ends in the middle of a run is renewed and the step goes on",
          "[e2e][campaign]") {
    world w(campaigns());
    w.start_host();
    SECTION("refused at the very call that makes the reference") {
        w.fault_otcs({{"path", "/otcs/cs/api/v2/nodes"},
                      {"method", "POST"},
                      {"status", 401},
                      {"body", {{"error", "Authentication Required"}}},
                      {"count", 1}});
        w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
        REQUIRE(eventually([&] { return w.references_named("Packshot Lumen One Front") == 1; }));
    }
    SECTION("all sessions at once, between two runs") {
        w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
        REQUIRE(eventually([&] { return w.references_named("Packshot Lumen One Front") == 1; }));
        w.play_otcs("expire-sessions", {});
        w.play_iconik("reject-asset", {{"asset", "packshot-front"}});
        REQUIRE(eventually([&] { return w.runs(run_state::succeeded).size() >= 2; }));
    }
    REQUIRE(eventually([&] { return w.settled(); }));
    CHECK(w.runs(run_state::failed).empty());
    CHECK(w.runs(run_state::in_doubt).empty());
    CHECK(most_attempts(w) == 1);
    CHECK(w.references_named("Packshot Lumen One Front") <= 1);
}

TEST_CASE("a session that is refused for good ends the run, not in endless log-ins",
          "[e2e][campaign]") {
    world w(campaigns());
    w.start_host();
    w.fault_otcs({{"path", "/otcs/cs/api/v2/nodes"},
                  {"method", "POST"},
                  {"status", 401},
                  {"body", {{"error", "Authentication Required"}}},
                  {"count", 0}});
    w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
    REQUIRE(eventually([&] { return !w.runs(run_state::failed).empty(); }));
    const auto failed = w.runs(run_state::failed).front();
    REQUIRE(failed.failure.has_value());
    CHECK(failed.failure->category == mortise::category::auth);
    CHECK(most_attempts(w) == 1);
    CHECK(w.references_named("Packshot Lumen One Front") == 0);
}
