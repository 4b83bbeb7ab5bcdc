// SPDX-License-Identifier: Apache-2.0
// mortise dead-letters, runs: the real program against a running host, and without one.
#include "program.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

fault refuse(int status, int times) {
    return {fault::kind::status, status, {}, times};
}

std::string put(const std::string& name) {
    return plan({R"({"do":"put","body":{"name":")" + name + R"("}})"});
}
std::string store(const std::string& name, int count) {
    return plan(
        {R"({"do":"store","name":")" + name + R"(","count":)" + std::to_string(count) + "}"});
}

// n runs that the target has refused; oldest first.
std::vector<std::string> letters(host_fixture& f, int n) {
    f.target.next("put", refuse(422, n));
    for (int i = 0; i < n; ++i) {
        const auto name = "a" + std::to_string(i);
        REQUIRE(f.send(name, put(name), "probe.changed", name) == 202);
        REQUIRE(f.wait_runs(run_state::failed, static_cast<std::size_t>(i) + 1));
    }
    std::vector<std::string> ids;
    for (const auto& r : f.runs(run_state::failed))
        ids.insert(ids.begin(), r.id.str());
    return ids;
}

std::string fingerprint_of(const host_fixture& f) {
    const auto groups = program(f, {"--json", "dead-letters"}).json();
    REQUIRE(groups.at("groups").as_array().size() == 1);
    return std::string(groups.at("groups").at(0).at("fingerprint").as_string());
}

std::string in_doubt(host_fixture& f) {
    f.target.next("fire", {fault::kind::cut_after, 0, {}, 1});
    REQUIRE(f.send("shot", plan({R"({"do":"fire","name":"f"})"})) == 202);
    REQUIRE(f.wait_runs(run_state::in_doubt, 1));
    return f.runs(run_state::in_doubt).front().id.str();
}

} // namespace

TEST_CASE("dead letters are shown by cause, then one by one", "[cli][dead-letters]") {
    host_fixture f;
    f.start();
    CHECK_THAT(program(f, {"dead-letters"}).text, Catch::Contains("no dead letters"));
    const auto ids = letters(f, 3);
    const auto listed = program(f, {"--json", "dead-letters", "list"}).json();
    const auto& groups = listed.at("groups");
    REQUIRE(groups.as_array().size() == 1);
    CHECK(groups.at(0).at("failed") == 3);
    CHECK(groups.at(0).at("in_doubt") == 0);
    CHECK(groups.at(0).at("oldest").as_string() == ids.front());
    const auto table = program(f, {"dead-letters"});
    CHECK(table.code == 0);
    CHECK_THAT(table.text, Catch::Contains(fingerprint_of(f)) && Catch::Contains("steps"));
    const auto of_group =
        program(f, {"--json", "dead-letters", "list", "--group", fingerprint_of(f)}).json();
    const auto& runs = of_group.at("runs");
    REQUIRE(runs.as_array().size() == 3);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(runs.at(i).at("id").as_string() == ids[2 - i]); // newest first
    CHECK(program(f, {"--json", "dead-letters", "list", "--group", "0000000000000000"})
              .json()
              .at("runs")
              .as_array()
              .empty());
}

TEST_CASE("a retry goes on from the failed step, and is noted with who asked",
          "[cli][dead-letters]") {
    host_fixture f;
    f.start();
    const auto id = letters(f, 1).front();
    const auto retried = program(f, {"dead-letters", "retry", id});
    INFO(retried.text);
    CHECK(retried.code == 0);
    CHECK_THAT(retried.text, Catch::Contains("ready"));
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto shown = program(f, {"--json", "runs", "show", id}).json();
    const auto& notes = shown.at("notes").as_array();
    REQUIRE(notes.size() == 1);
    CHECK(notes.front().at("action") == "retry");
    CHECK_FALSE(notes.front().at("who").as_string().empty());
    SECTION("twice is a conflict") {
        const auto again = program(f, {"dead-letters", "retry", id});
        CHECK(again.code == 1);
        CHECK_THAT(again.text, Catch::Contains("succeeded"));
    }
}

TEST_CASE("what cannot be done says why and how to mend it", "[cli][dead-letters]") {
    host_fixture f;
    f.start();
    const auto id = letters(f, 1).front();
    const std::string unknown = "0190d3c5-5f0a-7cc0-8000-000000000000";
    const auto expect = [&](std::vector<std::string> words, int code, const std::string& text) {
        const auto out = program(f, words);
        INFO(out.text);
        CHECK(out.code == code);
        CHECK_THAT(out.text, Catch::Contains(text));
    };
    expect({"dead-letters", "retry", unknown}, 5, unknown);
    expect({"runs", "show", unknown}, 5, unknown);
    expect({"dead-letters", "retry"}, 2, "--group");
    expect({"dead-letters", "retry", "--group", "0000000000000000"}, 5, "no dead letter");
    expect({"dead-letters", "retry", id, "--all"}, 2, "not both");
    expect({"dead-letters", "retry", id, "--result", "{"}, 2, "JSON");
    expect({"dead-letters", "retry", id, "--result", "1"}, 1, "not in doubt");
    expect({"dead-letters", "retry", "--all", "--rate", "0"}, 2, "rate");
    expect({"dead-letters", "discard", id}, 2, "--reason");
    expect({"dead-letters", "discard", unknown, "--reason", "x"}, 5, unknown);
    expect({"dead-letters", "edit", id}, 2, "--input");
    expect({"dead-letters", "edit", id, "--input", "/no/such/file"}, 5, "/no/such/file");
    expect({"dead-letters", "jobs", unknown}, 5, unknown);
    expect({"dead-letters", "stop", unknown}, 5, unknown);
    expect({"runs", "cancel", unknown, "--reason", "x"}, 5, unknown);
    expect({"runs", "cancel", id, "--reason", "x"}, 1, "discard");
    expect({"runs", "cancel", id}, 2, "--reason");
    CHECK(f.runs(run_state::failed).size() == 1);
}

TEST_CASE("discarding keeps the reason", "[cli][dead-letters]") {
    host_fixture f;
    f.start();
    const auto id = letters(f, 1).front();
    const auto gone = program(f, {"dead-letters", "discard", id, "--reason", "asset was deleted"});
    INFO(gone.text);
    CHECK(gone.code == 0);
    const auto run = f.run(run_id(id)).run;
    CHECK(run.state == run_state::discarded);
    CHECK_THAT(run.result, Catch::Contains("asset was deleted"));
    CHECK_THAT(program(f, {"dead-letters"}).text, Catch::Contains("no dead letters"));
}

TEST_CASE("a run in doubt asks for a decision and says where to look", "[cli][dead-letters]") {
    host_fixture f;
    f.start();
    const auto id = in_doubt(f);
    const auto shown = program(f, {"runs", "show", id});
    CHECK(shown.code == 0);
    CHECK_THAT(shown.text, Catch::Contains("connection \"target\"") && Catch::Contains("--redo") &&
                               Catch::Contains("--result") && Catch::Contains("target:fire"));
    const auto blind = program(f, {"dead-letters", "retry", id});
    CHECK(blind.code == 1);
    CHECK_THAT(blind.text, Catch::Contains("redo") && Catch::Contains("result"));
    CHECK(f.runs(run_state::in_doubt).size() == 1);
    SECTION("it happened") {
        CHECK(program(f, {"dead-letters", "retry", id, "--result", R"({"seen":1})"}).code == 0);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("fire", "f") == 1);
        CHECK_THAT(f.run(run_id(id)).run.result, Catch::Contains("seen"));
    }
    SECTION("it did not happen") {
        CHECK(program(f, {"dead-letters", "retry", id, "--redo"}).code == 0);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("fire", "f") == 2);
    }
    SECTION("many at once leave it alone") {
        const auto out = program(f, {"--json", "dead-letters", "retry", "--all", "--wait"});
        const auto job = out.json();
        CHECK(job.at("left_out") == 1);
        CHECK_THAT(std::string(job.at("last_problem").as_string()), Catch::Contains("in doubt"));
        CHECK(f.target.count("fire", "f") == 1);
    }
}

TEST_CASE("a failed step's input can be changed if it fits the schema", "[cli][dead-letters]") {
    host_fixture f;
    f.start();
    f.target.next("store", refuse(422, 1));
    REQUIRE(f.send("e1", store("wrong", 1)) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto id = f.runs().front().id.str();
    SECTION("a new input") {
        f.dir.write("input.json", R"({"name":"right","count":2})");
        const auto file = (f.dir.path() / "input.json").string();
        const auto edited = program(f, {"dead-letters", "edit", id, "--input", file});
        INFO(edited.text);
        CHECK(edited.code == 0);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("store", "right") == 1);
        CHECK_THAT(program(f, {"runs", "show", id}).text,
                   Catch::Contains("s0 (edited)") && Catch::Contains("edit-step"));
    }
    SECTION("a patch") {
        f.dir.write("patch.json", R"({"name":"patched"})");
        const auto file = (f.dir.path() / "patch.json").string();
        CHECK(program(f, {"dead-letters", "edit", "--all", "--patch", file, "--wait"}).code == 0);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("store", "patched") == 1);
    }
    SECTION("what does not fit is refused with its place") {
        f.dir.write("input.json", R"({"name":"right","count":0})");
        const auto file = (f.dir.path() / "input.json").string();
        const auto refused = program(f, {"dead-letters", "edit", id, "--input", file});
        CHECK(refused.code == 1);
        CHECK_THAT(refused.text, Catch::Contains("/count"));
        CHECK(f.run(run_id(id)).run.state == run_state::failed);
    }
    SECTION("what is no JSON is refused with line and column") {
        f.dir.write("input.json", "{\n  \"name\": nope\n}");
        const auto file = (f.dir.path() / "input.json").string();
        const auto refused = program(f, {"dead-letters", "edit", id, "--input", file});
        CHECK(refused.code == 1);
        CHECK_THAT(refused.text, Catch::Contains("input.json:2:"));
    }
}

TEST_CASE("an event can be changed as long as nothing was changed outside", "[cli][dead-letters]") {
    host_fixture f;
    f.start();
    const auto id = letters(f, 1).front();
    f.dir.write("event.json", put("mended"));
    const auto file = (f.dir.path() / "event.json").string();
    SECTION("a refused write has been begun: only its input can be edited") {
        const auto refused = program(f, {"dead-letters", "edit", id, "--event", file});
        INFO(refused.text);
        CHECK(refused.code == 1);
        CHECK(f.run(run_id(id)).run.state == run_state::failed);
    }
    SECTION("data that does not fit the event's schema is refused with its place") {
        f.dir.write("event.json", R"({"plan":5})");
        const auto refused = program(f, {"dead-letters", "edit", id, "--event", file});
        CHECK(refused.code == 1);
        CHECK_THAT(refused.text, Catch::Contains("/plan"));
    }
    SECTION("a run that failed before any write begins again") {
        REQUIRE(f.send("e2", plan({R"({"do":"fail","category":"input","message":"no asset"})"}),
                       "probe.changed", "other") == 202);
        REQUIRE(f.wait_runs(run_state::failed, 2));
        const auto other = f.runs(run_state::failed).front().id.str();
        const auto edited = program(f, {"dead-letters", "edit", other, "--event", file});
        INFO(edited.text);
        CHECK(edited.code == 0);
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(f.target.count("put", "mended") == 1);
    }
}

TEST_CASE("a group is retried oldest first and all of it", "[cli][dead-letters][bulk]") {
    host_fixture f;
    f.start();
    letters(f, 5);
    const auto before = f.target.effects("put").size();
    const auto out = program(f, {"--json", "dead-letters", "retry", "--group", fingerprint_of(f),
                                 "--rate", "100", "--wait"});
    INFO(out.text);
    CHECK(out.code == 0);
    const auto job = out.json();
    CHECK(job.at("state") == "done");
    CHECK(job.at("done") == 5);
    CHECK(job.at("failed") == 0);
    REQUIRE(f.wait_runs(run_state::succeeded, 5));
    const auto effects = f.target.effects("put");
    REQUIRE(effects.size() == before + 5);
}

TEST_CASE("a system that is still down stops the bulk retry", "[cli][dead-letters][bulk]") {
    host_fixture f;
    f.start();
    letters(f, 8);
    f.target.next("put", refuse(422, 1000));
    const auto requests = f.target.requests("put");
    const auto out = program(f, {"--json", "dead-letters", "retry", "--all", "--rate", "20",
                                 "--give-up-after", "2", "--wait"});
    CHECK(out.code == 1);
    const auto job = out.json();
    CHECK(job.at("state") == "stopped");
    CHECK_THAT(std::string(job.at("why").as_string()), Catch::Contains("2 runs in a row"));
    CHECK(job.at("done").to_number<int>() < 8);
    CHECK(f.target.requests("put") < requests + 8);
    CHECK(f.runs(run_state::failed).size() == 8);
    const auto shown = program(f, {"dead-letters", "jobs", std::string(job.at("id").as_string())});
    CHECK_THAT(shown.text, Catch::Contains("of 8 tried, ") && Catch::Contains("failed again"));
    const auto ended = program(f, {"dead-letters", "stop", std::string(job.at("id").as_string())});
    CHECK(ended.code == 1);
    CHECK_THAT(ended.text, Catch::Contains("stopped"));
}

TEST_CASE("a bulk job can be stopped on its way", "[cli][dead-letters][bulk]") {
    host_fixture f;
    f.start();
    letters(f, 4);
    const auto job =
        program(f, {"--json", "dead-letters", "retry", "--all", "--rate", "0.01"}).json();
    const auto id = std::string(job.at("id").as_string());
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto stopped = program(f, {"--json", "dead-letters", "stop", id});
    INFO(stopped.text);
    CHECK(stopped.code == 0);
    CHECK(stopped.json().at("state") == "cancelled");
    CHECK_THAT(std::string(stopped.json().at("why").as_string()),
               Catch::Contains("cancelled by ") && !Catch::Contains("a person"));
    CHECK(f.runs(run_state::failed).size() == 3);
    CHECK_THAT(program(f, {"dead-letters", "jobs"}).text,
               Catch::Contains(id) && Catch::Contains("cancelled"));
}

TEST_CASE("a bulk job goes on after a restart", "[cli][dead-letters][bulk]") {
    host_fixture f;
    f.start();
    letters(f, 3);
    const auto job = program(f, {"--json", "dead-letters", "discard", "--all", "--reason", "over",
                                 "--rate", "0.3"})
                         .json();
    REQUIRE(eventually([&] { return !f.runs(run_state::discarded).empty(); }));
    REQUIRE(f.runs(run_state::failed).size() > 0);
    f.restart();
    CHECK(f.wait_runs(run_state::discarded, 3));
    const auto id = std::string(job.at("id").as_string());
    CHECK(eventually([&] {
        return program(f, {"--json", "dead-letters", "jobs", id}).json().at("state") == "done";
    }));
    CHECK(program(f, {"--json", "dead-letters", "jobs", id}).json().at("done") == 3);
}

TEST_CASE("without a host, dead letters are changed in the journal itself",
          "[cli][dead-letters][offline]") {
    host_fixture f;
    f.start();
    const auto ids = letters(f, 3);
    f.stop();
    const auto retried = program(f, {"dead-letters", "retry", ids[0]});
    INFO(retried.text);
    CHECK(retried.code == 0);
    CHECK_THAT(retried.text, Catch::Contains("no host runs"));
    CHECK(program(f, {"dead-letters", "discard", ids[1], "--reason", "over"}).code == 0);
    const auto many = program(f, {"--json", "dead-letters", "retry", "--all"});
    CHECK(many.code == 0);
    CHECK(many.json().at("done") == 1);
    CHECK(many.json().at("state") == "done");
    const auto cancel = program(f, {"runs", "cancel", ids[0], "--reason", "x"});
    CHECK(cancel.code == 6);
    CHECK_THAT(cancel.text, Catch::Contains("mortise run"));
    CHECK(program(f, {"dead-letters", "jobs"}).code == 6);
    f.start();
    CHECK(f.wait_runs(run_state::succeeded, 2));
    CHECK(f.runs(run_state::discarded).size() == 1);
    std::vector<std::string> by_hand;
    f.it->store().read([&](journal_reader& r) {
        for (const auto& e : r.ledger({})) {
            if (e.actor.empty()) continue;
            by_hand.push_back(e.operation + ' ' + e.run.str());
            CHECK(e.outcome == "done");
        }
    });
    CHECK(by_hand == std::vector<std::string>{"admin:retryRun " + ids[0],
                                              "admin:discardRun " + ids[1], "admin:startBulkJob "});
}

TEST_CASE("what is hidden stays hidden without a host, and an edit there keeps it",
          "[cli][dead-letters][offline]") {
    host_fixture f;
    f.start();
    f.target.next("store", refuse(400, 2));
    const std::string url = "https://h/f.mov?n=1&X-Amz-Signature=0f1e2d3c";
    const std::string seen = "https://h/f.mov?n=1&X-Amz-Signature=***";
    for (const auto* id : {"e1", "e2"})
        REQUIRE(f.send(id, store(url, 1), "probe.changed", id) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 2));
    const auto first = f.runs().front().id.str(), second = f.runs().back().id.str();
    f.stop();
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"--json", "runs", "show", first},
          {"runs", "show", first},
          {"--json", "events", "list"},
          {"--json", "dead-letters"}}) {
        const auto shown = program(f, words);
        INFO(shown.text);
        CHECK(shown.code == 0);
        CHECK_THAT(shown.text, !Catch::Contains("0f1e2d3c"));
    }
    CHECK_THAT(program(f, {"--json", "runs", "show", first}).text, Catch::Contains(seen));
    const auto edit = [&](const std::string& id, const std::string& how, const std::string& text) {
        f.dir.write("edit.json", text);
        return program(f, {"dead-letters", "edit", id, how, (f.dir.path() / "edit.json").string()});
    };
    const auto moved =
        edit(first, "--input", R"({"name":"https://other/f.mov?X-Amz-Signature=***","count":2})");
    CHECK(moved.code == 1);
    CHECK_THAT(moved.text, Catch::Contains("/name") && Catch::Contains("hidden"));
    CHECK(edit(first, "--input", R"({"name":")" + seen + R"(","count":2})").code == 0);
    CHECK(edit(second, "--patch", R"({"name":")" + seen + R"(","count":3})").code == 0);
    CHECK(program(f, {"dead-letters", "edit", "--all", "--patch",
                      (f.dir.path() / "edit.json").string()})
              .code == 1);
    f.start();
    CHECK(f.wait_runs(run_state::succeeded, 2));
    CHECK(f.target.count("store", url) == 2);
}

TEST_CASE("a journal in use by a host that does not answer is left alone",
          "[cli][dead-letters][offline]") {
    host_fixture f;
    f.start();
    const auto id = letters(f, 1).front();
    const auto address = f.dir.path() / "state" / "admin-address";
    std::filesystem::remove(address);
    const auto out = program(f, {"dead-letters", "retry", id});
    CHECK(out.code == 6);
    CHECK_THAT(out.text, Catch::Contains("in use"));
    CHECK(f.runs(run_state::failed).size() == 1);
}

TEST_CASE("an unfinished run is cancelled with its reason", "[cli][runs]") {
    host_fixture f;
    f.start();
    REQUIRE(f.send("e1", plan({R"({"do":"sleep","ms":3600000})"})) == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    const auto id = f.runs().front().id.str();
    const auto out = program(f, {"runs", "cancel", id, "--reason", "campaign withdrawn"});
    INFO(out.text);
    CHECK(out.code == 0);
    REQUIRE(f.wait_runs(run_state::cancelled, 1));
    CHECK_THAT(program(f, {"runs", "show", id}).text, Catch::Contains("campaign withdrawn"));
    CHECK(program(f, {"runs", "cancel", id, "--reason", "again"}).code == 1);
}
