// SPDX-License-Identifier: Apache-2.0
// mortise flows, connections, backfill, links, ledger, journal: the real program against a running
// host, and without one.
#include "program.hpp"

#include <algorithm>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

std::string put(const std::string& name) {
    return plan({R"({"do":"put","body":{"name":")" + name + R"("}})"});
}

void expect(const host_fixture& f,
            std::vector<std::string> words,
            int code,
            const std::string& text) {
    const auto out = program(f, std::move(words));
    INFO(out.text);
    CHECK(out.code == code);
    CHECK_THAT(out.text, Catch::Contains(text));
}

} // namespace

TEST_CASE("flows are shown with their bindings and the operation least safe to repeat",
          "[cli][flows]") {
    host_fixture f;
    f.start();
    const auto table = program(f, {"flows"});
    INFO(table.text);
    CHECK(table.code == 0);
    CHECK_THAT(table.text,
               Catch::Contains("target=target") && Catch::Contains("unsafe: target:fire"));
    const auto listed = program(f, {"--json", "flows"}).json();
    const auto& flows = listed.at("flows");
    REQUIRE(flows.as_array().size() == 1);
    const auto& weakest = flows.at(0).at("weakest");
    CHECK(weakest.at("operation") == "fire");
    CHECK(weakest.at("effect_class") == "unsafe");
    CHECK(weakest.at("connection") == "target");
    expect(f, {"flows", "steps"}, 0, "lookup_first");
    expect(f, {"flows", "stpes"}, 5, "stpes");
}

TEST_CASE("a connection is paused and resumed by hand", "[cli][connections]") {
    host_fixture f;
    f.start();
    expect(f, {"connections", "list"}, 0, "healthy");
    expect(f, {"connections", "pause", "target"}, 2, "--reason");
    expect(f, {"connections", "pause", "target", "--reason", "maintenance tonight"}, 0, "resume");
    expect(f, {"connections", "list"}, 0, "maintenance tonight");
    REQUIRE(f.send("e1", put("a")) == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(f.target.count("put", "a") == 0);
    expect(f, {"runs", "show", f.runs().front().id.str()}, 0, "mortise connections resume target");
    f.restart();
    expect(f, {"connections", "list"}, 0, "maintenance tonight");
    expect(f, {"connections", "resume", "target"}, 0, "goes on");
    CHECK(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.count("put", "a") == 1);
    expect(f, {"links", "notes"}, 0, "connection-pause");
    SECTION("one that is not configured is not found") {
        expect(f, {"connections", "pause", "tragte", "--reason", "x"}, 5, "tragte");
    }
    SECTION("without a host nothing can be paused, and the list says so") {
        f.stop();
        expect(f, {"connections", "pause", "target", "--reason", "x"}, 6, "mortise run");
        expect(f, {"connections", "list"}, 0, "not running");
    }
}

TEST_CASE("links are changed by a person and the change is noted", "[cli][links]") {
    host_fixture f;
    f.start();
    const auto change = [&] {
        expect(f, {"links", "put", "asset-folder", "a1", "b1", "--data", R"({"n":1})"}, 0, "b1");
        expect(f, {"links", "put", "asset-folder", "a2", "b1"}, 1, "b1");
        expect(f, {"links", "put", "asset-folder", "a1", "b2", "--data", "{"}, 2, "JSON");
        expect(f, {"links", "put", "asset-folder", "a1", "b2"}, 0, "b2");
        const auto listed = program(f, {"--json", "links", "list", "asset-folder"}).json();
        const auto& links = listed.at("links");
        REQUIRE(links.as_array().size() == 1);
        CHECK(links.at(0).at("b") == "b2");
        expect(f, {"links", "remove", "asset-folder", "a1"}, 0, "gone");
        expect(f, {"links", "remove", "asset-folder", "a1"}, 5, "a1");
        const auto noted = program(f, {"--json", "links", "notes"}).json();
        const auto& notes = noted.at("notes");
        REQUIRE(notes.as_array().size() == 3);
        CHECK(notes.at(0).at("action") == "link-remove");
        CHECK(notes.at(0).at("detail").at("before").at("b") == "b2");
        CHECK(notes.at(1).at("detail").at("before").at("b") == "b1");
        CHECK(notes.at(2).at("detail").at("before").is_null());
        CHECK_FALSE(notes.at(2).at("who").as_string().empty());
        // What was refused is in the ledger too; what was never asked for is not.
        const auto ledger = program(f, {"--json", "ledger", "list"}).json();
        std::string by_hand;
        for (const auto& e : ledger.at("entries").as_array()) {
            CHECK_FALSE(e.at("actor").as_string().empty());
            CHECK(std::string(e.at("object").as_string()).starts_with("asset-folder a"));
            by_hand.append(e.at("operation").as_string()).append(" ");
            by_hand.append(e.at("outcome").as_string()).append("; ");
        }
        CHECK(by_hand == "admin:removeLink refused; admin:removeLink done; admin:putLink done; "
                         "admin:putLink refused; admin:putLink done; ");
        expect(f, {"ledger", "verify"}, 0, "unchanged");
    };
    SECTION("through the host") {
        change();
    }
    SECTION("in the journal itself, when no host runs") {
        f.stop();
        change();
    }
}

TEST_CASE("the ledger is listed, verified and exported", "[cli][ledger]") {
    host_fixture f;
    f.start();
    for (const char* name : {"a", "b", "c"})
        REQUIRE(f.send(name, put(name), "probe.changed", name) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 3));
    const auto listed = program(f, {"--json", "ledger", "list"}).json();
    const auto& entries = listed.at("entries");
    REQUIRE(entries.as_array().size() == 3);
    CHECK(entries.at(0).at("connection") == "target");
    CHECK(entries.at(0).at("operation") == "put");
    const auto verified = program(f, {"--json", "ledger", "verify"}).json();
    CHECK(verified.at("ok") == true);
    CHECK(verified.at("entries") == 3);
    const auto head = std::string(verified.at("head").as_string());
    expect(f, {"ledger", "verify", "--head", head}, 0, "unchanged");
    const auto file = (f.dir.path() / "ledger.csv").string();
    expect(f, {"ledger", "export", "--format", "csv", "--out", file}, 0, "3 entries");
    const auto csv = test::read_file(file);
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 4);
    expect(f, {"ledger", "export", "--out", file}, 1, "exists");
    expect(f, {"ledger", "export", "--format", "xml"}, 2, "ndjson");
    expect(f, {"ledger", "export", "--since", "yesterday"}, 1, "2026-03-01");
    CHECK(program(f, {"ledger", "export", "--since", "2999-01-01"}).text.empty());
    const auto lines = program(f, {"ledger", "export", "--run", f.runs().front().id.str()});
    CHECK(std::count(lines.text.begin(), lines.text.end(), '\n') == 1);
    SECTION("another head than the one noted down is found") {
        const auto other = program(f, {"ledger", "verify", "--head", std::string(64, '0')});
        CHECK(other.code == 1);
        CHECK_THAT(other.text, Catch::Contains("changed"));
    }
    SECTION("without a host too") {
        f.stop();
        expect(f, {"ledger", "verify"}, 0, "3 entries, unchanged");
    }
}

TEST_CASE("the journal is looked at, checked and copied beside a running host", "[cli][journal]") {
    host_fixture f;
    f.start();
    REQUIRE(f.send("e1", put("a")) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto stats = program(f, {"--json", "journal", "stats", "--tables"}).json();
    CHECK(stats.at("runs").at("succeeded") == 1);
    CHECK(stats.at("tables").as_array().size() > 3);
    expect(f, {"journal", "stats"}, 0, "1 succeeded");
    expect(f, {"journal", "integrity", "--full"}, 0, "sound");
    const auto copy = (f.dir.path() / "copy.db").string();
    expect(f, {"journal", "backup", copy}, 0, "1 events");
    CHECK(std::filesystem::file_size(copy) > 0);
    expect(f, {"journal", "backup", copy}, 1, copy);
    const auto refused = program(f, {"journal", "compact"});
    CHECK(refused.code != 0);
    CHECK_THAT(refused.text, Catch::Contains("in use"));
    f.stop();
    expect(f, {"journal", "compact"}, 0, "from");
    std::filesystem::remove_all(f.dir.path() / "state");
    expect(f, {"journal", "stats"}, 5, "journal.db");
    expect(f, {"journal", "integrity"}, 5, "journal.db");
    expect(f, {"ledger", "verify"}, 5, "journal.db");
}

TEST_CASE("a backfill is started, watched and ended by hand", "[cli][backfill]") {
    host_fixture f;
    f.start();
    expect(f, {"backfill", "start", "target", "nothing"}, 5, "nothing");
    expect(f, {"backfill", "start", "target", "changes", "--rate", "0"}, 1, "rate");
    expect(f, {"backfill", "pause", "target", "changes"}, 5, "changes");
    expect(f, {"backfill", "start", "target", "changes"}, 0, "target/changes");
    const auto listed = program(f, {"--json", "backfill", "list"}).json();
    const auto& list = listed.at("backfills");
    REQUIRE(list.as_array().size() == 1);
    CHECK(list.at(0).at("connection") == "target");
    f.stop();
    expect(f, {"backfill", "list"}, 0, "target");
    expect(f, {"backfill", "start", "target", "changes"}, 6, "mortise run");
}

TEST_CASE("the admin listener refuses what it does not know, as problem+json", "[admin]") {
    host_fixture f;
    f.start();
    const auto status = [&](const std::string& method, const std::string& path,
                            const std::string& body = {}) {
        const auto reply = f.admin(method, path, body);
        CHECK(reply.header("content-type") == "application/problem+json");
        return reply.status;
    };
    CHECK(status("GET", "/api/v1/nothing") == 404);
    CHECK(status("DELETE", "/api/v1/runs") == 405);
    CHECK(status("POST", "/api/v1/bulk", "[1]") == 400);
    CHECK(status("POST", "/api/v1/bulk", "{}") == 400);
    CHECK(status("POST", "/api/v1/bulk", R"({"action":"retry"})") == 400);
    CHECK(status("GET", "/api/v1/runs?state=asleep") == 400);
    CHECK(status("GET", "/api/v1/runs/none") == 404);
    CHECK(status("POST", "/api/v1/runs/none/edit", R"({"input":{},"event":{}})") == 400);
    CHECK(status("PUT", "/api/v1/links", R"({"relation":"r"})") == 400);
    CHECK(status("DELETE", "/api/v1/links?relation=r&a=x%20y") == 404);
    CHECK(status("POST", "/api/v1/connections/target/pause", "{}") == 400);
    const auto stranger = test::http_call(f.it->admin_port(), "GET", "/api/v1/runs");
    CHECK(stranger.status == 401);
    for (const char* path :
         {"/api/v1/runs", "/api/v1/flows", "/api/v1/dead-letters", "/api/v1/bulk",
          "/api/v1/connections", "/api/v1/backfills", "/api/v1/links", "/api/v1/notes",
          "/api/v1/ledger", "/api/v1/journal"}) {
        INFO(path);
        const auto reply = f.admin("GET", path);
        CHECK(reply.status == 200);
        boost::system::error_code ec;
        CHECK(boost::json::parse(reply.body, ec).is_object());
    }
}
