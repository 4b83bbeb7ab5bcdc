// SPDX-License-Identifier: Apache-2.0
// A run maps by the table it began with, whatever the configuration says since.
#include "host_fixture.hpp"

#include <boost/json.hpp>

using namespace mortise::host;
using namespace mortise::host::testing;
namespace json = boost::json;

namespace {

std::string copy_with(const std::string& rule) {
    return "[flows.copy]\nflow = \"probe-map\"\nconnections = { target = \"target\" }\n"
           "settings = { fields = \"m\" }\n[mappings.m]\nname = " +
           rule + '\n';
}

} // namespace

TEST_CASE("a run maps with the named mapping of the configuration", "[engine][mapping]") {
    host_fixture f;
    f.setup.extra = copy_with(R"({ from = "asset.title", type = "string" })");
    f.start();
    const auto reply = f.post("/flows/copy", R"({"asset":{"title":7}})");
    INFO(reply.body);
    CHECK(reply.status == 200);
    CHECK(f.target.count("put", "7") == 1);
}

TEST_CASE("facts that do not fit make a dead letter that names field and fix",
          "[engine][mapping]") {
    host_fixture f;
    f.setup.extra = copy_with(R"({ from = "asset.title", required = true })");
    f.start();
    const auto reply = f.post("/flows/copy", R"({"asset":{}})");
    CHECK(reply.status >= 400);
    REQUIRE(f.wait_runs(run_state::failed, 1, "copy"));
    const auto runs = f.runs(run_state::failed, "copy");
    REQUIRE(runs.front().failure);
    CHECK(runs.front().failure->code == "mapping.missing");
    CHECK_THAT(runs.front().failure->message, Catch::Contains("\"name\" (from asset.title)") &&
                                                  Catch::Contains("give the rule a"));
    CHECK(f.target.effects().empty());
}

TEST_CASE("a run that waits over a change of its mapping ends with the one it began with",
          "[engine][mapping]") {
    host_fixture f;
    f.setup.extra = copy_with("\"a\"");
    f.start();
    REQUIRE(f.send("e1", R"({"wait":true,"a":"old","b":"new"})", "probe.order") == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1, "copy"));
    f.setup.extra = copy_with("\"b\"");
    f.write_config();
    REQUIRE(f.it->reload());
    REQUIRE(f.send("d", "", "probe.decided") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1, "copy"));
    CHECK(f.target.count("put", "old") == 1);
    CHECK(f.target.count("put", "new") == 0);
    SECTION("and a new run takes the new one") {
        CHECK(f.post("/flows/copy", R"({"a":"old","b":"new"})").status == 200);
        CHECK(f.target.count("put", "new") == 1);
    }
}
