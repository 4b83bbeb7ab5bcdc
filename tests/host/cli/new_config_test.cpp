// SPDX-License-Identifier: Apache-2.0
// A configuration made by `mortise new config` is one that the host takes.
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/temp_dir.hpp"

#include <fstream>
#include <string>
#include <sys/wait.h>
#include <vector>

using mortise::test::read_file;
using mortise::test::temp_dir;

namespace {

struct said {
    int code = -1;
    std::string text;
};

said mortise_in(const temp_dir& dir, std::vector<std::string> words) {
    static int calls = 0;
    const auto out = dir.path() / ("said-" + std::to_string(calls++));
    words.insert(words.begin(), MORTISE_PROGRAM);
    mortise::test::child_process child(words, out.string());
    const auto status = child.wait(std::chrono::seconds(60));
    REQUIRE(status);
    REQUIRE(WIFEXITED(*status));
    return {WEXITSTATUS(*status), read_file(out)};
}

said make(const temp_dir& dir, std::vector<std::string> words) {
    std::vector<std::string> all{"--plugins", MORTISE_PLUGINS,
                                 "new",       "config",
                                 "--out",     (dir.path() / "mortise.toml").string()};
    all.insert(all.end(), words.begin(), words.end());
    return mortise_in(dir, all);
}

std::string made(const temp_dir& dir) {
    return read_file(dir.path() / "mortise.toml");
}

// As somebody who takes every choice: each "#" before a key or a table goes.
std::string all_chosen(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto end = text.find('\n', at);
        auto line = text.substr(at, end - at);
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') line.erase(0, 1);
        out += line + '\n';
        at = end + 1;
    }
    return out;
}

} // namespace

TEST_CASE("a configuration for every shipped flow is good as it is made", "[cli][new]") {
    const temp_dir dir;
    std::vector<std::string> words;
    for (const char* flow : {"account-media-links", "asset-approval", "campaign-asset-references",
                             "communications-governance", "production-coordination",
                             "project-archive", "rights-metadata-sync", "vendor-deliverables"})
        words.insert(words.end(), {"--flow", flow});
    const auto out = make(dir, words);
    INFO(out.text);
    REQUIRE(out.code == 0);
    CHECK_THAT(out.text, Catch::Contains("check --online"));
    const auto file = (dir.path() / "mortise.toml").string();
    const auto checked = mortise_in(dir, {"-c", file, "check"});
    INFO(made(dir));
    CHECK(checked.code == 0);
    CHECK_THAT(checked.text, Catch::Contains("2 connections, 8 flows"));

    SECTION("and as it is with every choice taken") {
        const auto text = all_chosen(made(dir));
        std::ofstream(file) << text;
        const auto again = mortise_in(dir, {"-c", file, "check"});
        INFO(text);
        INFO(again.text);
        CHECK(again.code == 0);
    }
}

TEST_CASE("a configuration names secrets by reference, and what the systems must know",
          "[cli][new]") {
    const temp_dir dir;
    REQUIRE(make(dir, {"--flow", "campaign-asset-references"}).code == 0);
    const auto text = made(dir);
    CHECK_THAT(text, Catch::Contains("base_url = \"https://app.iconik.io\""));
    CHECK_THAT(text, Catch::Contains("#auth_token = { env = \"ICONIK_AUTH_TOKEN\" }"));
    CHECK_THAT(text, Catch::Contains("#[flows.campaign-asset-references.settings.campaigns]"));
    CHECK_THAT(text, Catch::Contains("#field = \"campaign_id\"")); // the default of the table
    CHECK_THAT(text, !Catch::Contains("page_size"));               // all else keeps its default
}

TEST_CASE("a connection alone may be asked for, and printed", "[cli][new]") {
    const temp_dir dir;
    const auto out = mortise_in(dir, {"--plugins", MORTISE_PLUGINS, "new", "config", "--connector",
                                      "iconik", "--out", "-"});
    CHECK(out.code == 0);
    CHECK_THAT(out.text, Catch::Contains("[connections.iconik]") &&
                             !Catch::Contains("xecm-workspaces") && !Catch::Contains("[flows."));
}

TEST_CASE("the plugins of the configuration there is are those to choose from", "[cli][new]") {
    const temp_dir dir;
    const auto there = (dir.path() / "there.toml").string();
    std::ofstream(there) << "[plugins]\npaths = [\"" MORTISE_PLUGINS "\"]\n";
    const auto out = mortise_in(
        dir, {"-c", there, "new", "config", "--connector", "xecm-workspaces", "--out", "-"});
    CHECK(out.code == 0);
    CHECK_THAT(out.text, Catch::Contains("paths = [\"" MORTISE_PLUGINS "\"]") &&
                             Catch::Contains("[connections.xecm-workspaces]"));
}

TEST_CASE("what is not offered is refused with the nearest, and nothing is written", "[cli][new]") {
    const temp_dir dir;
    auto out = make(dir, {"--flow", "asset-aproval"});
    CHECK(out.code == 2);
    CHECK_THAT(out.text, Catch::Contains("did you mean \"asset-approval\"?"));
    out = make(dir, {"--connector", "iconic"});
    CHECK(out.code == 2);
    CHECK_THAT(out.text, Catch::Contains("did you mean \"iconik\"?"));
    out = make(dir, {});
    CHECK(out.code == 2);
    CHECK_THAT(out.text, Catch::Contains("--flow") && Catch::Contains("project-archive"));
    CHECK_FALSE(std::filesystem::exists(dir.path() / "mortise.toml"));
}

TEST_CASE("a configuration that is there is left alone", "[cli][new]") {
    const temp_dir dir;
    std::ofstream(dir.path() / "mortise.toml") << "# mine\n";
    const auto out = make(dir, {"--flow", "asset-approval"});
    CHECK(out.code == 2);
    CHECK_THAT(out.text, Catch::Contains("is there already"));
    CHECK(made(dir) == "# mine\n");
}

TEST_CASE("the version is told by the words people try", "[cli]") {
    const temp_dir dir;
    const auto plain = mortise_in(dir, {"version"});
    CHECK(plain.code == 0);
    CHECK(mortise_in(dir, {"--version"}).text == plain.text);
    CHECK(mortise_in(dir, {"-V"}).text == plain.text);
}

TEST_CASE("without a configuration the way to one is told", "[cli][new]") {
    const temp_dir dir;
    const auto out = mortise_in(dir, {"-c", (dir.path() / "none.toml").string(), "check"});
    CHECK(out.code == 3);
    CHECK_THAT(out.text, Catch::Contains("none.toml") && Catch::Contains("mortise new config"));
}
