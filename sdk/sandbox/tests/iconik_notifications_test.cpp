// SPDX-License-Identifier: Apache-2.0
#include "iconik_fixture.hpp"

using namespace mortise::sandbox;
using namespace mortise::sandbox::test;

namespace {

struct hook_stage : iconik_stage {
    webhook_receiver receiver;
    std::string path = "/API/notifications/v1/webhooks/";

    std::string add(json::object o) {
        if (!o.contains("event_type")) o["event_type"] = "assets";
        o["url"] = receiver.url();
        o["status"] = "ENABLED";
        const http_answer made = client.post(path, o);
        INFO(made.body);
        REQUIRE(made.status == 201);
        return path + text(made.json().at("id")) + "/";
    }
    // The hook's definition once its status is the wanted one.
    json::value wait_for_status(const std::string& hook, const std::string& wanted) {
        json::value got;
        for (int i = 0; i < 5000; ++i) {
            got = client.get(hook).json();
            if (got.at("status") == json::value(wanted)) break;
        }
        return got;
    }
};

} // namespace

TEST_CASE("a change is delivered in the recorded envelope with the hook's headers",
          "[sandbox][iconik]") {
    hook_stage s;
    s.add({{"realm", "metadata"}, {"headers", {{"X-Secret", "s3cret"}}}});
    s.play("set-metadata", {{"asset", "logo"}, {"values", {{"usage_rights", {"Expired"}}}}});
    const auto got = s.receiver.wait(1);
    REQUIRE(got.size() == 1);
    CHECK(got[0].header("x-secret") == "s3cret");
    const json::value event = got[0].json();
    CHECK(event.as_object().size() == 8);
    CHECK(event.at("event_type") == "assets");
    CHECK(event.at("realm") == "metadata");
    CHECK(event.at("operation") == "update");
    CHECK(event.at("object_id") == iconik_seed::id("asset/logo").c_str());
    CHECK(event.at("user_id") == iconik_seed::id("user/editor").c_str());
    CHECK(event.at("request_id").as_string().size() == 32);
    CHECK(event.at("data").at("metadata_values").as_object().contains("usage_rights"));
}

TEST_CASE("one import raises several events, filters choose among them", "[sandbox][iconik]") {
    hook_stage s;
    s.add({{"event_type", "collections"}, {"realm", "contents"}});
    s.add({{"realm", "entity"}, {"query", "operation = \"create\""}});
    s.add({{"object_id", "nothing"}});
    s.play("add-asset", {{"title", "Brand new"}});
    std::string realms;
    for (const request& r : s.receiver.wait(2))
        realms += text(r.json().at("realm")) + " ";
    CHECK((realms == "entity contents " || realms == "contents entity "));
}

TEST_CASE("approvals and versions are told", "[sandbox][iconik]") {
    hook_stage s;
    s.add({{"realm", "approvals"}, {"operation", "update"}});
    s.add({{"realm", "versions"}});
    const json::value approval = s.play("approve-asset", {{"asset", "hero-film"}});
    CHECK(approval.at("status") == "APPROVED");
    const auto first = s.receiver.wait(1);
    REQUIRE(first.size() == 1);
    CHECK(first[0].json().at("data").at("status") == "APPROVED");
    s.play("add-version", {{"asset", "logo"}});
    const auto both = s.receiver.wait(2);
    REQUIRE(both.size() == 2);
    CHECK(both[1].json().at("data").at("version_number") == 2);
}

TEST_CASE("a hook that fails is marked, tried again, and recovers", "[sandbox][iconik]") {
    hook_stage s;
    const std::string hook = s.add({{"realm", "entity"}});
    s.receiver.answer_with(500);
    REQUIRE(s.client.patch(asset_path("logo"), {{"title", "a"}}).status == 200);
    const json::value failing = s.wait_for_status(hook, "FAILING");
    CHECK(failing.at("last_error") == "HTTP status 500");
    CHECK(failing.at("first_failed_at").is_string());
    CHECK(text(failing.at("last_payload")).find("\"realm\":\"entity\"") != std::string::npos);
    s.receiver.answer_with(200);
    s.advance(2);
    CHECK(s.receiver.wait(2).size() == 2);
    CHECK(s.wait_for_status(hook, "ENABLED").at("last_error").is_null());
}

TEST_CASE("a wrong hook is refused", "[sandbox][iconik]") {
    hook_stage s;
    const auto refused = [&](const json::object& o, const char* field) {
        const http_answer a = s.client.post(s.path, o);
        CHECK(a.status == 400);
        CHECK(a.json().at("errors").as_object().contains(field));
    };
    refused({{"event_type", "assets"}, {"status", "ENABLED"}}, "url");
    refused({{"event_type", "assets"}, {"status", "ENABLED"}, {"url", "mail:x"}}, "url");
    refused({{"event_type", "assets"}, {"status", "ON"}, {"url", "http://x/"}}, "status");
    refused(
        {{"event_type", "assets"}, {"status", "ENABLED"}, {"url", "http://x/"}, {"query", "a ="}},
        "query");
    CHECK(s.client.get(s.path + "none/").status == 404);
}

TEST_CASE("a custom action carries a token of the person who clicked", "[sandbox][iconik]") {
    hook_stage s;
    const json::value action = s.client
                                   .post("/API/assets/v1/custom_actions/BULK/",
                                         {{"title", "Send"}, {"url", s.receiver.url("/action")}})
                                   .json();
    s.play("run-custom-action", {{"action", action.at("id")},
                                 {"asset_ids", {iconik_seed::id("asset/logo")}},
                                 {"user", "editor"}});
    const auto got = s.receiver.wait(1);
    REQUIRE(got.size() == 1);
    const json::value payload = got[0].json();
    CHECK(payload.at("context") == "BULK");
    CHECK(payload.at("asset_ids").as_array().size() == 1);
    CHECK(text(payload.at("date_created")).find('+') == std::string::npos);
    http_client as_editor = s.as(payload.at("auth_token").as_string().c_str());
    CHECK(as_editor.get("/API/users/v1/users/current/").json().at("first_name") == "Emil");
    const json::object no_url{{"title", "x"}};
    CHECK(s.client.post("/API/assets/v1/custom_actions/BULK/", no_url).status == 400);
}

TEST_CASE("reset brings the seed back", "[sandbox][iconik]") {
    hook_stage s;
    s.add({});
    s.play("delete-asset", {{"asset", "logo"}});
    REQUIRE(s.client.post("/__sandbox/reset", nullptr).status == 204);
    CHECK(s.client.get(s.path).json().at("objects").as_array().empty());
    CHECK(s.client.get(asset_path("logo")).json().at("status") == "ACTIVE");
    CHECK(s.client.get("/__sandbox").json().at("problems").as_array().empty());
}
