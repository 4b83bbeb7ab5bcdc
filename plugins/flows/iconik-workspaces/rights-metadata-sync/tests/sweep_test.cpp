// SPDX-License-Identifier: Apache-2.0
// Rights that end by date alone, with the clock in the test's hands.
#include "flow.hpp"
#include "support/catch.hpp"

#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
namespace json = mortise::json;

namespace {

constexpr const char* asset_id = "11111111-0000-0000-0000-000000000001";

// One asset in one workspace; both systems in memory.
struct two_systems {
    explicit two_systems(json::value config = json::object())
        : flow(host.create_flow(mortise::flow<rights_metadata_sync::flow>(), config)) {
        flow.on("dam", "assets.get", [](const json::value&) -> json::value {
            return {{"id", asset_id}, {"title", "Film"}, {"status", "ACTIVE"}};
        });
        flow.answer("dam", "collections.of_asset",
                    {{"collections", {{{"id", "col-1"}, {"title", "Live"}}}}});
        flow.on("dam", "metadata.get", [this](const json::value& in) -> json::value {
            ++reads;
            if (in.at("object_type") != "assets") return {{"values", json::object()}};
            return {{"values", metadata}};
        });
        flow.on("dam", "metadata.set",
                [this](const json::value& in) { return write(metadata, in, true); });
        flow.on("dam", "collections.remove", [this](const json::value& in) -> json::value {
            left.push_back(in.at("collection_id").as_string().c_str());
            return json::object();
        });
        flow.on("dam", "collections.add", [this](const json::value& in) -> json::value {
            joined.push_back(in.at("collection_id").as_string().c_str());
            return json::object();
        });
        flow.answer("workspaces", "workspaces.find",
                    {{"found", true}, {"workspace", {{"id", 77}}}});
        flow.answer("workspaces", "workspaces.get", {{"id", 77}, {"name", "Spring"}});
        flow.answer("workspaces", "nodes.path_ensure", {{"id", 78}});
        flow.answer("workspaces", "nodes.create_url", {{"id", 79}});
        flow.answer("workspaces", "nodes.upload", {{"id", 80}});
        flow.answer("workspaces", "versions.add", {{"id", 80}});
        flow.on("workspaces", "nodes.get", [this](const json::value&) -> json::value {
            json::array categories;
            if (!category.empty())
                categories.push_back(json::object{{"name", "Rights"}, {"values", category}});
            return {{"id", 79}, {"name", "Film [11111111-0000]"}, {"categories", categories}};
        });
        flow.on("workspaces", "categories.set",
                [this](const json::value& in) { return write(category, in, false); });
    }

    json::value write(json::object& to, const json::value& in, bool lists) {
        ++writes;
        json::object before;
        for (const auto& v : in.at("values").as_object()) {
            before[v.key()] = to.contains(v.key()) ? to[v.key()] : json::value();
            json::value value = v.value();
            if (lists && value.is_null()) value = json::array();
            if (lists && !value.is_array()) value = json::array{value};
            to[v.key()] = value;
        }
        return {{"before", before}};
    }
    json::value tick() {
        const std::string id = "tick-" + std::to_string(++ticks);
        return flow.start({"mortise.schedule", id, "", json::object()}).result();
    }
    json::value change() {
        const std::string id = "change-" + std::to_string(++ticks);
        return flow.start({"iconik.asset.metadata-changed", id, asset_id, json::object()}).result();
    }

    fake_host host; // its clock begins on 2026-01-01
    flow_harness flow;
    json::object metadata{
        {"campaign_id", {"C-1"}}, {"rights_status", {"Cleared"}}, {"expiry_date", {"2026-01-10"}}};
    json::object category;
    std::vector<std::string> left, joined;
    int ticks = 0, writes = 0, reads = 0;
};

} // namespace

TEST_CASE("the daily sweep ends a right whose last day is over, without any event",
          "[flows][rights]") {
    two_systems s(json::value{{"restriction", {{"collections", {"Live"}}}}});
    s.change();
    CHECK(s.category.at("Status") == "Cleared");
    CHECK(s.category.at("Expiry Date") == "2026-01-10");
    CHECK(s.tick().at("assets").as_array().empty());

    s.host.advance(std::chrono::hours(24 * 9 + 12)); // the last day itself
    CHECK(s.tick().at("assets").as_array().empty());
    CHECK(s.left.empty());
    const int reads = s.reads;
    s.host.advance(std::chrono::hours(24));
    CHECK(s.tick().at("assets") == json::array({asset_id}));
    CHECK(s.metadata.at("rights_status") == json::array({"Expired"}));
    CHECK(s.category.at("Status") == "Expired");
    CHECK(s.left == std::vector<std::string>{"col-1"});
    CHECK(s.reads > reads);

    SECTION("and looks at it once only") {
        const int before = s.writes;
        CHECK(s.tick().at("assets").as_array().empty());
        s.change();
        CHECK(s.writes == before);
    }
    SECTION("a later last day, given on the other side, brings the old status back") {
        s.category["Expiry Date"] = "2027-01-10T00:00:00";
        s.flow.start({"xecm.node.changed", "n-1", "79", json::object()}).result();
        CHECK(s.metadata.at("expiry_date") == json::array({"2027-01-10"}));
        CHECK(s.metadata.at("rights_status") == json::array({"Cleared"}));
        CHECK(s.category.at("Status") == "Cleared");
        CHECK(s.joined == std::vector<std::string>{"col-1"});
    }
    SECTION("a status set by hand does not free it while the date is over") {
        s.category["Status"] = "Cleared";
        s.flow.start({"xecm.node.changed", "n-1", "79", json::object()}).result();
        CHECK(s.category.at("Status") == "Expired");
        CHECK(s.joined.empty());
    }
    s.flow.destroy();
    CHECK(s.host.violations().empty());
}

TEST_CASE("a right that somebody revoked does not come back by date", "[flows][rights]") {
    two_systems s;
    s.metadata["rights_status"] = json::array{"Revoked"};
    s.change();
    CHECK(s.category.at("Status") == "Revoked");
    s.host.advance(std::chrono::hours(24 * 30));
    CHECK(s.tick().at("assets").as_array().empty());
    s.metadata["expiry_date"] = json::array{"2028-01-01"};
    s.change();
    CHECK(s.metadata.at("rights_status") == json::array({"Revoked"}));
}

TEST_CASE("the result of a run tells of a conflict with both values", "[flows][rights]") {
    two_systems s;
    s.change();
    s.metadata["usage_rights"] = json::array{"Web"};
    s.category["Usage Rights"] = "Print";
    const auto result = s.change();
    REQUIRE(result.at("conflicts").as_array().size() == 1);
    CHECK(result.at("conflicts").at(0).at("a") == json::array({"Web"}));
    CHECK(result.at("conflicts").at(0).at("b") == json::array({"Print"}));
    CHECK(s.metadata.at("usage_rights") == json::array({"Print"}));
}

TEST_CASE("an item of nobody is none of the flow's business", "[flows][rights]") {
    two_systems s;
    const auto run = s.flow.start({"xecm.node.changed", "n-9", "4711", json::object()});
    CHECK(run.result().at("known") == false);
    CHECK(s.writes == 0);
}

TEST_CASE("a restriction on a field that is not kept in step is refused at the start",
          "[flows][rights]") {
    try {
        two_systems s(json::value{{"restriction", {{"status_field", "rigths"}}}});
        FAIL("accepted");
    } catch (const error& e) {
        CHECK(e.category == category::config);
        CHECK_THAT(e.message, Catch::Contains("\"rigths\"") && Catch::Contains("add the pair"));
    }
}

TEST_CASE("a replay of the whole change has no new effect", "[flows][rights]") {
    two_systems s(json::value{{"restriction", {{"collections", {"Live"}}}}});
    s.metadata["expiry_date"] = json::array{"2025-01-01"};
    const auto run = s.flow.start({"iconik.asset.metadata-changed", "c", asset_id, json::object()});
    const auto result = run.result();
    CHECK(result.at("restricted") == "Expired");
    const auto effects = run.effects();
    run.replay();
    CHECK(run.result() == result);
    CHECK(run.effects() == effects);
}
