// SPDX-License-Identifier: Apache-2.0
// project-archive on the sandbox, with the host in process.
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "world.hpp"

#include <boost/json.hpp>

using mortise::test::eventually;
using mortise::test::world;
namespace json = boost::json;

namespace {

constexpr const char* project = "P-3001";

world::options archives(const std::string& settings = {}) {
    world::options o;
    o.flows = world::flow("archive", "project-archive",
                          "wait_for_archive = { first = \"1s\", longest = \"60s\" }\n" + settings);
    return o;
}

struct archive {
    explicit archive(const std::string& settings = {}) : w(archives(settings)) {}

    // Two assets of the project, indexed, and its sign-off document.
    void prepare(bool with_document = true) {
        for (const char* asset : {"social-cut", "radio-spot"})
            w.play_iconik("set-metadata",
                          {{"asset", asset},
                           {"values", {{"project_id", json::array{json::value(project)}}}}});
        if (with_document)
            w.play_otcs("upload-document", {{"bo_id", project},
                                            {"folder", "Sign-off"},
                                            {"name", "Sign-off protocol.txt"},
                                            {"content", "signed"}});
    }
    void sign_off() {
        w.advance_otcs(std::chrono::seconds(2)); // dates there have seconds, and polls are quick
        w.play_otcs(
            "set-category",
            {{"bo_id", project}, {"category", "Campaign"}, {"values", {{"Status", "Completed"}}}});
    }
    bool is_archived(const char* asset) {
        return w.asset_field(asset, "archive_state") == "Archived";
    }
    std::string record() {
        for (const auto& n : w.nodes_in(project, "Records", "project"))
            if (n.name.find("Archive record") == 0) return w.document_text(n.id);
        return {};
    }

    world w;
};

} // namespace

TEST_CASE("a signed off project is archived with its record, and retention stays equal",
          "[e2e][archive]") {
    archive a;
    a.prepare();
    a.w.start_host();
    a.sign_off();
    REQUIRE(eventually([&] { return a.is_archived("social-cut") && a.is_archived("radio-spot"); }));
    REQUIRE(eventually([&] { return a.w.settled(); }));
    CHECK(a.w.dead_letter().empty());
    CHECK(a.w.asset_field("radio-spot", "retention_date").substr(0, 10) == "2036-06-30");
    CHECK(a.w.asset_field("radio-spot", "signoff_documents").find("Sign-off protocol.txt") == 0);
    CHECK(a.record().find(world::asset_id("radio-spot")) != std::string::npos);
    CHECK(a.record().find("Retain Until: 2036-06-30") != std::string::npos);

    SECTION("changed in the workspace") {
        a.w.advance_otcs(std::chrono::seconds(2)); // dates have seconds there
        a.w.play_otcs("set-category", {{"bo_id", project},
                                       {"category", "Retention"},
                                       {"values", {{"Retain Until", "2040-01-01"}}}});
        CHECK(eventually([&] {
            return a.w.asset_field("social-cut", "retention_date").substr(0, 10) == "2040-01-01";
        }));
    }
    SECTION("changed on one asset") {
        a.w.play_iconik("set-metadata",
                        {{"asset", "social-cut"},
                         {"values", {{"retention_date", json::array{json::value("2041-01-01")}}}}});
        CHECK(eventually([&] {
            return a.w.asset_field("radio-spot", "retention_date").substr(0, 10) == "2041-01-01";
        }));
        const auto workspace = a.w.workspace_id(project, "project");
        CHECK(a.w.attribute(workspace, "Retain Until").substr(0, 10) == "2041-01-01");
    }
    REQUIRE(eventually([&] { return a.w.settled(); }));
    CHECK(a.w.dead_letter().empty());
}

TEST_CASE("faults in the middle delay archiving", "[e2e][archive]") {
    archive a;
    a.prepare();
    a.w.start_host();
    a.w.fault_iconik({{"path", "/API/files/v1/assets/*/formats/*/archive/"},
                      {"method", "POST"},
                      {"status", 503},
                      {"count", 2}});
    a.w.fault_otcs(
        {{"path", "/otcs/cs/api/v2/nodes"}, {"method", "POST"}, {"status", 503}, {"count", 2}});
    a.sign_off();
    CHECK(eventually([&] { return a.is_archived("social-cut") && a.is_archived("radio-spot"); }));
    REQUIRE(eventually([&] { return a.w.settled(); }));
    CHECK(a.w.dead_letter().empty());
}

TEST_CASE("a sign-off without its document becomes a dead letter that names the place",
          "[e2e][archive]") {
    archive a;
    a.prepare(false);
    a.w.start_host();
    a.sign_off();
    REQUIRE(eventually([&] { return !a.w.dead_letter().empty(); }));
    CHECK(a.w.dead_letter().find("/Sign-off") != std::string::npos);
    CHECK(a.w.dead_letter().find("retry this run") != std::string::npos);
    CHECK(a.w.asset_field("social-cut", "archive_state") != "Requested");
}
