// SPDX-License-Identifier: Apache-2.0
//
// The archiving of projects in a fake host: three assets, one workspace.
#include "flow.hpp"
#include "support/catch.hpp"

#include <mortise/testing/fake_host.hpp>

#include <map>
#include <set>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

struct bench {
    explicit bench(const json::value& settings = json::object())
        : flow(host.create_flow(mortise::flow<project_archive::flow>(), settings)) {
        flow.on("dam", "search.assets", [](const json::value&) -> json::value {
            return {{"assets", {{{"id", "a-1"}}, {{"id", "a-2"}}}}};
        });
        flow.answer("dam", "collections.find", {{"found", false}});
        flow.on("dam", "assets.get", [this](const json::value& in) -> json::value {
            const std::string id(in.at("asset_id").as_string());
            if (gone.contains(id)) throw error(category::not_found, "test.gone", "no such asset");
            return {{"id", id}, {"title", "Film " + id}, {"status", "ACTIVE"}};
        });
        flow.on("dam", "metadata.get", [this](const json::value& in) -> json::value {
            return {{"values", fields[std::string(in.at("object_id").as_string())]}};
        });
        flow.on("dam", "metadata.set", [this](const json::value& in) -> json::value {
            ++writes;
            auto& of = fields[std::string(in.at("object_id").as_string())];
            for (const auto& [name, v] : in.at("values").as_object())
                of[name] = v;
            return {{"changed", true}};
        });
        flow.on("dam", "assets.archive", [this](const json::value& in) -> json::value {
            const std::string id(in.at("asset_id").as_string());
            if (id == refuses)
                throw error(category::input, "iconik.asset.no-original", "it has no original");
            states.emplace(id, "ARCHIVING");
            return {{"state", states[id]}};
        });
        flow.on("dam", "assets.archive_status", [this](const json::value& in) -> json::value {
            return {{"state", states[std::string(in.at("asset_id").as_string())]}};
        });
        flow.on("workspaces", "workspaces.get", [this](const json::value&) -> json::value {
            return {{"id", 300},
                    {"name", "Brand Film"},
                    {"business_objects",
                     {{{"ext_system_id", "MRM"}, {"bo_type", "project"}, {"bo_id", "P-3001"}}}},
                    {"categories", categories()}};
        });
        flow.on("workspaces", "nodes.find_child", [](const json::value& in) -> json::value {
            const int id = in.at("name") == "Sign-off" ? 310 : 320;
            return {{"found", true}, {"result", {{"id", id}}}};
        });
        flow.on("workspaces", "nodes.children", [this](const json::value& in) -> json::value {
            if (in.at("id") == 310) return {{"nodes", documents}};
            return {{"nodes", {{{"id", 321}, {"name", "Film a-3"}}}}};
        });
        flow.on("workspaces", "categories.list", [this](const json::value& in) -> json::value {
            if (in.at("id") == 300) return {{"categories", categories()}};
            return {
                {"categories", {{{"name", "Media Reference"}, {"values", {{"Asset ID", "a-3"}}}}}}};
        });
        flow.on("workspaces", "categories.set", [this](const json::value& in) -> json::value {
            for (const auto& [name, v] : in.at("values").as_object())
                retention[name] = v;
            return {{"changed", true}};
        });
        flow.answer("workspaces", "nodes.path_ensure", {{"id", 330}});
        flow.on("workspaces", "nodes.upload", [this](const json::value& in) -> json::value {
            records.emplace_back(in.at("text").as_string());
            return {{"id", 331}};
        });
        flow.on("workspaces", "versions.add", [this](const json::value& in) -> json::value {
            records.emplace_back(in.at("text").as_string());
            return {{"version_number", 2}};
        });
    }
    json::array categories() const {
        return {json::object{{"name", "Campaign"}, {"values", {{"Status", status}}}},
                json::object{{"name", "Retention"}, {"values", retention}}};
    }
    test_run workspace_changes() {
        const auto run = flow.start(
            {"xecm.workspace.changed", "w-" + std::to_string(++events), "300", json::object()});
        host.advance(10s);
        return run;
    }
    test_run asset_changes(const char* id) {
        const auto run = flow.start(
            {"iconik.asset.metadata-changed", "a-" + std::to_string(++events), id, json::object()});
        host.advance(10s);
        return run;
    }
    void iconik_archives() {
        for (auto& [id, state] : states)
            state = "ARCHIVED";
        host.advance(24h);
    }
    std::string field(const char* asset, const char* name) {
        const auto* v = fields[asset].if_contains(name);
        return v == nullptr || v->as_array().empty() ? "" : v->as_array()[0].as_string().c_str();
    }
    void finish() {
        flow.destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }

    fake_host host;
    flow_harness flow;
    int events = 0, writes = 0;
    std::string status = "Completed", refuses;
    json::object retention{{"Retain Until", "2036-06-30"}};
    json::array documents{json::object{{"id", 311}, {"name", "Sign-off protocol.pdf"}}};
    std::map<std::string, json::object> fields;
    std::map<std::string, std::string> states;
    std::set<std::string> gone;
    std::vector<std::string> records;
};

bool holds(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("after sign-off every asset is archived with its record and its retention",
          "[project-archive]") {
    bench b;
    const auto run = b.workspace_changes();
    CHECK_FALSE(run.finished()); // iconik is at it
    CHECK(b.field("a-1", "archive_state") == "Requested");
    CHECK(b.states.size() == 3); // one only the workspace knows of
    CHECK(b.records.empty());
    b.iconik_archives();
    REQUIRE(run.finished());
    CHECK_FALSE(run.outcome().failure);
    for (const char* id : {"a-1", "a-2", "a-3"}) {
        CHECK(b.field(id, "archive_state") == "Archived");
        CHECK(b.field(id, "retention_date") == "2036-06-30");
        CHECK(holds(b.field(id, "signoff_documents"), "Sign-off protocol.pdf: https://"));
        CHECK(holds(b.field(id, "business_record"), "/nodes/300"));
    }
    REQUIRE(b.records.size() == 1);
    CHECK(holds(b.records[0], "Retain Until: 2036-06-30"));
    CHECK(holds(b.records[0], "a-2 \"Film a-2\": archived"));

    SECTION("the same news again change nothing") {
        const auto writes = b.writes;
        b.workspace_changes();
        run.replay();
        CHECK(b.writes == writes);
        CHECK(b.records.size() == 1);
    }
    SECTION("a retention that is changed later reaches the other side") {
        b.retention["Retain Until"] = "2040-01-01";
        b.workspace_changes();
        CHECK(b.field("a-1", "retention_date") == "2040-01-01");
        CHECK(b.field("a-3", "retention_date") == "2040-01-01");
        b.fields["a-2"]["retention_date"] = json::array{"2041-01-01"};
        b.asset_changes("a-2");
        CHECK(b.retention.at("Retain Until") == "2041-01-01");
        b.workspace_changes();
        CHECK(b.field("a-1", "retention_date") == "2041-01-01");
    }
    b.finish();
}

TEST_CASE("assets that are missing or fail do not keep the others, and the record says so",
          "[project-archive]") {
    bench b;
    b.gone.insert("a-3");
    b.refuses = "a-2";
    const auto run = b.workspace_changes();
    b.iconik_archives();
    REQUIRE(run.finished());
    REQUIRE(run.outcome().failure);
    CHECK(holds(run.outcome().failure->message, "a-3 missing"));
    CHECK(holds(run.outcome().failure->message, "a-2 failed (it has no original"));
    CHECK(holds(run.outcome().failure->message, "retry this run"));
    CHECK(b.field("a-1", "archive_state") == "Archived");
    REQUIRE(b.records.size() == 1);
    CHECK(holds(b.records[0], "a-3: missing"));

    // Mended: the next change of the workspace archives the rest.
    b.gone.clear();
    b.refuses.clear();
    const auto next = b.workspace_changes();
    b.iconik_archives();
    REQUIRE(next.finished());
    CHECK_FALSE(next.outcome().failure);
    REQUIRE(b.records.size() == 2);
    CHECK(holds(b.records[1], "a-3 \"Film a-3\": archived"));
    b.finish();
}

TEST_CASE("a project that is not signed off is left alone", "[project-archive]") {
    bench b;
    b.status = "Active";
    const auto run = b.workspace_changes();
    REQUIRE(run.finished());
    b.asset_changes("a-1");
    CHECK(b.states.empty());
    CHECK(b.writes == 0);
    b.finish();
}

TEST_CASE("a sign-off without documents, retention or assets names the place and the fix",
          "[project-archive]") {
    bench b;
    const char* names = "";
    SECTION("no documents") {
        b.documents.clear();
        names = "/Sign-off";
    }
    SECTION("no retention") {
        b.retention["Retain Until"] = nullptr;
        names = "\"Retain Until\"";
    }
    SECTION("no assets") {
        b.flow.answer("dam", "search.assets", {{"assets", json::array()}});
        b.flow.answer("workspaces", "nodes.children", {{"nodes", b.documents}});
        b.flow.answer("workspaces", "categories.list", {{"categories", json::array()}});
        names = "metadata field \"project_id\"";
    }
    const auto run = b.workspace_changes();
    REQUIRE(run.finished());
    REQUIRE(run.outcome().failure);
    INFO(run.outcome().failure->message);
    CHECK(holds(run.outcome().failure->message, names));
    CHECK(holds(run.outcome().failure->message, "retry this run"));
    CHECK(b.states.empty());
    b.finish();
}
