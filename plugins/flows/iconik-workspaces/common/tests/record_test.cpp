// SPDX-License-Identifier: Apache-2.0
#include "library_flow.hpp"
#include "support/catch.hpp"

#include <iconik_workspaces/record.hpp>
#include <set>

using namespace iconik_workspaces;
using library_test::bench;
using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::task;
namespace json = mortise::json;

namespace {

std::string text;

task<json::value> file_it(flow_run run) {
    record what;
    what.key = "asset/a-1";
    what.folder = {"Records"};
    what.name = "Record: a/1.txt";
    what.text = text;
    const auto done = co_await file_record(run, "test-record", 10, std::move(what));
    co_return json::value{{"node", done.node}, {"changed", done.changed}};
}

struct ecm {
    int uploads = 0, versions = 0;
    json::value last;

    void serve(const bench& b) {
        b.flow.answer("workspaces", "nodes.path_ensure", {{"id", 11}});
        b.flow.on("workspaces", "nodes.upload", [this](const json::value& in) -> json::value {
            last = in;
            return {{"id", 100 + uploads++}};
        });
        b.flow.on("workspaces", "versions.add", [this](const json::value& in) -> json::value {
            last = in;
            ++versions;
            return {{"version", versions + 1}};
        });
    }
};

} // namespace

TEST_CASE("a record is filed once, and as a version when it says something else",
          "[iconik-workspaces]") {
    text = "first";
    bench b(file_it);
    ecm system;
    system.serve(b);
    CHECK(b.start().result() == mortise::parse_json(R"({"node":100,"changed":true})"));
    CHECK(system.last.at("name") == "Record- a-1.txt");
    CHECK(system.last.at("parent_id") == 11);
    SECTION("again: nothing") {
        CHECK(b.start().result() == mortise::parse_json(R"({"node":100,"changed":false})"));
        CHECK(system.uploads == 1);
        CHECK(system.versions == 0);
    }
    SECTION("other text: a version") {
        text = "second";
        CHECK(b.start().result() == mortise::parse_json(R"({"node":100,"changed":true})"));
        CHECK(system.uploads == 1);
        CHECK(system.versions == 1);
        CHECK(system.last.at("text") == "second");
    }
    SECTION("what it said before: a version that is not taken for the old one") {
        std::set<std::string> known;
        for (const char* says : {"second", "first", "second", "first"}) {
            text = says;
            CHECK(b.start().result().at("changed") == true);
            known.insert(system.last.at("description").as_string().c_str());
        }
        CHECK(system.versions == 4);
        CHECK(known.size() == 4);
    }
    SECTION("the document was deleted: filed again") {
        text = "second";
        b.flow.fail("workspaces", "versions.add", error(category::not_found, "xecm.x", "No."));
        CHECK(b.start().result() == mortise::parse_json(R"({"node":101,"changed":true})"));
    }
    SECTION("the version is refused: an error, and nothing is taken for done") {
        text = "second";
        b.flow.fail("workspaces", "versions.add", error(category::denied, "xecm.denied", "No."));
        REQUIRE(b.start().outcome().failure);
        system.serve(b);
        CHECK(b.start().result().at("changed") == true);
    }
}
