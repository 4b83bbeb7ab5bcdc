// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"
#include "support/catch.hpp"
#include "validate/sample.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

using namespace mortise::host;
namespace json = boost::json;

TEST_CASE("a sample satisfies its schema", "[validate][sample]") {
    const auto text = GENERATE(
        as<std::string>(), R"({})", R"({"type":"object"})",
        R"({"type":"object","properties":{"a":{"type":"string","minLength":3}},"required":["a"]})",
        R"({"type":"object","properties":{"n":{"type":"integer","minimum":5,"maximum":9}},"required":["n"]})",
        R"({"type":"object","properties":{"u":{"type":"string","format":"uri"}},"required":["u"]})",
        R"({"type":"object","properties":{"m":{"type":"string","pattern":"^[^@ ]+@[^@ ]+$"}},"required":["m"]})",
        R"({"type":"object","properties":{"p":{"type":"string","pattern":"^zz9$","examples":["zz9"]}},"required":["p"]})",
        R"({"type":"object","properties":{"e":{"type":"string","enum":["x","y"]}},"required":["e"]})",
        R"({"type":"object","properties":{"l":{"type":"array","minItems":2,"items":{"type":"number"}}},"required":["l"]})",
        R"({"type":"object","properties":{"o":{"type":"object","properties":{"k":{"type":"boolean"}},"required":["k"]}},"required":["o"]})");
    INFO(text);
    for (const bool all : {false, true}) {
        const auto v = sample_of(text, all);
        REQUIRE(v);
        CHECK(schema(text).check(*v).empty());
    }
}

TEST_CASE("no sample is made where only the author can know one", "[validate][sample]") {
    CHECK_FALSE(sample_of(R"({"type":"object","required":["p"],
        "properties":{"p":{"type":"string","pattern":"^QX-[0-9]{7}-Z$"}}})"));
}

TEST_CASE("a sample configuration refers to its secrets", "[validate][sample]") {
    const auto config = sample_config_of(R"({"type":"object","required":["key"],
        "properties":{"key":{"type":"string","x-secret":true},"n":{"type":"integer","default":4}}})");
    REQUIRE(config);
    CHECK(config->value.at("n") == 4);
    REQUIRE(config->secrets.size() == 1);
    CHECK(config->value.at("key").at("$secret") == json::string(config->secrets.begin()->first));
}

TEST_CASE("each required field is left out once, in nested objects too", "[validate][sample]") {
    const std::string text = R"({"type":"object","required":["a","o"],"properties":{
        "a":{"type":"string"},"b":{"type":"string","default":"x"},
        "o":{"type":"object","required":["k"],"properties":{"k":{"type":"integer"}}}}})";
    const auto valid = sample_of(text);
    REQUIRE(valid);
    const auto all = without_required(*valid, text);
    std::vector<std::string> how;
    for (const auto& one : all) {
        how.push_back(one.how);
        CHECK_FALSE(schema(text).check(one.value).empty());
    }
    std::sort(how.begin(), how.end());
    CHECK(how == std::vector<std::string>{"without \"/a\"", "without \"/o\"", "without \"/o/k\""});
}

TEST_CASE("invalid values all break the schema", "[validate][sample]") {
    const std::string text = R"({"type":"object","required":["a"],"properties":{
        "a":{"type":"string"},"any":{}}})";
    const auto all = invalid_values(json::parse(R"({"a":"x","any":1})"), text);
    REQUIRE(all.size() >= 4);
    for (const auto& one : all) {
        INFO(one.how);
        CHECK_FALSE(schema(text).check(one.value).empty());
    }
    CHECK(invalid_values(json::object(), "{}").empty());
}

TEST_CASE("random values are the same for the same seed", "[validate][sample]") {
    std::mt19937_64 a(11), b(11);
    const json::value valid = json::parse(R"({"x":{"y":[1,2,3]}})");
    for (int i = 0; i < 200; ++i)
        CHECK(json::serialize(mutated(valid, a)) == json::serialize(mutated(valid, b)));
}
