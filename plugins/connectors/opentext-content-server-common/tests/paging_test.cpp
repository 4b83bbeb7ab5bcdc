// SPDX-License-Identifier: Apache-2.0
#include "content_server/paging.hpp"
#include "support/catch.hpp"

namespace json = mortise::json;
using content_server::pager;

namespace {

enum class place { collection, top };

json::value page(std::initializer_list<int> ids,
                 int number,
                 int pages,
                 int limit,
                 place at = place::collection) {
    json::array results;
    for (const int id : ids) {
        json::object properties;
        properties["id"] = id;
        json::object data;
        data["properties"] = std::move(properties);
        json::object item;
        item["data"] = std::move(data);
        results.push_back(std::move(item));
    }
    json::object paging;
    paging["page"] = number;
    paging["page_total"] = pages;
    paging["limit"] = limit;
    json::object out;
    if (at == place::top) {
        out["paging"] = std::move(paging);
    } else {
        json::object collection;
        collection["paging"] = std::move(paging);
        out["collection"] = std::move(collection);
    }
    out["results"] = std::move(results);
    return out;
}

} // namespace

TEST_CASE("paging: pages are read in order until the last one", "[plugins][content-server]") {
    const auto at = GENERATE(place::collection, place::top);
    pager p(2, 100);
    json::array out;
    REQUIRE(p.page() == 1);
    p.take(page({1, 2}, 1, 2, 2, at), out);
    REQUIRE(p.more());
    REQUIRE(p.page() == 2);
    p.take(page({3, 4}, 2, 2, 2, at), out);
    CHECK_FALSE(p.more());
    CHECK(out.size() == 4);
}

TEST_CASE("paging: a page past the end that repeats an earlier one adds nothing",
          "[plugins][content-server]") {
    pager p(2, 100);
    json::array out;
    p.take(page({1, 2}, 1, 2, 2), out);
    REQUIRE(p.more());
    SECTION("the server says which page it is") {
        p.take(page({1, 2}, 1, 1, 2), out);
    }
    SECTION("it does not, and claims to have more") {
        p.take(page({1, 2}, 2, 9, 2), out);
    }
    CHECK_FALSE(p.more());
    CHECK(out.size() == 2);
}

TEST_CASE("paging: without a total, a short page is the last", "[plugins][content-server]") {
    pager p(2, 100);
    json::array out;
    json::value full = page({1, 2}, 1, 0, 2);
    p.take(full, out);
    CHECK(p.more());
    p.take(page({3}, 2, 0, 2), out);
    CHECK_FALSE(p.more());
    CHECK(out.size() == 3);
}

TEST_CASE("paging: a server that gives smaller pages than asked for is read on",
          "[plugins][content-server]") {
    pager p(100, 1000);
    json::array out;
    p.take(page({1, 2}, 1, 0, 2), out);
    CHECK(p.more());
}

TEST_CASE("paging: no more than the limit is taken or asked for", "[plugins][content-server]") {
    pager p(100, 3);
    CHECK(p.page_size() == 3);
    json::array out;
    p.take(page({1, 2, 3, 4}, 1, 5, 4), out);
    CHECK(out.size() == 3);
    CHECK_FALSE(p.more());
}

TEST_CASE("paging: an empty list ends at once", "[plugins][content-server]") {
    pager p(10, 10);
    json::array out;
    p.take(page({}, 1, 0, 10), out);
    CHECK_FALSE(p.more());
}

TEST_CASE("paging: an answer without a list is a broken answer", "[plugins][content-server]") {
    pager p(10, 10);
    json::array out;
    try {
        p.take(mortise::parse_json(R"({"results":{"data":{}}})"), out);
        FAIL("was taken");
    } catch (const mortise::error& e) {
        CHECK(e.category == mortise::category::remote_protocol);
    }
}

TEST_CASE("paging: what comes again on a later page is dropped, equal items of one page are not",
          "[plugins][content-server]") {
    pager p(2, 100);
    json::array out;
    p.take(page({1, 2}, 1, 3, 2), out);
    p.take(page({2, 3}, 2, 3, 2), out);
    p.take(page({4, 4}, 3, 3, 2), out);
    CHECK(out.size() == 5);
    CHECK_FALSE(p.more());
}

TEST_CASE("paging: a list that became shorter is read again, at most three times",
          "[plugins][content-server]") {
    const auto counted = [](std::initializer_list<int> ids, int number, int count) {
        json::value answer = page(ids, number, 2, 2);
        answer.at("collection").at("paging").as_object()["total_count"] = count;
        return answer;
    };
    pager p(2, 100);
    json::array out;
    p.take(counted({1, 2}, 1, 4), out);
    // The first has gone: the third has moved to the page that was read.
    p.take(counted({4}, 2, 3), out);
    REQUIRE(p.more());
    REQUIRE(p.page() == 1);
    p.take(counted({2, 3}, 1, 3), out);
    p.take(counted({4}, 2, 3), out);
    CHECK_FALSE(p.more());
    CHECK(out.size() == 4);

    pager restless(1, 100);
    json::array some;
    int asked = 0;
    for (; restless.more() && asked < 50; ++asked) {
        const int count = 100 - asked;
        restless.take(counted({count}, static_cast<int>(restless.page()), count), some);
    }
    CHECK(asked < 50);
}
