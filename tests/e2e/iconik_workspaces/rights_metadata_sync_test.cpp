// SPDX-License-Identifier: Apache-2.0
// rights-metadata-sync on the sandbox, with the host in process.
#include "rights_world.hpp"

using mortise::host::run_state;
using mortise::test::eventually;
using mortise::test::rights_world;
using mortise::test::words;
using mortise::test::world;
namespace json = boost::json;

namespace {

const std::string live = "restriction = { collections = [\"Spring Launch 2026\"] }\n";

} // namespace

TEST_CASE("an asset's rights come to its item in the workspace, with a record and the agreement",
          "[e2e][rights]") {
    rights_world w;
    w.start_host();
    w.ingest({{"talent_release", {true}},
              {"document_url", {"https://contracts.example/4711"}},
              {"approval_status", {"In Review"}}});
    CHECK(w.of_item("Usage Rights") == "Restricted");
    CHECK(w.of_item("Expiry Date").substr(0, 10) == "2099-03-31");
    CHECK(w.territories() == words{"AT", "DE"});
    CHECK(w.of_item("Approval Status") == "In Review");
    CHECK(w.of_item("Release Form") == "true");
    CHECK(w.of_item("Asset ID") == world::asset_id("hero-film"));
    CHECK(eventually([&] { return w.record() != 0; }));
    const auto record = w.document_text(w.record());
    CHECK(record.find("Spring Launch Hero Film") != std::string::npos);
    CHECK(record.find("Territories: AT, DE") != std::string::npos);
    CHECK(record.find("Use: allowed") != std::string::npos);
    bool agreement = false;
    for (const auto& n : w.nodes_in("C-1001", "Contracts"))
        agreement = agreement || n.url == "https://contracts.example/4711";
    CHECK(agreement);
    CHECK(w.runs(run_state::failed).empty());

    SECTION("the same event twice changes nothing more") {
        const auto versions = w.versions_of(w.record());
        w.set("hero-film", {{"rights_status", {"Cleared"}}});
        w.rest();
        CHECK(w.versions_of(w.record()) == versions);
        CHECK(w.nodes_in("C-1001", "Rights").size() == 2);
    }
    SECTION("a new fact is a new version of the record") {
        w.set("hero-film", {{"usage_rights", {"Unrestricted"}}});
        CHECK(eventually([&] { return w.of_item("Usage Rights") == "Unrestricted"; }));
        CHECK(eventually([&] { return w.versions_of(w.record()) == 2; }));
    }
    SECTION("taken away in iconik is taken away in the workspace") {
        w.set("hero-film", {{"usage_rights", json::array()}});
        CHECK(eventually([&] { return w.of_item("Usage Rights").empty(); }));
    }
    SECTION("an asset that leaves the campaign is not kept in step any more") {
        w.play_iconik("remove-from-collection",
                      {{"asset", "hero-film"}, {"collection", "spring-launch"}});
        w.set("hero-film", {{"campaign_id", json::array()}, {"usage_rights", {"Expired"}}});
        w.rest();
        CHECK(w.of_item("Usage Rights") == "Restricted");
    }
}

TEST_CASE("what the business process changes comes back to iconik", "[e2e][rights]") {
    rights_world w(live);
    w.start_host();
    w.ingest();
    REQUIRE(w.in_collection("hero-film", "spring-launch"));

    SECTION("territories as a set, in the words of each side") {
        w.set_item("C-1001", {{"Territories", {"WORLDWIDE", "CH"}}});
        CHECK(eventually([&] {
            auto all = w.asset_fields("hero-film", "territories");
            std::sort(all.begin(), all.end());
            return all == words{"CH", "WORLD"};
        }));
    }
    SECTION("a revoked right takes the asset out of use until it is granted again") {
        w.set_item("C-1001", {{"Status", "Revoked"}});
        CHECK(eventually([&] { return w.asset_field("hero-film", "rights_status") == "Revoked"; }));
        CHECK(eventually([&] { return !w.in_collection("hero-film", "spring-launch"); }));
        w.rest();
        CHECK(w.document_text(w.record()).find("Use: restricted, Revoked") != std::string::npos);
        w.set_item("C-1001", {{"Status", "Cleared"}});
        CHECK(eventually([&] { return w.in_collection("hero-film", "spring-launch"); }));
        CHECK(w.asset_field("hero-film", "rights_status") == "Cleared");
    }
    SECTION("a last day in the past ends the right on both sides, a later one renews it") {
        w.set_item("C-1001", {{"Expiry Date", "2020-01-01"}});
        CHECK(eventually([&] { return w.asset_field("hero-film", "rights_status") == "Expired"; }));
        CHECK(eventually([&] { return w.of_item("Status") == "Expired"; }));
        CHECK(eventually([&] { return !w.in_collection("hero-film", "spring-launch"); }));
        w.rest();
        w.set("hero-film", {{"expiry_date", {"2098-01-01"}}});
        CHECK(eventually([&] { return w.of_item("Status") == "Cleared"; }));
        CHECK(eventually([&] { return w.in_collection("hero-film", "spring-launch"); }));
        CHECK(w.of_item("Expiry Date").substr(0, 10) == "2098-01-01");
    }
    w.rest();
    CHECK(w.runs(run_state::failed).empty());
}

TEST_CASE("a field changed on both sides goes to its owner and is told with both values",
          "[e2e][rights]") {
    rights_world w;
    w.start_host();
    w.ingest();
    w.stop_host();
    w.set("hero-film", {{"usage_rights", {"Unrestricted"}}, {"approval_status", {"Approved"}}});
    w.set_item("C-1001", {{"Usage Rights", "Expired"}, {"Approval Status", "Draft"}});
    w.start_host();
    // Rights belong to the business process, the approval to the media team.
    CHECK(eventually([&] { return w.asset_field("hero-film", "usage_rights") == "Expired"; }));
    CHECK(eventually([&] { return w.of_item("Approval Status") == "Approved"; }));
    w.rest();
    CHECK(w.of_item("Usage Rights") == "Expired");
    bool told = false;
    for (const auto& run : w.runs(run_state::succeeded))
        told = told || (run.result.find("Unrestricted") != std::string::npos &&
                        run.result.find("\"winner\":\"b\"") != std::string::npos);
    CHECK(told);
}

TEST_CASE("an outage in the middle is waited for, and nothing is written twice", "[e2e][rights]") {
    rights_world w;
    w.start_host();
    w.fault_otcs({{"path", "/otcs/cs/api/v2/nodes/*/categories"},
                  {"method", "POST"},
                  {"status", 503},
                  {"count", 3}});
    w.ingest();
    CHECK(w.nodes_in("C-1001", "Rights").size() == 2);
    CHECK(w.versions_of(w.record()) == 1);
    CHECK(w.runs(run_state::failed).empty());
}

TEST_CASE("what cannot be brought together is named, and the rest is in step all the same",
          "[e2e][rights]") {
    rights_world w;
    w.start_host();
    w.ingest();
    SECTION("a territory iconik has no word for") {
        w.set_item("C-1001", {{"Territories", {"FR", "DE"}}, {"Usage Rights", "Unrestricted"}});
        REQUIRE(eventually([&] { return !w.dead_letter().empty(); }));
        const auto said = w.dead_letter();
        CHECK(said.find("\"FR\"") != std::string::npos);
        CHECK(said.find("\"Territories\"") != std::string::npos);
        CHECK(said.find("value table") != std::string::npos);
        CHECK(w.asset_field("hero-film", "usage_rights") == "Unrestricted");
        // As the message says.
        w.set_item("C-1001", {{"Territories", {"CH", "DE"}}});
        CHECK(w.mended());
        auto all = w.asset_fields("hero-film", "territories");
        std::sort(all.begin(), all.end());
        CHECK(all == words{"CH", "DE"});
    }
    SECTION("a campaign nobody has a workspace for") {
        w.set("hero-film", {{"campaign_id", {"C-1001", "C-9999"}}});
        REQUIRE(eventually([&] { return !w.dead_letter().empty(); }));
        const auto said = w.dead_letter();
        CHECK(said.find("\"campaign_id\"") != std::string::npos);
        CHECK(said.find("C-9999") != std::string::npos);
        CHECK(said.find("create the workspace or correct the field") != std::string::npos);
        w.play_otcs("create-workspace",
                    {{"ext_system_id", "MRM"}, {"bo_type", "campaign"}, {"bo_id", "C-1003"}});
        w.set("hero-film", {{"campaign_id", {"C-1001", "C-1003"}}});
        CHECK(w.mended());
        CHECK(w.of_item("Status", "C-1003") == "Cleared");
        CHECK(w.nodes_in("C-1003", "Rights").size() == 2);
    }
    SECTION("something that is no campaign id at all") {
        w.set("hero-film", {{"campaign_id", {"spring launch?"}}});
        REQUIRE(eventually([&] { return !w.dead_letter().empty(); }));
        CHECK(w.dead_letter().find("spring launch?") != std::string::npos);
        w.set("hero-film", {{"campaign_id", {"C-1001"}}, {"usage_rights", {"Unrestricted"}}});
        CHECK(w.mended());
        CHECK(w.of_item("Usage Rights") == "Unrestricted");
        CHECK(w.nodes_in("C-1001", "Rights").size() == 2);
    }
}
