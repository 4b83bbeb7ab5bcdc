// SPDX-License-Identifier: Apache-2.0
//
// Every operation against the sandbox's iconik.
#include "bridge.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace iconik_test;
using mortise::category;

namespace {

const std::string hero = seed::id("asset/hero-film");
const std::string launch = seed::id("collection/spring-launch");

json::value of_hero() {
    return json::object{{"asset_id", hero}};
}

json::value metadata_input(const char* view, json::object values, const char* mode = "overwrite") {
    return json::object{{"object_type", "assets"},
                        {"object_id", hero},
                        {"view", view},
                        {"values", std::move(values)},
                        {"mode", mode}};
}

} // namespace

TEST_CASE("iconik: the connection test names the user", "[plugins][iconik][sandbox]") {
    bridged b;
    const auto report = b.iconik.test_connection().value();
    CHECK(report.at("summary") == "Connected as integration@nordlicht.example");
    b.iconik.destroy();
    CHECK(b.host.violations().empty());
    CHECK(b.emulator->problems().empty());
}

TEST_CASE("iconik: the connection test tells what is wrong with the settings",
          "[plugins][iconik][sandbox]") {
    SECTION("a wrong token") {
        bridged b;
        b.host.set_secret("token", "wrong");
        const auto e = b.iconik.test_connection().failure;
        REQUIRE(e);
        CHECK(e->category == category::auth);
        CHECK(e->message.find("app_id and auth_token") != std::string::npos);
    }
    SECTION("a view that is not there") {
        bridged b(json::object{{"metadata_views", json::array{"Marketin"}}});
        const auto e = b.iconik.test_connection().failure;
        REQUIRE(e);
        CHECK(e->category == category::config);
        CHECK(e->message.find("\"Marketing\"") != std::string::npos);
    }
    SECTION("a collection that is not there") {
        bridged b(json::object{{"watch_collections", json::array{"no-such-collection"}}});
        const auto e = b.iconik.test_connection().failure;
        REQUIRE(e);
        CHECK(e->message.find("no-such-collection") != std::string::npos);
    }
}

TEST_CASE("iconik: logging in as a user works as a token does", "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"app_id", nullptr},
                           {"auth_token", nullptr},
                           {"email", "editor@nordlicht.example"},
                           {"password", {{"$secret", "pw"}}}});
    b.host.set_secret("pw", seed::password);
    CHECK(b.call("users.current").at("email") == "editor@nordlicht.example");
    b.people("expire-tokens", {{"user", "editor"}});
    CHECK(b.call("users.current").at("email") == "editor@nordlicht.example");
}

TEST_CASE("iconik: an asset comes with its approval, version and address",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const auto asset =
        b.call("assets.get", json::object{{"asset_id", hero}, {"include_collections", true}});
    CHECK(asset.at("title") == "Spring Launch Hero Film");
    CHECK(asset.at("approval").at("status") == "REQUESTED");
    CHECK(asset.at("version_id") == asset.at("versions").at(0).at("id"));
    CHECK(asset.at("web_url").as_string() == "https://iconik.test/asset/" + hero);
    CHECK(asset.at("in_collections").as_array().at(0) == json::value(launch));
    const auto other =
        b.call("assets.get", json::object{{"asset_id", seed::id("asset/social-cut")}});
    CHECK(other.at("approval").at("status") == "N/A");
    CHECK(b.failure("assets.get", json::object{{"asset_id", "unknown"}}).category ==
          category::not_found);
}

TEST_CASE("iconik: assets are found by exact external id or title", "[plugins][iconik][sandbox]") {
    bridged b;
    const auto by_id = b.call("assets.find", json::object{{"external_id", "NL-hero-film"}});
    REQUIRE(by_id.at("found") == true);
    CHECK(by_id.at("assets").at(0).at("id").as_string() == hero);
    // A title with characters of Lucene's own.
    const json::object renamed{{"title", "Launch (draft): A/B + \"cut\""}};
    b.call("assets.update", json::object{{"asset_id", hero}, {"fields", renamed}});
    b.wait();
    const auto by_title = b.call("assets.find", json::object{{"title", renamed.at("title")}});
    REQUIRE(by_title.at("found") == true);
    CHECK(by_title.at("assets").as_array().size() == 1);
    CHECK(b.call("assets.find", json::object{{"title", "Launch"}}).at("found") == false);
    CHECK(b.failure("assets.find", json::object{}).category == category::input);
}

TEST_CASE("iconik: an update changes the fields named and refuses none",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const auto changed =
        b.call("assets.update",
               json::object{{"asset_id", hero}, {"fields", json::object{{"title", "New title"}}}});
    CHECK(changed.at("title") == "New title");
    CHECK(changed.at("external_id") == "NL-hero-film");
    CHECK(b.failure("assets.update", json::object{{"asset_id", hero}, {"fields", json::object{}}})
              .category == category::input);
    bridged viewer;
    viewer.host.set_secret("token", seed::viewer_token);
    const auto e =
        viewer.failure("assets.update",
                       json::object{{"asset_id", hero}, {"fields", json::object{{"title", "x"}}}});
    CHECK(e.category == category::denied);
    CHECK(e.message.find("can_write_assets") != std::string::npos);
}

TEST_CASE("iconik: collections are read, listed, and found for an asset with their metadata",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"page_size", 2}});
    const auto c = b.call("collections.get", json::object{{"collection_id", launch}});
    CHECK(c.at("title") == "Spring Launch 2026");
    const auto assets =
        b.call("collections.list_contents",
               json::object{{"collection_id", launch}, {"object_types", json::array{"assets"}}});
    CHECK(assets.at("objects").as_array().size() == 6);
    const auto subs = b.call("collections.list_contents",
                             json::object{{"collection_id", seed::id("collection/campaigns")},
                                          {"object_types", json::array{"collections"}}});
    CHECK(subs.at("objects").as_array().size() == 2);
    const auto places =
        b.call("collections.of_asset", json::object{{"asset_id", hero}, {"view", "Marketing"}});
    REQUIRE(places.at("collections").as_array().size() == 1);
    const auto& place = places.at("collections").at(0);
    CHECK(place.at("id").as_string() == launch);
    CHECK(place.at("metadata").at("campaign_id") == json::value(json::array{"C-1001"}));
}

TEST_CASE("iconik: metadata is read as plain lists, by the view's name or id",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const auto by_name =
        b.call("metadata.get", json::object{{"object_id", hero}, {"view", "Marketing"}});
    CHECK(by_name.at("values").at("campaign_id") == json::value(json::array{"C-1001"}));
    CHECK(by_name.at("values").at("territories") == json::value(json::array{"DE", "AT"}));
    const auto by_id = b.call(
        "metadata.get", json::object{{"object_id", hero}, {"view", seed::id("view/marketing")}});
    CHECK(by_id == by_name);
    // No values there is no error.
    const auto none =
        b.call("metadata.get", json::object{{"object_type", "collections"},
                                            {"object_id", seed::id("collection/brand")},
                                            {"view", "Marketing"}});
    CHECK(none.at("values").as_object().empty());
    const auto e =
        b.failure("metadata.get", json::object{{"object_id", hero}, {"view", "Campaign"}});
    CHECK(e.category == category::input);
    CHECK(e.message.find("\"Marketing\", \"Rights\"") != std::string::npos);
    CHECK(b.call("metadata.views").at("views").as_array().size() == 2);
}

TEST_CASE("iconik: metadata is written only where it differs", "[plugins][iconik][sandbox]") {
    bridged b;
    const auto puts = [&b] {
        return std::count_if(b.host.http().requests().begin(), b.host.http().requests().end(),
                             [](const auto& r) { return r.method == "PUT"; });
    };
    const json::object status{{"workspace_status", "Active"}};
    auto out = b.call("metadata.set", metadata_input("Marketing", status));
    CHECK(out.at("changed") == true);
    CHECK(out.at("values").at("workspace_status") == json::value(json::array{"Active"}));
    CHECK(out.at("values").at("campaign_id") == json::value(json::array{"C-1001"}));
    out = b.call("metadata.set", metadata_input("Marketing", status));
    CHECK(out.at("changed") == false);
    CHECK(puts() == 1);

    const json::object more{{"campaign_id", json::array{"C-1001", "C-1002"}}};
    out = b.call("metadata.set", metadata_input("Marketing", more, "append"));
    CHECK(out.at("values").at("campaign_id") == json::value(json::array{"C-1001", "C-1002"}));
    out = b.call("metadata.set", metadata_input("Marketing", more, "append"));
    CHECK(out.at("changed") == false);
    const json::object less{{"campaign_id", "C-1001"}};
    out = b.call("metadata.set", metadata_input("Marketing", less, "delete"));
    CHECK(out.at("values").at("campaign_id") == json::value(json::array{"C-1002"}));
    out = b.call("metadata.set", metadata_input("Marketing", {{"campaign_id", nullptr}}));
    CHECK(out.at("changed") == true);
    out = b.call("metadata.set", metadata_input("Marketing", {{"campaign_id", json::array{}}}));
    CHECK(out.at("changed") == false);
}

TEST_CASE("iconik: metadata that the view does not take is an input error with its words",
          "[plugins][iconik][sandbox]") {
    bridged b;
    SECTION("a value outside the options") {
        const auto e =
            b.failure("metadata.set", metadata_input("Marketing", {{"usage_rights", "Maybe"}}));
        CHECK(e.category == category::input);
        CHECK(e.message.find("usage_rights") != std::string::npos);
    }
    SECTION("an object for a value") {
        const auto e = b.failure("metadata.set",
                                 metadata_input("Marketing", {{"description", json::object{}}}));
        CHECK(e.category == category::input);
        CHECK(e.message.find("values.description") != std::string::npos);
    }
}

TEST_CASE("iconik: a search filters, sorts and pages", "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"page_size", 2}});
    const json::object term{{"name", "metadata.campaign_id"}, {"value", "C\\-1001"}};
    const json::value input =
        json::object{{"filter", json::object{{"operator", "AND"}, {"terms", json::array{term}}}},
                     {"sort", json::array{json::object{{"name", "title"}, {"order", "asc"}}}},
                     {"fields", json::array{"title"}}};
    const auto hits = b.call("search.assets", input).at("assets").as_array();
    REQUIRE(hits.size() == 6);
    CHECK(hits.front().at("title") == "Key Visual Spring");
    CHECK(std::is_sorted(hits.begin(), hits.end(), [](const auto& x, const auto& y) {
        return x.at("title").as_string() < y.at("title").as_string();
    }));
}

TEST_CASE("iconik: approvals are asked for and given once", "[plugins][iconik][sandbox]") {
    bridged b;
    const std::string cut = seed::id("asset/social-cut");
    const json::value which = json::object{{"asset_id", cut}};
    CHECK(b.call("approvals.get", which).at("found") == false);
    const json::value vote = json::object{{"asset_id", cut}, {"status", "APPROVED"}};
    const auto early = b.failure("approvals.vote", vote);
    CHECK(early.category == category::input);
    CHECK(early.message.find("approvals.request") != std::string::npos);

    const json::value ask =
        json::object{{"asset_id", cut}, {"users", json::array{seed::id("user/legal")}}};
    CHECK(b.call("approvals.request", ask).at("changed") == true);
    CHECK(b.call("approvals.request", ask).at("changed") == false);
    const json::value wider =
        json::object{{"asset_id", cut}, {"users", json::array{seed::id("user/editor")}}};
    const auto both = b.call("approvals.request", wider);
    CHECK(both.at("changed") == true);
    CHECK(both.at("users").as_array().size() == 2);

    const auto approved = b.call("approvals.vote", vote);
    CHECK(approved.at("status") == "APPROVED");
    CHECK(approved.at("changed") == true);
    b.wait();
    const auto again = b.call("approvals.vote", vote);
    CHECK(again.at("changed") == false);
    CHECK(again.at("change_date") == approved.at("change_date"));
    const auto got = b.call("approvals.get", which);
    CHECK(got.at("status") == "APPROVED");
    const json::value versioned =
        json::object{{"asset_id", cut}, {"version_id", got.at("version_id")}};
    CHECK(b.call("approvals.get", versioned).at("status") == "APPROVED");
    CHECK(b.failure("approvals.get", json::object{{"asset_id", "nobody"}}).category ==
          category::not_found);
}

TEST_CASE("iconik: files, proxies and keyframes come with links", "[plugins][iconik][sandbox]") {
    bridged b;
    const auto files =
        b.call("files.list", json::object{{"asset_id", hero}, {"download_urls", true}});
    REQUIRE_FALSE(files.at("files").as_array().empty());
    for (const auto& f : files.at("files").as_array()) {
        CHECK(iconik::text_at(f, "url").starts_with("http"));
        CHECK(iconik::text_at(f, "download_url").starts_with("http"));
    }
    b.wait();
    const auto proxies = b.call("proxies.list", of_hero()).at("proxies").as_array();
    REQUIRE_FALSE(proxies.empty());
    CHECK(iconik::text_at(proxies.front(), "url").starts_with("http"));
    CHECK_FALSE(b.call("keyframes.list", of_hero()).at("keyframes").as_array().empty());
    CHECK(b.failure("files.list", json::object{{"asset_id", "nobody"}}).category ==
          category::not_found);
}

TEST_CASE("iconik: a comment is written, and known again by text and place or by its mark",
          "[plugins][iconik][sandbox]") {
    bridged b;
    json::object comment{
        {"asset_id", hero}, {"text", "Too loud"}, {"time_start_ms", 1000}, {"time_end_ms", 2000}};
    CHECK(b.call("comments.find", json::value(comment)).at("found") == false);
    const auto made = b.call("comments.add", json::value(comment));
    b.wait();
    const auto found = b.call("comments.find", json::value(comment));
    REQUIRE(found.at("found") == true);
    CHECK(found.at("result").at("id") == made.at("id"));
    comment["time_start_ms"] = 1500;
    CHECK(b.call("comments.find", json::value(comment)).at("found") == false);
    comment["time_start_ms"] = 3000;
    CHECK(b.failure("comments.add", json::value(comment)).category == category::input);

    json::object marked{{"asset_id", hero}, {"text", "Same"}, {"external_id", "run-1"}};
    b.call("comments.add", json::value(marked));
    b.wait();
    CHECK(b.call("comments.find", json::value(marked)).at("found") == true);
    marked["external_id"] = "run-2";
    CHECK(b.call("comments.find", json::value(marked)).at("found") == false);
}

TEST_CASE("iconik: webhooks are made once, mended when broken, and shown without the secret",
          "[plugins][iconik][sandbox]") {
    bridged b;
    b.host.set_secret("hook", "very-secret-hook-text");
    b.host.set_secret("token", seed::admin_token);
    const json::value input = json::object{{"url", "https://mortise.example/hooks/dam"}};
    const auto made = b.call("webhooks.ensure", input);
    CHECK(made.at("created") == 2);
    CHECK(mortise::serialize_json(made).find("very-secret") == std::string::npos);
    const auto again = b.call("webhooks.ensure", input);
    CHECK(again.at("created") == 0);
    CHECK(again.at("updated") == 0);
    // A rotated secret goes to iconik.
    b.host.set_secret("hook", "another-secret");
    const auto mended = b.call("webhooks.ensure", input);
    CHECK(mended.at("created") == 0);
    CHECK(mended.at("updated") == 2);
    const auto list = b.call("webhooks.list");
    CHECK(list.at("webhooks").as_array().size() == 2);
    CHECK(mortise::serialize_json(list).find("another-secret") == std::string::npos);
}

TEST_CASE("iconik: webhooks that the connection itself would refuse are not made",
          "[plugins][iconik][sandbox]") {
    mortise::testing::fake_host host;
    host.set_secret("token", seed::admin_token);
    const json::value settings = json::object{{"base_url", "https://iconik.test"},
                                              {"app_id", seed::app_id},
                                              {"auth_token", {{"$secret", "token"}}}};
    const auto c = host.create_connector(mortise::connector<iconik::connector>(), settings);
    const auto out = c.call("webhooks.ensure", json::object{{"url", "https://m.example/hooks/x"}});
    REQUIRE(out.failure);
    CHECK(out.failure->category == category::config);
    CHECK(host.http().requests().empty());
}

TEST_CASE("iconik: history is listed, filtered by what was done", "[plugins][iconik][sandbox]") {
    bridged b;
    b.people("approve-asset", {{"asset", "hero-film"}});
    const auto entries =
        b.call("history.list",
               json::object{{"asset_id", hero}, {"operation_types", json::array{"APPROVE"}}})
            .at("entries")
            .as_array();
    REQUIRE(entries.size() == 1);
    CHECK(entries.front().at("user_id").as_string() == seed::id("user/legal"));
}

TEST_CASE("iconik: too many requests say when to come again", "[plugins][iconik][sandbox]") {
    bridged b;
    b.people("rate-limit", {{"requests", 1}, {"seconds", 20}});
    b.call("users.current");
    const auto e = b.failure("users.current", json::object());
    CHECK(e.category == category::rate_limit);
    REQUIRE(e.retry_after);
    CHECK(*e.retry_after > std::chrono::seconds(0));
}
