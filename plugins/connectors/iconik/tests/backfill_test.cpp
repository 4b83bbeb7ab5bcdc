// SPDX-License-Identifier: Apache-2.0
//
// Walking all assets of the sandbox's iconik.
#include "bridge.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <set>

using namespace iconik_test;

namespace {

const std::string hero = seed::id("asset/hero-film");

std::set<std::string> created(const std::vector<mortise::event>& events) {
    std::set<std::string> out;
    for (const auto& e : events)
        if (e.type == "iconik.asset.created") out.insert(e.subject);
    return out;
}

std::size_t live_assets(bridged& b) {
    std::size_t n = 0;
    const auto answer = b.call("search.assets", json::object{{"limit", 1000}});
    for (const auto& a : answer.at("assets").as_array()) {
        const auto one = b.iconik.call("assets.get", json::object{{"asset_id", a.at("id")}});
        n += !one.failure && one.value().at("status") == "ACTIVE";
    }
    return n;
}

} // namespace

TEST_CASE("iconik: a backfill brings every asset, page after page", "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"page_size", 3}});
    b.poll();
    REQUIRE(b.news().empty());
    const auto cursor = b.iconik.cursor("changes");
    const auto pages = b.iconik.backfill_all("changes");
    CHECK(pages > 3);
    const auto events = b.news();
    CHECK(created(events).size() == live_assets(b));
    CHECK(created(events).contains(hero));
    CHECK(b.iconik.cursor("changes") == cursor);
    // Watching goes on as if nothing had been.
    b.wait();
    b.poll();
    CHECK(b.news().empty());
    b.iconik.close("changes");
    b.iconik.destroy();
    CHECK(b.host.violations().empty());
    CHECK(b.emulator->problems().empty());
}

TEST_CASE("iconik: a second backfill and a poll of the past bring nothing that is new",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"start", "2000-01-01T00:00:00Z"}});
    b.iconik.backfill_all("changes");
    const auto first = b.news();
    CHECK(first.size() > 20);
    b.iconik.backfill_all("changes");
    CHECK(b.news().empty());
    b.poll();
    for (const auto& e : b.news()) {
        INFO(e.type << " " << e.id);
        // Of collections and of what was deleted a backfill says nothing.
        CHECK((e.type == "iconik.asset.deleted" || e.type == "iconik.collection.metadata-changed"));
    }
    b.iconik.backfill_all("changes");
    CHECK(b.news().empty());
}

TEST_CASE("iconik: a backfill tells what changed since", "[plugins][iconik][sandbox]") {
    bridged b;
    b.iconik.backfill_all("changes");
    b.news();
    b.wait();
    const auto made = b.people("add-asset", {{"title", "Fresh"}});
    b.wait();
    b.iconik.backfill_all("changes");
    const auto events = b.news();
    CHECK(created(events) == std::set<std::string>{std::string(made.at("id").as_string())});
}

TEST_CASE("iconik: a position of another make is refused, one in the middle goes on",
          "[plugins][iconik][sandbox]") {
    bridged b(json::object{{"page_size", 3}});
    b.iconik.open("changes");
    const auto newer = b.iconik.backfill("changes", R"({"v":2,"after":["x"]})");
    REQUIRE(newer.failure);
    CHECK(newer.failure->category == mortise::category::config);
    CHECK(b.iconik.backfill("changes", "garbage").failure);
    CHECK(b.iconik.events().empty());
    REQUIRE(b.iconik.backfill("changes", "").value().at("done") == false);
    const auto first = created(b.news());
    const auto position = b.iconik.backfill_position("changes");
    REQUIRE(position);
    REQUIRE(b.iconik.backfill("changes", *position).value().at("done") == false);
    for (const auto& id : created(b.news()))
        CHECK_FALSE(first.contains(id));
}
