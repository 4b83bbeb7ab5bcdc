// SPDX-License-Identifier: Apache-2.0
#include "production.hpp"
#include "support/catch.hpp"

using namespace production_coordination;
namespace json = mortise::json;

namespace {

asset cut(std::int64_t version, const char* approval = "N/A") {
    asset a;
    a.id = "a-1";
    a.title = "Brand film";
    a.version = version;
    a.version_id = "v-" + std::to_string(version);
    a.approval = approval;
    return a;
}

json::array two_milestones() {
    return {
        json::object{{"Milestone", "Rough Cut"}, {"Status", "Closed"}},
        json::object{{"Milestone", "Final Cut"}, {"Due Date", "2026-06-15"}, {"Status", "Open"}}};
}

} // namespace

TEST_CASE("a delivery is put into its milestone's row, and approved with the version",
          "[production]") {
    const milestone_settings s;
    auto rows = two_milestones();
    CHECK(deliver(s, cut(2), "final cut", "2026-06-01", rows) == delivery::recorded);
    CHECK(rows[1].at("Status") == "Delivered");
    CHECK(rows[1].at("Version") == 2);
    CHECK(rows[1].at("Delivered On") == "2026-06-01");
    CHECK(deliver(s, cut(2), "Final Cut", "2026-06-01", rows) == delivery::known);
    CHECK(deliver(s, cut(2, "APPROVED"), "Final Cut", "2026-06-02", rows) == delivery::recorded);
    CHECK(rows[1].at("Status") == "Approved");
    CHECK(rows[1].at("Delivered On") == "2026-06-01");
    // The next version has not been approved.
    CHECK(deliver(s, cut(3), "Final Cut", "2026-06-03", rows) == delivery::recorded);
    CHECK(rows[1].at("Status") == "Delivered");
}

TEST_CASE("late news do not go back to an older version or delivery", "[production]") {
    const milestone_settings s;
    auto rows = two_milestones();
    deliver(s, cut(3), "Final Cut", "2026-06-03", rows);
    CHECK(deliver(s, cut(2, "APPROVED"), "Final Cut", "2026-06-01", rows) == delivery::known);
    auto other = cut(1);
    other.id = "a-2";
    CHECK(deliver(s, other, "Final Cut", "2026-05-01", rows) == delivery::known);
    CHECK(deliver(s, other, "Final Cut", "2026-06-09", rows) == delivery::recorded);
    CHECK(rows[1].at("Asset ID") == "a-2");
}

TEST_CASE("a closed milestone takes nothing more", "[production]") {
    const milestone_settings s;
    auto rows = two_milestones();
    const auto before = rows;
    CHECK(deliver(s, cut(2), "Rough Cut", "2026-06-01", rows) == delivery::closed);
    CHECK(rows == before);
    CHECK(deliver(s, cut(2), "Trailer", "2026-06-01", rows) == delivery::unknown);
    CHECK(milestones_in(rows) == "\"Rough Cut\", \"Final Cut\"");
}

TEST_CASE("what the workspace says is put into words for the collection", "[production]") {
    auto rows = two_milestones();
    deliver(milestone_settings{}, cut(2), "Final Cut", "2026-06-01", rows);
    const json::value values{
        {"Status", "In production"},
        {"Deadline", "2026-06-30T00:00:00"},
        {"Milestones", rows},
        {"Change Requests",
         {{{"Request", "Shorter end card"}, {"Milestone", "Final Cut"}, {"Status", "Open"}},
          {{"Request", "New logo"}, {"Status", "Done"}},
          {{"Request", nullptr}}}}};
    const auto p = production_in(settings{}, values);
    CHECK(p.deadline == "2026-06-30");
    CHECK(p.milestones ==
          std::vector<std::string>{"Rough Cut: Closed",
                                   "Final Cut, due 2026-06-15: Delivered (version 2)"});
    CHECK(p.open_requests == std::vector<std::string>{"Final Cut: Shorter end card"});
    REQUIRE(p.requests.size() == 2);
    CHECK(p.requests[0].assets == std::vector<std::string>{"a-1"});
    CHECK_FALSE(p.requests[1].open);
    CHECK(p.requests[0].key != p.requests[1].key);
    CHECK_FALSE(production_in(settings{}, nullptr).says_anything());
}
