// SPDX-License-Identifier: Apache-2.0
#include "bridge.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace iconik_test;
using mortise::category;

namespace {

const std::string hero = seed::id("asset/hero-film");
const std::string logo = seed::id("asset/logo");
const std::string launch = seed::id("collection/spring-launch");

json::value of(const std::string& asset) {
    return json::object{{"asset_id", asset}};
}

std::size_t count(bridged& b, const char* method, const char* ending) {
    const auto& all = b.host.http().requests();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& r) {
        return r.method == method && r.url.find(ending) != std::string::npos;
    }));
}

} // namespace

TEST_CASE("iconik: an asset is created in its collection, marked by the call",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value input = json::object{{"title", "Neuer Spot Ä"}, {"collection_id", launch}};
    const auto made = b.call("assets.create", input);
    CHECK(made.at("title") == "Neuer Spot Ä");
    CHECK(made.at("external_id") == "mortise:key-1");
    CHECK(made.at("version_id") == made.at("versions").at(0).at("id"));
    const auto asset = b.call(
        "assets.get", json::object{{"asset_id", made.at("id")}, {"include_collections", true}});
    CHECK(asset.at("in_collections").as_array().at(0) == json::value(launch));
    // The same call again: found by the id that was noted.
    CHECK(b.call("assets.create", input).at("id") == made.at("id"));
    CHECK(count(b, "POST", "/assets/v1/assets/") == 1);
}

TEST_CASE("iconik: a creation whose answer was lost is found once the index has caught up",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value input = json::object{{"title", "Lost answer"}, {"external_id", "X-1"}};
    b.lose_next_answer("POST");
    const auto lost = b.failure("assets.create", input);
    CHECK(lost.effect == mortise::effect::unknown);
    CHECK(count(b, "POST", "/search/") == 0); // nothing was sent before: no search is needed
    const auto early = b.failure("assets.create", input);
    CHECK(early.category == category::unavailable);
    CHECK(early.effect == mortise::effect::none);
    REQUIRE(early.retry_after);
    b.wait(std::chrono::seconds(11));
    const auto found = b.call("assets.create", input);
    CHECK(found.at("title") == "Lost answer");
    CHECK(count(b, "POST", "/assets/v1/assets/") == 1);
}

TEST_CASE("iconik: an asset is deleted once, and an unknown one is no error",
          "[plugins][iconik][sandbox]") {
    bridged b;
    CHECK(b.call("assets.delete", of(logo)).at("changed") == true);
    CHECK(b.call("assets.delete", of(logo)).at("changed") == false);
    CHECK(b.call("assets.delete", of("nobody")).at("changed") == false);
    CHECK(count(b, "DELETE", logo.c_str()) == 1);
}

TEST_CASE("iconik: an asset is archived, its state told on the way, and restored",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const auto state = [&b] {
        return std::string(b.call("assets.archive_status", of(logo)).at("state").as_string());
    };
    CHECK(state() == "ONLINE");
    const json::value input = json::object{{"asset_id", logo}, {"storage", "iconik ARCHIVE"}};
    const auto begun = b.call("assets.archive", input);
    CHECK(begun.at("changed") == true);
    CHECK(begun.at("state") == "ARCHIVING");
    CHECK(state() == "ARCHIVING");
    CHECK(b.call("assets.archive", input).at("changed") == false);
    CHECK(b.failure("assets.restore", of(logo)).category == category::conflict);
    b.wait();
    CHECK(state() == "ARCHIVED");
    CHECK(b.call("assets.archive", input).at("changed") == false);
    CHECK(b.call("assets.restore", of(logo)).at("changed") == true);
    CHECK(state() == "RESTORING");
    CHECK(b.call("assets.restore", of(logo)).at("changed") == false);
    b.wait();
    CHECK(state() == "ONLINE");
    CHECK(count(b, "POST", "/archive/") == 1);
    CHECK(count(b, "POST", "/restore/") == 1);
}

TEST_CASE("iconik: an archiving that failed is told, and can be tried again",
          "[plugins][iconik][sandbox]") {
    bridged b;
    b.people("fail-archive", {{"asset", "logo"}});
    b.call("assets.archive", of(logo));
    b.wait();
    CHECK(b.call("assets.archive_status", of(logo)).at("state") == "FAILED");
    CHECK(b.call("assets.archive", of(logo)).at("changed") == true);
    b.wait();
    CHECK(b.call("assets.archive_status", of(logo)).at("state") == "ARCHIVED");
    SECTION("a storage that is not there is named, with those there are") {
        const auto e =
            b.failure("assets.archive", json::object{{"asset_id", hero}, {"storage", "Tape"}});
        CHECK(e.category == category::input);
        CHECK(e.message.find("\"Tape\"") != std::string::npos);
        CHECK(e.message.find("iconik ARCHIVE") != std::string::npos);
    }
    SECTION("an asset without files has nothing to archive") {
        const auto bare = b.call("assets.create", json::object{{"title", "bare"}});
        const auto e = b.failure("assets.archive", json::object{{"asset_id", bare.at("id")}});
        CHECK(e.category == category::input);
        CHECK(e.message.find("no original files") != std::string::npos);
    }
}

TEST_CASE("iconik: versions are listed, made once and promoted", "[plugins][iconik][sandbox]") {
    bridged b;
    const auto before = b.call("versions.list", of(hero));
    REQUIRE(before.at("versions").as_array().size() == 2);
    CHECK(before.at("highest") == 2);
    CHECK(before.at("versions").at(0).at("version_number") == 2);
    CHECK(before.at("versions").at(0).at("created_by_user").as_string() == seed::id("user/editor"));
    const json::value input = json::object{{"asset_id", hero}, {"after_version", 2}};
    const auto made = b.call("versions.create", input);
    CHECK(made.at("changed") == true);
    CHECK(made.at("version").at("version_number") == 3);
    const auto again = b.call("versions.create", input);
    CHECK(again.at("changed") == false);
    CHECK(again.at("version").at("id") == made.at("version").at("id"));
    CHECK(b.call("versions.list", of(hero)).at("versions").as_array().size() == 3);

    const json::value old =
        json::object{{"asset_id", hero}, {"version_id", before.at("versions").at(1).at("id")}};
    CHECK(b.call("versions.promote", old).at("changed") == true);
    CHECK(b.call("versions.promote", old).at("changed") == false);
    CHECK(b.failure("versions.promote", json::object{{"asset_id", hero}, {"version_id", "unknown"}})
              .category == category::not_found);
}

TEST_CASE("iconik: a version that somebody else made is not taken for ours",
          "[plugins][iconik][sandbox]") {
    bridged b;
    b.people("add-version", {{"asset", "logo"}});
    const auto made =
        b.call("versions.create", json::object{{"asset_id", logo}, {"after_version", 1}});
    CHECK(made.at("changed") == true);
    CHECK(made.at("version").at("version_number") == 3);
}

TEST_CASE("iconik: a history entry is written, and known again by its words",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value entry =
        json::object{{"asset_id", logo}, {"description", "Archived under R-77"}};
    CHECK(b.call("history.find", entry).at("found") == false);
    const auto made = b.call("history.add", entry);
    CHECK(made.at("operation_type") == "CUSTOM");
    const auto found = b.call("history.find", entry);
    REQUIRE(found.at("found") == true);
    CHECK(found.at("result").at("id") == made.at("id"));
}

TEST_CASE("iconik: relations are ensured once, listed from both ends, and removed",
          "[plugins][iconik][sandbox]") {
    bridged b;
    const json::value relation =
        json::object{{"asset_id", logo}, {"related_asset_id", hero}, {"type", "related"}};
    CHECK(b.call("relations.ensure", relation).at("changed") == true);
    CHECK(b.call("relations.ensure", relation).at("changed") == false);
    const auto out = b.call("relations.list", of(logo)).at("relations").as_array();
    REQUIRE(out.size() == 1);
    CHECK(out[0].at("related_asset_id").as_string() == hero);
    CHECK(out[0].at("direction") == "to");
    const auto in = b.call("relations.list", json::object{{"asset_id", hero}, {"type", "related"}})
                        .at("relations")
                        .as_array();
    REQUIRE(in.size() == 1);
    CHECK(in[0].at("direction") == "from");
    CHECK(b.call("relations.remove", relation).at("changed") == true);
    CHECK(b.call("relations.remove", relation).at("changed") == false);
    const json::value unknown =
        json::object{{"asset_id", logo}, {"related_asset_id", hero}, {"type", "cousin"}};
    CHECK(b.failure("relations.ensure", unknown).category == category::input);
    const json::value self =
        json::object{{"asset_id", logo}, {"related_asset_id", logo}, {"type", "related"}};
    CHECK(b.failure("relations.ensure", self).message.find("itself") != std::string::npos);
}
