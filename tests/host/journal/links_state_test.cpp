// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

#include <mortise/state.h>

using namespace mortise::test;

namespace {

struct store_fixture : journal_fixture {
    std::string
    put_link(const std::string& a, const std::string& b, const std::string& data = "{}") {
        std::string out;
        write([&](host::journal_tx& tx) {
            const auto r = tx.link_put({"ref", a, b, data, 0});
            out = r ? "ok" : r.error().code + " " + r.error().details;
        });
        return out;
    }
    std::vector<std::string> find(const std::string& a, const std::string& b = {}) {
        std::vector<std::string> out;
        write([&](host::journal_tx& tx) {
            out.clear();
            for (const auto& l : tx.link_find("ref", a, b)) {
                out.push_back(l.a + "=" + l.b);
            }
        });
        return out;
    }
    host::result<std::uint64_t> put(const std::string& value, std::uint64_t expected) {
        host::result<std::uint64_t> out = std::uint64_t{0};
        write([&](host::journal_tx& tx) { out = tx.state_put("scope", "key", value, expected); });
        return out;
    }
    host::state_value get() {
        host::state_value out;
        journal->read([&](host::journal_reader& r) { out = r.state_get("scope", "key"); });
        return out;
    }
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a link is replaced by its a and refused when b belongs to another", "[host][journal]") {
    store_fixture j;
    CHECK(j.put_link("a1", "b1") == "ok");
    CHECK(j.put_link("a2", "b1") == R"(journal.link-conflict {"a":"a1"})");
    CHECK(j.put_link("a1", "b2") == "ok");
    CHECK(j.put_link("a2", "b1") == "ok");
    CHECK(j.put_link("a2", "b1", "[2]") == "ok");
    CHECK(j.find("a2") == texts{"a2=b1"});
    CHECK(j.find("", "b2") == texts{"a1=b2"});
    CHECK(j.find("a2", "b2").empty());
    CHECK(j.find("nobody").empty());
    j.write([](host::journal_tx& tx) {
        CHECK(tx.link_put({"other relation", "a9", "b1", "{}", 0}).has_value());
        CHECK(tx.link_remove("ref", "a1"));
        CHECK_FALSE(tx.link_remove("ref", "a1"));
    });
    CHECK(j.find("*") == texts{"a2=b1"});
    CHECK(j.put_link("a3", "b2") == "ok");
}

TEST_CASE("links without a b do not meet each other", "[host][journal]") {
    store_fixture j;
    CHECK(j.put_link("a1", "") == "ok");
    CHECK(j.put_link("a2", "") == "ok");
    CHECK(j.find("a*") == texts{"a1=", "a2="});
}

TEST_CASE("links are found by a prefix of a and only by it", "[host][journal]") {
    store_fixture j;
    j.put_link("dam:1#a", "x1");
    j.put_link("dam:1#b", "x2");
    j.put_link("dam:10", "x3");
    j.put_link("dam:1%", "x4");
    CHECK(j.find("dam:1#*") == texts{"dam:1#a=x1", "dam:1#b=x2"});
    CHECK(j.find("dam:1#*", "x2") == texts{"dam:1#b=x2"});
    CHECK(j.find("\xFF*").empty());
    j.journal->read([](host::journal_reader& r) {
        CHECK(r.links("ref", 2).size() == 2);
        CHECK(r.links("", 9).size() == 4);
        CHECK(r.links("none", 9).empty());
    });
}

TEST_CASE("state is compared and set by version", "[host][journal]") {
    store_fixture j;
    CHECK(j.get().version == 0);
    const auto first = j.put("1", MORTISE_STATE_ABSENT);
    REQUIRE(first.has_value());
    CHECK(j.get().value == "1");
    CHECK(j.get().version == *first);

    const auto late = j.put("2", MORTISE_STATE_ABSENT);
    REQUIRE(late.has_error());
    CHECK(late.error().category == host::category::conflict);
    CHECK(late.error().details == "{\"version\":" + std::to_string(*first) + "}");
    CHECK(j.get().value == "1");

    const auto second = j.put("2", *first);
    REQUIRE(second.has_value());
    CHECK(*second > *first);
    CHECK(j.put("3", *first).has_error());
    CHECK(j.put("3", MORTISE_STATE_ANY).has_value());
}

TEST_CASE("a key deleted and made again never has an old version", "[host][journal]") {
    store_fixture j;
    const auto first = j.put("1", MORTISE_STATE_ANY);
    const auto gone = j.put("", *first);
    REQUIRE(gone.has_value());
    CHECK(*gone == 0);
    CHECK(j.get().version == 0);
    j.reopen();
    REQUIRE(j.put("1", MORTISE_STATE_ABSENT).has_value());
    CHECK(j.put("x", *first).has_error());
}

TEST_CASE("state is listed by prefix, page by page, in its own scope", "[host][journal]") {
    store_fixture j;
    j.write([](host::journal_tx& tx) {
        for (const char* key : {"a/1", "a/2", "a/3", "b/1"}) {
            REQUIRE(tx.state_put("s", key, "0", MORTISE_STATE_ANY).has_value());
        }
        REQUIRE(tx.state_put("t", "a/4", "0", MORTISE_STATE_ANY).has_value());
        CHECK(tx.state_get("s", "a/2").value == "0");
    });
    j.journal->read([](host::journal_reader& r) {
        CHECK(r.state_list("s", "a/", "", 10).size() == 3);
        const auto page = r.state_list("s", "a/", "a/1", 1);
        REQUIRE(page.size() == 1);
        CHECK(page[0].key == "a/2");
        CHECK(r.state_list("s", "a/", "a/3", 10).empty());
        CHECK(r.state_list("s", "", "", 10).size() == 4);
    });
}
