// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <mortise/sdk/json.hpp>

#include <cmath>
#include <limits>

using namespace mortise;

namespace {

// The error a call throws.
template <class F>
error error_from(F&& f) {
    try {
        f();
    } catch (const error& e) {
        return e;
    }
    FAIL("nothing was thrown");
    return {};
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

TEST_CASE("JSON within the profile is read and written back unchanged", "[sdk][json]") {
    const auto text =
        GENERATE(as<std::string>(), "null", "true", "-9223372036854775808", "18446744073709551615",
                 R"({"a":[1,2,{"b":"\u00e4"}],"c":{}})", R"("")", "[]", R"([[{"x":{"y":[]}}]])");
    INFO(text);
    const json::value v = parse_json(text);
    CHECK(parse_json(serialize_json(v)) == v);
}

TEST_CASE("JSON outside the profile is refused with the reason", "[sdk][json]") {
    struct row {
        std::string text, reason;
    };
    const auto r = GENERATE(values<row>({
        {"", "it is empty"},
        {"{", "at byte"},
        {"[1,]", "at byte 3"},
        {"[1] 2", "extra data"},
        {"\xEF\xBB\xBF{}", "at byte 0"},
        {R"({"a":1,"a":1})", "same key twice"},
        {R"([{"x":{"k":1,"k":2}}])", "same key twice"},
        {"18446744073709551616", "beyond 64 bits"},
        {"-9223372036854775809", "beyond 64 bits"},
        {"\"\xff\"", "at byte"},
        {"\"\xed\xa0\x80\"", "at byte"},
        {"NaN", "at byte"},
        {"{'a':1}", "at byte"},
    }));
    INFO(r.text);
    const error e = error_from([&] { parse_json(r.text); });
    CHECK(e.category == category::remote_protocol);
    CHECK(e.code == "sdk.json.malformed");
    CHECK_THAT(e.message, Catch::Contains(r.reason));
}

TEST_CASE("JSON is read up to a depth of 64", "[sdk][json]") {
    CHECK_NOTHROW(parse_json(nested(64)));
    CHECK_THROWS_AS(parse_json(nested(65)), error);
    CHECK_THROWS_AS(parse_json(nested(100'000)), error);
}

TEST_CASE("who is to blame for malformed JSON is the caller's word", "[sdk][json]") {
    parse_options options;
    options.blame = category::input;
    options.what = "the webhook's body";
    const error e = error_from([&] { parse_json("nope", options); });
    CHECK(e.category == category::input);
    CHECK_THAT(e.message, Catch::StartsWith("the webhook's body"));
}

TEST_CASE("decimals keep their digits when asked to", "[sdk][json]") {
    parse_options options;
    options.decimals_as_text = true;
    const auto v = parse_json(R"({"a":12.10,"b":1e3,"c":7,"d":0.1000000000000000000001})", options);
    CHECK(v.at("a") == "12.10");
    CHECK(v.at("b") == "1e3");
    CHECK(v.at("c") == 7);
    CHECK(require_decimal(v, "d") == "0.1000000000000000000001");
    CHECK(parse_json("12.5") == 12.5);
}

TEST_CASE("a number that JSON cannot hold is not written", "[sdk][json]") {
    CHECK_THROWS_AS(serialize_json(json::value(std::nan(""))), error);
    json::value inside{{"a", {1, std::numeric_limits<double>::infinity()}}};
    CHECK_THROWS_AS(serialize_json(inside), error);
}

TEST_CASE("paths lead through objects and arrays", "[sdk][json]") {
    const auto v = parse_json(R"({"items":[{"id":"x","n":5},{"id":7}],"ok":true,"none":null})");
    CHECK(require_string(v, "items.0.id") == "x");
    CHECK(require_int(v, "items.0.n") == 5);
    CHECK(require_id(v, "items.1.id") == "7");
    CHECK(require_bool(v, "ok"));
    CHECK(require_array(v, "items").size() == 2);
    CHECK(require_object(v, "items.1").size() == 1);
    CHECK(find_json(v, "items.2") == nullptr);
    CHECK(find_json(v, "items.-1") == nullptr);
    CHECK(find_json(v, "items.0x") == nullptr);
    CHECK(find_json(v, "ok.deeper") == nullptr);
    CHECK(find_json(v, "") == &v);
    CHECK_FALSE(optional_string(v, "none"));
    CHECK_FALSE(optional_int(v, "missing"));
    CHECK(optional_bool(v, "ok") == true);
}

TEST_CASE("a missing or wrong value is named with what was found", "[sdk][json]") {
    const auto v = parse_json(R"({"a":{"b":3,"big":18446744073709551615}})");
    error e = error_from([&] { require_string(v, "a.b"); });
    CHECK(e.code == "sdk.json.type");
    CHECK(e.message == "\"a.b\": expected text, found a whole number.");
    e = error_from([&] { require_string(v, "a.c", category::input); });
    CHECK(e.category == category::input);
    CHECK(e.code == "sdk.json.missing");
    CHECK(e.message == "\"a.c\" is missing; expected text.");
    CHECK_THROWS_AS(require_int(v, "a.big"), error);
    CHECK_THROWS_AS(optional_string(v, "a.b"), error);
    CHECK_THROWS_AS(require_decimal(parse_json(R"({"x":"12,5"})"), "x"), error);
    CHECK_THROWS_AS(require_decimal(parse_json(R"({"x":12.5})"), "x"), error);
}
