// SPDX-License-Identifier: Apache-2.0
//
// The trigger against the sandbox's iconik: what people do there becomes events, by poll and by
// webhook, with the same ids.
#include "bridge.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace iconik_test;

namespace {

const std::string hero = seed::id("asset/hero-film");
const std::string cut = seed::id("asset/social-cut");
const std::string launch = seed::id("collection/spring-launch");
const std::string brand = seed::id("collection/brand");

std::vector<std::string> types_of(const std::vector<mortise::event>& events) {
    std::vector<std::string> out;
    for (const auto& e : events)
        out.push_back(e.type);
    return out;
}

bool has_type(const std::vector<mortise::event>& events, const std::string& type) {
    const auto types = types_of(events);
    return std::find(types.begin(), types.end(), type) != types.end();
}

std::string id_of(const std::vector<mortise::event>& events, const std::string& type) {
    for (const auto& e : events)
        if (e.type == type) return e.id;
    return "none of type " + type;
}

} // namespace

TEST_CASE("iconik: the first poll begins the history and tells nothing of the past",
          "[plugins][iconik][sandbox]") {
    bridged b;
    b.poll();
    CHECK(b.news().empty());
    CHECK(b.iconik.cursor("changes").has_value());
    b.wait();
    b.poll();
    CHECK(b.news().empty());
    b.iconik.close("changes");
    b.iconik.destroy();
    CHECK(b.host.violations().empty());
    CHECK(b.emulator->problems().empty());
}

TEST_CASE("iconik: a start in the settings brings the past along", "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"start", "2000-01-01T00:00:00Z"}, {"page_size", 3}});
    b.poll();
    const auto first = b.news();
    const auto created = std::count_if(
        first.begin(), first.end(), [](const auto& e) { return e.type == "iconik.asset.created"; });
    CHECK(created >= 10);
    CHECK(has_type(first, "iconik.collection.asset-added"));
    CHECK(has_type(first, "iconik.asset.version-created"));
    b.wait();
    b.poll();
    CHECK(b.news().empty());
}

TEST_CASE("iconik: the poll finds what people change", "[plugins][iconik][sandbox]") {
    bridged b;
    b.poll();
    b.wait();
    SECTION("a new asset, with metadata and place") {
        const auto made = b.people("add-asset", {{"title", "Fresh"}});
        b.wait();
        b.poll();
        const auto events = b.news();
        CHECK(has_type(events, "iconik.asset.created"));
        CHECK(has_type(events, "iconik.collection.asset-added"));
        for (const auto& e : events)
            CHECK(e.subject == made.at("id").as_string());
    }
    SECTION("metadata") {
        b.people("set-metadata",
                 {{"asset", "hero-film"}, {"values", {{"campaign_id", json::array{"C-1002"}}}}});
        b.wait();
        b.poll();
        CHECK(has_type(b.news(), "iconik.asset.metadata-changed"));
    }
    SECTION("a version, which has no approval yet") {
        b.people("approve-asset", {{"asset", "hero-film"}});
        b.wait();
        b.poll();
        CHECK(types_of(b.news()) == std::vector<std::string>{"iconik.asset.approved"});
        b.people("add-version", {{"asset", "hero-film"}});
        b.wait();
        b.poll();
        const auto events = b.news();
        CHECK(has_type(events, "iconik.asset.version-created"));
        CHECK(has_type(events, "iconik.asset.approval-changed"));
    }
    SECTION("a deletion") {
        b.people("delete-asset", {{"asset", "hero-film"}});
        b.wait();
        b.poll();
        CHECK(types_of(b.news()) == std::vector<std::string>{"iconik.asset.deleted"});
    }
    b.wait();
    b.poll();
    CHECK(b.news().empty());
    CHECK(b.emulator->problems().empty());
}

TEST_CASE("iconik: approvals, which iconik does not date on the asset, are found in turn",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"recheck_per_poll", 3}});
    b.poll();
    b.wait();
    b.people("approve-asset", {{"asset", "social-cut"}});
    std::vector<mortise::event> found;
    for (int i = 0; i < 8 && found.empty(); ++i) {
        b.wait();
        b.poll();
        found = b.news();
    }
    REQUIRE(types_of(found) == std::vector<std::string>{"iconik.asset.approved"});
    CHECK(found[0].subject == cut);
}

TEST_CASE("iconik: a webhook and the poll after it are one event", "[plugins][iconik][sandbox]") {
    const bool poll_first = GENERATE(false, true);
    INFO("the poll comes first: " << poll_first);
    bridged b(json::object{{"watch_collections", json::array{brand}}});
    b.poll();
    b.wait();
    const auto both = [&](const char* type, const char* realm, const char* operation,
                          json::object data) {
        b.wait();
        if (poll_first) b.poll();
        b.hook(type, realm, operation, data);
        if (!poll_first) b.poll();
        return b.news();
    };

    b.people("approve-asset", {{"asset", "hero-film"}});
    auto events =
        both("assets", "approvals", "update", {{"object_type", "assets"}, {"object_id", hero}});
    CHECK(types_of(events) == std::vector<std::string>{"iconik.asset.approved"});

    b.people("set-metadata",
             {{"asset", "hero-film"}, {"values", {{"campaign_id", json::array{"C-1002"}}}}});
    events = both("assets", "metadata", "update", {{"object_type", "assets"}, {"object_id", hero}});
    const auto told = types_of(events);
    CHECK(std::count(told.begin(), told.end(), "iconik.asset.metadata-changed") == 1);

    b.people("add-to-collection", {{"asset", "hero-film"}, {"collection", "brand"}});
    events = both("collections", "contents", "create",
                  {{"collection_id", brand}, {"object_type", "assets"}, {"object_id", hero}});
    REQUIRE(types_of(events) == std::vector<std::string>{"iconik.collection.asset-added"});
    CHECK(events[0].id == "asset-added:" + brand + ":" + hero + ":1");
    CHECK(events[0].data.at("collection_id").as_string() == brand);

    b.people("set-metadata",
             {{"collection", "brand"}, {"values", {{"campaign_id", json::array{"C-1001"}}}}});
    events = both("collections", "metadata", "update",
                  {{"object_type", "collections"}, {"object_id", brand}});
    CHECK(types_of(events) == std::vector<std::string>{"iconik.collection.metadata-changed"});

    b.people("delete-asset", {{"asset", "hero-film"}});
    events = both("assets", "entity", "delete", {{"id", hero}});
    CHECK(types_of(events) == std::vector<std::string>{"iconik.asset.deleted"});
    CHECK(b.emulator->problems().empty());
}

TEST_CASE("iconik: two connections that see the same changes give them the same ids",
          "[plugins][iconik][sandbox]") {
    // One hears of each change by webhook, the other polls afterwards: as before and after an
    // outage of the webhooks.
    const auto approved_by = [](bool by_hook) {
        bridged b;
        b.poll();
        b.wait();
        b.people("approve-asset", {{"asset", "hero-film"}});
        b.wait();
        if (by_hook) {
            b.hook("assets", "approvals", "update",
                   {{"object_type", "assets"}, {"object_id", hero}});
        } else {
            b.poll();
        }
        return id_of(b.news(), "iconik.asset.approved");
    };
    const auto id = approved_by(true);
    CHECK(id.starts_with("approved:" + hero + ":"));
    CHECK(approved_by(false) == id);
}

TEST_CASE("iconik: watched collections show who came and went", "[plugins][iconik][sandbox]") {
    bridged b(json::object{
        {"watch_collections", json::array{launch}}, {"recheck_per_poll", 0}, {"page_size", 2}});
    b.host.set_secret("token", seed::admin_token);
    b.poll();
    b.wait();
    CHECK(b.news().empty());
    b.people("add-to-collection", {{"asset", "logo"}, {"collection", "spring-launch"}});
    b.wait();
    b.poll();
    const std::string logo = seed::id("asset/logo");
    const auto added = b.news();
    REQUIRE(types_of(added) == std::vector<std::string>{"iconik.collection.asset-added"});
    CHECK(added[0].subject == logo);

    const auto remove = [&](const std::string& asset) {
        auto r = sandbox::make_request(
            "DELETE", "/API/assets/v1/collections/" + launch + "/contents/assets/" + asset + "/",
            {{"App-ID", seed::app_id}, {"Auth-Token", seed::admin_token}});
        REQUIRE(b.emulator->handle(std::move(r)).status == 204);
    };
    remove(logo);
    remove(hero); // was there from the beginning, silently
    b.wait();
    b.poll();
    auto gone = b.news();
    REQUIRE(gone.size() == 2);
    for (const auto& e : gone)
        CHECK(e.type == "iconik.collection.asset-removed");

    b.people("add-to-collection", {{"asset", "logo"}, {"collection", "spring-launch"}});
    b.wait();
    b.poll();
    const auto back = b.news();
    REQUIRE(back.size() == 1);
    CHECK(back[0].id == "asset-added:" + launch + ":" + logo + ":2");
}

TEST_CASE("iconik: what the index shows late is found by the overlap",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"recheck_per_poll", 0}});
    b.poll();
    b.wait();
    // Not indexed yet when the poll looks.
    b.call("assets.update",
           json::object{{"asset_id", hero}, {"fields", json::object{{"title", "Late"}}}});
    b.poll();
    CHECK(b.news().empty());
    b.wait();
    b.poll();
    const auto events = b.news();
    REQUIRE(types_of(events) == std::vector<std::string>{"iconik.asset.updated"});
    CHECK(events[0].data.at("title") == "Late");
    CHECK(events[0].data.at("user_id").as_string() == seed::id("user/integration"));
}

TEST_CASE("iconik: a poll that fails in the middle loses nothing and repeats nothing",
          "[plugins][iconik][sandbox]") {
    bridged b;
    b.poll();
    b.wait();
    b.people("set-metadata",
             {{"asset", "hero-film"}, {"values", {{"campaign_id", json::array{"C-1002"}}}}});
    b.people("set-metadata",
             {{"asset", "social-cut"}, {"values", {{"campaign_id", json::array{"C-1002"}}}}});
    b.wait();
    b.people("rate-limit", {{"requests", 5}, {"seconds", 20}});
    const auto failed = b.iconik.poll("changes");
    REQUIRE(failed.failure);
    CHECK(failed.failure->category == mortise::category::rate_limit);
    b.people("rate-limit", {{"requests", 100000}, {"seconds", 20}});
    b.wait(std::chrono::seconds(30));
    b.poll();
    const auto events = b.news();
    const auto changed = std::count_if(events.begin(), events.end(), [](const auto& e) {
        return e.type == "iconik.asset.metadata-changed";
    });
    CHECK(changed == 2);
}

TEST_CASE("iconik: after a long silence a collection's change is found behind newer assets",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"recheck_per_poll", 0}});
    b.poll();
    b.wait();
    b.people("set-metadata",
             {{"collection", "brand"}, {"values", {{"campaign_id", json::array{"C-1001"}}}}});
    auto rename = sandbox::make_request(
        "PATCH", "/API/assets/v1/collections/" + brand + "/",
        {{"App-ID", seed::app_id}, {"Auth-Token", seed::admin_token}}, R"({"title":"Marke"})");
    REQUIRE(b.emulator->handle(std::move(rename)).status == 200);
    b.wait(std::chrono::hours(6));
    b.call("assets.update",
           json::object{{"asset_id", hero}, {"fields", json::object{{"title", "Later"}}}});
    b.wait();
    // The first poll gets as far as the assets.
    sandbox::fault down;
    down.path = "/API/assets/v1/collections/" + brand;
    b.emulator->faults().add(down);
    REQUIRE(b.iconik.poll("changes").failure);
    CHECK(has_type(b.news(), "iconik.asset.updated"));
    b.poll();
    const auto events = b.news();
    REQUIRE(types_of(events) == std::vector<std::string>{"iconik.collection.metadata-changed"});
    CHECK(events[0].subject == brand);
}

TEST_CASE("iconik: an asset that may not be read does not stop the others",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"recheck_per_poll", 0}});
    b.poll();
    b.wait();
    b.people("set-metadata",
             {{"asset", "social-cut"}, {"values", {{"campaign_id", json::array{"C-1002"}}}}});
    b.people("set-metadata",
             {{"asset", "hero-film"}, {"values", {{"campaign_id", json::array{"C-1002"}}}}});
    b.wait();
    sandbox::fault denied;
    denied.method = "GET";
    denied.path = "/API/assets/v1/assets/" + cut;
    denied.status = 403;
    denied.count = 0;
    b.emulator->faults().add(denied);
    b.poll();
    const auto events = b.news();
    CHECK(has_type(events, "iconik.asset.metadata-changed"));
    for (const auto& e : events)
        CHECK(e.subject == hero);
    const auto& log = b.host.log();
    CHECK(std::any_of(log.begin(), log.end(),
                      [](const auto& line) { return line.fields.find(cut) != std::string::npos; }));
}

TEST_CASE("iconik: deletions are found in a long delete queue, and the old ones left alone",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"recheck_per_poll", 0}, {"page_size", 1}});
    b.people("delete-asset", {{"asset", "radio-spot"}});
    b.people("delete-asset", {{"asset", "interview"}});
    b.wait();
    b.poll();
    CHECK(b.news().empty());
    b.wait();
    b.people("delete-asset", {{"asset", "hero-film"}});
    b.people("delete-asset", {{"asset", "social-cut"}});
    b.wait();
    b.poll();
    CHECK(types_of(b.news()) ==
          std::vector<std::string>{"iconik.asset.deleted", "iconik.asset.deleted"});
}

TEST_CASE("iconik: a cursor of a newer plugin is refused, not misread",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const auto out = b.iconik.poll("changes", R"({"v":2})");
    REQUIRE(out.failure);
    CHECK(out.failure->category == mortise::category::config);
}
