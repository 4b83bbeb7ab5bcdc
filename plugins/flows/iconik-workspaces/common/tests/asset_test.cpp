// SPDX-License-Identifier: Apache-2.0
#include "library_flow.hpp"
#include "support/catch.hpp"

#include <boost/json/value_from.hpp>

#include <iconik_workspaces/metadata.hpp>

using namespace iconik_workspaces;
using library_test::bench;
using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::task;
namespace json = mortise::json;

namespace {

json::value hero() {
    return mortise::parse_json(R"({
        "id": "a-1", "title": "Hero", "status": "ACTIVE", "version_id": "v-2", "web_url": "https://i/a-1",
        "approval": {"status": "APPROVED"},
        "versions": [{"id": "v-2", "version_number": 2}, {"id": "v-1", "version_number": 1}]})");
}

task<json::value> read_it(flow_run run) {
    const auto a = co_await read_asset(run, "a-1");
    co_return json::value{{"id", a.id},
                          {"title", a.title},
                          {"version", a.version},
                          {"approval", a.approval},
                          {"gone", a.gone}};
}

task<json::value> ids_of_hero(flow_run run) {
    auto of = asset_from(hero());
    id_field where{.view = "Marketing", .field = "campaign_id"};
    const auto ids = co_await ids_named_by(run, std::move(of), std::move(where), "campaign");
    co_return json::value_from(ids);
}

task<json::value> write_status(flow_run run) {
    field_texts wanted{{"status", {"Active"}}, {"note", {"x"}}};
    const bool written = co_await write_metadata(run, "assets", "a-1", "Marketing", wanted);
    co_return json::value(written);
}

json::value metadata(json::value values) {
    return json::value{{"values", std::move(values)}};
}

} // namespace

TEST_CASE("an asset is read with its newest version and its approval", "[iconik-workspaces]") {
    bench b(read_it);
    b.flow.answer("dam", "assets.get", hero());
    const auto said = b.start().result();
    CHECK(said.at("version") == 2);
    CHECK(said.at("approval") == "APPROVED");
    CHECK(said.at("gone") == false);
}

TEST_CASE("an asset in the delete queue is gone, and so is one that iconik does not know",
          "[iconik-workspaces]") {
    bench b(read_it);
    SECTION("delete queue") {
        auto deleted = hero();
        deleted.as_object()["status"] = "DELETED";
        b.flow.answer("dam", "assets.get", deleted);
    }
    SECTION("unknown") {
        b.flow.fail("dam", "assets.get", error(category::not_found, "iconik.asset.unknown", "No."));
    }
    const auto said = b.start().result();
    CHECK(said.at("gone") == true);
    CHECK(said.at("approval") == "deleted");
    CHECK(said.at("id") == "a-1");
}

TEST_CASE("an asset that cannot be read is an error, not a deletion", "[iconik-workspaces]") {
    bench b(read_it);
    b.flow.fail("dam", "assets.get", error(category::denied, "iconik.denied", "No."));
    const auto run = b.start();
    REQUIRE(run.outcome().failure);
    CHECK(run.outcome().failure->category == category::denied);
}

TEST_CASE("ids come from the asset and from every collection it is in", "[iconik-workspaces]") {
    bench b(ids_of_hero);
    b.flow.answer("dam", "collections.of_asset",
                  {{"collections", json::array{json::object{{"id", "c-1"}}}}});
    std::string in_collection = "C-2";
    b.flow.on("dam", "metadata.get", [&](const json::value& in) -> json::value {
        json::array of_asset{"C-1"};
        json::array of_collection{json::value(in_collection)};
        return metadata(
            {{"campaign_id",
              mortise::require_string(in, "object_id") == "a-1" ? of_asset : of_collection}});
    });
    SECTION("all of them") {
        CHECK(b.start().result() == json::value_from(std::vector<std::string>{"C-1", "C-2"}));
    }
    SECTION("a malformed one names field, object and what to do") {
        in_collection = "no such / id";
        const auto failure = b.start().outcome().failure;
        REQUIRE(failure);
        CHECK(failure->category == category::input);
        CHECK(failure->code == "iconik-workspaces.id.malformed");
        for (const char* part : {"\"campaign_id\"", "\"Marketing\"", "collection c-1",
                                 "no such / id", "campaign id", "retry this run"})
            CHECK(failure->message.find(part) != std::string::npos);
    }
}

TEST_CASE("only fields that differ are written", "[iconik-workspaces]") {
    bench b(write_status);
    std::vector<json::value> written;
    b.flow.on("dam", "metadata.set", [&](const json::value& in) -> json::value {
        written.push_back(in);
        return json::object();
    });
    SECTION("one of two differs") {
        b.flow.answer("dam", "metadata.get", metadata({{"status", {"Planned"}}, {"note", {"x"}}}));
        CHECK(b.start().result() == true);
        REQUIRE(written.size() == 1);
        CHECK(written[0].at("values") == mortise::parse_json(R"({"status":["Active"]})"));
        CHECK(written[0].at("object_id") == "a-1");
    }
    SECTION("none differs") {
        b.flow.answer("dam", "metadata.get", metadata({{"status", {"Active"}}, {"note", {"x"}}}));
        CHECK(b.start().result() == false);
        CHECK(written.empty());
    }
    SECTION("the asset is gone") {
        b.flow.fail("dam", "metadata.get", error(category::not_found, "iconik.x", "No."));
        CHECK(b.start().result() == false);
        CHECK(written.empty());
    }
}
