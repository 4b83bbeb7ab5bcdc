// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::content_server_test;
using namespace std::chrono_literals;

namespace {

answer find(client& c, const std::string& where, pairs more = {}) {
    more.emplace_back("where", where);
    return c.form("POST", "/api/v2/search", more);
}

std::int64_t total(client& c, const std::string& where, pairs more = {}) {
    const auto a = find(c, where, std::move(more));
    INFO(where << ": " << a.text);
    REQUIRE(a.status == 200);
    return a.number("/collection/paging/total_count");
}

} // namespace

TEST_CASE("new nodes appear in search after the index delay", "[sandbox][content_server]") {
    client c;
    const auto id = c.create(0, 5000, "Quokka material");
    CHECK(total(c, "OTName:quokka") == 0);
    c.advance(1s);
    CHECK(total(c, "OTName:quokka") == 1);
    c.body("PUT", node(id), {{"name", "Wombat material"}});
    CHECK(total(c, "OTName:quokka") == 1); // still the old name
    c.act("index-now");
    CHECK(total(c, "OTName:quokka") == 0);
    CHECK(total(c, "OTName:wombat") == 1);
    c.del(node(id));
    CHECK(total(c, "OTName:wombat") == 0); // what cannot be read is never shown
}

TEST_CASE("complex queries combine regions", "[sandbox][content_server]") {
    client c;
    CHECK(total(c, "OTSubType:848 AND OTLocation:2000") == 5);
    CHECK(total(c, "OTName: \"spring launch\" and OTSubType: 848 and OTLocation: 2000") == 1);
    CHECK(total(c, "OTSubType:848 OTName:spring*") == 1);
    CHECK(total(c, "OTSubType:848 AND NOT OTName:spring*") >= 4);
    CHECK(total(c, "OTLocation:5001 AND (OTSubType:144 OR OTSubType:140)") == 1);
    CHECK(total(c, "Attr_4200_2:C-1001") == 1);
    CHECK(total(c, "Attr_4200_7:AT") == 1);
    CHECK(total(c, "OTCreateDate:[2026-03-01 TO 2026-03-31] AND OTSubType:848") >= 5);
    CHECK(total(c, "OTCreateDate:[2020-01-01 TO 2020-12-31]") == 0);
    CHECK(total(c, "OTModifyDate:>=2026-03-10T08:00:00 AND OTSubType:848") >= 5);
    CHECK(total(c, "Aurora", {{"within", "content"}, {"lookfor", "allwords"}}) == 1);
}

TEST_CASE("words are looked for as asked", "[sandbox][content_server]") {
    client c;
    CHECK(total(c, "creative aurora", {{"lookfor", "allwords"}, {"within", "content"}}) == 1);
    CHECK(total(c, "creative zeppelin", {{"lookfor", "allwords"}}) == 0);
    CHECK(total(c, "creative zeppelin", {{"lookfor", "anywords"}}) == 1);
    CHECK(total(c, "brief creative", {{"lookfor", "exactphrase"}}) == 0);
    CHECK(total(c, "creative brief", {{"lookfor", "exactphrase"}}) == 1);
    CHECK(total(c, "creat", {{"lookfor", "allwords"}, {"modifier", "wordbeginswith"}}) == 1);
}

TEST_CASE("bad queries are refused", "[sandbox][content_server]") {
    client c;
    for (const char* where : {"", "(OTName:a", "OTName:", "OTBogus:1", "OTName:\"open", "AND"}) {
        INFO(where);
        const auto a = find(c, where);
        CHECK(a.status == 400);
        CHECK_THAT(a.error(), Catch::StartsWith("Error Evaluating Query"));
    }
    CHECK(find(c, "OTName:a", {{"lookfor", "telepathy"}}).status == 400);
    CHECK(find(c, std::string(5000, '(')).status == 400);
}

TEST_CASE("the search answer has paging, regions and facets", "[sandbox][content_server]") {
    client c;
    const auto a = find(c, "OTSubType:848",
                        {{"limit", "2"},
                         {"sort", "asc_OTName"},
                         {"select", "{'OTName','Attr_4200_2'}"},
                         {"options", "{'facets'}"}});
    CHECK(a.size("/results") == 2);
    CHECK(a.number("/collection/paging/page_total") >= 3);
    CHECK(a.at("/collection/paging/links").as_object().contains("next"));
    CHECK(a.string("/results/0/data/regions/Attr_4200_2").size() < 10);
    CHECK(a.string("/collection/searching/facets/available/0/name") == "OTSubType");
    CHECK(a.at("/collection/searching/cache_id").is_number());
    CHECK_FALSE(
        find(c, "OTSubType:848").at("/collection/searching").as_object().contains("facets"));
    CHECK(c.get("/api/v2/search?where=OTSubType:848&limit=1").size("/results") == 1);
    CHECK(find(c, "OTSubType:848", {{"sort", "asc_Bogus"}}).status == 400);
}

TEST_CASE("search follows rights and changes newest first", "[sandbox][content_server]") {
    client c;
    CHECK(total(c, "OTName:Board") == 0);
    c.advance(2s);
    c.act("set-category", json::parse(R"({"bo_id":"C-1002","category":"Campaign",
        "values":{"Status":"Cancelled"}})")
                              .as_object());
    c.advance(2s);
    c.act("set-category", json::parse(R"({"bo_id":"C-1001","category":"Campaign",
        "values":{"Status":"Completed"}})")
                              .as_object());
    c.advance(2s);
    const auto a = find(c, "OTSubType:848", {{"sort", "desc_OTModifyDate"}});
    CHECK(a.number("/results/0/data/properties/id") == c.workspace("campaign", "C-1001"));
    CHECK(a.number("/results/1/data/properties/id") == c.workspace("campaign", "C-1002"));
    c.log_in("Admin", "admin-pass");
    CHECK(total(c, "OTName:Board") == 1);
}
