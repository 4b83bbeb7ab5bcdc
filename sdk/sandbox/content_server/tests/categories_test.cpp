// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::content_server_test;

namespace {

std::int64_t fresh(client& c) {
    return c.create(0, 5000, "Holder");
}

} // namespace

TEST_CASE("a category is added, changed and removed", "[sandbox][content_server]") {
    client c;
    const auto id = fresh(c);
    const std::string base = node(id) + "/categories";
    CHECK(c.get(base).size("/results") == 0);
    REQUIRE(c.body("POST", base, {{"category_id", 4200}, {"4200_2", "C-9"}}).status == 200);
    const auto again = c.body("POST", base, {{"category_id", 4200}});
    CHECK(again.status == 400);
    const auto one = c.get(base + "/4200/");
    CHECK(one.string("/results/data/categories/4200_2") == "C-9");
    CHECK(one.string("/results/data/categories/4200_3") == "Planned"); // the default
    CHECK(c.body("PUT", base + "/4200/", {{"4200_3", "Active"}}).status == 200);
    CHECK(c.get(base + "/4200").string("/results/data/categories/4200_2") == "C-9");
    CHECK(c.get("/api/v1/nodes/" + std::to_string(id) + "/categories").string("/data/0/name") ==
          "Campaign");
    CHECK(c.del(base + "/4200/").status == 200);
    const auto gone = c.get(base + "/4200/");
    CHECK(gone.status == 400);
    CHECK(gone.error() ==
          "Category ID '4200' is not a category on node '" + std::to_string(id) + "'.");
}

TEST_CASE("category names come with metadata only", "[sandbox][content_server]") {
    client c;
    const auto id = c.workspace("campaign", "C-1001");
    const auto plain = c.get(node(id) + "/categories");
    CHECK_FALSE(plain.at("/results/0").as_object().contains("metadata"));
    const auto full = c.get(node(id) + "/categories?metadata");
    CHECK(full.string("/results/0/metadata/categories/4200/name") == "Campaign");
    CHECK(full.string("/results/0/metadata/categories/4200_3/type_name") == "String");
    CHECK(full.at("/results/0/metadata/categories/4200_7/multi_value").as_bool());
    CHECK(full.string("/results/0/metadata_order/categories/0") == "4200");
}

TEST_CASE("values must fit their attribute", "[sandbox][content_server]") {
    client c;
    const auto id = fresh(c);
    const std::string base = node(id) + "/categories";
    REQUIRE(c.form("POST", base, {{"category_id", "4300"}}).status == 200);
    const auto put = [&](const json::value& v) { return c.body("PUT", base + "/4300/", v); };
    CHECK(put({{"4300_3", "2026-12-31"}}).status == 200);
    CHECK(put({{"4300_3", "next year"}}).status == 400);
    CHECK(put({{"4300_4", {"DE", "FR"}}}).status == 200);
    CHECK(put({{"4300_4", {"DE", "Atlantis"}}}).status == 400);
    CHECK(c.get(base + "/4300/").size("/results/data/categories/4300_4") == 2);
    CHECK(put({{"4300_6", "maybe"}}).status == 400);
    CHECK(put({{"4300_2", std::string(255, 'x')}}).status == 400);
    const auto unknown = put({{"4300_99", "x"}});
    CHECK(unknown.status == 400);
    CHECK_THAT(unknown.error(), Catch::Contains("non-matching attribute ('4300_99') was found"));
    SECTION("repeated flat fields and Python booleans") {
        CHECK(
            c.form("PUT", base + "/4300", {{"4300_4", "AT"}, {"4300_4", "CH"}, {"4300_6", "True"}})
                .status == 200);
        const auto a = c.get(base + "/4300/");
        CHECK(a.string("/results/data/categories/4300_4/1") == "CH");
        CHECK(a.at("/results/data/categories/4300_6").as_bool());
    }
    SECTION("an emptied value is null") {
        CHECK(put({{"4300_3", ""}}).status == 200);
        CHECK(c.get(base + "/4300/").at("/results/data/categories/4300_3").is_null());
    }
}

TEST_CASE("sets have rows that are added and removed", "[sandbox][content_server]") {
    client c;
    const auto id = fresh(c);
    const std::string base = node(id) + "/categories";
    REQUIRE(c.body("POST", base,
                   {{"category_id", 4400},
                    {"4400_3_1_4", "Lena"},
                    {"4400_3_1_5", "Approved"},
                    {"4400_3_2_4", "Ben"},
                    {"4400_3_2_5", "Rejected"}})
                .status == 200);
    CHECK(c.get(base).string("/results/0/data/categories/4400_3_2_4") == "Ben");
    CHECK(c.body("PUT", base + "/4400/", {{"4400_3_1", ""}}).status == 200);
    const auto a = c.get(base + "/4400/");
    CHECK(a.string("/results/data/categories/4400_3_1_4") == "Ben");
    CHECK_FALSE(a.at("/results/data/categories").as_object().contains("4400_3_2_4"));
    CHECK(c.body("PUT", base + "/4400/", {{"4400_3_21_4", "too many"}}).status == 400);
}

TEST_CASE("an old category token is an edit conflict", "[sandbox][content_server]") {
    client c;
    const auto id = fresh(c);
    const std::string base = node(id) + "/categories";
    c.form("POST", base, {{"category_id", "4200"}});
    const auto form = c.get("/api/v1/forms/nodes/categories/update?id=" + std::to_string(id) +
                            "&category_id=4200");
    REQUIRE(form.status == 200);
    const auto token = form.string("/forms/0/data/4200_1/metadata_token");
    const auto change = [&](const std::string& with) {
        return c.body("PUT", base + "/4200/",
                      {{"4200_2", "x"}, {"4200_1", {{"metadata_token", with}}}});
    };
    const auto first = change(token);
    CHECK(first.status == 200);
    const auto late = change(token);
    CHECK(late.status == 409);
    CHECK(late.error() == "Could not update metadata (edit conflict).");
    CHECK(change(first.string("/state/categories/4200_1/metadata_token")).status == 200);
}

TEST_CASE("forms show the rules of a category", "[sandbox][content_server]") {
    client c;
    const auto id = fresh(c);
    const auto form = c.get("/api/v1/forms/nodes/categories/create?id=" + std::to_string(id) +
                            "&category_id=4300");
    CHECK(form.string("/forms/0/schema/properties/4300_3/format") == "date");
    CHECK(form.size("/forms/0/schema/properties/4300_5/enum") == 5);
    CHECK(c.get("/api/v1/forms/nodes/categories/create?id=" + std::to_string(id)).status == 400);
}

TEST_CASE("inherited categories reach new children", "[sandbox][content_server]") {
    client c;
    const auto id = fresh(c);
    const std::string base = node(id) + "/categories";
    c.body("POST", base, {{"category_id", 4200}, {"4200_2", "C-77"}});
    REQUIRE(c.form("POST", base + "/4200/inheritance", {}).status == 200);
    const auto child = c.create(0, id, "Child");
    CHECK(c.get(node(child) + "/categories").string("/results/0/data/categories/4200_2") == "C-77");
    CHECK(c.del(base + "/4200/inheritance").status == 200);
    const auto other = c.create(0, id, "Other");
    CHECK(c.get(node(other) + "/categories").size("/results") == 0);
}

TEST_CASE("changing a category needs the right to", "[sandbox][content_server]") {
    client c;
    const auto id = fresh(c);
    c.log_in("guest", "guest-pass");
    CHECK(c.form("POST", node(id) + "/categories", {{"category_id", "4200"}}).status == 500);
    CHECK(c.get(node(99999) + "/categories").status == 500);
}
