// SPDX-License-Identifier: Apache-2.0
#include "mapping/field_type.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace mortise::host;
namespace json = boost::json;

namespace {

// The result as JSON text, "nothing", or "error: ...".
std::string made(field_type type, std::string_view from) {
    const auto to = convert(json::parse(json::string_view(from.data(), from.size())), type);
    if (!to) {
        CHECK(to.error().category == category::input);
        return "error: " + to.error().message;
    }
    return *to ? json::serialize(**to) : "nothing";
}

struct row {
    field_type type;
    const char* from;
    const char* to;
};

} // namespace

TEST_CASE("values become what the type says", "[mapping][type]") {
    using enum field_type;
    const auto [type, from, to] = GENERATE(values<row>({
        {string, R"("as is ")", R"("as is ")"},
        {string, "7", R"("7")"},
        {string, "1.5", R"("1.5")"},
        {string, "true", R"("true")"},
        {string, R"("")", R"("")"},
        {integer, "7", "7"},
        {integer, "7.0", "7"},
        {integer, R"(" +12 ")", "12"},
        {integer, R"("-3")", "-3"},
        {integer, R"("18446744073709551615")", "18446744073709551615"},
        {integer, R"(" ")", "nothing"},
        {number, R"("2.50")", "2.5E0"},
        {number, R"("1e3")", "1E3"},
        {number, R"("12")", "12"},
        {number, "3", "3"},
        {number, R"("")", "nothing"},
        {boolean, "true", "true"},
        {boolean, "0", "false"},
        {boolean, R"("Yes")", "true"},
        {boolean, R"("off")", "false"},
        {boolean, R"("")", "nothing"},
        {date, R"("2026-03-01")", R"("2026-03-01")"},
        {date, R"("2026-03-01T23:30:00-05:00")", R"("2026-03-01")"},
        {date, R"("")", "nothing"},
        {datetime, R"("2026-03-01")", R"("2026-03-01T00:00:00Z")"},
        {datetime, R"("2026-03-01T14:05:09+02:00")", R"("2026-03-01T12:05:09Z")"},
        {datetime, R"("2026-01-01T00:30:00+0100")", R"("2025-12-31T23:30:00Z")"},
        {datetime, R"("2026-03-01 14:05:09.123456")", R"("2026-03-01T14:05:09.123Z")"},
        {datetime, R"("2026-03-01T14:05")", R"("2026-03-01T14:05:00Z")"},
        {datetime, R"("2024-02-29T00:00:00Z")", R"("2024-02-29T00:00:00Z")"},
        {list, "[1,2]", "[1,2]"},
        {list, R"("a")", R"(["a"])"},
        {object, R"({"a":1})", R"({"a":1})"},
    }));
    INFO(to_string(type) << " from " << from);
    CHECK(made(type, from) == to);
}

TEST_CASE("a value that is not of the type is refused by name", "[mapping][type]") {
    using enum field_type;
    const auto [type, from, to] = GENERATE(values<row>({
        {string, "[1,2]", "error: expected text, found a list of 2"},
        {string, R"({"a":1})", "error: expected text, found a table"},
        {integer, "1.5", "error: expected a whole number, found 1.5"},
        {integer, R"("12a")", R"(error: expected a whole number, found "12a")"},
        {integer, R"("+-3")", R"(error: expected a whole number, found "+-3")"},
        {integer, "1e300", "error: expected a whole number, found 1e+300"},
        {integer, "true", "error: expected a whole number, found true"},
        {number, R"("1,5")", R"(error: expected a number, found "1,5")"},
        {number, R"("inf")", R"(error: expected a number, found "inf")"},
        {number, R"("nan")", R"(error: expected a number, found "nan")"},
        {boolean, "2", "error: expected true or false (also yes, no, on, off, 1, 0), found 2"},
        {date, R"("2026-02-30")",
         R"(error: expected a date such as "2026-03-01", found "2026-02-30")"},
        {date, R"("01.03.2026")",
         R"(error: expected a date such as "2026-03-01", found "01.03.2026")"},
        {datetime, "1767225600",
         R"(error: expected a date and time such as "2026-03-01T14:05:09Z", found 1767225600)"},
        {datetime, R"("2026-03-01T24:00:00Z")",
         R"(error: expected a date and time such as "2026-03-01T14:05:09Z", found "2026-03-01T24:00:00Z")"},
        {datetime, R"("2026-03-01T14:05:09+2x:00")",
         R"(error: expected a date and time such as "2026-03-01T14:05:09Z", found "2026-03-01T14:05:09+2x:00")"},
        {object, R"("a")", R"(error: expected an object, found "a")"},
    }));
    INFO(to_string(type) << " from " << from);
    CHECK(made(type, from) == to);
}

TEST_CASE("types have names and no others", "[mapping][type]") {
    for (const std::string& name : field_type_names()) {
        const auto type = field_type_from(name);
        REQUIRE(type);
        CHECK(to_string(*type) == name);
    }
    CHECK_FALSE(field_type_from("text"));
    CHECK_FALSE(field_type_from(""));
}

TEST_CASE("a long value is shortened between characters in messages", "[mapping][type]") {
    std::string text(79, 'a');
    text += "äöü";
    const std::string shown = shown_value(json::value(text));
    CHECK(shown == '"' + std::string(79, 'a') + "...\"");
}
