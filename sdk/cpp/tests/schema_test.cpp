// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <mortise/sdk/schema.hpp>

using namespace mortise;

namespace {

enum class level { low, high };

struct inner {
    std::string name;
    std::optional<std::int64_t> size;
    static auto describe() {
        return object<inner>("Inner")
            .field("name", &inner::name, "Name", required)
            .field("size", &inner::size, "Size");
    }
    bool operator==(const inner&) const = default;
};

struct everything {
    bool flag = true;
    std::int32_t count = 7;
    std::uint8_t small = 1;
    double ratio = 0.5;
    std::string address = "https://example.com";
    secret_ref token;
    std::vector<inner> list;
    std::map<std::string, std::string> labels;
    level how = level::high;
    std::chrono::seconds pause{90};
    json::value any;
    std::string code = "AB";
    static auto describe() {
        return object<everything>("Everything")
            .field("flag", &everything::flag, "A flag")
            .field("count", &everything::count, "A count")
            .min(1)
            .max(10)
            .field("small", &everything::small, "Small")
            .field("ratio", &everything::ratio, "Ratio")
            .field("address", &everything::address, "Address")
            .uri()
            .field("token", &everything::token, "Token")
            .field("list", &everything::list, "List")
            .max(2)
            .field("labels", &everything::labels, "Labels")
            .field("how", &everything::how, "How")
            .field("pause", &everything::pause, "Pause")
            .field("any", &everything::any, "Anything")
            .field("code", &everything::code, "Code")
            .pattern("^[A-Z]+$")
            .examples("AB", "XYZ");
    }
};

error error_from(std::string_view text) {
    try {
        from_json<everything>(parse_json(text));
    } catch (const error& e) {
        return e;
    }
    FAIL("nothing was thrown for " << text);
    return {};
}

} // namespace

template <>
struct mortise::enum_names<level> {
    static constexpr std::array values{std::pair{level::low, "low"},
                                       std::pair{level::high, "high"}};
};

TEST_CASE("a struct reads its fields and keeps the defaults of the others", "[sdk][schema]") {
    const auto v = from_json<everything>(parse_json(R"({
        "flag": false, "small": 255, "ratio": 2, "list": [{"name": "a"}, {"name": "b", "size": 3}],
        "labels": {"k": "v"}, "how": "low", "pause": "5m", "any": [1], "token": {"$secret": "t"}})"));
    CHECK_FALSE(v.flag);
    CHECK(v.count == 7);
    CHECK(v.small == 255);
    CHECK(v.ratio == 2.0);
    CHECK(v.list == std::vector<inner>{{"a", {}}, {"b", 3}});
    CHECK(v.labels.at("k") == "v");
    CHECK(v.how == level::low);
    CHECK(v.pause == std::chrono::minutes(5));
    CHECK(v.token.name == "t");
    CHECK(v.code == "AB");
}

TEST_CASE("what is written reads back the same", "[sdk][schema]") {
    everything v;
    v.list = {{"a", {}}, {"b", 3}};
    v.token.name = "x";
    v.pause = std::chrono::seconds(61);
    const json::value text = to_json(v);
    CHECK(text.at("pause") == "61s");
    CHECK(text.at("how") == "high");
    CHECK_FALSE(text.at("list").at(0).as_object().contains("size"));
    const auto again = from_json<everything>(text);
    CHECK(to_json(again) == text);
    CHECK_FALSE(to_json(everything()).as_object().contains("token"));
}

TEST_CASE("the schema says types, limits, defaults and documentation", "[sdk][schema]") {
    const auto s = parse_json(schema_text<everything>());
    CHECK(s.at("title") == "Everything");
    CHECK(s.at("additionalProperties") == false);
    const auto& p = s.at("properties");
    CHECK(p.at("flag") ==
          parse_json(R"({"type":"boolean","description":"A flag","default":true})"));
    CHECK(p.at("count").at("minimum") == 1);
    CHECK(p.at("count").at("maximum") == 10);
    CHECK(p.at("count").at("default") == 7);
    CHECK(p.at("small").at("maximum") == 255);
    CHECK(p.at("address").at("format") == "uri");
    CHECK(p.at("token") ==
          parse_json(R"({"type":"string","x-secret":true,"description":"Token"})"));
    CHECK(p.at("list").at("maxItems") == 2);
    CHECK(p.at("list").at("items").at("required") == parse_json(R"(["name"])"));
    CHECK(p.at("labels").at("additionalProperties").at("type") == "string");
    CHECK(p.at("how").at("enum") == parse_json(R"(["low","high"])"));
    CHECK(p.at("how").at("default") == "high");
    CHECK(p.at("pause").at("default") == "90s");
    CHECK(p.at("code").at("pattern") == "^[A-Z]+$");
    CHECK(p.at("code").at("examples") == parse_json(R"(["AB","XYZ"])"));
    CHECK_FALSE(p.at("any").as_object().contains("type"));
}

TEST_CASE("a wrong value is named by its pointer, with the way out", "[sdk][schema]") {
    struct row {
        std::string text, code, message;
    };
    const auto r = GENERATE(values<row>({
        {R"({"flag":"yes"})", "sdk.json.type", "/flag: expected true or false, found text."},
        {R"({"count":11})", "sdk.json.range", "/count: must be at most 10, found 11."},
        {R"({"count":0})", "sdk.json.range", "/count: must be at least 1, found 0."},
        {R"({"count":5000000000})", "sdk.json.range",
         "/count: must be from -2147483648 to 2147483647."},
        {R"({"count":1.5})", "sdk.json.type",
         "/count: expected a whole number, found a number with a fraction."},
        {R"({"small":-1})", "sdk.json.range", "/small: must be 0 or more."},
        {R"({"list":[{"name":"a"},{"size":1}]})", "sdk.json.missing",
         "/list/1: \"name\" is missing (Name)."},
        {R"({"list":[{"name":"a"},{"name":"b"},{"name":"c"}]})", "sdk.json.range",
         "/list: the number of items must be at most 2, found 3."},
        {R"({"how":"hihg"})", "sdk.json.value",
         "/how: \"hihg\" is not allowed here (did you mean \"high\"?); allowed are \"low\", "
         "\"high\"."},
        {R"({"pause":"5 minutes"})", "sdk.json.type",
         "/pause: expected a duration such as \"30s\", \"5m\", \"2h\" or \"14d\"."},
        {R"({"pause":"1500ms"})", "sdk.json.type",
         "/pause: this duration is too fine here; use a larger unit."},
        {R"({"address":"example.com"})", "sdk.json.value",
         "/address: expected an absolute address such as \"https://example.com/path\"."},
        {R"({"code":"ab"})", "sdk.json.value",
         "/code: does not match the pattern ^[A-Z]+$; an example is \"AB\"."},
        {R"({"lables":{}})", "sdk.json.unknown",
         "(top): unknown key \"lables\"; did you mean \"labels\"?"},
        {R"({"labels":{"a/b~c":1}})", "sdk.json.type",
         "/labels/a~1b~0c: expected text, found a whole number."},
        {R"([])", "sdk.json.type", "(top): expected an object, found an array."},
    }));
    const error e = error_from(r.text);
    CHECK(e.category == category::input);
    CHECK(e.code == r.code);
    CHECK(e.message == r.message);
}

TEST_CASE("a secret written into the configuration is refused and not repeated", "[sdk][schema]") {
    const error e = error_from(R"({"token":"hunter2"})");
    CHECK_THAT(e.message, Catch::StartsWith("/token: expected a secret reference"));
    CHECK_THAT(e.message, !Catch::Contains("hunter2"));
}

TEST_CASE("text too long for a pattern is refused instead of searched", "[sdk][schema]") {
    const json::value long_code{{"code", std::string(1'000'000, 'A')}};
    try {
        from_json<everything>(long_code);
        FAIL("accepted");
    } catch (const error& e) {
        CHECK(e.message == "/code: must be at most 2048 bytes, found 1000000.");
    }
}

TEST_CASE("a wrong declaration is found when it is made", "[sdk][schema]") {
    CHECK_THROWS_AS(
        object<inner>("Twice").field("name", &inner::name, "a").field("name", &inner::name, "b"),
        std::logic_error);
    CHECK_THROWS_AS(object<inner>("Early").min(1), std::logic_error);
    CHECK_THROWS(object<inner>("Pattern").field("name", &inner::name, "a").pattern("("));
}
