// SPDX-License-Identifier: Apache-2.0
#include "content_server/text.hpp"
#include "support/catch.hpp"

namespace json = mortise::json;
using namespace content_server;

TEST_CASE("text: an id is a positive whole number or its digits", "[plugins][content-server]") {
    CHECK(id_of(json::value(5), "id") == 5);
    CHECK(id_of(json::value("2000"), "id") == 2000);
    for (const auto& bad : {json::value(), json::value(0), json::value(-7), json::value("x5"),
                            json::value(1.5), json::value(json::array())}) {
        try {
            id_of(bad, "parent_id");
            FAIL(mortise::serialize_json(bad) << " was taken");
        } catch (const mortise::error& e) {
            CHECK(e.category == mortise::category::input);
            CHECK(e.message.find("\"parent_id\"") != std::string::npos);
        }
    }
}

TEST_CASE("text: objects wrapped in arrays of one are read as the objects",
          "[plugins][content-server]") {
    const auto live = mortise::parse_json(R"({"results":{"data":{"properties":{"id":1}}}})");
    const auto published =
        mortise::parse_json(R"({"results":[{"data":[{"properties":[{"id":1}]}]}]})");
    for (const auto& answer : {live, published}) {
        CHECK(int_at(object_part(answer, "results.data.properties"), "id") == 1);
    }
    CHECK(part(live, "results.none.properties") == nullptr);
    CHECK_THROWS_AS(object_part(live, "results.other"), mortise::error);
}

TEST_CASE("text: dates with and without a zone are the same", "[plugins][content-server]") {
    CHECK(plain_date("2026-03-01T09:00:00Z") == plain_date("2026-03-01T09:00:00"));
    CHECK(earlier("2026-03-01T00:00:30", 60) == "2026-02-28T23:59:30");
    CHECK(earlier("unreadable", 60) == "unreadable");
}

TEST_CASE("text: suggestions name the nearest or what there is", "[plugins][content-server]") {
    CHECK(suggestion("Campain", {"Account", "Campaign"}) == "; did you mean \"Campaign\"?");
    CHECK(suggestion("Zebra", {"Account", "Campaign"}) == "; there are \"Account\", \"Campaign\"");
    CHECK(suggestion("Zebra", {}) == "; there are none");
}

TEST_CASE("text: cutting never splits a character", "[plugins][content-server]") {
    CHECK(one_line("ab\xC3\xA4", 3) == "ab...");
    CHECK(one_line("ab\xC3\xA4", 4) == "ab\xC3\xA4");
}
