// SPDX-License-Identifier: Apache-2.0
#include "content_server/category.hpp"
#include "support/catch.hpp"

#include <string>

namespace json = mortise::json;
using content_server::category_definition;
using content_server::same_value;

namespace {

category_definition customer() {
    const json::value records = mortise::parse_json(R"({
        "16878": {"key":"16878","name":"Customer","persona":"category"},
        "16878_25": {"key":"16878_25","name":"Status","multi_value":false,"persona":""},
        "16878_33": {"key":"16878_33","name":"Numbers","multi_value":true,"persona":""},
        "16878_39": {"key":"16878_39","name":"Contacts","persona":"set","multi_value":true},
        "16878_39_x_41": {"key":"16878_39_x_41","name":"Name"},
        "16878_39_x_42": {"key":"16878_39_x_42","name":"Mail"},
        "777": {"key":"777","name":"Other","persona":"category"},
        "777_2": {"key":"777_2","name":"Elsewhere"}})");
    return category_definition::from_metadata(16878, records.as_object());
}

json::object object(const char* text) {
    return mortise::parse_json(text).as_object();
}

std::string text(const json::object& o) {
    return mortise::serialize_json(json::value(o));
}

} // namespace

TEST_CASE("categories: keys become attribute names, rows of a set become objects",
          "[plugins][content-server]") {
    const auto values = object(R"({"16878_25":"Customer","16878_33":["1000","2000"],
        "16878_39_1_41":"Kim Vogel","16878_39_1_42":null,"16878_39_2_41":"Lee Okoro",
        "16878_39_2_42":"lee@example.com"})");
    CHECK(text(customer().by_name(values)) ==
          R"({"Status":"Customer","Numbers":["1000","2000"],"Contacts":[)"
          R"({"Name":"Kim Vogel","Mail":null},{"Name":"Lee Okoro","Mail":"lee@example.com"}]})");
}

TEST_CASE("categories: only what differs is written", "[plugins][content-server]") {
    const auto now = object(R"({"16878_25":"Customer","16878_33":["1000"]})");
    const auto change =
        customer().changes(object(R"({"Status":"Customer","Numbers":["1000","2000"]})"), now);
    CHECK(text(change) == R"({"16878_33":["1000","2000"]})");
    CHECK(customer().changes(object(R"({"status":"Customer","Numbers":[1000]})"), now).empty());
}

TEST_CASE("categories: null empties an attribute", "[plugins][content-server]") {
    const auto now = object(R"({"16878_25":"Customer"})");
    CHECK(text(customer().changes(object(R"({"Status":null})"), now)) == R"({"16878_25":""})");
    CHECK(customer().changes(object(R"({"Status":null})"), json::object()).empty());
}

TEST_CASE("categories: rows of a set are written, and those too many removed from the end",
          "[plugins][content-server]") {
    const auto now = object(R"({"16878_39_1_41":"Kim","16878_39_1_42":"k@x","16878_39_2_41":"Lee",
        "16878_39_2_42":null,"16878_39_3_41":"Max","16878_39_3_42":null})");
    const auto change = customer().changes(object(R"({"Contacts":[{"Name":"Kim"}]})"), now);
    CHECK(text(change) == R"({"16878_39_1_42":"","16878_39_3":"","16878_39_2":""})");
    const auto none = customer().changes(object(R"({"Contacts":[]})"), now);
    CHECK(text(none) ==
          R"({"16878_39_3":"","16878_39_2":"","16878_39_1_41":"","16878_39_1_42":""})");
}

TEST_CASE("categories: an unknown attribute is refused with the nearest name",
          "[plugins][content-server]") {
    const auto message = [](const char* wanted) {
        try {
            customer().changes(object(wanted), json::object());
        } catch (const mortise::error& e) {
            CHECK(e.category == mortise::category::input);
            return e.message;
        }
        return std::string("was taken");
    };
    CHECK(message(R"({"Statis":"x"})") ==
          R"(The category "Customer" has no attribute "Statis"; did you mean "Status"?)");
    CHECK(message(R"({"Contacts":[{"Nmae":"x"}]})").find("did you mean \"Name\"?") !=
          std::string::npos);
    CHECK(message(R"({"Elsewhere":"x"})").find("has no attribute") != std::string::npos);
    CHECK(message(R"({"Status":["a","b"]})").find("takes one value only") != std::string::npos);
    CHECK(message(R"({"Status":{"a":1}})").find("not an object") != std::string::npos);
    CHECK(message(R"({"Contacts":["x"]})").find("a list of objects") != std::string::npos);
}

TEST_CASE("categories: a form tells the same names as the metadata", "[plugins][content-server]") {
    const json::value form = mortise::parse_json(R"({"forms":[{"data":{},
        "options":{"fields":{"9_2":{"label":"Asset ID"},
            "9_5":{"label":"Rows","items":{"fields":{"9_5_x_6":{"label":"Name"}}}}}},
        "schema":{"title":"Media Reference","properties":{"9_1":{"title":"hidden"},
            "9_2":{"title":"ignored","type":"string"},
            "9_3":{"title":"Many","type":"array","items":{"type":"string"}},
            "9_5":{"title":"Rows","type":"array","items":{"type":"object",
                "properties":{"9_5_x_6":{"title":"Name"}}}}}}}]})");
    const auto d = category_definition::from_form(9, form);
    CHECK(d.name == "Media Reference");
    REQUIRE(d.attributes.size() == 3);
    CHECK(text(d.changes(object(R"({"Asset ID":"a","Many":["x","y"],"Rows":[{"Name":"n"}]})"),
                         json::object())) == R"({"9_2":"a","9_3":["x","y"],"9_5_1_6":"n"})");
}

TEST_CASE("categories: values the server holds to be equal are equal",
          "[plugins][content-server]") {
    const auto v = [](const char* t) { return mortise::parse_json(t); };
    CHECK(same_value(v("1"), v("\"1\"")));
    CHECK(same_value(v("true"), v("\"true\"")));
    CHECK(same_value(v("\"x\""), v("[\"x\"]")));
    CHECK(same_value(v("null"), v("[]")));
    CHECK(same_value(v("\"\""), v("[\"\",null]")));
    CHECK(same_value(v("\"2026-03-01\""), v("\"2026-03-01T00:00:00\"")));
    CHECK(same_value(v("\"2026-03-01\""), v("\"2026-03-01T00:00:00Z\"")));
    CHECK_FALSE(same_value(v("\"2026-03-01\""), v("\"2026-03-01T09:00:00\"")));
    CHECK_FALSE(same_value(v("[\"a\",\"b\"]"), v("[\"b\",\"a\"]")));
    CHECK_FALSE(same_value(v("\"a\""), v("\"A\"")));
}
