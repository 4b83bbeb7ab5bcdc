// SPDX-License-Identifier: Apache-2.0
#include "cli/new_project.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>

using namespace mortise::host::cli;
using mortise::test::read_file;
using mortise::test::temp_dir;

namespace {

new_project project_in(const temp_dir& dir, std::string kind, std::string name) {
    new_project p;
    p.kind = std::move(kind);
    p.name = std::move(name);
    p.folder = dir.path() / "made";
    p.templates = MORTISE_SOURCE_DIR "/sdk/templates";
    return p;
}

} // namespace

TEST_CASE("a project's files hold its names and no placeholder", "[cli][new]") {
    const auto kind = GENERATE(as<std::string>(), "connector", "flow");
    const temp_dir dir;
    const auto files = make_project(project_in(dir, kind, "acme-crm"));
    REQUIRE(files);
    const std::filesystem::path wanted[] = {
        ".gitignore",     "CMakeLists.txt",       "README.md",
        "src/plugin.cpp", "src/" + kind + ".cpp", "tests/" + kind + "_test.cpp"};
    for (const auto& name : wanted) {
        INFO(name);
        CHECK(std::find(files->begin(), files->end(), name) != files->end());
    }
    for (const auto& name : *files) {
        const std::string text = read_file(dir.path() / "made" / name);
        for (const char* word :
             {"@name@", "@ident@", "@title@", "@env@", "@plugin_id@", "@connector@"}) {
            INFO(name << " holds " << word);
            CHECK(text.find(word) == std::string::npos);
        }
    }
    const std::string plugin = read_file(dir.path() / "made/src/plugin.cpp");
    CHECK_THAT(plugin, Catch::Contains("com.example.acme-crm"));
    CHECK_THAT(plugin, Catch::Contains("acme_crm_" + kind));
}

TEST_CASE("a name that does not fit is refused with the rule", "[cli][new]") {
    const auto name =
        GENERATE(as<std::string>(), "", "Acme", "acme_crm", "acme--crm", "-acme", "acme-", "1acme",
                 "acme crm", "../acme", "acme/crm", "\xc3\xa9", std::string(49, 'a'));
    INFO(name);
    CHECK_FALSE(problem_with_name(name).empty());
    const temp_dir dir;
    const auto made = make_project(project_in(dir, "connector", name));
    REQUIRE_FALSE(made);
    CHECK(made.error().category == mortise::category::input);
    CHECK_FALSE(std::filesystem::exists(dir.path() / "made"));
}

TEST_CASE("names that are words of C++ or CMake are fine", "[cli][new]") {
    for (const char* name : {"new", "class", "test", "all", "a", "a1-b2"}) {
        INFO(name);
        CHECK(problem_with_name(name).empty());
    }
}

TEST_CASE("a folder with something in it is left alone", "[cli][new]") {
    const temp_dir dir;
    dir.write("made/mine.txt", "mine");
    const auto made = make_project(project_in(dir, "flow", "copy"));
    REQUIRE_FALSE(made);
    CHECK_THAT(made.error().message, Catch::Contains("not empty"));
    CHECK(read_file(dir.path() / "made/mine.txt") == "mine");
    CHECK_FALSE(std::filesystem::exists(dir.path() / "made/CMakeLists.txt"));
}

TEST_CASE("an empty folder is taken, a file in its place is not", "[cli][new]") {
    const temp_dir dir;
    std::filesystem::create_directory(dir.path() / "made");
    CHECK(make_project(project_in(dir, "flow", "copy")));
    auto other = project_in(dir, "flow", "copy");
    other.folder = dir.write("file", "x");
    const auto made = make_project(other);
    REQUIRE_FALSE(made);
    CHECK_THAT(made.error().message, Catch::Contains("is a file"));
}

TEST_CASE("a plugin id that is none is refused", "[cli][new]") {
    const temp_dir dir;
    auto p = project_in(dir, "connector", "acme");
    p.plugin_id = "acme";
    const auto made = make_project(p);
    REQUIRE_FALSE(made);
    CHECK_THAT(made.error().message, Catch::Contains("com.example.acme-crm"));
}

TEST_CASE("missing templates are named with the way out", "[cli][new]") {
    const temp_dir dir;
    const auto none = find_templates(dir.path() / "bin/mortise");
    REQUIRE_FALSE(none);
    CHECK_THAT(none.error().message, Catch::Contains("MORTISE_TEMPLATES"));
    std::filesystem::create_directories(dir.path() / "share/mortise/templates");
    const auto found = find_templates(dir.path() / "bin/mortise");
    REQUIRE(found);
    CHECK(*found == dir.path() / "share/mortise/templates");
}
