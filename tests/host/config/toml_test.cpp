// SPDX-License-Identifier: Apache-2.0
#include "config/toml_document.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <boost/json/serialize.hpp>

using namespace mortise::host;
namespace json = boost::json;

namespace {

toml_document good(std::string_view text) {
    std::vector<config_problem> problems;
    toml_document d = toml_document::parse(text, "t.toml", problems);
    INFO(problems_to_text(problems));
    REQUIRE(problems.empty());
    return d;
}

} // namespace

TEST_CASE("keys and values keep their places", "[config][toml]") {
    const toml_document d = good("[a.b]\n  key  =   12\nlist = [ 1,\n   2 ]\n\"x/y\" = true\n");
    CHECK(d.key_place("/a/b/key") == source_place{"t.toml", 2, 3});
    CHECK(d.value_place("/a/b/key") == source_place{"t.toml", 2, 12});
    CHECK(d.value_place("/a/b/list/1") == source_place{"t.toml", 4, 4});
    CHECK(d.key_place("/a/b/x~1y") == source_place{"t.toml", 5, 1});
    // What was not written stands where the thing around it does.
    CHECK(d.value_place("/a/b/none/at/all") == d.value_place("/a/b"));
    CHECK(d.value_place("/a/b").line == 1);
}

TEST_CASE("every TOML type has a JSON form", "[config][toml]") {
    const toml_document d =
        good("i = -7\nf = 1.5\nt = 'x'\nb = false\nd = 2025-03-31\n"
             "dt = 2025-03-31T10:11:12Z\ntm = 10:11:12\n[[l]]\nn = 1\n[[l]]\nn = 2\n");
    CHECK(d.root() == json::object{{"b", false},
                                   {"d", "2025-03-31"},
                                   {"dt", "2025-03-31T10:11:12Z"},
                                   {"f", 1.5},
                                   {"i", -7},
                                   {"l", {{{"n", 1}}, {{"n", 2}}}},
                                   {"t", "x"},
                                   {"tm", "10:11:12"}});
    CHECK(d.key_place("/l/1/n").line == 11);
}

TEST_CASE("a syntax error has its place and reason", "[config][toml]") {
    std::vector<config_problem> problems;
    toml_document::parse("a = 1\nb = = 2\n", "t.toml", problems);
    REQUIRE(problems.size() == 1);
    CHECK(to_string(problems[0].place) == "t.toml:2:5");
    CHECK(problems[0].message.starts_with("not TOML: "));
}

TEST_CASE("infinities are refused where they stand", "[config][toml]") {
    std::vector<config_problem> problems;
    toml_document::parse("a = inf\n", "t.toml", problems);
    REQUIRE(problems.size() == 1);
    CHECK(to_string(problems[0].place) == "t.toml:1:5");
}

TEST_CASE("conf.d files are merged by table in the order of their names", "[config][toml]") {
    const mortise::test::temp_dir dir;
    const auto main = dir.write("m.toml", "[flows.a]\nx = 1\n");
    dir.write("conf.d/20.toml", "[flows.a.sub]\nz = 3\n");
    dir.write("conf.d/10.toml", "[flows.a]\ny = 2\n[flows.b]\nx = 9\n");
    dir.write("conf.d/notes.txt", "not = = toml");
    std::vector<config_problem> problems;
    const toml_document d = toml_document::load(main, problems);
    INFO(problems_to_text(problems));
    CHECK(problems.empty());
    CHECK(json::serialize(d.root()) ==
          R"({"flows":{"a":{"x":1,"y":2,"sub":{"z":3}},"b":{"x":9}}})");
    CHECK(d.files().size() == 3);
    CHECK(d.key_place("/flows/a/y").file == (dir.path() / "conf.d/10.toml").string());
    CHECK(d.key_place("/flows/a/y").line == 2);
}

TEST_CASE("the same key in two files names both places", "[config][toml]") {
    const mortise::test::temp_dir dir;
    const auto main = dir.write("m.toml", "[host]\nthreads = 1\n");
    const auto other = dir.write("conf.d/x.toml", "\n[host]\nthreads = 2\n");
    std::vector<config_problem> problems;
    toml_document::load(main, problems);
    REQUIRE(problems.size() == 1);
    CHECK(to_string(problems[0].place) == other.string() + ":3:1");
    CHECK(problems[0].message ==
          "key \"threads\" is set twice, first at " + main.string() + ":2:1");
}

TEST_CASE("a file that is not there is said to be missing", "[config][toml]") {
    const mortise::test::temp_dir dir;
    std::vector<config_problem> problems;
    toml_document::load(dir.path() / "none.toml", problems);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].message == "the file does not exist");
    problems.clear();
    toml_document::load(dir.path(), problems);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].message == "this is a folder");
}
