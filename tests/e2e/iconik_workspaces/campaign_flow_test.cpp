// SPDX-License-Identifier: Apache-2.0
// campaign-asset-references on the sandbox, with the host in process.
#include "campaign_world.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <boost/json.hpp>

using mortise::host::run_state;
using mortise::test::campaigns;
using mortise::test::eventually;
using mortise::test::world;
namespace json = boost::json;

TEST_CASE("an approved asset is referenced in its campaign's workspace and hears its status",
          "[e2e][campaign]") {
    world w(campaigns());
    w.start_host();
    w.play_otcs(
        "set-category",
        {{"bo_id", "C-1001"}, {"category", "Campaign"}, {"values", {{"Status", "Active"}}}});
    w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
    REQUIRE(eventually([&] { return w.references_named("Packshot Lumen One Front") == 1; }));
    REQUIRE(eventually(
        [&] { return w.asset_field("packshot-front", "workspace_status") == "Active"; }));
    const auto node = w.references().front();
    CHECK(node.url.find(world::asset_id("packshot-front")) != std::string::npos);
    CHECK(eventually([&] { return w.attribute(node.id, "Approval Status") == "APPROVED"; }));
    CHECK(w.attribute(node.id, "Asset ID") == world::asset_id("packshot-front"));
    CHECK_FALSE(w.attribute(node.id, "Proxy URL").empty());
    REQUIRE(eventually([&] { return w.settled(); }));
    CHECK(w.runs(run_state::failed).empty());

    SECTION("a new status of the workspace comes back to the asset") {
        w.play_otcs(
            "set-category",
            {{"bo_id", "C-1001"}, {"category", "Campaign"}, {"values", {{"Status", "On hold"}}}});
        CHECK(eventually(
            [&] { return w.asset_field("packshot-front", "workspace_status") == "On hold"; }));
    }
    SECTION("a reference that a person deletes is reported to the asset and not made again") {
        // There are no webhooks in that system: a poll must have seen the reference to miss it.
        REQUIRE(eventually([&] { return w.events_of("xecm.node.changed") > 0; }));
        w.play_otcs("delete", {{"node", node.id}});
        CHECK(eventually([&] {
            return w.asset_field("packshot-front", "workspace_status") == "reference removed";
        }));
        REQUIRE(eventually([&] { return w.settled(); }));
        CHECK(w.references_named("Packshot Lumen One Front") == 0);
    }
    SECTION("a reference that a person changes is reported to the asset") {
        w.play_otcs("set-category", {{"node", node.id},
                                     {"category", "Media Reference"},
                                     {"values", {{"Approval Status", "do not use"}}}});
        CHECK(eventually([&] {
            return w.asset_field("packshot-front", "workspace_status") == "reference: do not use";
        }));
    }
    SECTION("un-approval withdraws the reference") {
        w.play_iconik("reject-asset", {{"asset", "packshot-front"}});
        CHECK(eventually([&] { return w.references_named("Packshot Lumen One Front") == 0; }));
    }
    SECTION("deleting the asset withdraws the reference") {
        w.play_iconik("delete-asset", {{"asset", "packshot-front"}});
        CHECK(eventually([&] { return w.references_named("Packshot Lumen One Front") == 0; }));
    }
    SECTION("a new title is the reference's new title") {
        w.advance_iconik(std::chrono::minutes(10)); // long after it was made
        w.rename_asset("packshot-front", "Lumen One: front view");
        CHECK(eventually([&] { return w.references_named("Lumen One- front view") == 1; }));
        CHECK(w.references().size() == 1);
    }
    SECTION("a second campaign gets a reference of its own") {
        w.play_iconik("set-metadata", {{"asset", "packshot-front"},
                                       {"values", {{"campaign_id", {"C-1001", "C-1002"}}}}});
        CHECK(eventually(
            [&] { return w.references_named("Packshot Lumen One Front", "C-1002") == 1; }));
        CHECK(w.references_named("Packshot Lumen One Front", "C-1001") == 1);
    }
    SECTION("a new version is told by the reference, or takes it back until it is approved") {
        w.play_iconik("add-version",
                      {{"asset", "packshot-front"}, {"file", "front_v2.png"}, {"content", "v2"}});
        w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
        CHECK(eventually([&] {
            const auto all = w.references();
            return all.size() == 1 && w.attribute(all[0].id, "Version") == "2";
        }));
    }
}

TEST_CASE("the same event twice gives one reference", "[e2e][campaign]") {
    world w(campaigns());
    w.start_host();
    w.fault_iconik({{"kind", "webhook-duplicate"}, {"count", 0}});
    w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
    REQUIRE(eventually([&] { return w.references_named("Packshot Lumen One Front") == 1; }));
    REQUIRE(eventually([&] { return w.settled() && w.stats().duplicates > 0; }));
    CHECK(w.references_named("Packshot Lumen One Front") == 1);
}

TEST_CASE("a target that answers 503 and recovers gets its reference", "[e2e][campaign]") {
    world w(campaigns());
    w.start_host();
    w.fault_otcs({{"path", "/otcs/cs/api/v2/nodes"}, // where references and folders are made
                  {"method", "POST"},
                  {"status", 503},
                  {"headers", {{"Retry-After", "1"}}},
                  {"count", 3}});
    w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
    REQUIRE(eventually([&] { return w.references_named("Packshot Lumen One Front") == 1; }));
    REQUIRE(eventually([&] { return w.settled(); }));
    CHECK(w.references_named("Packshot Lumen One Front") == 1);
    CHECK(w.runs(run_state::failed).empty());
}

TEST_CASE("a create whose answer is lost is not repeated", "[e2e][campaign]") {
    world w(campaigns());
    w.start_host();
    w.fault_otcs({{"kind", "cut-after"},
                  {"method", "POST"},
                  {"path", "/otcs/cs/api/v2/nodes"},
                  {"count", 1}});
    w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
    REQUIRE(eventually(
        [&] { return w.references_named("Packshot Lumen One Front") == 1 && w.settled(); }));
    CHECK(w.references_named("Packshot Lumen One Front") == 1);
    CHECK(w.runs(run_state::failed).empty());
    CHECK(w.runs(run_state::in_doubt).empty());
}

TEST_CASE("a webhook that never comes is made up for by the poll", "[e2e][campaign]") {
    auto o = campaigns();
    o.webhooks = false;
    world w(o);
    w.start_host();
    w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
    REQUIRE(eventually([&] { return w.references_named("Packshot Lumen One Front") == 1; }));
    CHECK(w.stats().poll_only_events > 0);
}

TEST_CASE("a malformed campaign id ends as a failed run that names the field", "[e2e][campaign]") {
    world w(campaigns());
    w.start_host();
    w.play_iconik("set-metadata",
                  {{"asset", "packshot-side"}, {"values", {{"campaign_id", {"no such / id"}}}}});
    w.play_iconik("approve-asset", {{"asset", "packshot-side"}});
    REQUIRE(eventually([&] { return !w.runs(run_state::failed).empty(); }));
    const auto failed = w.runs(run_state::failed).front();
    REQUIRE(failed.failure.has_value());
    CHECK(failed.failure->message.find("\"campaign_id\"") != std::string::npos);
    CHECK(failed.failure->message.find("no such / id") != std::string::npos);
    CHECK(w.references().empty());

    SECTION("and goes on once the field is corrected and the run retried") {
        w.play_iconik("set-metadata",
                      {{"asset", "packshot-side"}, {"values", {{"campaign_id", {"C-1002"}}}}});
        REQUIRE(eventually(
            [&] { return w.references_named("Packshot Lumen One Side", "C-1002") == 1; }));
        CHECK(w.mended());
        CHECK(w.references_named("Packshot Lumen One Side", "C-1002") == 1);
    }
}

TEST_CASE("an asset of a campaign without a workspace waits, then becomes a dead letter",
          "[e2e][campaign]") {
    const auto o = campaigns("wait = { first = \"100ms\", longest = \"300ms\" }\n");
    world w(o);
    w.start_host();
    w.play_iconik("set-metadata",
                  {{"asset", "packshot-side"}, {"values", {{"campaign_id", {"C-1003"}}}}});
    w.play_iconik("approve-asset", {{"asset", "packshot-side"}});
    REQUIRE(eventually([&] { return !w.runs(run_state::failed).empty(); }));
    CHECK(w.runs(run_state::failed).front().failure->message.find("C-1003") != std::string::npos);

    SECTION("and goes on once the workspace exists") {
        w.play_otcs("create-workspace",
                    {{"ext_system_id", "MRM"}, {"bo_type", "campaign"}, {"bo_id", "C-1003"}});
        CHECK(w.mended());
        CHECK(w.references_named("Packshot Lumen One Side", "C-1003") == 1);
    }
}

TEST_CASE("an approved asset that is put into a campaign's collection is referenced there",
          "[e2e][campaign]") {
    world w(campaigns());
    w.start_host();
    w.play_iconik("approve-asset", {{"asset", "logo"}});
    REQUIRE(eventually([&] { return w.events_of("iconik.asset.approved") > 0 && w.settled(); }));
    CHECK(w.references().empty());
    w.play_iconik("add-to-collection", {{"asset", "logo"}, {"collection", "spring-launch"}});
    CHECK(eventually([&] { return w.references_named("Nordlicht Logo") == 1; }));
}

TEST_CASE("a reference that is no longer true is marked when that is asked for",
          "[e2e][campaign]") {
    world w(campaigns("reference.on_withdrawn = \"mark\"\n"));
    w.start_host();
    w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
    REQUIRE(eventually([&] { return w.references().size() == 1 && w.settled(); }));
    const auto node = w.references().front();
    w.play_iconik("reject-asset", {{"asset", "packshot-front"}});
    CHECK(eventually(
        [&] { return w.attribute(node.id, "Approval Status") == "withdrawn: NOT_APPROVED"; }));
    w.play_iconik("approve-asset", {{"asset", "packshot-front"}});
    CHECK(eventually([&] { return w.attribute(node.id, "Approval Status") == "APPROVED"; }));
    CHECK(w.references().size() == 1);
}

TEST_CASE("one campaign without a workspace does not hold up the other", "[e2e][campaign]") {
    world w(campaigns("wait = { first = \"1h\", longest = \"1h\" }\n"));
    w.start_host();
    w.play_iconik("set-metadata", {{"asset", "packshot-side"},
                                   {"values", {{"campaign_id", {"C-1002", "C-1003"}}}}});
    w.play_iconik("approve-asset", {{"asset", "packshot-side"}});
    CHECK(eventually([&] { return w.references_named("Packshot Lumen One Side", "C-1002") == 1; }));
}
