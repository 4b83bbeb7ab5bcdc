// SPDX-License-Identifier: Apache-2.0
#include "library_flow.hpp"
#include "support/catch.hpp"

#include <iconik_workspaces/workspace.hpp>

using namespace iconik_workspaces;
using namespace std::chrono_literals;
using library_test::bench;
using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::task;
namespace json = mortise::json;

namespace {

const business_object_type program{.system = "MRM", .type = "program"};

task<json::value> wait_for_it(flow_run run) {
    const auto w = co_await await_workspace(run, program, "E-1", patience{10s, 60s},
                                            "metadata field \"program_id\" of asset a-1");
    co_return json::value{{"id", w.id}, {"name", w.name}};
}

task<json::value> make_it(flow_run run) {
    new_workspace wanted{"Program", "Program Template", "Webinars (E-1)"};
    const auto w = co_await ensure_workspace(run, program, "E-1", std::move(wanted));
    co_return json::value{{"id", w.id}, {"name", w.name}};
}

// Extended ECM with at most one workspace.
struct system_with_one {
    std::int64_t id = 0;
    int creates = 0;
    int looks = 0;
    json::value created_with;

    void serve(const bench& b) {
        b.flow.on("workspaces", "workspaces.find", [this](const json::value&) -> json::value {
            ++looks;
            if (id == 0) return {{"found", false}};
            return {{"found", true}, {"workspace", {{"id", id}}}};
        });
        b.flow.on("workspaces", "workspaces.get", [](const json::value& in) -> json::value {
            return {{"id", in.at("id")}, {"name", "Webinars (E-1)"}};
        });
        b.flow.on("workspaces", "workspaces.create", [this](const json::value& in) -> json::value {
            ++creates;
            created_with = in;
            id = 77;
            return {{"id", 77}};
        });
        b.flow.answer("workspaces", "workspace_types.list", mortise::parse_json(R"({"types": [
            {"id": 15, "name": "Program", "templates": [{"id": 600, "name": "Old Template"},
                                                        {"id": 601, "name": "Program Template"}]}]})"));
    }
};

} // namespace

TEST_CASE("a workspace that is not there yet is waited for with growing pauses",
          "[iconik-workspaces]") {
    bench b(wait_for_it);
    system_with_one ecm;
    ecm.serve(b);
    const auto run = b.start();
    CHECK(ecm.looks == 1);
    b.host.advance(9s);
    CHECK(ecm.looks == 1);
    b.host.advance(1s);
    CHECK(ecm.looks == 2);
    b.host.advance(19s);
    CHECK(ecm.looks == 2);
    ecm.id = 9;
    SECTION("until it is there") {
        b.host.advance(1s);
        CHECK(run.result().at("id") == 9);
    }
    SECTION("also across a restart") {
        run.drop();
        b.host.advance(60s);
        run.replay();
        b.host.advance(0s);
        CHECK(run.result().at("id") == 9);
        CHECK(ecm.looks == 3);
    }
    SECTION("and at last not any more; the error names field, object and fix") {
        ecm.id = 0;
        b.host.advance(100s);
        REQUIRE(run.finished());
        const auto failure = run.outcome().failure;
        REQUIRE(failure);
        CHECK(failure->category == category::not_found);
        CHECK(ecm.looks == 4); // 0 s, 10 s, 30 s, 60 s
        for (const char* part : {"\"program_id\"", "asset a-1", "MRM/program/E-1", "create"})
            CHECK(failure->message.find(part) != std::string::npos);
    }
}

TEST_CASE("a missing workspace is made from the named template", "[iconik-workspaces]") {
    bench b(make_it);
    system_with_one ecm;
    ecm.serve(b);
    const auto run = b.start();
    CHECK(run.result().at("id") == 77);
    const json::value expected{{"ext_system_id", "MRM"}, {"bo_type", "program"},
                               {"bo_id", "E-1"},         {"workspace_type", "Program"},
                               {"template_id", 601},     {"name", "Webinars (E-1)"}};
    CHECK(ecm.created_with == expected);
    run.replay();
    CHECK(ecm.creates == 1);
}

TEST_CASE("a workspace that is there is not made", "[iconik-workspaces]") {
    bench b(make_it);
    system_with_one ecm;
    ecm.id = 5;
    ecm.serve(b);
    CHECK(b.start().result().at("id") == 5);
    CHECK(ecm.creates == 0);
}

TEST_CASE("when another run was quicker, its workspace is taken", "[iconik-workspaces]") {
    bench b(make_it);
    system_with_one ecm;
    ecm.serve(b);
    b.flow.on("workspaces", "workspaces.create", [&](const json::value&) -> json::value {
        ecm.id = 8;
        throw error(category::conflict, "xecm.workspace.exists", "Already exists.");
    });
    CHECK(b.start().result().at("id") == 8);
}

TEST_CASE("a refused create stands when there is still no workspace", "[iconik-workspaces]") {
    bench b(make_it);
    system_with_one ecm;
    ecm.serve(b);
    b.flow.fail("workspaces", "workspaces.create", error(category::denied, "xecm.denied", "No."));
    const auto failure = b.start().outcome().failure;
    REQUIRE(failure);
    CHECK(failure->code == "xecm.denied");
}

TEST_CASE("an unknown template is an error that names those there are", "[iconik-workspaces]") {
    bench b(make_it);
    system_with_one ecm;
    ecm.serve(b);
    b.flow.answer("workspaces", "workspace_types.list", mortise::parse_json(R"({"types": [
        {"id": 15, "name": "Program", "templates": [{"id": 600, "name": "Old Template"}]}]})"));
    const auto failure = b.start().outcome().failure;
    REQUIRE(failure);
    CHECK(failure->category == category::config);
    CHECK(failure->message.find("\"Old Template\"") != std::string::npos);
    CHECK(ecm.creates == 0);
}

TEST_CASE("attributes are read by category and name, one or several", "[iconik-workspaces]") {
    const auto node = mortise::parse_json(R"({"categories": [
        {"id": 1, "name": "Campaign", "values": {"Status": "Active", "Regions": ["DE", null, "AT"],
                                                 "Empty": null, "Budget": 7}},
        {"id": 2, "name": "Other", "values": {"Status": "No"}}]})");
    CHECK(attribute(node, "Campaign", "Status") == "Active");
    CHECK(attributes(node, "Campaign", "Regions") == std::vector<std::string>{"DE", "AT"});
    CHECK(attribute(node, "Campaign", "Budget") == "7");
    CHECK(attribute(node, "Campaign", "Empty").empty());
    CHECK(attribute(node, "Campaign", "Unknown").empty());
    CHECK(attribute(node, "Missing", "Status").empty());
    CHECK(attribute(json::value(), "Campaign", "Status").empty());
}
