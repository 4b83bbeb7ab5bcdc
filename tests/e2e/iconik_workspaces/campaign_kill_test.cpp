// SPDX-License-Identifier: Apache-2.0
// The host is killed at every journal commit of the run, before and after it, and started again.
#include "campaign_world.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <boost/json.hpp>

#include <csignal>

using mortise::host::run_state;
using mortise::test::campaigns;
using mortise::test::eventually;
using mortise::test::world;

TEST_CASE("killed at any commit, the run goes on: one reference, the right status",
          "[e2e][campaign][kill]") {
    const std::string side = GENERATE("before", "after");
    int killed = 0;
    // Commits made while nothing happens (start, polls) come first; the loop ends when a host
    // outlives the run. Before commit n + 1 is after commit n: each side takes every other one.
    for (int n = 1; n < 80; n += 2) {
        INFO(side << " commit " << n);
        auto o = campaigns();
        o.poll_interval = "1s";
        world w(o);
        w.start_child(side + ':' + std::to_string(n));
        if (!w.child_ended()) {
            w.play_otcs("set-category", {{"bo_id", "C-1001"},
                                         {"category", "Campaign"},
                                         {"values", {{"Status", "Active"}}}});
            w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
        }
        const auto whole = [&] {
            return w.references_named("Packshot Lumen One Front") == 1 &&
                   w.asset_field("packshot-front", "workspace_status") == "Active" && w.settled();
        };
        REQUIRE(eventually([&] { return w.child_ended() || whole(); }));
        if (!w.child_ended()) break; // survived: every commit of the run has been tried
        REQUIRE(w.wait_child() == SIGKILL);
        ++killed;
        w.start_child({});
        if (w.references_named("Packshot Lumen One Front") == 0 && w.runs().empty()) {
            // Killed before the approval was played: it is played now.
            w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
            w.play_otcs("set-category", {{"bo_id", "C-1001"},
                                         {"category", "Campaign"},
                                         {"values", {{"Status", "Active"}}}});
        }
        REQUIRE(eventually(whole));
        CHECK(w.references_named("Packshot Lumen One Front") == 1);
        CHECK(w.runs(run_state::failed).empty());
        CHECK(w.runs(run_state::in_doubt).empty());
        w.end_child();
    }
    CHECK(killed > 3);
}
