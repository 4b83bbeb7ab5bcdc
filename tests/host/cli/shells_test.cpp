// SPDX-License-Identifier: Apache-2.0
// Completion in the real shells, and the manual pages in the real formatter.
#include "program.hpp"
#include "support/temp_dir.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

bool installed(const std::string& program) {
    for (const char* folder : {"/usr/bin/", "/bin/", "/usr/local/bin/"})
        if (::access((folder + program).c_str(), X_OK) == 0) return true;
    WARN(program << " is not installed; what it would do was not tested (see ./dev)");
    return false;
}

std::string output_of(const std::vector<std::string>& command, int expected = 0) {
    const test::temp_dir dir;
    const auto file = (dir.path() / "out").string();
    test::child_process child(command, file);
    const auto status = child.wait(std::chrono::seconds(30));
    const auto text = test::read_file(file);
    INFO(text);
    REQUIRE(status);
    REQUIRE(WIFEXITED(*status));
    CHECK(WEXITSTATUS(*status) == expected);
    return text;
}

std::string script_of(const test::temp_dir& dir, const std::string& shell) {
    const auto file = (dir.path() / ("completion." + shell)).string();
    std::ofstream(file) << output_of({MORTISE_PROGRAM, "completion", shell});
    return file;
}

std::string folder_of_program() {
    return std::filesystem::path(MORTISE_PROGRAM).parent_path().string();
}

std::string config_of(const host_fixture& f) {
    return (f.dir.path() / "mortise.toml").string();
}

std::string put(const std::string& name) {
    return plan({R"({"do":"put","body":{"name":")" + name + R"("}})"});
}

// What bash would offer behind these words, the last one being completed.
std::string bash_offers(const std::string& script, const std::vector<std::string>& words) {
    std::string line = "source " + script + "; COMP_WORDS=(" + MORTISE_PROGRAM;
    for (const auto& w : words)
        line += " '" + w + "'";
    line += "); COMP_CWORD=" + std::to_string(words.size()) +
            "; compopt() { :; }; _mortise; printf '%s\\n' \"${COMPREPLY[@]}\"";
    return output_of({"/bin/bash", "--norc", "-c", line});
}

} // namespace

TEST_CASE("completion knows the runs, flows and connections there are", "[cli][completion]") {
    host_fixture f;
    f.start();
    f.target.next("put", {fault::kind::status, 422, {}, 1});
    REQUIRE(f.send("bad", put("bad"), "probe.changed", "the-subject") == 202);
    REQUIRE(f.wait_runs(run_state::failed, 1));
    const auto run = f.runs().front();
    const auto offers = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {MORTISE_PROGRAM, "__complete", "-c", config_of(f)});
        return output_of(words);
    };
    const auto check = [&] {
        CHECK_THAT(offers({"runs", "show", ""}),
                   Catch::StartsWith(run.id.str() + "\tsteps failed"));
        CHECK_THAT(offers({"dead-letters", "retry", ""}), Catch::StartsWith(run.id.str()));
        CHECK_THAT(offers({"dead-letters", "list", "--group", ""}),
                   Catch::StartsWith(run.fingerprint));
        CHECK_THAT(offers({"flows", "show", "s"}), Catch::StartsWith("steps\t"));
        CHECK_THAT(offers({"connections", "test", "t"}), Catch::StartsWith("target\t"));
        CHECK(offers({"runs", "show", "zzz"}).empty());
    };
    SECTION("from a running host") {
        check();
        CHECK_THAT(offers({"backfill", "start", "target", ""}), Catch::Contains("changes"));
    }
    SECTION("from the journal and the configuration") {
        f.stop();
        check();
    }
    SECTION("without a configuration it is silent") {
        CHECK(output_of({MORTISE_PROGRAM, "__complete", "-c", "/none.toml", "runs", "show", "x"})
                  .empty());
    }
}

TEST_CASE("bash completes commands, options, values and files", "[cli][completion]") {
    if (!installed("bash")) return;
    const test::temp_dir dir;
    const auto script = script_of(dir, "bash");
    CHECK(bash_offers(script, {"dead"}) == "dead-letters\n");
    CHECK(bash_offers(script, {"ledger", "export", "--form"}) == "--format\n");
    CHECK(bash_offers(script, {"ledger", "export", "--format", ""}) == "ndjson\ncsv\n");
    // As bash splits it: "--color=ne" is three words.
    CHECK(bash_offers(script, {"--color", "=", "ne"}) == "never\n");
    CHECK(bash_offers(script, {"nothing-like-it"}) == "\n");
    std::ofstream(dir.path() / "some-plugin.so") << "";
    CHECK_THAT(bash_offers(script, {"inspect", (dir.path() / "some").string()}),
               Catch::Contains("some-plugin.so"));
}

TEST_CASE("fish completes commands with what they are for", "[cli][completion]") {
    if (!installed("fish")) return;
    const test::temp_dir dir;
    const auto script = script_of(dir, "fish");
    const auto offers = [&](const std::string& line) {
        return output_of({"/usr/bin/fish", "--no-config", "-c",
                          "set -x PATH " + folder_of_program() + " $PATH; source " + script +
                              "; complete -C '" + line + "'"});
    };
    CHECK_THAT(offers("mortise dead"), Catch::StartsWith("dead-letters\tRuns that failed"));
    CHECK_THAT(offers("mortise ledger export --format "),
               Catch::Contains("ndjson") && Catch::Contains("csv"));
    CHECK(offers("mortise nothing-like-it").empty());
}

TEST_CASE("zsh completes commands at the keyboard", "[cli][completion]") {
    if (!installed("zsh")) return;
    const test::temp_dir dir;
    const auto script = script_of(dir, "zsh");
    terminal_program zsh({"/usr/bin/zsh", "-f", "-i"}, 100,
                         {{"PS1", "ready> "},
                          {"HOME", dir.path().string()},
                          {"PATH", folder_of_program() + ":/usr/bin:/bin"}});
    REQUIRE(zsh.says("ready> "));
    zsh.type("autoload -Uz compinit && compinit -D -u && source " + script +
             " && echo is''loaded\n");
    REQUIRE(zsh.says("isloaded"));
    zsh.forget();
    zsh.type("mortise dead\t");
    CHECK(zsh.says("-letters")); // what the shell adds to what was typed
    zsh.type("\x15");            // away with the line
    zsh.forget();
    zsh.type("mortise ledger export --format \t");
    CHECK(zsh.says("ndjson"));
    CHECK(zsh.says("csv"));
    zsh.type("\x15"
             "exit\n");
    zsh.end();
}

TEST_CASE("the manual pages are sound and name every command", "[cli][manual]") {
    const auto page = output_of({MORTISE_PROGRAM, "__man", "mortise.1"});
    const auto settings = output_of({MORTISE_PROGRAM, "__man", "mortise.toml.5"});
    CHECK_THAT(page, Catch::Contains("dead\\-letters retry") && Catch::Contains(".Sh EXIT STATUS"));
    CHECK_THAT(settings, Catch::Contains("host.http") && Catch::Contains("shutdown_grace"));
    if (!installed("mandoc")) return;
    const test::temp_dir dir;
    for (const auto& [name, text] :
         {std::pair("mortise.1", &page), std::pair("mortise.toml.5", &settings)}) {
        const auto file = (dir.path() / name).string();
        std::ofstream(file) << *text;
        const auto said =
            output_of({"/bin/sh", "-c",
                       "mandoc -T lint -W style " + file +
                           " | grep -v 'referenced manual not found: Xr mortise' || true"});
        CHECK(said.empty());
        CHECK_THAT(output_of({"/usr/bin/mandoc", "-T", "utf8", file}), Catch::Contains("MORTISE"));
    }
}

TEST_CASE("every command is in docs/cli.md, and every one there exists", "[cli][docs]") {
    const auto docs = test::read_file(MORTISE_SOURCE_DIR "/docs/cli.md");
    const auto subs = [](std::vector<std::string> words) {
        words.insert(words.begin(), {MORTISE_PROGRAM, "__complete"});
        words.emplace_back("");
        std::istringstream in(output_of(words));
        std::set<std::string> out;
        for (std::string line; std::getline(in, line);) {
            const auto name = line.substr(0, line.find('\t'));
            if (!name.starts_with('-') && !name.starts_with(':')) out.insert(name);
        }
        return out;
    };
    const std::set<std::string> groups{"runs",        "dead-letters", "events",   "flows",
                                       "connections", "links",        "backfill", "ledger",
                                       "journal",     "tokens",       "new"};
    const auto all = subs({});
    CHECK(all.size() > 20);
    for (const auto& name : all) {
        INFO(name);
        CHECK(docs.find("`" + name) != std::string::npos);
        if (!groups.contains(name)) continue;
        for (const auto& sub : subs({name})) {
            INFO(sub);
            const auto text = "`" + name + ' ' + sub;
            CHECK(docs.find(text) != std::string::npos);
        }
    }
    // The first column of the table of commands.
    std::istringstream in(docs.substr(0, docs.find("\n## ")));
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("| `")) continue;
        const auto first = line.substr(3, line.find_first_of(" `", 3) - 3);
        if (first.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") != std::string::npos) continue;
        INFO(line);
        CHECK(all.contains(first));
    }
}

TEST_CASE("every help text has a sentence, its usage and examples", "[cli][help]") {
    const auto walk = [](const auto& self, std::vector<std::string> words) -> void {
        auto help = words;
        help.insert(help.begin(), MORTISE_PROGRAM);
        help.emplace_back("--help");
        if (words != std::vector<std::string>{"sandbox"}) {
            const auto text = output_of(help);
            INFO(text);
            CHECK_THAT(text, Catch::Contains("\nUsage: mortise"));
            if (text.find("Commands:") == std::string::npos)
                CHECK_THAT(text, Catch::Contains("\nExamples:\n"));
        }
        if (words.size() > 1) return;
        auto complete = words;
        complete.insert(complete.begin(), {MORTISE_PROGRAM, "__complete"});
        complete.emplace_back("");
        std::istringstream in(output_of(complete));
        for (std::string line; std::getline(in, line);) {
            const auto name = line.substr(0, line.find('\t'));
            // Values of arguments are no commands.
            if (name.starts_with('-') || name.starts_with(':') || line.find('\t') == line.npos)
                continue;
            auto next = words;
            next.push_back(name);
            self(self, std::move(next));
        }
    };
    walk(walk, {});
}
