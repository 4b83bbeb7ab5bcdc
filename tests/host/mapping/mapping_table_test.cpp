// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"
#include "mapping/mapping_table.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

using namespace mortise::host;
namespace json = boost::json;

namespace {

json::object table(std::string_view text) {
    return json::parse(json::string_view(text.data(), text.size())).as_object();
}

std::shared_ptr<const mapping_table> compiled(std::string_view text) {
    std::vector<schema_problem> problems;
    auto made = mapping_table::compile(table(text), problems);
    for (const auto& p : problems)
        UNSCOPED_INFO(p.pointer << ": " << p.message << "; " << p.hint);
    REQUIRE(made);
    return made;
}

// "pointer: message; hint" of each problem.
std::vector<std::string> problems_of(std::string_view text) {
    std::vector<schema_problem> problems;
    CHECK_FALSE(mapping_table::compile(table(text), problems));
    std::vector<std::string> out;
    for (const auto& p : problems)
        out.push_back(p.pointer + ": " + p.message + (p.hint.empty() ? "" : "; " + p.hint));
    return out;
}

std::string applied(std::string_view mapping, std::string_view facts) {
    const auto out =
        compiled(mapping)->apply(json::parse(json::string_view(facts.data(), facts.size())));
    if (out) return json::serialize(*out);
    CHECK(out.error().category == category::input);
    CHECK(out.error().effect == effect::none);
    return "error: " + out.error().message;
}

bool has(const std::vector<std::string>& texts, std::string_view part) {
    for (const auto& t : texts)
        if (t.find(part) != std::string::npos) return true;
    for (const auto& t : texts)
        UNSCOPED_INFO(t);
    return false;
}

} // namespace

TEST_CASE("a mapping fills its target fields in its own order", "[mapping]") {
    CHECK(applied(R"({"Name": "asset.title", "No": {"from": "asset.no", "type": "integer"},
                     "Source": {"value": "iconik"},
                     "Full": {"jq": ".asset.title + \" / \" + .asset.no"},
                     "Region": {"from": "region", "values": {"EMEA": "Europe", "US": 1}}})",
                  R"({"asset": {"title": "Spring", "no": "12"}, "region": "EMEA"})") ==
          R"({"Name":"Spring","No":12,"Source":"iconik","Full":"Spring / 12","Region":"Europe"})");
}

TEST_CASE("a field without a value is left out, defaulted, or required", "[mapping]") {
    constexpr auto facts = R"({"empty": "", "null": null})";
    CHECK(applied(R"({"A": "nowhere"})", facts) == "{}");
    CHECK(applied(R"({"A": {"from": "nowhere", "default": 3}})", facts) == R"({"A":3})");
    CHECK(applied(R"({"A": {"from": "null", "default": "d"}})", facts) == R"({"A":"d"})");
    CHECK(applied(R"({"A": {"from": "empty", "default": "d"}})", facts) == R"({"A":""})");
    CHECK(applied(R"({"A": {"from": "empty", "type": "integer", "default": "5"}})", facts) ==
          R"({"A":5})");
    CHECK(applied(R"({"A": {"default": "fixed"}})", facts) == R"({"A":"fixed"})");
    CHECK(applied(R"({"A": {"from": "nowhere", "required": true}})", facts) ==
          "error: the target field \"A\" (from nowhere): there is no value, and the field is "
          "required; fill it in at the source, or give the rule a default");
    CHECK(applied(R"({"A": {"jq": ".nowhere", "default": 1}})", facts) == R"({"A":1})");
    CHECK(applied(R"({"A": {"jq": "empty"}})", facts) == "{}");
}

TEST_CASE("dots in a target make nested objects", "[mapping]") {
    CHECK(applied(R"({"a.b": "x", "a.c.d": "y", "\"e.f\"": "x"})", R"({"x": 1, "y": 2})") ==
          R"({"a":{"b":1,"c":{"d":2}},"e.f":1})");
}

TEST_CASE("a value table maps each entry, and names what it does not have", "[mapping]") {
    constexpr auto facts =
        R"({"one": "EMAE", "many": ["EMEA", "US", "EMAE"], "no": 7, "yes": true})";
    CHECK(applied(R"({"R": {"from": "no", "values": {"7": "seven"}}})", facts) ==
          R"({"R":"seven"})");
    CHECK(applied(R"({"R": {"from": "yes", "values": {"true": "on"}}})", facts) == R"({"R":"on"})");
    CHECK(applied(R"({"R": {"from": "one", "values": {"EMEA": "Europe", "US": "America"}}})",
                  facts) ==
          "error: the target field \"R\" (from one): the value \"EMAE\" is not in the table of "
          "values; did you mean \"EMEA\"? Known are \"EMEA\", \"US\". Correct it at the source, or "
          "add it to the table");
    const auto many = [&](const char* rest) {
        return applied(R"({"R": {"from": "many", "values": {"EMEA": "Europe", "US": "America"})" +
                           std::string(rest) + "}}",
                       facts);
    };
    CHECK(many(R"(, "unmapped": "keep")") == R"({"R":["Europe","America","EMAE"]})");
    CHECK(many(R"(, "unmapped": "drop")") == R"({"R":["Europe","America"]})");
    CHECK(many(R"(, "otherwise": "Other")") == R"({"R":["Europe","America","Other"]})");
    CHECK(many(R"(, "unmapped": "error")").find("\"EMAE\" is not in") != std::string::npos);
    CHECK(applied(R"({"R": {"from": "one", "values": {}, "unmapped": "drop", "default": "d"}})",
                  facts) == R"({"R":"d"})");
    CHECK(applied(R"({"R": {"from": "many", "values": {"a": 1}}})", R"({"many": [{"x": 1}]})")
              .find("expected a text, number or truth value for the table of values, found a "
                    "table") != std::string::npos);
}

TEST_CASE("a list is joined, kept, or refused with the ways out", "[mapping]") {
    constexpr auto facts = R"({"l": ["a", 2, true], "e": [], "n": ["1", "", "3"], "s": "one"})";
    CHECK(applied(R"({"A": {"from": "l", "join": ", "}})", facts) == R"({"A":"a, 2, true"})");
    CHECK(applied(R"({"A": {"from": "s", "join": ", "}})", facts) == R"({"A":"one"})");
    CHECK(applied(R"({"A": {"from": "e", "join": ", "}})", facts) == "{}");
    CHECK(applied(R"({"A": {"from": "n", "type": "list", "items": "integer"}})", facts) ==
          R"({"A":[1,3]})");
    CHECK(applied(R"({"A": {"from": "s", "type": "list"}})", facts) == R"({"A":["one"]})");
    CHECK(applied(R"({"A": {"from": "l", "type": "string"}})", facts) ==
          "error: the target field \"A\" (from l): expected one value of type string, found a list "
          "of 3; take one with [0], write them into one text with join, or say type = \"list\"");
}

TEST_CASE("a jq expression that fails on the facts is the facts' error", "[mapping][jq]") {
    CHECK(applied(R"({"A": {"jq": ".x | tonumber"}})", R"({"x": "abc"})")
              .starts_with("error: the target field \"A\" (from jq .x | tonumber): "));
    CHECK(applied(R"({"A": {"jq": ".x[]"}})", R"({"x": [1, 2]})")
              .find("has 2 results; write [ ... ] around it") != std::string::npos);
    CHECK(applied(R"({"A": {"jq": "[.x[]]"}})", R"({"x": [1, 2]})") == R"({"A":[1,2]})");
}

TEST_CASE("a jq expression that does not end is stopped, and so are many together",
          "[mapping][jq]") {
    std::string many = "{";
    for (int i = 0; i < 20; ++i)
        many += (i ? ", \"f" : "\"f") + std::to_string(i) +
                R"(": {"jq": "[range(1000000000)] | length"})";
    const auto mapping = compiled(many + '}');
    const auto begin = std::chrono::steady_clock::now();
    const auto out = mapping->apply(json::object());
    const auto took = std::chrono::steady_clock::now() - begin;
    REQUIRE(!out);
    CHECK(out.error().category == category::input);
    CHECK(took < std::chrono::seconds(2));
}

TEST_CASE("jq in a mapping reaches neither environment nor files", "[mapping][jq]") {
    for (const char* jq :
         {"env.HOME", "$ENV", "input", "import \\\"a\\\" as $a; 1", "input_filename"}) {
        INFO(jq);
        CHECK_FALSE(problems_of(R"({"A": {"jq": ")" + std::string(jq) + R"("}})").empty());
    }
}

TEST_CASE("everything wrong in a table is said at its place", "[mapping]") {
    CHECK(problems_of(R"({"A": 3})") ==
          std::vector<std::string>{"/A: expected a path or a rule, found a whole number; for a "
                                   "constant write { value = 3 }"});
    CHECK(has(problems_of(R"({"A/B": {"form": "x"}})"),
              "/A~1B/form: unknown key \"form\" in a mapping rule; did you mean \"from\"?"));
    CHECK(has(problems_of(R"({"A": {"b": "x"}})"), "put the whole name in quotes: \"a.b\" = ..."));
    CHECK(has(problems_of(R"({"A": {"from": "x", "jq": "."}})"),
              "/A/jq: a rule has one source: from, jq or value"));
    CHECK(has(problems_of(R"({"A": {}})"), "/A: the rule has no source"));
    CHECK(has(problems_of(R"({"A": {"from": 1}})"), "/A/from: \"from\": expected text"));
    CHECK(has(problems_of(R"({"A": {"from": "a..b"}})"), "/A/from: a key is missing"));
    CHECK(has(problems_of(R"({"A": {"jq": ".a |"}})"), "/A/jq: not a jq expression"));
    CHECK(has(problems_of(R"({"A": {"from": "a", "type": "strng"}})"),
              "/A/type: there is no type \"strng\"; did you mean \"string\"?"));
    CHECK(has(problems_of(R"({"A": {"from": "a", "type": "any"}})"), "there is no type \"any\""));
    CHECK(has(problems_of(R"({"A": {"from": "a", "items": "string"}})"), "add type = \"list\""));
    CHECK(has(problems_of(R"({"A": {"from": "a", "join": ",", "type": "integer"}})"),
              "\"join\" makes one text"));
    CHECK(has(problems_of(R"({"A": {"from": "a", "values": [1]}})"),
              "expected a table, found a list"));
    CHECK(has(problems_of(R"({"A": {"from": "a", "otherwise": 1}})"),
              "/A/otherwise: \"otherwise\" is for values that a value table lacks"));
    CHECK(has(
        problems_of(R"({"A": {"from": "a", "values": {}, "otherwise": 1, "unmapped": "keep"}})"),
        "keep one of the two"));
    CHECK(has(problems_of(R"({"A": {"from": "a", "values": {}, "unmapped": "kep"}})"),
              "\"unmapped\" is error, keep or drop; did you mean \"keep\"?"));
    CHECK(has(problems_of(R"({"A": {"from": "a", "type": "integer", "default": "x"}})"),
              "/A/default: the default is not of the field's type: expected a whole number"));
    CHECK(has(problems_of(R"({"A": {"from": "a", "type": "date", "default": ""}})"),
              "an empty text is no date"));
    CHECK(has(problems_of(R"({"A": {"from": "a", "required": true, "default": 1}})"),
              "a field with a default is never missing"));
    CHECK(has(problems_of(R"({"A": {"value": 1, "default": 1}})"), "a constant needs no default"));
    CHECK(has(problems_of(R"({"A": {"from": "a", "required": "yes"}})"),
              "expected true or false, found text"));
    CHECK(has(problems_of(R"({"a": "x", "a.b": "y"})"), "cannot both be filled in"));
    CHECK(has(problems_of(R"({"a.b": "x", "a": "y"})"), "cannot both be filled in"));
    CHECK(has(problems_of(R"({"a": "x", "\"a\"": "y"})"), "cannot both be filled in"));
    CHECK(has(problems_of(R"({"a[0]": "x"})"), "target field: a target field has no brackets"));
    CHECK(problems_of(R"({"A": 1, "B": {"from": ""}, "C": "a["})").size() == 3);
}

TEST_CASE("a mapping has a bound on its fields", "[mapping]") {
    json::object many;
    for (std::size_t i = 0; i <= mapping_table::most_fields; ++i)
        many["f" + std::to_string(i)] = "x";
    std::vector<schema_problem> problems;
    CHECK_FALSE(mapping_table::compile(many, problems));
    CHECK(problems.size() == 1);
    many.erase("f0");
    problems.clear();
    const auto made = mapping_table::compile(many, problems);
    REQUIRE(made);
    CHECK(made->size() == mapping_table::most_fields);
}

TEST_CASE("a trace tells which rule gave each field", "[mapping]") {
    const auto mapping = compiled(R"({"A": "a", "B": {"from": "b", "default": 1},
        "C": {"from": "c", "values": {"x": "y"}}, "D": {"jq": ".a"}, "E": {"value": 2},
        "F": "nowhere", "G": {"from": "c", "values": {}, "otherwise": 0}, "H": "a.b", "I": "a"})");
    std::vector<field_trace> trace;
    const auto out = mapping->apply(json::parse(R"({"a": "text", "c": "x"})"), &trace);
    REQUIRE(!out);
    std::vector<std::string> rules;
    for (const auto& t : trace)
        rules.push_back(t.target + ' ' + t.source + ' ' + t.rule + ' ' + json::serialize(t.found) +
                        ' ' + (t.is_given ? json::serialize(t.given) : "-"));
    CHECK(rules == std::vector<std::string>{R"(A a path "text" "text")", "B b default null 1",
                                            R"(C c values: "x" "x" "y")",
                                            R"(D jq jq "text" "text")", "E a constant value 2 2",
                                            "F nowhere left out null -",
                                            R"(G c values: otherwise "x" 0)", "H a.b path null -"});
    CHECK(trace.back().problem == out.error().message);
}
