// SPDX-License-Identifier: Apache-2.0
// project-archive on the sandbox, with the host in process.
#include "iconik/iconik.hpp"
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
    o.flows =
        world::flow("archive", "project-archive",
                    "wait_for_archive = { first = \"300ms\", longest = \"60s\" }\n" + settings);
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
        if (with_document) file_sign_off();
    }
    void file_sign_off() {
        w.play_otcs("upload-document", {{"bo_id", project},
                                        {"folder", "Sign-off"},
                                        {"name", "Sign-off protocol.txt"},
                                        {"content", "signed"}});
    }
    // A reference in the workspace's folder of media, as a person makes it.
    void refer_to(const std::string& story) {
        std::int64_t folder = 0;
        for (const auto& n : w.children(w.workspace_id(project, "project")))
            if (n.name == "Media") folder = n.id;
        mortise::sandbox::http_client otcs(w.otcs_url());
        const auto ticket =
            otcs.send("POST", "/otcs/cs/api/v1/auth", "username=Admin&password=admin-pass",
                      {{"Content-Type", "application/x-www-form-urlencoded"}});
        REQUIRE(ticket.status == 200);
        otcs.set_header("OTCSTicket", ticket.json().at("ticket").as_string().c_str());
        const auto made = otcs.send("POST", "/otcs/cs/api/v2/nodes",
                                    "type=140&parent_id=" + std::to_string(folder) +
                                        "&name=" + story + "&url=https%3A%2F%2Ficonik.example%2F",
                                    {{"Content-Type", "application/x-www-form-urlencoded"}});
        INFO(made.status << ' ' << made.body);
        REQUIRE(made.status == 200);
        const auto id = made.json().at_pointer("/results/data/properties/id");
        w.play_otcs("set-category", {{"node", id},
                                     {"category", "Media Reference"},
                                     {"values", {{"Asset ID", world::asset_id(story)}}}});
    }
    void forget(const std::string& story) {
        for (const auto& n : w.nodes_in(project, "Media", "project"))
            if (n.name == story) w.play_otcs("delete", {{"node", n.id}});
    }
    // Out of iconik's delete queue.
    void bring_back(const std::string& story) {
        mortise::sandbox::http_client iconik(
            w.iconik_url(), {{"App-ID", mortise::sandbox::iconik_seed::app_id},
                             {"Auth-Token", mortise::sandbox::iconik_seed::admin_token},
                             {"Content-Type", "application/json"}});
        const json::object which{{"ids", json::array{json::value(world::asset_id(story))}}};
        const auto answer =
            iconik.send("DELETE", "/API/assets/v1/delete_queue/assets", json::serialize(which));
        REQUIRE(answer.status == 204);
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
    std::int64_t record_node() {
        for (const auto& n : w.nodes_in(project, "Records", "project"))
            if (n.name.find("Archive record") == 0) return n.id;
        return 0;
    }
    std::string record() {
        const auto node = record_node();
        return node == 0 ? std::string() : w.document_text(node);
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
    // As the message says.
    a.file_sign_off();
    CHECK(a.w.mended());
    CHECK(a.is_archived("social-cut"));
    CHECK(a.record().find("Sign-off protocol.txt") != std::string::npos);
}

TEST_CASE("assets that are missing keep no other from being archived, and are named",
          "[e2e][archive]") {
    archive a;
    a.prepare();
    // The workspace refers to one that somebody deletes.
    a.refer_to("logo");
    a.w.play_iconik("delete-asset", {{"asset", "logo"}});
    a.w.start_host();
    a.sign_off();
    REQUIRE(eventually([&] { return !a.w.dead_letter().empty(); }));
    const auto logo = world::asset_id("logo");
    CHECK(a.w.dead_letter().find("1 of 3 assets of project P-3001") != std::string::npos);
    CHECK(a.w.dead_letter().find(logo + " missing") != std::string::npos);
    CHECK(a.w.dead_letter().find(world::asset_id("radio-spot")) == std::string::npos);
    CHECK(a.is_archived("social-cut"));
    CHECK(a.is_archived("radio-spot"));
    CHECK(a.record().find(logo + " \"Nordlicht Logo\": missing") != std::string::npos);

    SECTION("brought back in iconik, the retry archives it as well") {
        a.bring_back("logo");
        CHECK(a.w.mended());
        CHECK(a.is_archived("logo"));
        CHECK(a.w.asset_field("logo", "retention_date").substr(0, 10) == "2036-06-30");
        CHECK(a.record().find(logo + " \"Nordlicht Logo\": archived") != std::string::npos);
        CHECK(a.w.versions_of(a.record_node()) == 2);
    }
    SECTION("no longer referred to, the retry needs it no more") {
        a.forget("logo");
        CHECK(a.w.mended());
        CHECK(a.record().find(logo) == std::string::npos);
    }
    SECTION("retried without mending, it says the same again and doubles nothing") {
        a.w.retry_dead_letters();
        REQUIRE(eventually([&] { return a.w.settled() && !a.w.dead_letter().empty(); }));
        CHECK(a.w.dead_letter().find(logo + " missing") != std::string::npos);
        CHECK(a.w.versions_of(a.record_node()) == 1);
    }
    CHECK(a.w.nodes_in(project, "Records", "project").size() == 1);
    CHECK(a.is_archived("social-cut"));
}
