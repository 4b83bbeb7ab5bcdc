// SPDX-License-Identifier: Apache-2.0
// communications-governance on the sandbox.
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "world.hpp"

#include <boost/json.hpp>

#include <set>

using mortise::host::run_state;
using mortise::test::eventually;
using mortise::test::world;
namespace json = boost::json;

namespace {

world::options programs(const std::string& settings = {}) {
    world::options o;
    o.flows = world::flow("programs", "communications-governance",
                          "reference.asset_link = \"{iconik}/asset/{asset_id}\"\n" + settings);
    o.otcs["watch_documents_in"] = "[\"Program\"]";
    return o;
}

const char* quick = "wait = { first = \"50ms\", longest = \"200ms\" }\n";

json::object tags(const char* program, const char* kind) {
    return {{"program_id", json::array{program}}, {"media_kind", json::array{kind}}};
}

std::size_t links(world& w, const std::string& title, const std::string& program) {
    return w.references_named(title, program, "program");
}

std::set<std::string> open_items(world& w, const std::string& asset) {
    const auto all = w.asset_fields(asset, "governance_open");
    return {all.begin(), all.end()};
}

std::int64_t folder_of(world& w, const std::string& item, const std::string& program) {
    for (const auto& n : w.nodes_in(program, "Checklist", "program"))
        if (n.name == item) return n.id;
    return 0;
}

void file(world& w, const std::string& item, const std::string& program = "E-5001") {
    const auto folder = folder_of(w, item, program);
    REQUIRE(folder != 0);
    w.play_otcs("upload-document", {{"node", folder}, {"name", item + ".pdf"}, {"content", "x"}});
}

} // namespace

TEST_CASE("a webinar opens its program's workspace with a checklist and says how far it is",
          "[e2e][communications]") {
    world w(programs());
    w.start_host();
    CHECK(w.workspaces_of("E-5001", "program") == 0);
    const auto id = w.add_asset("Lumen Webinar", "brand", tags("E-5001", "Webinar"));
    REQUIRE(eventually([&] { return w.asset_field(id, "governance_status") == "0 of 4"; }));
    REQUIRE(eventually([&] { return w.settled(); }));
    CHECK(w.workspaces_of("E-5001", "program") == 1);
    CHECK(links(w, "Lumen Webinar", "E-5001") == 1);
    CHECK(open_items(w, id) == std::set<std::string>{"Speaker agreement", "Release form",
                                                     "Publishing schedule",
                                                     "Distribution approval"});
    CHECK(w.nodes_in("E-5001", "Checklist", "program").size() == 3);
    CHECK(w.attribute(w.workspace_id("E-5001", "program"), "Distribution Approval") == "Open");
    CHECK(w.runs(run_state::failed).empty());

    SECTION("documents and decisions settle it") {
        file(w, "Speaker agreement");
        CHECK(eventually([&] { return w.asset_field(id, "governance_status") == "1 of 4"; }));
        CHECK(open_items(w, id).count("Speaker agreement") == 0);
        w.play_otcs("set-category", {{"node", w.workspace_id("E-5001", "program")},
                                     {"category", "Governance"},
                                     {"values", {{"Distribution Approval", "Approved"}}}});
        CHECK(eventually([&] { return w.asset_field(id, "governance_status") == "2 of 4"; }));
        file(w, "Release form");
        file(w, "Publishing schedule");
        CHECK(eventually([&] { return w.asset_field(id, "governance_status") == "complete"; }));
        CHECK(open_items(w, id).empty());
    }
    SECTION("a document that is taken away is open again by the next check on schedule") {
        file(w, "Speaker agreement");
        REQUIRE(eventually([&] { return w.asset_field(id, "governance_status") == "1 of 4"; }));
        REQUIRE(eventually([&] { return w.settled(); }));
        const auto folder = folder_of(w, "Speaker agreement", "E-5001");
        w.play_otcs("delete", {{"node", w.children(folder).front().id}});
        w.tick("programs", "tick-1");
        CHECK(eventually([&] { return w.asset_field(id, "governance_status") == "0 of 4"; }));
    }
    SECTION("a decision against it settles nothing") {
        w.play_otcs("set-category", {{"node", w.workspace_id("E-5001", "program")},
                                     {"category", "Governance"},
                                     {"values", {{"Distribution Approval", "Rejected"}}}});
        file(w, "Release form");
        CHECK(eventually([&] { return w.asset_field(id, "governance_status") == "1 of 4"; }));
        CHECK(open_items(w, id).count("Distribution approval") == 1);
        CHECK(w.attribute(w.workspace_id("E-5001", "program"), "Distribution Approval") ==
              "Rejected");
    }
    SECTION("a further asset of the program hears of what is settled already, and both of news") {
        file(w, "Speaker agreement");
        REQUIRE(eventually([&] { return w.asset_field(id, "governance_status") == "1 of 4"; }));
        const auto second = w.add_asset("Webinar Cut", "brand", tags("E-5001", "Webinar"));
        CHECK(eventually([&] { return w.asset_field(second, "governance_status") == "1 of 4"; }));
        file(w, "Release form");
        CHECK(eventually([&] {
            return w.asset_field(id, "governance_status") == "2 of 4" &&
                   w.asset_field(second, "governance_status") == "2 of 4";
        }));
        CHECK(w.workspaces_of("E-5001", "program") == 1);
    }
    SECTION("of another kind, its link goes and it says nothing any more") {
        w.play_iconik("set-metadata", {{"asset", id}, {"values", tags("E-5001", "Demo")}});
        CHECK(eventually([&] { return links(w, "Lumen Webinar", "E-5001") == 0; }));
        CHECK(eventually([&] { return w.asset_field(id, "governance_status").empty(); }));
        CHECK(eventually([&] { return open_items(w, id).empty(); }));
    }
    SECTION("in two programs it says what is open in each") {
        w.play_iconik("set-metadata",
                      {{"asset", id}, {"values", {{"program_id", {"E-5001", "E-5002"}}}}});
        CHECK(eventually([&] { return w.asset_field(id, "governance_status") == "0 of 8"; }));
        CHECK(open_items(w, id).count("E-5002: Release form") == 1);
        CHECK(links(w, "Lumen Webinar", "E-5002") == 1);
    }
}

TEST_CASE("many assets of one program at once give one workspace", "[e2e][communications]") {
    world w(programs());
    w.start_host();
    std::vector<std::string> ids;
    for (int i = 1; i <= 8; ++i)
        ids.push_back(w.add_asset("Part " + std::to_string(i) + '.', "brand",
                                  tags("E-5002", i % 2 == 0 ? "Training" : "Executive Message")));
    REQUIRE(eventually([&] { return w.references("E-5002", "program").size() == 8; }));
    REQUIRE(eventually([&] { return w.settled(); }));
    CHECK(w.workspaces_of("E-5002", "program") == 1);
    CHECK(w.nodes_in("E-5002", "Checklist", "program").size() == 3);
    for (const auto& id : ids)
        CHECK(w.asset_field(id, "governance_status") == "0 of 4");
    CHECK(w.runs(run_state::failed).empty());
    CHECK(w.runs(run_state::in_doubt).empty());
}

TEST_CASE("other media is left alone", "[e2e][communications]") {
    world w(programs());
    w.start_host();
    const auto id = w.add_asset("Lumen Demo", "brand", tags("E-5001", "Demo"));
    REQUIRE(eventually([&] { return !w.runs(run_state::succeeded).empty() && w.settled(); }));
    CHECK(w.workspaces_of("E-5001", "program") == 0);
    CHECK(w.asset_field(id, "governance_status").empty());
}

TEST_CASE("the same webinar told twice changes nothing more", "[e2e][communications]") {
    world w(programs());
    w.start_host();
    w.fault_iconik({{"kind", "webhook-duplicate"}, {"count", 0}});
    w.add_asset("Lumen Webinar", "brand", tags("E-5001", "Webinar"));
    REQUIRE(eventually([&] { return links(w, "Lumen Webinar", "E-5001") == 1; }));
    REQUIRE(eventually([&] { return w.settled() && w.stats().duplicates > 0; }));
    CHECK(links(w, "Lumen Webinar", "E-5001") == 1);
    CHECK(w.workspaces_of("E-5001", "program") == 1);
}

TEST_CASE("a workspace whose making fails at first is made once", "[e2e][communications]") {
    world w(programs());
    w.start_host();
    SECTION("503, then fine") {
        w.fault_otcs({{"path", "/otcs/cs/api/v2/businessworkspaces"},
                      {"method", "POST"},
                      {"status", 503},
                      {"count", 2}});
    }
    SECTION("made, but the answer is lost") {
        w.fault_otcs({{"path", "/otcs/cs/api/v2/businessworkspaces"},
                      {"method", "POST"},
                      {"kind", "cut-after"},
                      {"count", 1}});
    }
    const auto id = w.add_asset("Lumen Webinar", "brand", tags("E-5001", "Webinar"));
    REQUIRE(eventually([&] { return w.asset_field(id, "governance_status") == "0 of 4"; }));
    REQUIRE(eventually([&] { return w.settled(); }));
    CHECK(w.workspaces_of("E-5001", "program") == 1);
    CHECK(w.runs(run_state::failed).empty());
    CHECK(w.runs(run_state::in_doubt).empty());
}

TEST_CASE("a webinar without a program, or of one nobody knows, is a dead letter",
          "[e2e][communications]") {
    world w(programs(quick));
    w.start_host();
    SECTION("none") {
        w.add_asset("Lumen Webinar", "brand", {{"media_kind", json::array{"Webinar"}}});
        REQUIRE(eventually([&] { return !w.dead_letter().empty(); }));
        CHECK(w.dead_letter().find("\"program_id\"") != std::string::npos);
        CHECK(w.dead_letter().find("Webinar") != std::string::npos);
        CHECK(w.workspaces_of("E-5001", "program") == 0);
    }
    SECTION("malformed") {
        const auto id =
            w.add_asset("Lumen Webinar", "brand", tags("Product / Webinars", "Webinar"));
        REQUIRE(eventually([&] { return !w.dead_letter().empty(); }));
        CHECK(w.dead_letter().find("\"program_id\"") != std::string::npos);
        CHECK(w.dead_letter().find("Product / Webinars") != std::string::npos);
        CHECK(w.workspaces_of("E-5001", "program") == 0);
        // As the message says.
        w.play_iconik("set-metadata", {{"asset", id}, {"values", tags("E-5001", "Webinar")}});
        CHECK(w.mended());
        CHECK(w.workspaces_of("E-5001", "program") == 1);
        CHECK(links(w, "Lumen Webinar", "E-5001") == 1);
    }
    SECTION("unknown to the business system") {
        w.add_asset("Lumen Webinar", "brand", tags("E-9999", "Webinar"));
        REQUIRE(eventually([&] { return !w.dead_letter().empty(); }));
        CHECK(w.dead_letter().find("\"program_id\"") != std::string::npos);
        CHECK(w.dead_letter().find("E-9999") != std::string::npos);
        CHECK(w.workspaces_of("E-5001", "program") == 0);
    }
}

TEST_CASE("a template that is not there is a dead letter that names those there are",
          "[e2e][communications]") {
    world w(programs("templates = { Webinar = \"Webinar Template\" }\n"));
    w.start_host();
    w.add_asset("Lumen Webinar", "brand", tags("E-5001", "Webinar"));
    REQUIRE(eventually([&] { return !w.dead_letter().empty(); }));
    CHECK(w.dead_letter().find("\"Webinar Template\"") != std::string::npos);
    CHECK(w.dead_letter().find("\"Program Template\"") != std::string::npos);
    CHECK(w.workspaces_of("E-5001", "program") == 0);
    // The setting is corrected; the run goes on with it.
    w.stop_host();
    w.configure(programs("templates = { Webinar = \"Program Template\" }\n").flows);
    w.start_host();
    w.retry_dead_letters(true);
    CHECK(eventually([&] { return w.settled() && w.runs(run_state::failed).empty(); }));
    CHECK(w.workspaces_of("E-5001", "program") == 1);
    CHECK(links(w, "Lumen Webinar", "E-5001") == 1);
}

TEST_CASE("a program named a little later is waited for", "[e2e][communications]") {
    world w(programs("wait = { first = \"100ms\", longest = \"20s\" }\n"));
    w.start_host();
    const auto id = w.add_asset("Lumen Webinar", "brand", {{"media_kind", json::array{"Webinar"}}});
    REQUIRE(eventually([&] { return !w.runs(run_state::waiting).empty(); }));
    w.play_iconik("set-metadata", {{"asset", id}, {"values", tags("E-5001", "Webinar")}});
    CHECK(eventually([&] { return links(w, "Lumen Webinar", "E-5001") == 1 && w.settled(); }));
    CHECK(w.runs(run_state::failed).empty());
}
