// SPDX-License-Identifier: Apache-2.0
//
// The coordination of productions in a fake host: one asset, one collection, one workspace.
#include "flow.hpp"
#include "support/catch.hpp"

#include <mortise/testing/fake_host.hpp>

#include <functional>
#include <utility>

using namespace mortise;
using namespace mortise::testing;

namespace {

struct bench {
    explicit bench(const json::value& settings = json::object())
        : flow(host.create_flow(mortise::flow<production_coordination::flow>(), settings)) {
        flow.on("dam", "assets.get", [this](const json::value&) -> json::value {
            if (gone) throw error(category::not_found, "iconik.asset.not-found", "no such asset");
            return {
                {"id", "a-1"},        {"title", "Brand film"},
                {"status", "ACTIVE"}, {"versions", {{{"id", "v"}, {"version_number", version}}}},
                {"version_id", "v"},  {"approval", {{"status", approval}}}};
        });
        flow.answer("dam", "versions.list",
                    {{"versions", {{{"id", "v"}, {"created_at", "2026-06-01T09:00:00"}}}}});
        flow.on("dam", "collections.of_asset", [this](const json::value&) -> json::value {
            return {{"collections", {{{"id", "c-1"}, {"metadata", collection}}}}};
        });
        flow.on("dam", "metadata.get", [this](const json::value& in) -> json::value {
            const bool is_asset = in.at("object_type") == "assets";
            return {{"values", is_asset ? fields : collection}};
        });
        flow.on("dam", "metadata.set", [this](const json::value& in) -> json::value {
            CHECK(in.at("object_type") == "collections");
            ++writes;
            for (const auto& [name, v] : in.at("values").as_object())
                collection[name] = v;
            return {{"changed", true}};
        });
        flow.on("dam", "comments.add", [this](const json::value& in) -> json::value {
            comments.emplace_back(in.at("text").as_string());
            return {{"id", "c"}};
        });
        flow.answer("dam", "collections.find", {{"found", false}});
        flow.on("workspaces", "workspaces.find", [](const json::value& in) -> json::value {
            if (in.at("bo_id") != "P-3001") return {{"found", false}};
            return {{"found", true}, {"workspace", {{"id", 300}}}};
        });
        flow.on("workspaces", "workspaces.get", [this](const json::value&) -> json::value {
            return {{"id", 300},
                    {"name", "Brand Film"},
                    {"business_objects",
                     {{{"ext_system_id", "MRM"}, {"bo_type", "project"}, {"bo_id", "P-3001"}}}},
                    {"categories", {{{"name", "Production"}, {"values", values}}}}};
        });
        flow.on("workspaces", "categories.list", [this](const json::value&) -> json::value {
            return {{"categories", {{{"name", "Production"}, {"values", values}}}}};
        });
        flow.on("workspaces", "categories.set", [this](const json::value& in) -> json::value {
            if (meanwhile) std::exchange(meanwhile, nullptr)();
            json::object before;
            for (const auto& [name, v] : in.at("values").as_object()) {
                before[name] = values[name];
                values[name] = v;
            }
            return {{"changed", true}, {"before", before}};
        });
        flow.on("workspaces", "comments.add", [this](const json::value& in) -> json::value {
            notes.emplace_back(in.at("text").as_string());
            return {{"id", 1}};
        });
    }
    test_run happen(const char* type, const char* about = "a-1") {
        const auto run = flow.start({type, "e-" + std::to_string(++events), about, json::object()});
        host.advance(std::chrono::minutes(1));
        return run;
    }
    const json::value& row(std::size_t i) const { return values.at("Milestones").at(i); }
    void finish() {
        flow.destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }

    fake_host host;
    flow_harness flow;
    int events = 0, version = 1, writes = 0;
    bool gone = false;
    std::string approval = "N/A";
    json::object fields{{"milestone", {"Final Cut"}}};
    json::object collection{{"project_id", {"P-3001"}}};
    json::object values{{"Deadline", "2026-06-30"},
                        {"Milestones",
                         {{{"Milestone", "Rough Cut"}, {"Status", "Closed"}},
                          {{"Milestone", "Final Cut"}, {"Status", "Open"}}}}};
    std::vector<std::string> comments, notes;
    std::function<void()> meanwhile;
};

bool holds(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a delivered and approved version moves its milestone", "[production]") {
    bench b;
    const auto run = b.happen("iconik.asset.version-created");
    CHECK(run.result().at_pointer("/delivered/0/result") == "recorded");
    CHECK(b.row(1).at("Status") == "Delivered");
    CHECK(b.row(1).at("Delivered On") == "2026-06-01");
    b.approval = "APPROVED";
    b.happen("iconik.asset.approved");
    CHECK(b.row(1).at("Status") == "Approved");
    const auto again = b.happen("iconik.asset.approved");
    CHECK(again.result().at_pointer("/delivered/0/result") == "known");
    b.finish();
}

TEST_CASE("a closed milestone stays closed and both sides are told", "[production]") {
    bench b;
    b.fields["milestone"] = json::array{"Rough Cut"};
    b.happen("iconik.asset.version-created");
    CHECK(b.row(0).at("Status") == "Closed");
    REQUIRE(b.notes.size() == 1);
    CHECK(holds(b.notes[0], "\"Rough Cut\" is closed"));
    REQUIRE(b.comments.size() == 1);
    CHECK(holds(b.comments[0], "was not recorded"));
    b.happen("iconik.asset.metadata-changed");
    CHECK(b.notes.size() == 1);
    CHECK(b.comments.size() == 1);
    b.finish();
}

TEST_CASE("a person who changes the rows at the same moment loses nothing", "[production]") {
    bench b;
    b.meanwhile = [&] {
        b.values["Milestones"].as_array().push_back(
            json::object{{"Milestone", "Trailer"}, {"Status", "Open"}});
    };
    b.happen("iconik.asset.version-created");
    REQUIRE(b.values.at("Milestones").as_array().size() == 3);
    CHECK(b.row(1).at("Status") == "Delivered");
    CHECK(b.row(2).at("Milestone") == "Trailer");
    b.finish();
}

TEST_CASE("deadline, milestones and change requests reach collection and assets, once",
          "[production]") {
    bench b;
    b.happen("iconik.asset.version-created"); // the collection becomes known by its asset
    b.values["Change Requests"] = json::array{json::object{
        {"Request", "Shorter end card"}, {"Milestone", "Final Cut"}, {"Status", "Open"}}};
    b.happen("xecm.workspace.changed", "300");
    CHECK(b.collection.at("deadline") == json::array{"2026-06-30"});
    CHECK(b.collection.at("milestones").as_array().size() == 2);
    CHECK(b.collection.at("change_requests") == json::array{"Final Cut: Shorter end card"});
    CHECK(b.comments == std::vector<std::string>{"Change request: Shorter end card"});
    CHECK(b.writes == 1);

    b.happen("xecm.workspace.changed", "300");
    b.happen("iconik.collection.metadata-changed", "c-1"); // our own write comes back
    CHECK(b.writes == 1);
    CHECK(b.comments.size() == 1);

    b.values["Change Requests"].at(0).as_object()["Status"] = "Done";
    b.happen("xecm.workspace.changed", "300");
    CHECK(b.collection.at("change_requests").as_array().empty());
    CHECK(b.comments.back() == "Change request Done: Shorter end card");
    b.finish();
}

TEST_CASE("a collection that is given its project hears what the workspace says", "[production]") {
    bench b;
    b.happen("iconik.collection.metadata-changed", "c-1");
    CHECK(b.collection.at("deadline") == json::array{"2026-06-30"});
    b.finish();
}

TEST_CASE("bad input ends as an error that names the field and the fix", "[production]") {
    bench b(json::value{{"wait_for_workspace", {{"longest", "0s"}}}});
    const char* type = "iconik.asset.version-created";
    const char* about = "a-1";
    const char* names = "";
    SECTION("no such milestone") {
        b.fields["milestone"] = json::array{"Trailer"};
        names = "metadata field \"milestone\"";
    }
    SECTION("no project") {
        b.collection.clear();
        names = "metadata field \"project_id\"";
    }
    SECTION("no workspace") {
        b.collection["project_id"] = json::array{"P-9"};
        names = "metadata field \"project_id\"";
    }
    SECTION("no collection that names the project") {
        type = "xecm.workspace.changed";
        about = "300";
        names = "metadata field \"project_id\"";
    }
    const auto run = b.happen(type, about);
    REQUIRE(run.finished());
    REQUIRE(run.outcome().failure);
    INFO(run.outcome().failure->message);
    CHECK(holds(run.outcome().failure->message, names));
    CHECK(holds(run.outcome().failure->message, "retry this run"));
    CHECK(b.writes == 0);
    b.finish();
}

TEST_CASE("assets and workspaces of no production are left alone", "[production]") {
    bench b;
    b.fields.clear();
    b.happen("iconik.asset.approved");
    b.values.clear();
    b.happen("xecm.workspace.changed", "300");
    b.gone = true;
    b.happen("iconik.asset.metadata-changed");
    CHECK(b.writes == 0);
    CHECK(b.comments.empty());
    b.finish();
}
