// SPDX-License-Identifier: Apache-2.0
#include "bridge.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace iconik_test;
using mortise::category;

namespace {

const std::string hero = seed::id("asset/hero-film");

json::value acl(const char* mode, json::array permissions, json::object who) {
    who["object_id"] = hero;
    who["mode"] = mode;
    who["permissions"] = std::move(permissions);
    return json::value(std::move(who));
}

std::string entry(const json::value& list, const char* key, const char* name) {
    for (const auto& e : list.as_array()) {
        if (e.as_object().contains(key) && e.at(key) == name)
            return mortise::serialize_json(e.at("permissions"));
    }
    return "none";
}

} // namespace

TEST_CASE("iconik: rights are given, taken and replaced by name, once",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const auto groups = [&b] {
        return b.call("acls.get", json::object{{"object_id", hero}}).at("groups");
    };
    CHECK(entry(groups(), "name", "Legal") == "none");
    const json::value give =
        acl("add", {"read"},
            {{"groups", json::array{"Legal"}}, {"users", json::array{"Viewer@nordlicht.example"}}});
    CHECK(b.call("acls.set", give).at("changed") == true);
    CHECK(b.call("acls.set", give).at("changed") == false);
    CHECK(entry(groups(), "name", "Legal") == "[\"read\"]");
    const auto users = b.call("acls.get", json::object{{"object_id", hero}}).at("users");
    CHECK(entry(users, "email", "viewer@nordlicht.example") == "[\"read\"]");

    const json::value more = acl("add", {"write"}, {{"groups", json::array{"Legal"}}});
    b.call("acls.set", more);
    CHECK(entry(groups(), "name", "Legal") == "[\"read\",\"write\"]");
    const json::value less = acl("remove", {"read"}, {{"groups", json::array{"Legal"}}});
    CHECK(b.call("acls.set", less).at("changed") == true);
    CHECK(entry(groups(), "name", "Legal") == "[\"write\"]");
    const json::value gone = acl("remove", {"write"}, {{"groups", json::array{"Legal"}}});
    CHECK(b.call("acls.set", gone).at("changed") == true);
    CHECK(b.call("acls.set", gone).at("changed") == false);
    CHECK(entry(groups(), "name", "Legal") == "none");

    const json::value only =
        acl("replace", {"read", "change-acl"}, {{"groups", json::array{"Legal", "Integrations"}}});
    CHECK(b.call("acls.set", only).at("changed") == true);
    CHECK(b.call("acls.set", only).at("changed") == false);
    CHECK(groups().as_array().size() == 2);
}

TEST_CASE("iconik: rights for nobody, of an unknown kind or for an unknown group write nothing",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const auto refused = [&b](const json::value& input, const char* words) {
        const auto e = b.failure("acls.set", input);
        CHECK(e.category == category::input);
        INFO(e.message);
        CHECK(e.message.find(words) != std::string::npos);
    };
    refused(acl("add", {"read"}, {}), "Neither groups nor users");
    refused(acl("add", {"fly"}, {{"groups", json::array{"Legal"}}}), "\"fly\"");
    refused(acl("add", {}, {{"groups", json::array{"Legal"}}}), "empty");
    refused(acl("add", {"read"}, {{"groups", json::array{"Legal", "Lawyers"}}}), "\"Lawyers\"");
    refused(acl("add", {"read"}, {{"users", json::array{"nobody@example.org"}}}),
            "nobody@example.org");
    const auto& all = b.host.http().requests();
    CHECK(std::all_of(all.begin(), all.end(), [](const auto& r) { return r.method == "GET"; }));
}

TEST_CASE("iconik: a share is made, known again, listed and revoked",
          "[plugins][iconik][sandbox]") {
    bridged b;
    json::object input{{"object_id", hero},
                       {"title", "For the agency"},
                       {"expires_at", "2031-01-01T00:00:00Z"},
                       {"allow_comments", true}};
    CHECK(b.call("shares.find", json::value(input)).at("found") == false);
    const auto made = b.call("shares.create", json::value(input));
    CHECK(iconik::text_at(made, "url").find("/share/") != std::string::npos);
    const auto found = b.call("shares.find", json::value(input));
    REQUIRE(found.at("found") == true);
    CHECK(found.at("result").at("id") == made.at("id"));
    input["allow_download"] = true;
    CHECK(b.call("shares.find", json::value(input)).at("found") == false);
    CHECK(b.call("shares.list", json::object{{"object_id", hero}}).at("shares").as_array().size() ==
          1);
    const json::value end = json::object{{"object_id", hero}, {"share_id", made.at("id")}};
    CHECK(b.call("shares.revoke", end).at("changed") == true);
    CHECK(b.call("shares.revoke", end).at("changed") == false);
    input["expires_at"] = "tomorrow";
    CHECK(b.failure("shares.create", json::value(input)).category == category::input);
}

TEST_CASE("iconik: people and groups are found by address and name", "[plugins][iconik][sandbox]") {
    bridged b;
    const auto user = b.call("users.find", json::object{{"email", "LEGAL@nordlicht.example"}});
    REQUIRE(user.at("found") == true);
    CHECK(user.at("user").at("id").as_string() == seed::id("user/legal"));
    CHECK(b.call("users.find", json::object{{"email", "no@example.org"}}).at("found") == false);
    CHECK(b.call("users.list").at("users").as_array().size() == 5);
    const auto group = b.call("groups.find", json::object{{"name", "Legal"}});
    REQUIRE(group.at("found") == true);
    CHECK(group.at("group").at("id").as_string() == seed::id("group/legal"));
    CHECK(b.call("groups.find", json::object{{"name", "legal"}}).at("found") == false);
    CHECK(b.call("groups.list").at("groups").as_array().size() == 4);
}

TEST_CASE("iconik: what the user has no role for is told by name", "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value input =
        json::object{{"operations", json::array{"assets.get", "assets.create", "webhooks.ensure"}}};
    CHECK(b.call("rights.check", input).at("denied").as_array().empty());
    bridged viewer;
    viewer.host.set_secret("token", seed::viewer_token);
    const auto denied = viewer.call("rights.check", input).at("denied");
    REQUIRE(denied.as_array().size() == 2);
    CHECK(denied.at(0).at("operation") == "assets.create");
    CHECK(iconik::text_at(denied.at(0), "why").find("can_create_assets") != std::string::npos);
    bridged admin;
    admin.host.set_secret("token", seed::admin_token);
    CHECK(admin.call("rights.check", input).at("denied").as_array().empty());
}

TEST_CASE("iconik: jobs are read and listed", "[plugins][iconik][sandbox]") {
    bridged b;
    b.call("assets.archive", json::object{{"asset_id", hero}});
    const auto jobs =
        b.call("jobs.list", json::object{{"object_id", hero}, {"type", "ARCHIVE"}}).at("jobs");
    REQUIRE(jobs.as_array().size() == 1);
    const json::value which = json::object{{"job_id", jobs.at(0).at("id")}};
    CHECK(b.call("jobs.get", which).at("status") == "READY");
    b.wait();
    CHECK(b.call("jobs.get", which).at("status") == "FINISHED");
    CHECK(b.failure("jobs.get", json::object{{"job_id", "none"}}).category == category::not_found);
}

TEST_CASE("iconik: an approval shows its votes, and is withdrawn once",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value which = json::object{{"asset_id", hero}};
    CHECK(b.call("approvals.get", which).at("votes").as_array().empty());
    b.people("reject-asset", {{"asset", "hero-film"}});
    const auto got = b.call("approvals.get", which);
    REQUIRE(got.at("votes").as_array().size() == 1);
    CHECK(got.at("votes").at(0).at("user").as_string() == seed::id("user/legal"));
    CHECK(got.at("votes").at(0).at("status") == "NOT_APPROVED");
    const auto out = b.call("approvals.withdraw", which);
    CHECK(out.at("changed") == true);
    CHECK(out.at("withdrawn").at("status") == "NOT_APPROVED");
    CHECK(b.call("approvals.withdraw", which).at("changed") == false);
    CHECK(b.call("approvals.get", which).at("found") == false);
    CHECK(b.failure("approvals.withdraw", json::object{{"asset_id", "nobody"}}).category ==
          category::not_found);
}

TEST_CASE("iconik: comments are listed, changed and deleted", "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value which = json::object{{"asset_id", hero}};
    const auto comments = b.call("comments.list", which).at("comments");
    REQUIRE(comments.as_array().size() == 1);
    CHECK(comments.at(0).at("text") == "The logo comes two frames early.");
    CHECK(comments.at(0).at("time_start_ms") == 4200);
    CHECK(comments.at(0).at("done") == false);
    json::object change{{"asset_id", hero}, {"comment_id", comments.at(0).at("id")}};
    CHECK(b.failure("comments.update", json::value(change)).category == category::input);
    change["done"] = true;
    CHECK(b.call("comments.update", json::value(change)).at("done") == true);
    const json::value gone =
        json::object{{"asset_id", hero}, {"comment_id", comments.at(0).at("id")}};
    CHECK(b.call("comments.delete", gone).at("changed") == true);
    CHECK(b.call("comments.delete", gone).at("changed") == false);
    CHECK(b.call("comments.list", which).at("comments").as_array().empty());
}

TEST_CASE("iconik: markers are added, known again and listed", "[plugins][iconik][sandbox]") {
    bridged b;
    json::object marker{{"asset_id", hero},
                        {"type", "MARKER"},
                        {"text", "Logo"},
                        {"time_start_ms", 100},
                        {"time_end_ms", 200}};
    CHECK(b.call("segments.find", json::value(marker)).at("found") == false);
    b.call("segments.add", json::value(marker));
    CHECK(b.call("segments.find", json::value(marker)).at("found") == true);
    const json::value markers = json::object{{"asset_id", hero}, {"type", "MARKER"}};
    CHECK(b.call("segments.list", markers).at("segments").as_array().size() == 1);
    marker["time_end_ms"] = 50;
    CHECK(b.failure("segments.add", json::value(marker)).category == category::input);
}

TEST_CASE("iconik: a custom action is made once and mended when it points elsewhere",
          "[plugins][iconik][sandbox]") {
    bridged b;
    b.host.set_secret("hook", "very-secret-hook-text");
    json::object input{{"title", "Send to workspace"},
                       {"context", "ASSET"},
                       {"url", "https://mortise.example/hooks/dam"},
                       {"metadata_view", "Rights"}};
    const auto made = b.call("custom_actions.ensure", json::value(input));
    CHECK(made.at("changed") == true);
    CHECK(mortise::serialize_json(made).find("very-secret") == std::string::npos);
    CHECK(b.call("custom_actions.ensure", json::value(input)).at("changed") == false);
    input["url"] = "https://mortise.example/hooks/other";
    const auto moved = b.call("custom_actions.ensure", json::value(input));
    CHECK(moved.at("changed") == true);
    CHECK(moved.at("action").at("id") == made.at("action").at("id"));
    input["metadata_view"] = "None";
    CHECK(b.failure("custom_actions.ensure", json::value(input)).category == category::input);
}
