// SPDX-License-Identifier: Apache-2.0
#include "mapping/source_path.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <boost/json/parse.hpp>

using namespace mortise::host;
namespace json = boost::json;

namespace {

const json::value facts = json::parse(R"({
    "asset": {"title": "Spring", "id": 7, "none": null, "a.b": "dotted", "with \"quote": 1},
    "meta": {"Campaign ID": ["C-1", "C-2"], "empty": []},
    "votes": [{"user": {"name": "Ann"}}, {"user": {}}, {"user": {"name": "Bo"}}],
    "deep": [{"in": [{"x": 1}, {"x": 2}]}, {"in": [{"x": 3}]}, {}]})");

std::optional<json::value> at(std::string_view path) {
    const auto parsed = source_path::parse(path);
    INFO(path);
    REQUIRE(parsed);
    const auto found = parsed->find(facts);
    REQUIRE(found);
    return *found;
}

std::string refusal(std::string_view path) {
    const auto parsed = source_path::parse(path);
    INFO(path);
    REQUIRE(!parsed);
    CHECK(parsed.error().category == category::config);
    return parsed.error().message;
}

} // namespace

TEST_CASE("a path leads over keys, entries and quoted keys", "[mapping][path]") {
    CHECK(at("asset.title") == json::value("Spring"));
    CHECK(at("asset.id") == json::value(7));
    CHECK(at("asset.\"a.b\"") == json::value("dotted"));
    CHECK(at(R"(asset."with \"quote")") == json::value(1));
    CHECK(at("meta.Campaign ID[0]") == json::value("C-1"));
    CHECK(at("meta.\"Campaign ID\"[-1]") == json::value("C-2"));
    CHECK(at("votes[2].user.name") == json::value("Bo"));
}

TEST_CASE("what is missing, null or past the end is nothing", "[mapping][path]") {
    for (const char* path : {"asset.nowhere", "asset.none", "asset.none.below", "nowhere.at.all[3]",
                             "meta.Campaign ID[2]", "meta.Campaign ID[-3]", "meta.empty[0]"}) {
        INFO(path);
        CHECK_FALSE(at(path));
    }
}

TEST_CASE("[*] takes every entry that has the rest of the path", "[mapping][path]") {
    CHECK(at("votes[*].user.name") == json::value({"Ann", "Bo"}));
    CHECK(at("deep[*].in[*].x") == json::value({1, 2, 3}));
    CHECK(at("meta.empty[*].x") == json::value(json::array()));
    CHECK_FALSE(at("nowhere[*].x"));
}

TEST_CASE("a list as the facts themselves can be taken apart", "[mapping][path]") {
    const auto path = source_path::parse("[1].id");
    REQUIRE(path);
    CHECK(*path->find(json::parse(R"([{"id": 1}, {"id": 2}])")) == json::value(2));
}

TEST_CASE("a path through a value of another kind says which", "[mapping][path]") {
    const auto why = [](std::string_view path) {
        const auto found = source_path::parse(path)->find(facts);
        INFO(path);
        REQUIRE(!found);
        CHECK(found.error().category == category::input);
        return found.error().message;
    };
    CHECK(why("asset.title.length") == R"("asset.title" is text, so it has no "length")");
    CHECK(why("asset[0]") == R"("asset" is a table, and no list)");
    CHECK(why("asset[*]") == R"("asset" is a table, and no list)");
    CHECK(why("votes.user") == R"("votes" is a list, so it has no "user")");
    CHECK(why("deep[*].in.x") == R"("deep[*].in" is a list, so it has no "x")");
    CHECK(why("[0]") == "the facts is a table, and no list");
}

TEST_CASE("a malformed path says the character and the fix", "[mapping][path]") {
    CHECK(refusal("") == "the path is empty (character 1); for example \"asset.title\"");
    CHECK(refusal(".asset").find("remove the leading dot") != std::string::npos);
    CHECK(refusal("a..b").find("(character 3); remove the extra dot") != std::string::npos);
    CHECK(refusal("a.").find("a key is missing") != std::string::npos);
    CHECK(refusal("a[x]").find("(character 2); write [0]") != std::string::npos);
    CHECK(refusal("a[]").find("expected a number or *") != std::string::npos);
    CHECK(refusal("a[1").find("does not end") != std::string::npos);
    CHECK(refusal("a]b").find("put the whole key in double quotes") != std::string::npos);
    CHECK(refusal("a. b").find("begins or ends with a space") != std::string::npos);
    CHECK(refusal("\"open").find("add the closing double quote") != std::string::npos);
    CHECK(refusal("\"a\"b").find("behind the quoted key") != std::string::npos);
    CHECK(refusal(R"("a\n")").find("a backslash stands before") != std::string::npos);
    CHECK(refusal("a[0]b").find("expected \".\" or \"[\"") != std::string::npos);
    CHECK(refusal("a[99999999999999999999]").find("expected a number") != std::string::npos);
    CHECK(refusal(std::string(1025, 'a')).find("1024 characters") != std::string::npos);
}

TEST_CASE("a target field has keys only", "[mapping][path]") {
    CHECK(*parse_target("Campaign/Region") == std::vector<std::string>{"Campaign/Region"});
    CHECK(*parse_target("region.name") == std::vector<std::string>{"region", "name"});
    CHECK(*parse_target("\"Attr. 1\"") == std::vector<std::string>{"Attr. 1"});
    const auto bracket = parse_target("a[0]");
    REQUIRE(!bracket);
    CHECK(bracket.error().message.find("has no brackets") != std::string::npos);
}
