// SPDX-License-Identifier: Apache-2.0
//
// Members, permissions, classifications, holds, comments, reminders, play and control.
#include "client.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::content_server_test;

TEST_CASE("members are found by type, login and text", "[sandbox][content_server]") {
    client c;
    CHECK(c.get("/api/v2/members?where_type=0&where_name=LENA.ROTH")
              .number("/results/0/data/properties/id") == 1012);
    CHECK(c.get("/api/v2/members?where_type=1&query=review")
              .number("/collection/paging/total_count") == 3);
    CHECK(c.get("/api/v2/members?query=a&where_name=b").status == 400);
    CHECK(c.get("/api/v2/members/1101/members").string("/results/0/data/properties/name") ==
          "lena.roth");
    CHECK(c.get("/api/v2/members/1010/memberof").size("/results") == 2);
    CHECK(c.get("/api/v2/members/1010/members").status == 500); // a user
    const auto none = c.get("/api/v2/members/4711");
    CHECK(none.status == 500);
    CHECK(none.error() == "Could not get a member for 4711");
}

TEST_CASE("administrators manage users and groups", "[sandbox][content_server]") {
    client c;
    CHECK(c.body("POST", "/api/v2/members", {{"type", 0}, {"name", "x"}}).status == 403);
    c.log_in("Admin", "admin-pass");
    const auto user =
        c.body("POST", "/api/v2/members",
               {{"type", 0}, {"name", "new.user"}, {"password", "p"}, {"group_id", 1001}});
    REQUIRE(user.status == 200);
    const auto id = user.number("/results/data/properties/id");
    CHECK(c.body("POST", "/api/v2/members", {{"type", 0}, {"name", "NEW.user"}}).status == 400);
    CHECK(c.form("POST", "/api/v2/members/1101/members", {{"member_id", std::to_string(id)}})
              .status == 200);
    c.log_in("new.user", "p");
    c.log_in("Admin", "admin-pass");
    CHECK(c.del("/api/v2/members/" + std::to_string(id)).status == 200);
    CHECK(c.get("/api/v2/members/" + std::to_string(id)).status == 500);
}

TEST_CASE("favourites and recent items are personal", "[sandbox][content_server]") {
    client c;
    CHECK(c.form("POST", "/api/v2/members/favorites/5001", {}).status == 200);
    CHECK(c.get("/api/v2/members/favorites").number("/results/0/data/properties/id") == 5001);
    CHECK(c.get(node(5001)).at("/results/data/properties/favorite").as_bool());
    CHECK(c.get("/api/v2/members/accessed").number("/results/0/data/properties/id") == 5001);
    CHECK(c.del("/api/v2/members/favorites/5001").status == 200);
    CHECK(c.del("/api/v2/members/favorites/5001").status == 404);
}

TEST_CASE("permissions decide what the user of the ticket may do", "[sandbox][content_server]") {
    client c;
    const auto id = c.create(0, 5000, "Guarded");
    const std::string base = node(id) + "/permissions";
    CHECK(c.get(base).string("/results/0/data/permissions/type") == "owner");
    const auto as_guest = [&](const auto& fn) {
        c.log_in("guest", "guest-pass");
        fn();
        c.log_in("integration", "integration-pass");
    };
    as_guest([&] { CHECK(c.body("PUT", node(id), {{"description", "x"}}).status == 400); });
    CHECK(c.body("POST", base + "/custom", {{"right_id", 1015}, {"permissions", {"modify"}}})
              .status == 200);
    CHECK(c.body("POST", base + "/custom", {{"right_id", 1015}, {"permissions", {"see"}}}).status ==
          400);
    as_guest([&] {
        CHECK(c.body("PUT", node(id), {{"description", "x"}}).status == 200);
        CHECK(c.del(node(id)).status == 500);
        CHECK(c.del(base + "/public").status == 500);
    });
    CHECK(c.get(base + "/effective/1015").size("/results/data/permissions/permissions") == 3);
    CHECK(c.del(base + "/custom/1015").status == 200);
    CHECK(c.del(base + "/group").status == 200);
    CHECK(c.del(base + "/public").status == 200);
    as_guest([&] { CHECK(c.get(node(id)).status == 400); });
    CHECK(c.body("PUT", base + "/public", {{"permissions", {"see", "fly"}}}).status == 400);
    CHECK(c.body("PUT", base + "/public", {{"permissions", {"see"}}, {"apply_to", 2}}).status ==
          200);
    const auto link = c.create(140, id, "Link", {{"url", "https://x.example"}});
    CHECK(c.body("PUT", node(link) + "/permissions/public",
                 {{"permissions", {"see"}}, {"apply_to", 2}})
              .status == 400);
    CHECK(c.get(base + "/dynamic").status == 403);
}

TEST_CASE("rights spread over a tree as apply_to says", "[sandbox][content_server]") {
    client c;
    const auto top = c.create(0, 5000, "Top");
    const auto mid = c.create(0, top, "Mid");
    const auto low = c.create(0, mid, "Low");
    const auto apply = GENERATE(0, 1, 2, 3);
    c.body("POST", node(top) + "/permissions/custom/bulk",
           {{"permissions_array", {{{"right_id", 1015}, {"permissions", {"delete"}}}}},
            {"apply_to", apply}});
    const auto has = [&](std::int64_t id) {
        return c.get(node(id) + "/permissions/custom/1015").status == 200;
    };
    INFO(apply);
    CHECK(has(top) == (apply != 1));
    CHECK(has(mid) == (apply != 0));
    CHECK(has(low) == (apply == 1 || apply == 2));
}

TEST_CASE("classifications are replaced as a set", "[sandbox][content_server]") {
    client c;
    const std::string base = "/api/v1/nodes/5001/classifications";
    CHECK(c.body("POST", base, {{"class_id", {9101, 9102}}}).status == 200);
    CHECK(c.get(base).size("/data") == 2);
    CHECK(c.body("POST", base, {{"class_id", {9102}}}).status == 200);
    CHECK(c.get(base).number("/data/0/id") == 9102);
    CHECK(c.body("POST", base, {{"class_id", {5000}}}).status == 400);
    CHECK(c.del(base + "/9102").status == 200);
    CHECK(c.del(base + "/9102").status == 400);
}

TEST_CASE("an active hold blocks deletion, also from above", "[sandbox][content_server]") {
    client c;
    const auto account = c.workspace("account", "A-2001");
    const auto held = c.del(node(account));
    CHECK(held.status == 500);
    CHECK_THAT(held.error(), Catch::Contains("hold"));
    CHECK(c.get(node(account)).status == 200);
    const auto file = c.document(5000, "held.txt", "1");
    const std::string holds = "/api/v1/nodes/" + std::to_string(file) + "/holds";
    CHECK(c.form("POST", holds, {{"hold_id", "9001"}}).status == 200);
    CHECK(c.form("POST", holds, {{"hold_id", "9001"}}).status == 400);
    CHECK(c.get(holds).string("/data/0/hold_name") == "Litigation Nordlicht");
    CHECK(c.del(node(file)).status == 500);
    CHECK(c.get("/api/v2/holditems/9001").number("/collection/paging/total_count") == 2);
    CHECK(c.del(holds + "/9001").status == 200);
    CHECK(c.del(node(file)).status == 200);
    CHECK(c.get("/api/v2/hold?holdname=none").status == 400);
    CHECK(c.get("/api/v2/holds").size("/results/data/holds") == 1);
}

TEST_CASE("record details need a fresh token", "[sandbox][content_server]") {
    client c;
    const auto file = c.document(5000, "record.txt", "1");
    const std::string base = "/api/v1/nodes/" + std::to_string(file) + "/rmclassifications";
    const auto token = c.get(base).string("/rm_metadataToken");
    CHECK(c.body("POST", base, {{"class_id", 9102}}).status == 400);
    CHECK(
        c.body("POST", base, {{"class_id", 9102}, {"rm_metadataToken", token}, {"official", true}})
            .status == 200);
    CHECK(c.body("PUT", base, {{"rm_metadataToken", token}, {"status", "ACTIVE"}}).status == 409);
    const auto now = c.get(base);
    CHECK(now.at("/data/0/official").as_bool());
    CHECK(c.body("PUT", base,
                 {{"rm_metadataToken", now.string("/rm_metadataToken")}, {"status", "ACTIVE"}})
              .status == 200);
}

TEST_CASE("comments are written, answered and deleted", "[sandbox][content_server]") {
    client c;
    const auto write = [&](const pairs& fields) {
        return c.form("POST", "/api/v1/pulse/statuses/update", fields);
    };
    CHECK(write({{"status", "Looks good"}, {"in_comment_on_obj_id", "5001"}})
              .number("/commentCount") == 1);
    const std::string line = "/api/v1/pulse/statuses/public_timeline?object_id=5001";
    const auto first = c.get(line);
    const auto id = first.number("/data/0/id");
    CHECK(first.string("/data/0/text") == "Looks good");
    CHECK(write({{"status", "Thanks"}, {"in_reply_to_status_id", std::to_string(id)}})
              .number("/commentCount") == 2);
    CHECK(write({{"status", std::string(1001, 'x')}, {"in_comment_on_obj_id", "5001"}}).status ==
          400);
    CHECK(write({{"status", "x"}, {"in_comment_on_obj_id", "5090"}}).status == 400);
    CHECK(c.form("PUT", "/api/v1/pulse/statuses/action",
                 {{"id", std::to_string(id)}, {"action", "like"}})
              .number("/likes") == 1);
    c.log_in("guest", "guest-pass");
    CHECK(c.del("/api/v1/pulse/statuses/destroy?id=" + std::to_string(id)).status == 400);
    c.log_in("integration", "integration-pass");
    CHECK(
        c.del("/api/v1/pulse/statuses/destroy?id=" + std::to_string(id)).number("/commentCount") ==
        0);
}

TEST_CASE("reminders are kept and completed", "[sandbox][content_server]") {
    client c;
    CHECK(c.form("POST", "/api/v2/resubmission/5001/addreminder", {{"x", "y"}}).status == 400);
    REQUIRE(c.form("POST", "/api/v2/resubmission/5001/addreminder",
                   {{"data", R"({"RSDESCRIPTION":"Check rights","PRIORITY":50})"}})
                .status == 200);
    const auto list = c.get(node(5001) + "/followups");
    const auto id = list.number("/results/followups/0/data/followup/followup_id");
    const std::string one = node(5001) + "/followups/" + std::to_string(id);
    CHECK(c.form("PUT", one, {{"status", "7"}}).status == 400);
    CHECK(c.form("PUT", one, {{"status", "2"}}).status == 200);
    CHECK(c.get(one).number("/results/data/followup/status") == 2);
}

TEST_CASE("people play their part and mistakes are explained", "[sandbox][content_server]") {
    client c;
    const auto made = c.act("create-workspace", {{"bo_type", "campaign"}, {"bo_id", "C-1003"}});
    CHECK(c.workspace("campaign", "C-1003") == made.at("id").as_int64());
    c.act("upload-document",
          {{"bo_id", "C-1003"}, {"folder", "Briefs"}, {"name", "b.txt"}, {"content", "text"}});
    CHECK(c.get(node(c.folder(made.at("id").as_int64(), "Briefs")) + "/nodes").size("/results") ==
          1);
    c.act("set-category", json::parse(R"({"bo_id":"C-1003","category":"Campaign",
        "values":{"Status":"Active"}})")
                              .as_object());
    CHECK(c.get(node(made.at("id").as_int64()) + "/categories/4200/")
              .string("/results/data/categories/4200_3") == "Active");
    CHECK_THROWS_WITH(
        c.act("set-category",
              {{"bo_id", "C-1003"}, {"category", "Nope"}, {"values", json::object()}}),
        Catch::Contains("no category"));
    CHECK_THROWS_WITH(c.act("complete-task", {{"process", 1}}), Catch::Contains("no such process"));
    CHECK_THROWS_WITH(c.act("configure", {{"colour", "blue"}}), Catch::Contains("unknown option"));
}

TEST_CASE("a fault on a route is answered once and then gone", "[sandbox][content_server]") {
    client c;
    const auto set = c.send("POST", "/__sandbox/faults",
                            R"({"kind":"reply","method":"GET","path":"/otcs/cs/api/v2/nodes/{id}",)"
                            R"("status":503,"count":1})",
                            "application/json", {});
    INFO(set.text);
    REQUIRE(set.status < 300);
    CHECK(c.get(node(2000)).status == 503);
    CHECK(c.get(node(2000)).status == 200);
}

TEST_CASE("a reset brings the seed back", "[sandbox][content_server]") {
    client c;
    const auto before = c.workspace("campaign", "C-1001");
    c.create(0, 5000, "Gone soon");
    c.system().reset();
    c.log_in("integration", "integration-pass");
    CHECK(c.get(node(5000) + "/nodes").number("/collection/paging/total_count") == 5);
    CHECK(c.workspace("campaign", "C-1001") == before);
    CHECK(c.system().problems().empty());
}
