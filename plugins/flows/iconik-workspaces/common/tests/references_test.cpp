// SPDX-License-Identifier: Apache-2.0
#include "library_flow.hpp"
#include "support/catch.hpp"

#include <boost/json/value_from.hpp>

#include <iconik_workspaces/references.hpp>

using namespace iconik_workspaces;
using library_test::bench;
using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::task;
namespace json = mortise::json;

namespace {

const business_object_type campaign{.system = "MRM", .type = "campaign"};

struct wish {
    reference_settings settings;
    asset of;
    std::set<std::string> objects;
};
wish wanted;

task<json::value> keep_it(flow_run run) {
    const references r("test-reference", wanted.settings);
    const auto kept = co_await r.keep(run, wanted.of, wanted.objects, campaign, "not in it");
    json::value said = kept.to_json();
    said.as_object()["missing"] = json::value_from(kept.missing);
    if (kept.problem) said.as_object()["problem"] = kept.problem->code;
    co_return said;
}

std::string node_event; // "<id>" changed or "-<id>" removed

task<json::value> hear_it(flow_run run) {
    const references r("test-reference", wanted.settings);
    const bool removed = node_event.starts_with("-");
    const std::string node = node_event.substr(removed ? 1 : 0);
    const auto news = co_await r.node_changed(run, node, removed);
    const std::string said = news ? news->said : "nothing";
    co_return json::value{{"said", said}};
}

// The workspaces 10 (C-1) and 20 (C-2), with what was written into them.
struct ecm {
    std::map<std::int64_t, json::object> nodes; // references, with "values"
    std::int64_t next = 100;
    int writes = 0;
    std::set<std::string> there{"C-1", "C-2"};

    void serve(const bench& b) {
        b.flow.answer("dam", "proxies.list",
                      mortise::parse_json(R"({"proxies":[{"id":"p","url":"https://s/p"}]})"));
        b.flow.answer("dam", "keyframes.list", {{"keyframes", json::array()}});
        b.flow.on("workspaces", "workspaces.find", [this](const json::value& in) -> json::value {
            const auto id = mortise::require_string(in, "bo_id");
            if (!there.contains(id)) return {{"found", false}};
            return {{"found", true}, {"workspace", {{"id", id == "C-1" ? 10 : 20}}}};
        });
        b.flow.on("workspaces", "workspaces.get", [](const json::value& in) -> json::value {
            return {{"id", in.at("id")}, {"name", "Campaign"}};
        });
        b.flow.answer("workspaces", "nodes.path_ensure", {{"id", 11}});
        b.flow.on("workspaces", "nodes.create_url", [this](const json::value& in) -> json::value {
            ++writes;
            nodes[next] = in.as_object();
            return {{"id", next++}};
        });
        b.flow.on("workspaces", "nodes.update", [this](const json::value& in) -> json::value {
            const auto at = nodes.find(mortise::require_int(in, "id"));
            if (at == nodes.end()) throw error(category::not_found, "xecm.node.unknown", "No.");
            ++writes;
            for (const auto& [k, v] : in.as_object())
                at->second[k] = v;
            return {{"id", at->first}};
        });
        b.flow.on("workspaces", "nodes.delete", [this](const json::value& in) -> json::value {
            ++writes;
            return {{"deleted", nodes.erase(mortise::require_int(in, "id")) > 0}};
        });
        b.flow.on("workspaces", "categories.set", [this](const json::value& in) -> json::value {
            ++writes;
            auto& values = nodes.at(mortise::require_int(in, "id"))["values"];
            if (!values.is_object()) values = json::object();
            for (const auto& [k, v] : in.at("values").as_object())
                values.as_object()[k] = v;
            return json::object();
        });
        b.flow.on("workspaces", "categories.list", [this](const json::value& in) -> json::value {
            json::object category{{"id", 1}, {"name", "Media Reference"}};
            category["values"] = nodes.at(mortise::require_int(in, "id")).at("values");
            return json::object{{"categories", json::array{category}}};
        });
    }
};

void wish_for(std::set<std::string> objects) {
    wanted = {};
    wanted.of.id = "0a1b2c3d-0000-0000-0000-000000000001";
    wanted.of.title = "Hero: Film";
    wanted.of.approval = "APPROVED";
    wanted.of.version = 1;
    wanted.objects = std::move(objects);
}

} // namespace

TEST_CASE("each business object's workspace gets one reference, and a repeat writes nothing",
          "[iconik-workspaces]") {
    wish_for({"C-1", "C-2"});
    bench b(keep_it);
    ecm system;
    system.serve(b);
    b.start();
    REQUIRE(system.nodes.size() == 2);
    const auto& node = system.nodes.at(100);
    CHECK(node.at("name") == "Hero- Film [0a1b2c3d-0000]");
    CHECK(node.at("url").as_string() ==
          json::string("https://app.iconik.io/asset/" + wanted.of.id));
    CHECK(node.at("values").at("Approval Status") == "APPROVED");
    CHECK(node.at("values").at("Proxy URL") == "https://s/p");
    CHECK(node.at("values").at("Campaign IDs") ==
          json::value_from(std::vector<std::string>{"C-1", "C-2"}));
    const int writes = system.writes;
    b.start();
    CHECK(system.writes == writes);
}

TEST_CASE("a reference follows its asset", "[iconik-workspaces]") {
    wish_for({"C-1"});
    bench b(keep_it);
    ecm system;
    system.serve(b);
    b.start();
    REQUIRE(system.nodes.size() == 1);
    SECTION("renamed and a new version: the same node says so") {
        wanted.of.title = "Hero Film, final";
        wanted.of.version = 2;
        b.start();
        REQUIRE(system.nodes.size() == 1);
        CHECK(system.nodes.at(100).at("name") == "Hero Film, final [0a1b2c3d-0000]");
        CHECK(system.nodes.at(100).at("values").at("Version") == 2);
    }
    SECTION("to another business object") {
        wanted.objects = {"C-2"};
        const auto said = b.start().result();
        CHECK(said.at("withdrawn") == json::value_from(std::vector<std::string>{"C-1"}));
        REQUIRE(system.nodes.size() == 1);
        CHECK(system.nodes.contains(101));
    }
    SECTION("to nowhere: it is deleted") {
        wanted.objects = {};
        b.start();
        CHECK(system.nodes.empty());
    }
    SECTION("to nowhere: it is marked, once, and comes true again") {
        wanted.settings.on_withdrawn = withdrawal::mark;
        wanted.objects = {};
        b.start();
        CHECK(system.nodes.at(100).at("values").at("Approval Status") == "withdrawn: not in it");
        const int writes = system.writes;
        b.start();
        CHECK(system.writes == writes);
        wanted.objects = {"C-1"};
        b.start();
        CHECK(system.nodes.at(100).at("values").at("Approval Status") == "APPROVED");
    }
    SECTION("deleted by a person while the asset changes: made again") {
        system.nodes.clear();
        wanted.of.version = 2;
        b.start();
        CHECK(system.nodes.contains(101));
    }
}

TEST_CASE("a workspace that is missing or refuses does not hold up the others",
          "[iconik-workspaces]") {
    wish_for({"C-1", "C-2"});
    bench b(keep_it);
    ecm system;
    system.serve(b);
    SECTION("missing") {
        system.there = {"C-2"};
        const auto said = b.start().result();
        CHECK(said.at("missing") == json::value_from(std::vector<std::string>{"C-1"}));
        CHECK(said.at("references") == json::value_from(std::vector<std::string>{"C-2"}));
    }
    SECTION("refused") {
        b.flow.on("workspaces", "nodes.path_ensure", [](const json::value& in) -> json::value {
            if (mortise::require_int(in, "parent_id") == 10)
                throw error(category::denied, "xecm.denied", "No.");
            return {{"id", 21}};
        });
        const auto said = b.start().result();
        CHECK(said.at("problem") == "xecm.denied");
        CHECK(said.at("references") == json::value_from(std::vector<std::string>{"C-2"}));
    }
}

TEST_CASE("what a person does to a reference is news, what we did is none", "[iconik-workspaces]") {
    wish_for({"C-1"});
    bench b(keep_it);
    ecm system;
    system.serve(b);
    b.start();
    library_test::library_flow::what = hear_it;
    SECTION("our own write") {
        node_event = "100";
        CHECK(b.start().result().at("said") == "nothing");
    }
    SECTION("a status written there") {
        system.nodes.at(100)["values"].as_object()["Approval Status"] = "do not use";
        node_event = "100";
        CHECK(b.start().result().at("said") == "reference: do not use");
    }
    SECTION("removed, told once, and not made again until the asset has news") {
        node_event = "-100";
        system.nodes.clear();
        CHECK(b.start().result().at("said") == "reference removed");
        CHECK(b.start().result().at("said") == "nothing");
        library_test::library_flow::what = keep_it;
        b.start();
        CHECK(system.nodes.empty());
        wanted.of.version = 2;
        b.start();
        CHECK(system.nodes.size() == 1);
    }
    SECTION("another node") {
        node_event = "4711";
        CHECK(b.start().result().at("said") == "nothing");
    }
}

TEST_CASE("a node's name is one that Content Server takes", "[iconik-workspaces]") {
    reference r;
    r.asset_id = "0a1b2c3d-0000-0000-0000-000000000001";
    r.title = "  a:b ";
    CHECK(node_name(r) == "a-b [0a1b2c3d-0000]");
    r.title = "   ";
    CHECK(node_name(r) == "untitled [0a1b2c3d-0000]");
    for (int i = 0; i < 200; ++i)
        r.title += "ü";
    const auto name = node_name(r);
    CHECK(name.size() <= 248);
    CHECK(name.ends_with("ü [0a1b2c3d-0000]"));
}

TEST_CASE("an attribute mapped to nothing known is an error that names it", "[iconik-workspaces]") {
    reference_settings s;
    s.attributes = {{"Asset", "asset_it"}};
    try {
        category_values(s, {});
        FAIL("no error");
    } catch (const error& e) {
        CHECK(e.category == category::config);
        CHECK(e.message.find("asset_it") != std::string::npos);
    }
}
