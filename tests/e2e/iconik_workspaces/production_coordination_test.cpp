// SPDX-License-Identifier: Apache-2.0
// production-coordination on the sandbox, with the host in process.
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "world.hpp"

#include <boost/json.hpp>

using mortise::test::eventually;
using mortise::test::world;
namespace json = boost::json;

namespace {

constexpr const char* film = "social-cut"; // its collection names project P-3001

world::options productions(const std::string& settings = {}) {
    world::options o;
    o.flows = world::flow("productions", "production-coordination", settings);
    o.iconik["watch_collections"] = "[\"" + world::collection_id("spring-launch") + "\"]";
    return o;
}

struct office {
    explicit office(const std::string& settings = {}) : w(productions(settings)) {}

    void film_delivers(const std::string& milestone) {
        w.advance_otcs(std::chrono::seconds(2)); // dates there have seconds, and polls are quick
        w.play_iconik(
            "set-metadata",
            {{"asset", film}, {"values", {{"milestone", json::array{json::value(milestone)}}}}});
    }
    // A cell of the set "Milestones" (attribute 4 of category 4700).
    std::string cell(int row, int column) {
        const auto id = std::to_string(w.workspace_id("P-3001", "project"));
        const auto answer = w.get_otcs("/v2/nodes/" + id + "/categories/4700");
        const auto& values = answer.at_pointer("/results/data/categories").as_object();
        const auto* v =
            values.if_contains("4700_4_" + std::to_string(row) + '_' + std::to_string(column));
        if (v == nullptr || v->is_null()) return {};
        if (v->is_string()) return std::string(v->as_string());
        return json::serialize(*v);
    }
    std::string status(int row) { return cell(row, 7); }
    void person_writes(const char* attribute, json::value value) {
        // Dates have seconds there; people do not write twice in one.
        w.advance_otcs(std::chrono::seconds(2));
        w.play_otcs("set-category", {{"node", w.workspace_id("P-3001", "project")},
                                     {"category", "Production"},
                                     {"values", {{attribute, std::move(value)}}}});
    }
    void request(const char* text, const char* milestone, const char* state) {
        person_writes("Change Requests", json::array{json::object{{"4700_11_x_12", text},
                                                                  {"4700_11_x_13", milestone},
                                                                  {"4700_11_x_14", state}}});
    }
    std::size_t times_said(const std::string& part) {
        std::size_t n = 0;
        for (const auto& text : w.comments_on(film))
            n += text.find(part) != std::string::npos;
        return n;
    }
    bool quiet() {
        return eventually([&] { return w.settled(); });
    }

    world w;
};

constexpr int rough_cut = 1, final_cut = 2;

} // namespace

TEST_CASE("a final cut moves its milestone, and the workspace's word reaches iconik",
          "[e2e][production]") {
    office o;
    o.w.start_host();
    o.film_delivers("Final Cut");
    REQUIRE(eventually([&] { return o.status(final_cut) == "Delivered"; }));
    CHECK(o.cell(final_cut, 8) == world::asset_id(film));
    CHECK(o.cell(final_cut, 9) == "1");
    CHECK(o.status(rough_cut) == "Open");
    CHECK(eventually([&] {
        return o.w.collection_field("spring-launch", "deadline").substr(0, 10) == "2026-06-30";
    }));

    SECTION("approval is the milestone's") {
        o.w.play_iconik("approve-asset", {{"asset", film}});
        CHECK(eventually([&] { return o.status(final_cut) == "Approved"; }));
        REQUIRE(o.quiet());
        o.w.play_iconik("add-version", {{"asset", film}});
        CHECK(eventually([&] { return o.cell(final_cut, 9) == "2"; }));
        CHECK(o.status(final_cut) == "Delivered");
    }
    SECTION("a new deadline and a change request come to the collection and the asset, once") {
        o.person_writes("Deadline", "2026-07-15");
        CHECK(eventually([&] {
            return o.w.collection_field("spring-launch", "deadline").substr(0, 10) == "2026-07-15";
        }));
        o.request("Shorter end card", "Final Cut", "Open");
        CHECK(eventually([&] { return o.times_said("Change request: Shorter end card") == 1; }));
        CHECK(eventually([&] {
            return o.w.collection_field("spring-launch", "change_requests") ==
                   "Final Cut: Shorter end card";
        }));
        o.request("Shorter end card", "Final Cut", "Done");
        CHECK(eventually([&] { return o.times_said("Change request Done") == 1; }));
        REQUIRE(o.quiet());
        CHECK(o.times_said("Change request: Shorter end card") == 1);
        CHECK(o.w.collection_field("spring-launch", "change_requests").empty());
    }
    SECTION("the same news again change nothing") {
        o.film_delivers("Final Cut");
        REQUIRE(o.quiet());
        CHECK(o.cell(final_cut, 9) == "1");
        CHECK(o.times_said("closed") == 0);
    }
    REQUIRE(o.quiet());
    CHECK(o.w.dead_letter().empty());
}

TEST_CASE("a milestone that is closed stays closed", "[e2e][production]") {
    office o;
    o.w.start_host();
    o.person_writes("Milestones", json::array{json::object{{"4700_4_x_5", "Rough Cut"},
                                                           {"4700_4_x_7", "Closed"}}});
    o.film_delivers("Rough Cut");
    CHECK(eventually([&] { return o.times_said("\"Rough Cut\" is closed") == 1; }));
    REQUIRE(o.quiet());
    CHECK(o.status(rough_cut) == "Closed");
    CHECK(o.w.dead_letter().empty());
}

TEST_CASE("a fault in the middle delays a delivery and doubles nothing", "[e2e][production]") {
    office o;
    o.w.start_host();
    o.w.fault_otcs({{"path", "/otcs/cs/api/v2/nodes/*/categories/*"},
                    {"method", "PUT"},
                    {"status", 503},
                    {"count", 2}});
    o.film_delivers("Final Cut");
    CHECK(eventually([&] { return o.status(final_cut) == "Delivered"; }));
    REQUIRE(o.quiet());
    CHECK(o.w.dead_letter().empty());
}

TEST_CASE("an unknown milestone becomes a dead letter that names the field and the fix",
          "[e2e][production]") {
    office o;
    o.w.start_host();
    o.film_delivers("Trailer");
    REQUIRE(eventually([&] { return !o.w.dead_letter().empty(); }));
    CHECK(o.w.dead_letter().find("metadata field \"milestone\"") != std::string::npos);
    CHECK(o.w.dead_letter().find("\"Final Cut\"") != std::string::npos);
    CHECK(o.status(final_cut) == "Open");
    // As the message says.
    o.film_delivers("Final Cut");
    CHECK(o.w.mended());
    CHECK(o.status(final_cut) == "Delivered");
}
