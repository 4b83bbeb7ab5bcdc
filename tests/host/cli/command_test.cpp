// SPDX-License-Identifier: Apache-2.0
// The tree of commands: parsing, help and what completion finds in it.
#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/terminal.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <sstream>

using namespace mortise::host::cli;

namespace {

struct tree {
    common c;
    command program{"tool", "A tool"};
    std::string state, run, form = "ndjson";
    std::vector<std::string> only;
    std::uint32_t limit = 50;
    bool wait = false, json = false;

    tree() {
        program.flag("--json", json, "Prints JSON");
        program.value("-c,--config", c.config, "The configuration").completes("files");
        auto& runs = program.sub("runs", "Runs");
        auto& list = runs.sub("list", "Lists runs");
        list.value("--state", state, "Only this state").completes("states");
        list.value("--limit", limit, "At most so many").between(1, 1000);
        list.watchable(c);
        list.example("tool runs list", "all of them");
        list.does([] { return 0; });
        auto& show = runs.sub("show", "Shows a run");
        show.argument("run", run, "The run").required().completes("runs");
        show.flag("--wait", wait, "Stays");
        show.watchable(c);
        show.does([] { return 0; });
        auto& take = program.sub("export", "Exports");
        take.value("--format", form, "The form").among({"ndjson", "csv"});
        take.value("--only", only, "Only this");
        take.also_called("dump");
        take.does([] { return 0; });
        program.sub("inner", "Not for people").hidden().does([] { return 0; });
    }

    std::vector<std::string> next(const std::vector<std::string>& words) {
        std::vector<std::string> out;
        heard.clear();
        const auto found = complete(
            program, words, [this](const auto& n, const auto& v) { heard += n + "=" + v + ";"; },
            [](const std::string& kind, const std::vector<std::string>&) {
                candidates values;
                if (kind == "runs") values.words = {{"r1", "failed"}, {"r2", ""}};
                if (kind == "states") values.words = {{"failed", ""}, {"waiting", ""}};
                if (kind == "files") values.shell_does = "files";
                return values;
            });
        for (const auto& [word, doc] : found.words)
            out.push_back(word);
        if (!found.shell_does.empty()) out.push_back(':' + found.shell_does);
        return out;
    }
    std::string heard;
};

using words = std::vector<std::string>;

} // namespace

TEST_CASE("a command line finds its command and its options", "[cli][command]") {
    tree t;
    const auto parsed = t.program.parse({"runs", "list", "--state", "failed", "--json"});
    CHECK(parsed.complaint.empty());
    CHECK(parsed.chosen->path() == "tool runs list");
    CHECK(t.state == "failed");
    CHECK(t.json);
    CHECK(t.c.watch_seconds == 0);
    tree other;
    CHECK(other.program.parse({"dump", "--only", "a", "--only", "b"}).chosen->name() == "export");
    CHECK(other.only == words{"a", "b"});
}

TEST_CASE("--watch takes seconds or leaves the next word alone", "[cli][command]") {
    SECTION("with seconds") {
        tree t;
        CHECK(t.program.parse({"runs", "list", "--watch", "0.5"}).complaint.empty());
        CHECK(t.c.watch_seconds == 0.5);
    }
    SECTION("before an argument") {
        tree t;
        CHECK(t.program.parse({"runs", "show", "--watch", "r1"}).complaint.empty());
        CHECK(t.c.watch_seconds == 2);
        CHECK(t.run == "r1");
    }
    SECTION("short, and at the end") {
        tree t;
        CHECK(t.program.parse({"runs", "list", "-w"}).complaint.empty());
        CHECK(t.c.watch_seconds == 2);
    }
    SECTION("not for what has it not") {
        tree t;
        CHECK_THAT(t.program.parse({"export", "--watch"}).complaint, Catch::Contains("--watch"));
    }
    SECTION("not without time") {
        tree t;
        CHECK_FALSE(t.program.parse({"runs", "list", "--watch", "0"}).complaint.empty());
    }
}

TEST_CASE("what does not fit is said with what would", "[cli][command]") {
    const auto complaint = [](words line) {
        tree t;
        return t.program.parse(std::move(line)).complaint;
    };
    CHECK_THAT(complaint({"rnus"}), Catch::Contains("rnus") && Catch::Contains("\"runs\""));
    CHECK_THAT(complaint({"runs", "lst"}), Catch::Contains("\"list\""));
    CHECK_THAT(complaint({"runs", "list", "--stat", "x"}), Catch::Contains("\"--state\""));
    CHECK_THAT(complaint({"runs"}), Catch::Contains("runs"));
    CHECK_THAT(complaint({}), Catch::Contains("say what"));
    CHECK_THAT(complaint({"runs", "show"}), Catch::Contains("run"));
    CHECK_THAT(complaint({"runs", "show", "a", "b"}), Catch::Contains("\"b\""));
    CHECK_THAT(complaint({"runs", "list", "--limit", "many"}), Catch::Contains("limit"));
    CHECK_THAT(complaint({"runs", "list", "--limit", "0"}), Catch::Contains("limit"));
    CHECK_THAT(complaint({"export", "--format", "cvs"}), Catch::Contains("\"csv\""));
}

TEST_CASE("help shows usage, options with defaults, and examples, in the terminal's width",
          "[cli][help]") {
    tree t;
    const auto parsed = t.program.parse({"runs", "show", "--help"});
    CHECK(parsed.wants_help); // although the run is missing
    const auto show = help_text(*parsed.chosen, 80);
    CHECK_THAT(show, Catch::StartsWith("Shows a run.") &&
                         Catch::Contains("Usage: tool runs show RUN [options]") &&
                         Catch::Contains("Options of every command:"));
    const auto list = help_text(*t.program.find("runs")->find("list"), 80);
    CHECK_THAT(list, Catch::Contains("--limit N") && Catch::Contains("Default: 50.") &&
                         Catch::Contains("--watch [SECONDS]") &&
                         Catch::Contains("tool runs list\n"));
    CHECK_THAT(help_text(t.program, 80), !Catch::Contains("inner"));
    for (const std::size_t width : {60u, 80u, 100u}) {
        std::istringstream in(help_text(*t.program.find("runs")->find("list"), width));
        for (std::string line; std::getline(in, line);) {
            INFO(line);
            CHECK(columns_of(line) <= width);
        }
    }
}

TEST_CASE("completion offers what may stand there", "[cli][completion]") {
    tree t;
    CHECK(t.next({""}) == words{"runs", "export"});
    CHECK(t.next({"ru"}) == words{"runs"});
    CHECK(t.next({"runs", ""}) == words{"list", "show"});
    CHECK(t.next({"runs", "show", ""}) == words{"r1", "r2"});
    CHECK(t.next({"runs", "show", "r2", "--w"}) == words{"--wait", "--watch"});
    CHECK(t.next({"runs", "list", "--state", "f"}) == words{"failed"});
    CHECK(t.next({"runs", "list", "--state=w"}) == words{"--state=waiting"});
    CHECK(t.next({"export", "--format", ""}) == words{"ndjson", "csv"});
    CHECK(t.next({"dump", "--format", "c"}) == words{"csv"});
    CHECK(t.next({"-c", ""}) == words{":files"});
    CHECK(t.next({"in"}).empty());
    const auto all = t.next({"runs", "list", "-"});
    for (const char* name : {"--state", "--limit", "--json", "--config", "--help"})
        CHECK(std::find(all.begin(), all.end(), name) != all.end());
    SECTION("values come from the host that the line names") {
        t.next({"--config", "other.toml", "runs", "show", ""});
        CHECK(t.heard == "--config=other.toml;");
        t.next({"--config=third.toml", "runs", "show", ""});
        CHECK(t.heard == "--config=third.toml;");
    }
    SECTION("what is unknown offers nothing and does no harm") {
        CHECK(t.next({"nothing", "at", "all", ""}).size() > 0); // options still fit
        CHECK(t.next({"runs", "show", "r1", "r2", "zzz"}).empty());
        CHECK(t.next({}) == words{"runs", "export"});
    }
}
