// SPDX-License-Identifier: Apache-2.0
#include "iconik_fixture.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::test;

TEST_CASE("iconik asks for both headers and the right application", "[sandbox][iconik]") {
    iconik_stage s;
    CHECK(s.client.get("/API/users/v1/users/current/").json().at("first_name") == "Mortise");
    http_client nobody(s.server.base_url());
    const http_answer refused = nobody.get("/API/users/v1/users/current/");
    CHECK(refused.status == 401);
    CHECK(refused.json().at("errors").as_array().size() == 1);
    CHECK(s.as("wrong").get("/API/users/v1/users/current").status == 401);
    http_client other(s.server.base_url(),
                      {{"App-ID", "another"}, {"Auth-Token", iconik_seed::admin_token}});
    CHECK(other.get("/API/users/v1/users/current/").status == 401);
    s.play("expire-tokens", {{"user", "integration"}});
    CHECK(s.client.get("/API/users/v1/users/current/").status == 401);
}

TEST_CASE("iconik signs people in and lets tokens expire", "[sandbox][iconik]") {
    iconik_stage s;
    const json::object good{{"email", "editor@nordlicht.example"},
                            {"password", iconik_seed::password}};
    const json::value token = s.client.post("/API/auth/v1/auth/simple/login/", good).json();
    const std::string text_token = text(token.at("auth_system_domains").at(0).at("token"));
    http_client editor = s.as(text_token.c_str());
    CHECK(editor.get("/API/auth/v1/auth/token/").status == 200);
    s.advance(31 * 86'400);
    CHECK(editor.get("/API/auth/v1/auth/token/").status == 401);
    const json::object wrong{{"email", "editor@nordlicht.example"}, {"password", "x"}};
    CHECK(s.client.post("/API/auth/v1/auth/simple/login/", wrong).status == 400);
}

TEST_CASE("iconik counts requests down and refuses those over the limit", "[sandbox][iconik]") {
    emulator_options o;
    o.rate_limit = 2;
    iconik_stage s(o);
    CHECK(s.client.get("/API/auth/v1/auth/token/").header("ratelimit-remaining") == "1");
    CHECK(s.client.get("/API/auth/v1/auth/token/").header("ratelimit-remaining") == "0");
    const http_answer refused = s.client.get("/API/auth/v1/auth/token/");
    CHECK(refused.status == 429);
    CHECK(refused.header("retry-after") == "20");
    s.advance(20);
    CHECK(s.client.get("/API/auth/v1/auth/token/").status == 200);
}

TEST_CASE("an asset is made, changed, deleted, restored and purged", "[sandbox][iconik]") {
    iconik_stage s;
    const http_answer made =
        s.client.post("/API/assets/v1/assets", {{"title", "New"}, {"external_id", "E-1"}});
    REQUIRE(made.status == 201);
    CHECK(made.json().at("versions").at(0).at("version_number") == 1);
    const std::string path = "/API/assets/v1/assets/" + text(made.json().at("id")) + "/";
    CHECK(s.client.patch(path, {{"title", "Newer"}}).json().at("title") == "Newer");
    CHECK(s.client.put(path, json::object{}).status == 400);
    const http_answer deleted = s.client.del(path);
    CHECK(deleted.status == 204);
    CHECK(deleted.body.empty());
    CHECK(s.client.get(path).json().at("status") == "DELETED");
    CHECK(s.client.get("/API/assets/v1/delete_queue/assets/").json().at("total") == 1);
    CHECK(s.client.put(path + "restore/", nullptr).status == 204);
    CHECK(s.client.get(path).json().at("status") == "ACTIVE");
    CHECK(s.client.del(path + "purge/").status == 204);
    const http_answer gone = s.client.get(path);
    CHECK(gone.status == 404);
    CHECK(gone.json().at("errors").at(0) == "Asset does not exist");
}

TEST_CASE("a body without the required title is refused by field", "[sandbox][iconik]") {
    iconik_stage s;
    const http_answer refused = s.client.post("/API/assets/v1/assets/", json::object{});
    CHECK(refused.status == 400);
    CHECK(refused.json().at("errors").at("title").is_array());
    CHECK(s.client.send("POST", "/API/assets/v1/assets/", "{broken").status == 400);
    const json::object type{{"title", "x"}, {"type", "BLOB"}};
    CHECK(s.client.post("/API/assets/v1/assets/", type)
              .json()
              .at("errors")
              .as_object()
              .contains("type"));
}

TEST_CASE("versions come newest first, and promoting changes the order", "[sandbox][iconik]") {
    iconik_stage s;
    const std::string path = asset_path("logo");
    const http_answer made = s.client.post(path + "versions/", json::object{});
    REQUIRE(made.status == 200);
    const json::value versions = made.json().at("versions");
    CHECK(versions.at(0).at("version_number") == 2);
    const std::string old = text(versions.at(1).at("id"));
    CHECK(s.client.put(path + "versions/" + old + "/promote/", nullptr).status == 204);
    CHECK(s.client.get(path).json().at("versions").at(0).at("id") == old.c_str());
    CHECK(s.client.put(path + "versions/none/promote/", nullptr).status == 404);
    CHECK(s.client.get(path + "history/").json().at("objects").at(0).at("operation_type") ==
          "VERSION_PROMOTE");
}

TEST_CASE("lists come in pages with relative addresses and end with 404", "[sandbox][iconik]") {
    iconik_stage s;
    std::size_t seen = 0;
    std::string next = "/API/assets/v1/assets/?per_page=5&sort=title,asc";
    while (!next.empty()) {
        const json::value page = s.client.get(next).json();
        seen += page.at("objects").as_array().size();
        CHECK(page.at("total") == 12);
        CHECK(page.at("pages") == 3);
        next = page.at("next_url").is_null() ? "" : text(page.at("next_url"));
        CHECK((next.empty() || next.starts_with("/API/assets/v1/assets/?page=")));
    }
    CHECK(seen == 12);
    CHECK(s.client.get("/API/assets/v1/assets/?page=4&per_page=5").status == 404);
    CHECK(s.client.get("/API/assets/v1/assets/?per_page=1001").status == 400);
    const json::value fields = s.client.get("/API/metadata/v1/fields/?per_page=2").json();
    const std::string last = text(fields.at("objects").at(1).at("name"));
    const json::value after =
        s.client.get("/API/metadata/v1/fields/?per_page=2&last_field_name=" + last).json();
    CHECK(after.at("objects").at(0).at("name") == "project_id");
    const json::value first = s.client.get("/API/assets/v1/assets/?scroll=true&per_page=8").json();
    const std::string scroll = text(first.at("scroll_id"));
    const json::value rest =
        s.client.get("/API/assets/v1/assets/?per_page=8&scroll_id=" + scroll).json();
    CHECK(rest.at("objects").as_array().size() == 4);
    CHECK(s.client.get("/API/assets/v1/assets/?scroll_id=unknown").status == 404);
}

TEST_CASE("collections hold assets and collections", "[sandbox][iconik]") {
    iconik_stage s;
    const std::string spring = iconik_seed::id("collection/spring-launch");
    const std::string base = "/API/assets/v1/collections/";
    const json::value contents = s.client.get(base + spring + "/contents/").json();
    CHECK(contents.at("total") == 6);
    CHECK(contents.at("objects").at(0).at("object_type") == "assets");
    CHECK(s.client.get(base + spring + "/full/path/").json() == "Campaigns/Spring Launch 2026");

    const json::value made =
        s.client.post(base, {{"title", "Outtakes"}, {"parent_id", spring}}).json();
    const std::string id = text(made.at("id"));
    CHECK(made.at("parent_id") == spring.c_str());
    const std::string logo = iconik_seed::id("asset/logo");
    const json::object entry{{"object_type", "assets"}, {"object_id", logo}};
    CHECK(s.client.post(base + id + "/contents/", entry).status == 201);
    s.advance(1);
    CHECK(s.client.get(base + id + "/contents/").json().at("total") == 1);
    CHECK(s.client.del(base + id + "/contents/assets/" + logo + "/").status == 204);
    CHECK(s.client.del(base + id + "/contents/assets/" + logo + "/").status == 404);
    const json::object itself{{"object_type", "collections"}, {"object_id", spring}};
    CHECK(s.client.post(base + id + "/contents/", itself).status == 400);
    CHECK(s.client.del(base + id).status == 202);
}

TEST_CASE("rights come from roles and from access lists", "[sandbox][iconik]") {
    iconik_stage s;
    http_client viewer = s.as(iconik_seed::viewer_token);
    CHECK(viewer.get(asset_path("logo")).status == 200);
    CHECK(viewer.patch(asset_path("logo"), {{"title", "x"}}).status == 403);

    const std::string logo = iconik_seed::id("asset/logo");
    http_client admin = s.as(iconik_seed::admin_token);
    const std::string acl = "/API/acls/v1/acl/assets/" + logo + "/";
    const json::object hide{{"object_keys", {logo}},
                            {"group_ids", {iconik_seed::id("group/everyone")}}};
    CHECK(admin
              .send("DELETE", "/API/acls/v1/acl/assets/", json::serialize(hide),
                    {{"Content-Type", "application/json"}})
              .status == 200);
    s.advance(1);
    CHECK(viewer.get(asset_path("logo")).status == 403);
    CHECK(viewer.get("/API/assets/v1/assets/").json().at("total") == 11);
    CHECK(viewer.get(acl + "read/").status == 403);
    CHECK(admin.get(asset_path("logo")).status == 200);
    const json::object show{{"object_keys", {logo}},
                            {"permissions", {"read"}},
                            {"user_ids", {iconik_seed::id("user/viewer")}}};
    CHECK(admin.put("/API/acls/v1/acl/assets/", show).status == 200);
    CHECK(viewer.get(asset_path("logo")).status == 200);
    const json::object wrong{{"object_keys", {logo}}, {"permissions", {"fly"}}};
    CHECK(admin.put("/API/acls/v1/acl/assets/", wrong).status == 400);
}

TEST_CASE("reviewers vote on a version, and disagree", "[sandbox][iconik]") {
    iconik_stage s;
    const std::string path = asset_path("teaser") + "approvals/";
    CHECK(s.client.get(path + "request/").status == 404);
    CHECK(s.client.put(path, {{"status", "APPROVED"}}).status == 404);
    const json::object ask{
        {"users", {iconik_seed::id("user/legal"), iconik_seed::id("user/editor")}},
        {"min_number", 2}};
    REQUIRE(s.client.post(path + "request/", ask).status == 201);
    http_client legal = s.as(iconik_seed::legal_token);
    http_client editor = s.as(iconik_seed::editor_token);
    const auto status = [&] { return text(s.client.get(path + "request/").json().at("status")); };
    CHECK(legal.put(path, {{"status", "APPROVED"}}).status == 200);
    CHECK(status() == "REQUESTED");
    CHECK(editor.put(path, {{"status", "NOT_APPROVED"}}).status == 200);
    CHECK(status() == "MIXED");
    CHECK(editor.put(path, {{"status", "APPROVED"}}).status == 200);
    CHECK(status() == "APPROVED");
    CHECK(s.client.get(path).json().at("total") == 2);
    CHECK(editor.put(path, {{"status", "PERHAPS"}}).status == 400);
    // A new version needs a new approval.
    REQUIRE(s.client.post(asset_path("teaser") + "versions/", json::object{}).status == 200);
    CHECK(s.client.get(path + "request/").status == 404);
}

TEST_CASE("segments and relations of an asset", "[sandbox][iconik]") {
    iconik_stage s;
    const std::string path = asset_path("teaser") + "segments/";
    const json::object comment{{"segment_type", "COMMENT"},
                               {"segment_text", "too loud"},
                               {"time_start_milliseconds", 1500},
                               {"time_end_milliseconds", 2000}};
    const json::value made = s.client.post(path, comment).json();
    CHECK(s.client.get(path + "?segment_type=COMMENT").json().at("total") == 1);
    CHECK(s.client.get(path + "?segment_type=MARKER").json().at("total") == 0);
    CHECK(s.client.get(path + "vtt/").body ==
          "WEBVTT\n\n00:00:01.500 --> 00:00:02.000\ntoo loud\n");
    CHECK(s.client.post(path, {{"segment_text", "no type"}}).status == 400);
    CHECK(s.client.del(path + text(made.at("id")) + "/").status == 204);

    const std::string relations = asset_path("teaser") + "relations/";
    const json::object relation{{"related_to_asset_id", iconik_seed::id("asset/logo")},
                                {"relation_type", "related"}};
    CHECK(s.client.post(relations, relation).status == 201);
    CHECK(s.client.post(relations, relation).status == 200);
    const json::value related = s.client.get(relations).json();
    CHECK(related.at("total") == 1);
    CHECK(related.at("objects").at(0).at("title") == "Nordlicht Logo");
    const json::object unknown{{"related_to_asset_id", iconik_seed::id("asset/logo")},
                               {"relation_type", "cousin"}};
    CHECK(s.client.post(relations, unknown).status == 400);
}
