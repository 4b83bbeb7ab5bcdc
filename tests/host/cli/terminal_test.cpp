// SPDX-License-Identifier: Apache-2.0
// What the real program shows on a terminal, and what in a pipe.
#include "program.hpp"
#include "support/file_server.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

std::string put(const std::string& name) {
    return plan({R"({"do":"put","body":{"name":")" + name + R"("}})"});
}

std::vector<std::string> words_of(const host_fixture& f, std::vector<std::string> words) {
    words.insert(words.begin(), {MORTISE_PROGRAM, "-c", (f.dir.path() / "mortise.toml").string()});
    return words;
}

void one_failed_one_well(host_fixture& f) {
    f.target.next("put", {fault::kind::status, 422, {}, 1});
    REQUIRE(f.send("bad", put("bad"), "probe.changed", "bad-subject") == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    REQUIRE(f.send("good", put("good"), "probe.changed", "good-subject") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
}

std::string without_colour(std::string text) {
    for (auto at = text.find("\x1b["); at != std::string::npos; at = text.find("\x1b["))
        text.erase(at, text.find_first_of("mKJHhl", at) - at + 1);
    return text;
}

} // namespace

TEST_CASE("a terminal gets colour and lines that fit; a pipe gets neither, and everything",
          "[cli][terminal]") {
    host_fixture f;
    f.start();
    one_failed_one_well(f);
    const auto piped = program(f, {"runs", "list"});
    CHECK_THAT(piped.text, !Catch::Contains("\x1b") && !Catch::Contains("…") &&
                               Catch::Contains("probe.changed") && Catch::Contains("good-subject"));
    terminal_program shown(words_of(f, {"runs", "list"}), 90);
    CHECK(shown.end() == 0);
    CHECK_THAT(shown.drawn(), Catch::Contains("\x1b[31mfailed\x1b[0m") &&
                                  Catch::Contains("\x1b[32msucceeded\x1b[0m"));
    std::istringstream in(without_colour(shown.drawn()));
    for (std::string line; std::getline(in, line);) {
        INFO(line);
        CHECK(line.size() <= 90 + 6); // bytes: the line end, and "…" has three
    }
    const auto id = f.runs(run_state::failed).front().id.str();
    CHECK_THAT(shown.drawn(), Catch::Contains(id));
}

TEST_CASE("colour is given and taken by option, NO_COLOR and TERM", "[cli][terminal]") {
    host_fixture f;
    f.start();
    one_failed_one_well(f);
    const auto drawn = [&](std::vector<std::string> words, const terminal_program::variables& env) {
        terminal_program p(words_of(f, std::move(words)), 90, env);
        CHECK(p.end() == 0);
        return p.drawn();
    };
    CHECK_THAT(drawn({"runs", "list"}, {{"NO_COLOR", "1"}}), !Catch::Contains("\x1b"));
    CHECK_THAT(drawn({"runs", "list"}, {{"NO_COLOR", ""}}), Catch::Contains("\x1b[31m"));
    CHECK_THAT(drawn({"runs", "list"}, {{"TERM", "dumb"}}), !Catch::Contains("\x1b"));
    CHECK_THAT(drawn({"runs", "list", "--color", "never"}, {}), !Catch::Contains("\x1b"));
    CHECK_THAT(drawn({"runs", "list", "--json"}, {}), !Catch::Contains("\x1b"));
    CHECK_THAT(program(f, {"runs", "list", "--color=always"}).text, Catch::Contains("\x1b[31m"));
}

TEST_CASE("--watch redraws on a terminal and ends with Ctrl-C, leaving the last state",
          "[cli][watch]") {
    host_fixture f;
    f.start();
    terminal_program p(words_of(f, {"runs", "list", "--watch", "0.05"}), 100);
    REQUIRE(p.says("STATE"));
    CHECK_THAT(p.drawn(), Catch::Contains("\x1b[?1049h") && Catch::Contains("mortise runs list"));
    REQUIRE(f.send("good", put("good"), "probe.changed", "good-subject") == 202);
    REQUIRE(p.says("succeeded"));
    p.forget();
    p.type("\x03");
    CHECK(p.end() == 0);
    const auto left = p.drawn().find("\x1b[?1049l");
    REQUIRE(left != std::string::npos);
    CHECK(p.drawn().find("succeeded", left) != std::string::npos);
}

TEST_CASE("--watch in a pipe appends: with --json one line each time", "[cli][watch]") {
    host_fixture f;
    f.start();
    one_failed_one_well(f);
    const auto out = program(f, {"--json", "dead-letters", "--watch", "0.05", "--count", "3"});
    CHECK(out.code == 0);
    std::istringstream in(out.text);
    int lines = 0;
    for (std::string line; std::getline(in, line); ++lines) {
        const auto v = boost::json::parse(line);
        CHECK(v.at("groups").as_array().size() == 1);
    }
    CHECK(lines == 3);
    const auto text = program(f, {"status", "--watch=0.05", "--count=2"});
    CHECK_THAT(text.text, !Catch::Contains("\x1b"));
    CHECK(text.text.find("needs a person") != text.text.rfind("needs a person"));
    SECTION("the exit code is the last one's") {
        CHECK(program(f, {"runs", "show", "none", "--watch=0.05", "--count=2"}).code == 5);
    }
}

TEST_CASE("--follow prints each run when its state changes", "[cli][watch]") {
    host_fixture f;
    f.start();
    terminal_program p(words_of(f, {"runs", "list", "--follow"}), 120);
    REQUIRE(p.says("STATE"));
    REQUIRE(f.send("good", put("good"), "probe.changed", "good-subject") == 202);
    REQUIRE(p.says("succeeded"));
    p.type("\x03");
    CHECK(p.end() == 0);
}

TEST_CASE("waiting shows a bar on a terminal, lines elsewhere, and nothing with --quiet",
          "[cli][progress]") {
    host_fixture f;
    f.start();
    f.target.next("put", {fault::kind::status, 422, {}, 3});
    for (const char* name : {"a", "b", "c"})
        REQUIRE(f.send(name, put(name), "probe.changed", name) == 202);
    REQUIRE(f.wait_runs(run_state::failed, 3));
    SECTION("a terminal") {
        terminal_program p(
            words_of(f, {"dead-letters", "retry", "--all", "--rate", "50", "--wait"}), 100);
        CHECK(p.end() == 0);
        CHECK_THAT(p.drawn(), Catch::Contains("retry [") && Catch::Contains("of 3 runs") &&
                                  Catch::Contains("\r\x1b[K") &&
                                  Catch::Contains("retry done: 3 of 3"));
    }
    SECTION("a pipe") {
        const auto out = program(f, {"dead-letters", "retry", "--all", "--rate", "1", "--wait"});
        CHECK(out.code == 0);
        CHECK_THAT(out.text, Catch::Contains("retry: ") && Catch::Contains("of 3 runs") &&
                                 !Catch::Contains("\x1b") && Catch::Contains("retry done: 3 of 3"));
    }
    SECTION("quiet") {
        const auto out =
            program(f, {"-q", "dead-letters", "retry", "--all", "--rate", "50", "--wait"});
        CHECK(out.text == "retry done: 3 of 3 done\n");
    }
    SECTION("Ctrl-C ends the waiting; the job goes on") {
        terminal_program p(
            words_of(f, {"dead-letters", "retry", "--all", "--rate", "0.3", "--wait"}), 100);
        REQUIRE(p.says("of 3 runs"));
        p.type("\x03");
        CHECK(p.end() == 130);
        CHECK_THAT(p.drawn(), Catch::Contains("mortise dead-letters jobs"));
        CHECK(program(f, {"--json", "dead-letters", "jobs"}).json().at("jobs").at(0).at("state") ==
              "running");
    }
}

TEST_CASE("waiting for a run shows how far its transfer is", "[cli][progress]") {
    test::file_server files;
    test::file_faults held;
    held.hold_upload = 4u << 20;
    files.set(held);
    host_setup setup;
    setup.extra = "[connections.files]\nconnector = \"probe\"\nbase_url = \"" + files.base_url() +
                  "\"\n[flows.mover]\nflow = \"probe-steps\"\n"
                  "[flows.mover.connections]\ntarget = \"files\"\n";
    host_fixture f(setup);
    f.start();
    const auto size = std::to_string(16u << 20);
    const auto data = (f.dir.path() / "data.json").string();
    std::ofstream(data) << plan(
        {R"({"do":"transfer","by":"fetch","to":"upload","name":")" + size + R"(","as":"copy"})"});
    terminal_program p(words_of(f, {"flows", "start", "mover", "--data", data, "--wait"}), 100);
    CHECK(p.says("of 16.0 MiB"));
    const auto run = f.runs().front().id.str();
    const auto shown = program(f, {"--json", "runs", "show", run}).json();
    REQUIRE(shown.at("transfers").as_array().size() == 1);
    CHECK(shown.at("transfers").at(0).at("total_bytes") == (16u << 20));
    CHECK(shown.at("transfers").at(0).at("moved_bytes").as_int64() >= 4 << 20);
    files.release();
    CHECK(p.end() == 0);
    CHECK_THAT(p.drawn(), Catch::Contains("succeeded"));
    CHECK_FALSE(
        program(f, {"--json", "runs", "show", run}).json().as_object().contains("transfers"));
}
