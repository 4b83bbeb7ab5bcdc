// SPDX-License-Identifier: Apache-2.0
#include "scripted.hpp"
#include "support/catch.hpp"

using namespace iconik_test;
using mortise::category;
using mortise::testing::header_list;

namespace {

const std::string date = "2030-01-01T00:00:00.000001+00:00";

std::string approval_hook(const char* user = "u-9") {
    const json::value body =
        json::object{{"event_type", "assets"},
                     {"object_id", "a-1"},
                     {"user_id", user},
                     {"realm", "approvals"},
                     {"operation", "update"},
                     {"data", json::object{{"object_type", "assets"}, {"object_id", "a-1"}}}};
    return mortise::serialize_json(body);
}

const header_list good{{"x-mortise-secret", "hook-secret-value"}};

void script_asset(connection& c) {
    c.on("GET", "metadata/v1/views/")
        .always()
        .reply_json(
            200,
            json::object{{"objects", json::array{json::object{{"id", "view-1"}, {"name", "V"}}}}});
    c.on("GET", "assets/v1/assets/a-1/?include_collections=true")
        .always()
        .reply_json(200, json::object{{"id", "a-1"},
                                      {"title", "Film"},
                                      {"status", "ACTIVE"},
                                      {"date_created", "2020-01-01T00:00:00+00:00"},
                                      {"date_modified", "2020-01-01T00:00:00+00:00"},
                                      {"versions", json::array{json::object{{"id", "v-1"}}}}});
    c.on("GET", "metadata/v1/assets/a-1/views/view-1/").always().reply(404);
}

void script_approved(connection& c) {
    script_asset(c);
    c.on("GET", "assets/v1/assets/a-1/approvals/request/")
        .always()
        .reply_json(200, json::object{
                             {"status", "APPROVED"}, {"version_id", "v-1"}, {"change_date", date}});
}

} // namespace

TEST_CASE("iconik: a webhook with the secret is answered once its event is durable",
          "[plugins][iconik]") {
    connection c;
    script_approved(c);
    const auto reply = c.iconik.webhook("changes", good, approval_hook());
    CHECK(reply.value().at("status") == 202);
    REQUIRE(c.iconik.events().size() == 1);
    CHECK(c.iconik.events()[0].id == "approved:a-1:v-1:2030-01-01T00:00:00.000001Z");
    // Delivered again it is the same event.
    CHECK(c.iconik.webhook("changes", good, approval_hook()).value().at("status") == 202);
    for (const auto& e : c.iconik.events())
        CHECK(e.id == c.iconik.events()[0].id);
    c.iconik.close("changes");
    c.iconik.destroy();
    CHECK(c.host.violations().empty());
}

TEST_CASE("iconik: a webhook without the right secret is refused before anything is read",
          "[plugins][iconik]") {
    connection c;
    const auto headers = GENERATE(header_list{}, header_list{{"x-mortise-secret", ""}},
                                  header_list{{"x-mortise-secret", "hook-secret-valuE"}},
                                  header_list{{"x-mortise-secret", "hook-secret-value-and-more"}});
    const auto reply = c.iconik.webhook("changes", headers, approval_hook());
    REQUIRE(reply.failure);
    CHECK(reply.failure->category == category::auth);
    CHECK(reply.failure->message.find("hook-secret-value") == std::string::npos);
    CHECK(c.host.http().requests().empty());
    CHECK(c.iconik.events().empty());
}

TEST_CASE("iconik: without a secret webhooks are taken only when that is allowed in so many words",
          "[plugins][iconik]") {
    auto settings = by_token();
    settings.erase("webhook_secret");
    SECTION("not allowed") {
        connection c(settings);
        const auto reply = c.iconik.webhook("changes", {}, approval_hook());
        REQUIRE(reply.failure);
        CHECK(reply.failure->category == category::auth);
        CHECK(reply.failure->message.find("webhook_secret") != std::string::npos);
    }
    SECTION("allowed") {
        settings["allow_unauthenticated_webhooks"] = true;
        connection c(settings);
        script_approved(c);
        c.iconik.webhook("changes", {}, approval_hook()).value();
        CHECK(c.iconik.events().size() == 1);
    }
}

TEST_CASE("iconik: malformed webhooks are the sender's fault", "[plugins][iconik]") {
    connection c;
    const std::string body = GENERATE("", "{", "[]", "{}", R"({"event_type":1})");
    const auto reply = c.iconik.webhook("changes", good, body);
    REQUIRE(reply.failure);
    CHECK(reply.failure->category == category::input);
    CHECK(c.host.http().requests().empty());
}

TEST_CASE("iconik: when the object cannot be read the delivery fails so that it comes again",
          "[plugins][iconik]") {
    connection c;
    SECTION("iconik is down") {
        c.on("GET", "assets/v1/assets/a-1/?include_collections=true").reply(503);
    }
    SECTION("our token is no good: not the sender's fault") {
        c.on("GET", "assets/v1/assets/a-1/?include_collections=true").always().reply(401);
    }
    SECTION("our rights are not enough") {
        c.on("GET", "assets/v1/assets/a-1/?include_collections=true").reply(403);
    }
    const auto reply = c.iconik.webhook("changes", good, approval_hook());
    REQUIRE(reply.failure);
    CHECK(reply.failure->category == category::unavailable);
    CHECK(c.iconik.events().empty());
}

TEST_CASE("iconik: own changes are acknowledged without an event", "[plugins][iconik]") {
    auto settings = by_token();
    settings["ignore_user"] = "me";
    connection c(settings);
    CHECK(c.iconik.webhook("changes", good, approval_hook("me")).value().at("status") == 202);
    CHECK(c.host.http().requests().empty());
    CHECK(c.iconik.events().empty());
}

TEST_CASE("iconik: two webhooks about one asset at once leave one record and the same ids",
          "[plugins][iconik]") {
    connection c;
    script_approved(c);
    c.iconik.open("changes");
    const auto a = c.iconik.start_webhook("changes", good, approval_hook());
    const auto b = c.iconik.start_webhook("changes", good, approval_hook());
    c.host.run();
    REQUIRE(a.done());
    REQUIRE(b.done());
    CHECK_FALSE(a.outcome().failure);
    CHECK_FALSE(b.outcome().failure);
    REQUIRE_FALSE(c.iconik.events().empty());
    for (const auto& e : c.iconik.events())
        CHECK(e.id == "approved:a-1:v-1:2030-01-01T00:00:00.000001Z");
}
