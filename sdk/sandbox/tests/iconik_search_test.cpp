// SPDX-License-Identifier: Apache-2.0
#include "iconik/event_query.hpp"
#include "iconik/lucene.hpp"
#include "iconik_fixture.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::test;

namespace {

http_answer
search(iconik_stage& s, const json::object& body, const std::string& query = "?per_page=100") {
    return s.client.post("/API/search/v1/search/" + query, body);
}
std::size_t hits(iconik_stage& s, const json::object& filter) {
    const http_answer a = search(s, {{"doc_types", {"assets"}}, {"filter", filter}});
    INFO(a.body);
    REQUIRE(a.status == 200);
    return a.json().at("objects").as_array().size();
}

} // namespace

TEST_CASE("search lags behind, reading by id does not", "[sandbox][iconik]") {
    iconik_stage s;
    REQUIRE(s.client.patch(asset_path("logo"), {{"title", "Zebra"}}).status == 200);
    CHECK(s.client.get(asset_path("logo")).json().at("title") == "Zebra");
    CHECK(search(s, {{"query", "zebra"}}).json().at("total") == 0);
    s.advance(1);
    const json::value found = search(s, {{"query", "zebra"}}).json();
    CHECK(found.at("total") == 1);
    CHECK(found.at("objects").at(0).at("metadata").at("usage_rights").at(0) == "Unrestricted");
}

TEST_CASE("search filters by value, list, range, presence and nested filters",
          "[sandbox][iconik]") {
    iconik_stage s;
    CHECK(hits(s, {{"operator", "AND"},
                   {"terms", {{{"name", "metadata.campaign_id"}, {"value_in", {"C-1002"}}}}}}) ==
          4);
    CHECK(hits(s, {{"operator", "AND"},
                   {"terms", {{{"name", "metadata.expiry_date"}, {"missing", true}}}}}) == 5);
    CHECK(hits(s, {{"operator", "AND"},
                   {"terms",
                    {{{"name", "metadata.expiry_date"},
                      {"range", {{"min", "2026-11-01"}, {"max", "2026-12-31"}}}}}}}) == 2);
    CHECK(hits(s, {{"operator", "OR"},
                   {"terms", {{{"name", "metadata.usage_rights"}, {"value", "Expired"}}}},
                   {"filters",
                    {{{"operator", "AND"},
                      {"terms", {{{"name", "media_type"}, {"value", "audio"}}}}}}}}) == 2);
    CHECK(hits(s, {{"operator", "AND"},
                   {"terms",
                    {{{"name", "ancestor_collections"},
                      {"value", iconik_seed::id("collection/campaigns")}}}}}) == 9);
    const json::object wrong{{"filter", {{"operator", "XOR"}, {"terms", json::array{}}}}};
    CHECK(search(s, wrong).status == 400);
    const json::object empty_term{
        {"filter", {{"operator", "AND"}, {"terms", {{{"name", "title"}}}}}}};
    CHECK(search(s, empty_term).status == 400);
}

TEST_CASE("search walks on after the last hit", "[sandbox][iconik]") {
    iconik_stage s;
    json::object body{{"doc_types", {"assets"}},
                      {"sort", {{{"name", "title"}, {"order", "asc"}}, {{"name", "id"}}}},
                      {"include_fields", {"title"}}};
    std::string last;
    std::size_t seen = 0;
    for (int round = 0; round < 10; ++round) {
        const json::value page = search(s, body, "?per_page=5").json();
        const json::array& objects = page.at("objects").as_array();
        for (const json::value& o : objects) {
            CHECK(text(o.at("title")) > last);
            CHECK_FALSE(o.as_object().contains("status"));
            last = text(o.at("title"));
            ++seen;
        }
        if (objects.empty()) break;
        body["search_after"] = objects.back().at("_sort");
    }
    CHECK(seen == 12);
    body["search_after"] = {"too", "many", "values"};
    CHECK(search(s, body).status == 400);
    CHECK(search(s, json::object{}, "?page=101&per_page=100").status == 400);
}

TEST_CASE("search counts facets", "[sandbox][iconik]") {
    iconik_stage s;
    const json::value a =
        search(s, {{"doc_types", {"assets"}}, {"facets", {"metadata.usage_rights"}}}).json();
    const json::value& first = a.at("facets").at("metadata.usage_rights").at("buckets").at(0);
    CHECK(first.at("key") == "Restricted");
    CHECK(first.at("doc_count") == 6);
}

TEST_CASE("the query language of search", "[sandbox][iconik]") {
    using iconik::matches_query;
    const json::object d{{"title", "Spring Launch: Hero (v2)"},
                         {"status", "ACTIVE"},
                         {"metadata", {{"campaign_id", {"C-1001", "C-1002"}}}}};
    const auto finds = [&](const char* q) { return matches_query(d, q, {}); };
    CHECK(finds("spring hero"));
    CHECK(finds("\"launch hero\""));
    CHECK_FALSE(finds("\"hero launch\""));
    CHECK(finds("spr*"));
    CHECK(finds("winter OR hero"));
    CHECK_FALSE(finds("hero AND NOT spring"));
    CHECK(finds("metadata.campaign_id:C\\-1002 AND status:(ACTIVE OR HIDDEN)"));
    CHECK(finds("Hero\\ \\(v2\\)"));
    CHECK_FALSE(finds("Launch: Hero (v2")); // unreadable text finds nothing, without an error
    CHECK_FALSE(finds("((((("));
    CHECK(finds("*"));
}

TEST_CASE("the query language of webhooks", "[sandbox][iconik]") {
    using iconik::matches_event;
    const json::object e{{"operation", "update"}, {"data", {{"size", 5}, {"title", "Teaser"}}}};
    CHECK(matches_event(e, ""));
    CHECK(matches_event(e, "operation = \"update\" AND data.size >= 5"));
    CHECK_FALSE(matches_event(e, "operation != 'update' OR (data.size < 5)"));
    CHECK(matches_event(e, "data.title = /^Tea/"));
    CHECK(matches_event(e, "data.missing = null"));
    for (const char* bad :
         {"operation", "operation ==", "= 1", "(operation='x'", "a = /(/", "a = 'b"}) {
        INFO(bad);
        CHECK_THROWS_AS(matches_event(e, bad), std::invalid_argument);
    }
}
