// SPDX-License-Identifier: Apache-2.0
// How the program ends: each exit code of docs/cli.md, with what it says; and hosts over the
// network.
#include "base/digest.hpp"
#include "journal/sqlite_db.hpp"
#include "program.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"

#include <csignal>
#include <fstream>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

void expect(const host_fixture& f,
            std::vector<std::string> words,
            int code,
            const std::string& text) {
    const auto out = program(f, std::move(words));
    INFO(out.text);
    CHECK(out.code == code);
    CHECK_THAT(out.text, Catch::Contains(text));
}

std::string put(const std::string& name) {
    return plan({R"({"do":"put","body":{"name":")" + name + R"("}})"});
}

// The variable, while it lives; children inherit it.
class variable {
public:
    variable(const char* name, const std::string& value) : name_(name) {
        ::setenv(name, value.c_str(), 1);
    }
    ~variable() { ::unsetenv(name_); }

private:
    const char* name_;
};

} // namespace

TEST_CASE("each kind of end has its exit code", "[cli][exit]") {
    host_fixture f;
    f.start();
    expect(f, {"status"}, 0, "ready");
    expect(f, {"dead-letters", "retry", "--all", "--rate", "0"}, 2, "rate");
    expect(f, {"runs", "lst"}, 2, "did you mean \"list\"?");
    expect(f, {"runs", "list", "--state", "asleep"}, 2, "asleep");
    expect(f, {"runs", "show", "none"}, 5, "none");
    expect(f, {"events", "show", "none"}, 5, "none");
    expect(f, {"flows", "show", "none"}, 5, "none");
    expect(f, {"flows", "start", "none"}, 5, "none");
    expect(f, {"tokens", "revoke", "none"}, 5, "none");
    expect(f, {"connections", "show", "none"}, 5, "none");
    expect(f, {"validate", "/none.so"}, 5, "/none.so");
    expect(f, {"inspect", "/none.so"}, 4, "/none.so");
    const auto wrong = f.dir.path() / "wrong.toml";
    std::ofstream(wrong) << "[host]\nprot = 1\n";
    expect(f, {"-c", wrong.string(), "check"}, 3, "wrong.toml:2:1");
    expect(f, {"-c", wrong.string(), "runs", "list"}, 3, "wrong.toml:2:1");
    f.stop();
    expect(f, {"reload"}, 6, "mortise run");
    expect(f, {"status"}, 0, "no host runs");
    expect(f, {"tokens", "list"}, 6, "mortise run");
}

TEST_CASE("a flow is started by hand and waited for", "[cli][flows]") {
    host_fixture f;
    f.start();
    const auto data = (f.dir.path() / "data.json").string();
    std::ofstream(data) << put("by-hand");
    const auto run =
        program(f, {"flows", "start", "steps", "--data", data, "--subject", "me", "--wait"});
    INFO(run.text);
    CHECK(run.code == 0);
    CHECK_THAT(run.text, Catch::Contains("succeeded") && Catch::Contains("mortise.manual me"));
    CHECK(f.target.count("put", "by-hand") == 1);
    const auto shown = program(f, {"--json", "events", "list", "--type", "mortise.manual"}).json();
    REQUIRE(shown.at("events").as_array().size() == 1);
    const auto ref = std::string(shown.at("events").at(0).at("ref").as_string());
    expect(f, {"events", "show", ref}, 0, "succeeded");
    SECTION("one that fails ends with 1") {
        f.target.next("put", {fault::kind::status, 422, {}, 1});
        const auto failed = program(f, {"flows", "start", "steps", "--data", data, "--wait"});
        INFO(failed.text);
        CHECK(failed.code == 1);
        CHECK_THAT(failed.text, Catch::Contains("422"));
    }
    SECTION("data that is no JSON starts nothing") {
        std::ofstream(data) << "{\n \"plan\": [}";
        expect(f, {"flows", "start", "steps", "--data", data}, 1, "data.json:2:11");
        expect(f, {"flows", "start", "steps", "--data", "/none.json"}, 5, "/none.json");
        CHECK(f.runs().size() == 1);
    }
}

TEST_CASE("a backfill is waited for, and its end is the exit code", "[cli][backfill]") {
    host_fixture f;
    f.start();
    for (int i = 0; i < 12; ++i) {
        const auto n = std::to_string(i);
        f.target.publish(R"({"id":"e)" + n + R"(","type":"probe.changed","subject":"s)" + n +
                         R"(","data":)" + put(n) + "}");
    }
    const auto done =
        program(f, {"backfill", "start", "target", "changes", "--rate", "1000", "--wait"});
    INFO(done.text);
    CHECK(done.code == 0);
    CHECK_THAT(done.text, Catch::Contains("target/changes: done"));
    const auto jobs = program(f, {"--json", "backfill", "list"}).json();
    const auto& job = jobs.at("backfills").at(0);
    CHECK(job.at("emitted").to_number<int>() + job.at("duplicates").to_number<int>() == 12);
    SECTION("a second one must be asked for") {
        expect(f, {"backfill", "start", "target", "changes", "--wait"}, 1, "--again");
        expect(f, {"backfill", "start", "target", "changes", "--again", "--rate", "1000", "--wait"},
               0, "done");
    }
    SECTION("one that cannot go on ends with 1") {
        f.target.next("all/0", {fault::kind::status, 401, {}, 100});
        const auto failed = program(
            f, {"backfill", "start", "target", "changes", "--again", "--rate", "1000", "--wait"});
        INFO(failed.text);
        CHECK(failed.code == 1);
        CHECK_THAT(failed.text, Catch::Contains("failed"));
    }
}

TEST_CASE("what cannot go together is said", "[cli][exit]") {
    host_fixture f;
    f.start();
    expect(f, {"runs", "show", "x", "--wait", "--watch"}, 2, "--watch");
    expect(f, {"runs", "list", "--follow", "--watch=1"}, 2, "--watch");
}

TEST_CASE("without a host, lists read the journal and say so", "[cli]") {
    host_fixture f;
    f.start();
    REQUIRE(f.send("e1", put("a"), "probe.changed", "the-subject") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto id = f.runs().front().id.str();
    const auto with = program(f, {"--json", "runs", "list"}).json();
    f.stop();
    const auto without = program(f, {"--json", "runs", "list"}).json();
    CHECK(without.at("host") == false);
    CHECK(without.at("runs").at(0).at("id") == with.at("runs").at(0).at("id"));
    const std::string said = "no host runs; this is what the journal holds";
    expect(f, {"runs", "list"}, 0, said);
    expect(f, {"runs", "list", "--state", "succeeded,failed", "--starting", "the-"}, 0, id);
    expect(f, {"runs", "show", id}, 0, said);
    expect(f, {"events", "list", "--subject", "the-"}, 0, "the-subject");
    expect(f, {"ledger", "list", "--operation", "put"}, 0, "  20"); // its year
    expect(f, {"flows"}, 0, "steps");
    expect(f, {"status"}, 0, "1 succeeded");
    CHECK(program(f, {"runs", "list", "--since", "2999-01-01"}).text.find(id) == std::string::npos);
}

TEST_CASE("without a host, a journal that cannot be read is told from one that is not there",
          "[cli][exit]") {
    host_fixture f;
    f.start();
    const auto journal = f.dir.path() / "state" / "journal.db";
    f.stop();
    REQUIRE(std::filesystem::exists(journal));
    SECTION("not there") {
        std::filesystem::remove(journal);
        expect(f, {"runs", "list"}, 5, "there is no journal " + journal.string());
        CHECK_FALSE(std::filesystem::exists(journal));
    }
    SECTION("of an older version: it is read by the host that has prepared it, not changed here") {
        {
            sqlite_db db(journal.string(), sqlite_db::mode::create);
            db.script("PRAGMA user_version=2");
        }
        expect(f, {"runs", "list"}, 1, "older Mortise; start the host once");
        expect(f, {"--json", "ledger", "list"}, 1, "older Mortise");
        sqlite_db db(journal.string(), sqlite_db::mode::read_only);
        auto version = db.query("PRAGMA user_version");
        REQUIRE(version.next());
        CHECK(version.number(0) == 2);
    }
    SECTION("of a newer version") {
        {
            sqlite_db db(journal.string(), sqlite_db::mode::create);
            db.script("PRAGMA user_version=9999");
        }
        expect(f, {"dead-letters"}, 1, "newer Mortise");
        expect(f, {"dead-letters", "discard", "--all", "--reason", "x"}, 1, "newer Mortise");
    }
    SECTION("no journal at all") {
        f.dir.write("state/journal.db", std::string(5000, 'x'));
        expect(f, {"runs", "list"}, 1, journal.string());
    }
}

TEST_CASE("under sudo the ledger names who asked", "[cli][ledger]") {
    host_fixture f;
    f.start();
    const variable asked("SUDO_USER", "anna");
    expect(f, {"connections", "pause", "target", "--reason", "x"}, 0, "paused");
    expect(f, {"ledger", "list", "--operation", "admin:pauseConnection"}, 0, "anna as ");
}

TEST_CASE("output that could not be written is no success", "[cli][exit]") {
    host_fixture f;
    f.start();
    REQUIRE(f.send("e1", put("a")) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto config = (f.dir.path() / "mortise.toml").string();
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"runs", "list"}, {"--json", "status"}, {"ledger", "export"}}) {
        std::vector<std::string> command{MORTISE_PROGRAM, "-c", config};
        command.insert(command.end(), words.begin(), words.end());
        test::child_process child(command, "/dev/full");
        const auto status = child.wait(std::chrono::seconds(60));
        REQUIRE(status);
        INFO(words.front());
        CHECK((WIFEXITED(*status) && WEXITSTATUS(*status) == 1));
    }
    const auto file = f.dir.path() / "ledger.ndjson";
    f.dir.write("wrong", "mrt_wrong");
    expect(f,
           {"--host", "http://127.0.0.1:" + std::to_string(f.it->admin_port()), "--token-file",
            (f.dir.path() / "wrong").string(), "ledger", "export", "--out", file.string()},
           7, "token");
    CHECK_FALSE(std::filesystem::exists(file)); // or the next try would find it in its way
    expect(f, {"ledger", "export", "--out", file.string()}, 0, "1 entries");
}

TEST_CASE("a reload says what changed, or every problem with its place", "[cli][reload]") {
    host_fixture f;
    f.start();
    expect(f, {"reload"}, 0, "nothing changed");
    REQUIRE(f.send("e1", plan({R"({"do":"wait","type":"probe.decided","key":"p"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    f.setup.flow = "enabled = false";
    f.write_config();
    expect(f, {"reload"}, 0, "without their flow: runs of steps, 1 waiting and 0 under way");
    const auto left = program(f, {"--json", "reload"}).json();
    CHECK(left.at("stranded").at(0).at("runs").at(0) ==
          boost::json::value(f.runs().front().id.str()));
    f.setup.flow.clear();
    f.write_config();
    CHECK(program(f, {"reload"}).text.find("without their flow") == std::string::npos);
    f.setup.flow += "\ndeadline = \"5m\"";
    f.write_config();
    expect(f, {"reload"}, 0, "flows changed: steps");
    f.setup.flow += "\ndaedline = \"5m\"";
    f.write_config();
    const auto refused = program(f, {"reload"});
    INFO(refused.text);
    CHECK(refused.code == 3);
    CHECK_THAT(refused.text, Catch::Contains("mortise.toml:") && Catch::Contains("daedline") &&
                                 Catch::Contains("nothing was changed"));
}

TEST_CASE("tokens are made, listed and revoked; the token alone is on standard output",
          "[cli][tokens]") {
    host_fixture f;
    f.start();
    const auto made =
        program(f, {"-q", "tokens", "create", "night", "--role", "operator", "--expires", "90d"});
    INFO(made.text);
    REQUIRE(made.code == 0);
    CHECK_THAT(made.text, Catch::StartsWith("mrt_"));
    CHECK(made.text.find('\n') == made.text.size() - 1);
    const auto file = (f.dir.path() / "token").string();
    std::ofstream(file) << made.text;
    expect(f, {"tokens", "list"}, 0, "operator");
    CHECK(program(f, {"tokens", "list"}).text.find(made.text.substr(0, 12)) == std::string::npos);
    expect(f, {"tokens", "create", "night", "--role", "viewer"}, 1, "night");
    expect(f, {"tokens", "create", "other", "--role", "root"}, 2, "operator");
    expect(f, {"tokens", "create", "other", "--expires", "soon"}, 2, "90d");

    const auto url = "http://127.0.0.1:" + std::to_string(f.it->admin_port());
    const auto away = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"--host", url, "--token-file", file});
        return words;
    };
    SECTION("with it the host is reached over the network, as far as its role goes") {
        expect(f, away({"status"}), 0, "ready");
        expect(f, away({"runs", "list"}), 0, "STATE");
        expect(f, away({"connections", "pause", "target", "--reason", "x"}), 0, "paused");
        expect(f, away({"connections", "list"}), 0, "paused since");
        expect(f, away({"ledger", "list", "--actor", "night"}), 0, "pauseConnection");
        expect(f, away({"ledger", "verify"}), 0, "unchanged");
        expect(f, away({"ledger", "export"}), 0, "pauseConnection");
        expect(f, away({"tokens", "list"}), 7, "admin");
        expect(f, away({"reload"}), 7, "admin");
        expect(f, away({"plugins"}), 0, "probe");
        expect(f, away({"connections", "test", "target"}), 0, "good");
        expect(f, away({"journal", "stats"}), 2, "this machine");
        expect(f, away({"check"}), 2, "this machine");
        const variable token("MORTISE_TOKEN", made.text.substr(0, made.text.size() - 1));
        const variable host("MORTISE_HOST", url);
        expect(f, {"-c", "/none.toml", "status"}, 0, "ready");
    }
    SECTION("once it is revoked it is refused") {
        expect(f, {"tokens", "revoke", "night"}, 0, "ended");
        expect(f, away({"status"}), 7, "token");
    }
    SECTION("an address or a token that does not do is said before anything is sent") {
        expect(f, {"--host", "mortise.example.com", "--token-file", file, "status"}, 2, "https://");
        expect(f, {"--host", "http://mortise.example.com:8081", "--token-file", file, "status"}, 2,
               "plain HTTP");
        expect(f, {"--host", url, "status"}, 2, "--token-file");
        expect(f, {"--host", url, "--token-file", "/none", "status"}, 5, "/none");
        expect(f, {"--host", "http://127.0.0.1:1", "--token-file", file, "status"}, 6,
               "127.0.0.1:1");
    }
}

TEST_CASE("a host with TLS is reached with the authority of its certificate, and here without",
          "[cli][tls]") {
    const test::temp_dir certificates;
    const test::test_certificate cert{certificates};
    const std::string token = "mrt_over-the-network";
    host_fixture f;
    f.setup.admin = "[admin.tls]\ncertificate_file = \"" + cert.cert_file + "\"\nkey_file = \"" +
                    cert.key_file + "\"\n[admin.tokens.ops]\nrole = \"viewer\"\nhash = \"sha256:" +
                    sha256_hex(token) + "\"\n";
    f.start();
    expect(f, {"status"}, 0, "ready");
    const auto url = "https://127.0.0.1:" + std::to_string(f.it->admin_port());
    const variable secret("MORTISE_TOKEN", token);
    expect(f, {"--host", url, "--ca-file", cert.cert_file, "status"}, 0, "ready");
    const auto other = program(f, {"--host", url, "status"});
    INFO(other.text);
    CHECK(other.code == 1);
    CHECK_THAT(other.text, Catch::Contains("certificate") && Catch::Contains("--ca-file"));
    expect(f, {"--host", url, "--ca-file", "/none.pem", "status"}, 5, "/none.pem");
}

TEST_CASE("the console's link signs in once", "[cli][console]") {
    host_fixture f;
    f.start();
    const auto link = program(f, {"--json", "console"}).json();
    const auto url = std::string(link.at("url").as_string());
    CHECK_THAT(url, Catch::Contains("/#/login?code="));
    expect(f, {"console", "--open", "--print"}, 2, "--open");
    f.stop();
    expect(f, {"console"}, 6, "mortise run");
}

TEST_CASE("the OpenAPI document is printed", "[cli][openapi]") {
    host_fixture f;
    f.start();
    const auto document = program(f, {"--json", "openapi"}).json();
    CHECK(document.at("openapi") == "3.1.0");
    CHECK(document.at("paths").as_object().contains("/api/v1/runs"));
}

TEST_CASE("mortise sandbox becomes the sandbox beside it", "[cli][sandbox]") {
    host_fixture f;
    test::child_process list({MORTISE_PROGRAM, "sandbox", "--list", "--json"},
                             (f.dir.path() / "list").string());
    REQUIRE(list.wait() == 0);
    const auto systems = boost::json::parse(test::read_file(f.dir.path() / "list"));
    CHECK_FALSE(systems.as_array().empty());
    SECTION("alone, it says what is missing") {
        const auto alone = f.dir.path() / "mortise";
        std::filesystem::copy_file(MORTISE_PROGRAM, alone);
        test::child_process child({alone.string(), "sandbox"}, (f.dir.path() / "alone").string());
        const auto status = child.wait();
        REQUIRE(status);
        CHECK(WEXITSTATUS(*status) == 5);
        CHECK_THAT(test::read_file(f.dir.path() / "alone"), Catch::Contains("mortise-sandbox"));
    }
}

TEST_CASE("a connection is tested by the running host, without one by the command",
          "[cli][connections]") {
    host_fixture f;
    f.start();
    auto out = program(f, {"connections", "test", "target"});
    INFO(out.text);
    CHECK(out.code == 0);
    CHECK_THAT(out.text, Catch::StartsWith("target: good"));
    expect(f, {"ledger", "list"}, 0, "testConnection");
    out = program(f, {"connections", "test", "target", "--json"});
    CHECK(out.json().at("ok") == true);
    expect(f, {"connections", "test", "nobody"}, 5, "nobody");
    f.stop();
    out = program(f, {"connections", "test", "target"});
    CHECK(out.code == 0);
    CHECK_THAT(out.text, Catch::Contains("no host runs; tested with the secrets of this shell") &&
                             Catch::Contains("target: good"));
    expect(f, {"connections", "test", "nobody"}, 5, "nobody");
}

TEST_CASE("a host that is up and takes no work is not called ready", "[cli][status]") {
    host_setup setup;
    setup.host = "min_free_disk = \"1000000GiB\"";
    host_fixture f(std::move(setup));
    f.start();
    std::string text;
    CHECK(eventually([&] {
        text = program(f, {"status"}).text;
        return text.find("disk nearly full") != std::string::npos;
    }));
    INFO(text);
    CHECK_THAT(text, Catch::StartsWith("host        takes no work"));
    CHECK_THAT(text, Catch::Contains("needs a person\n  disk nearly full"));
    CHECK_THAT(text, !Catch::Contains("nothing needs a person"));
}

TEST_CASE("what a system said last stands beside its connection, with the time",
          "[cli][connections]") {
    host_fixture f;
    f.start();
    expect(f, {"connections", "list"}, 0, "LAST ERROR");
    f.target.next("put", {fault::kind::status, 422, {}, 1});
    REQUIRE(f.send("bad", put("bad")) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    // Kept when the next call goes well.
    REQUIRE(f.send("good", put("good")) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    for (const char* what : {"list", "show"}) {
        std::vector<std::string> words{"connections", what};
        if (what == std::string_view("show")) words.emplace_back("target");
        const auto out = program(f, words);
        CHECK_THAT(out.text,
                   Catch::Contains("healthy") && Catch::Contains("status 422") &&
                       Catch::Matches("[^]*\\d{4}-\\d\\d-\\d\\d [0-9:]+  The system[^]*"));
    }
}
