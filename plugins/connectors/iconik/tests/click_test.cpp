// SPDX-License-Identifier: Apache-2.0
#include "bridge.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace iconik_test;
using mortise::category;

namespace {

const std::string hero = seed::id("asset/hero-film");
const std::string logo = seed::id("asset/logo");
const mortise::testing::header_list good{{"x-mortise-secret", "hook"}};

json::object click_on(bridged& b, json::array assets) {
    const auto made =
        b.call("custom_actions.ensure", json::object{{"title", "Send to workspace"},
                                                     {"context", "BULK"},
                                                     {"url", "https://mortise.example/hooks/dam"}});
    return json::object{
        {"user_id", seed::id("user/editor")},
        {"system_domain_id", "d"},
        {"context", "BULK"},
        {"action_id", made.at("action").at("id")},
        {"asset_ids", std::move(assets)},
        {"collection_ids", json::array{}},
        {"saved_search_ids", json::array{}},
        {"metadata_view_id", nullptr},
        {"metadata_values",
         json::object{{"note", json::object{{"field_values",
                                             json::array{json::object{{"value", "soon"}}}}}}}},
        {"date_created", "2030-01-02T10:22:10.316685"},
        {"auth_token", "a-token-of-the-person"}};
}

mortise::testing::call_outcome send(bridged& b, const json::object& body) {
    return b.iconik.webhook("changes", good, mortise::serialize_json(json::value(body)));
}

} // namespace

TEST_CASE("iconik: a click on a custom action is one event for each object, with who and what",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::object body = click_on(b, {logo, hero, logo});
    CHECK(send(b, body).value().at("status") == 202);
    const auto events = b.news();
    REQUIRE(events.size() == 2);
    const auto& e = events[0];
    CHECK(e.type == "iconik.custom-action");
    CHECK(e.subject == logo);
    CHECK(e.data.at("action") == "Send to workspace");
    CHECK(e.data.at("user_email") == "editor@nordlicht.example");
    CHECK(e.data.at("context") == "BULK");
    CHECK(e.data.at("values").at("note") == json::value(json::array{"soon"}));
    CHECK(mortise::serialize_json(e.data).find("a-token") == std::string::npos);
    // Delivered again it is the same click; another second is another one.
    send(b, body);
    CHECK(b.news().empty());
    json::object later = body;
    later["date_created"] = "2030-01-02T10:22:11.316685";
    send(b, later);
    CHECK(b.news().size() == 2);
}

TEST_CASE("iconik: a click without the secret or with broken ids is refused",
          "[plugins][iconik][sandbox]") {
    bridged b;
    json::object body = click_on(b, {logo});
    const auto text = mortise::serialize_json(json::value(body));
    CHECK(b.iconik.webhook("changes", {}, text).failure->category == category::auth);
    body["asset_ids"] = json::array{"../../users"};
    CHECK(send(b, body).failure->category == category::input);
    CHECK(b.news().empty());
}

TEST_CASE("iconik: a click on nothing is still told", "[plugins][iconik][sandbox]") {
    bridged b;
    json::object body = click_on(b, {});
    body["context"] = "NONE";
    send(b, body);
    const auto events = b.news();
    REQUIRE(events.size() == 1);
    CHECK(events[0].data.at("object_type") == "none");
}

TEST_CASE("iconik: a comment is an event once, told by webhook or found by the poll",
          "[plugins][iconik][sandbox]") {
    const bool watched = GENERATE(true, false);
    bridged b(json::object{{"watch_comments", watched}, {"recheck_per_poll", 100}});
    b.poll();
    b.news();
    const auto comment = b.people(
        "add-comment", {{"asset", "hero-film"}, {"text", "Zu laut"}, {"time_start_ms", 5}});
    b.wait();
    if (watched) {
        b.poll();
        const auto events = b.news();
        const auto found = std::find_if(events.begin(), events.end(), [](const auto& e) {
            return e.type == "iconik.comment.added";
        });
        REQUIRE(found != events.end());
        CHECK(found->subject == hero);
        CHECK(found->data.at("text") == "Zu laut");
        CHECK(found->data.at("time_start_ms") == 5);
        CHECK(found->data.at("user_id").as_string() == seed::id("user/legal"));
    }
    b.hook("assets", "segments", "create",
           {{"id", comment.at("id")}, {"asset_id", hero}, {"segment_type", "COMMENT"}});
    const auto told = b.news();
    const auto comments = std::count_if(
        told.begin(), told.end(), [](const auto& e) { return e.type == "iconik.comment.added"; });
    CHECK(comments == (watched ? 0 : 1));
}

TEST_CASE("iconik: markers by webhook are no comments", "[plugins][iconik][sandbox]") {
    bridged b;
    b.poll();
    b.news();
    b.hook("assets", "segments", "create",
           {{"id", "s-1"}, {"asset_id", hero}, {"segment_type", "MARKER"}});
    CHECK(b.news().empty());
}

TEST_CASE("iconik: webhooks that iconik gave up on are enabled again, and it is said",
          "[plugins][iconik][sandbox]") {
    const std::string url = "https://mortise.example/hooks/dam";
    bridged b(json::object{{"webhook_url", url}});
    b.call("webhooks.ensure", json::object{{"url", url}});
    b.poll();
    b.people("fail-webhooks", {});
    b.wait(std::chrono::minutes(1));
    b.poll();
    const auto status = [&b] { return b.call("webhooks.list").at("webhooks").at(0).at("status"); };
    CHECK(status() == "FAILING"); // looked at every five minutes
    b.wait(std::chrono::minutes(5));
    b.poll();
    CHECK(status() == "ENABLED");
    const auto& log = b.host.log();
    CHECK(std::any_of(log.begin(), log.end(), [](const auto& line) {
        return line.message.find("given up on the webhook") != std::string::npos;
    }));
    CHECK(b.host.metric("iconik_webhooks_mended_total") == 2);
}

TEST_CASE("iconik: without the right to see webhooks the poll still works, and says why",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"webhook_url", "https://mortise.example/hooks/dam"}});
    b.host.set_secret("token", seed::editor_token);
    b.poll();
    const auto& log = b.host.log();
    CHECK(std::any_of(log.begin(), log.end(), [](const auto& line) {
        return line.message.find("can_read_webhooks") != std::string::npos;
    }));
}
