// SPDX-License-Identifier: Apache-2.0
#include "deliverable.hpp"
#include "support/catch.hpp"

using namespace vendor_deliverables;
namespace json = mortise::json;

namespace {

asset film() {
    asset a;
    a.id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    a.title = "Vendor cut";
    a.version = 2;
    a.version_id = "v-2";
    a.raw = json::value{
        {"versions",
         {{{"id", "v-1"}, {"version_number", 1}}, {{"id", "v-2"}, {"version_number", 2}}}}};
    return a;
}

const json::value listed{
    {"versions",
     {{{"id", "v-2"}, {"version_number", 2}, {"created_at", "2026-05-02T10:00:00"}},
      {{"id", "v-1"}, {"version_number", 1}, {"created_at", "2026-05-01T10:00:00"}}}}};

} // namespace

TEST_CASE("versions are in the order of their numbers, whatever order they are told in",
          "[vendor-deliverables]") {
    const auto versions = versions_in(listed);
    REQUIRE(versions.size() == 2);
    CHECK(versions[0].id == "v-1");
    CHECK(versions[1].number == 2);
    CHECK(versions[1].date == "2026-05-02");
}

TEST_CASE("a new deliverable has a row for each version and no word on any yet",
          "[vendor-deliverables]") {
    const auto values = category_values(settings{}, film(), "V-1", versions_in(listed), nullptr);
    CHECK(values.at("Version") == 2);
    CHECK(values.at("Version ID") == "v-2");
    CHECK(values.at("Vendor ID") == "V-1");
    CHECK(values.at("Delivered On") == "2026-05-02");
    CHECK(values.at("Approval").is_null());
    REQUIRE(values.at("Versions").as_array().size() == 2);
    CHECK(values.at("Versions").at(0).at("Version ID") == "v-1");
}

TEST_CASE("a new version starts afresh and the former one keeps its approval and feedback",
          "[vendor-deliverables]") {
    const json::value before{{"Version", 1},
                             {"Approval", "Rejected"},
                             {"Feedback", "logo too small"},
                             {"Versions", {{{"Version", 1}, {"Approval", nullptr}}}}};
    const auto values = category_values(settings{}, film(), "V-1", versions_in(listed), before);
    const auto& rows = values.at("Versions").as_array();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].at("Approval") == "Rejected");
    CHECK(rows[0].at("Feedback") == "logo too small");
    CHECK(rows[1].at("Approval").is_null());
    CHECK(values.at("Approval").is_null());
    CHECK(values.at("Feedback").is_null());
}

TEST_CASE("what is tracked already keeps its approval and feedback", "[vendor-deliverables]") {
    const json::value before{{"Version", "2"}, // some servers tell numbers as text
                             {"Approval", "Approved"},
                             {"Feedback", "fine"},
                             {"Versions", {{{"Version", 1}, {"Approval", "Rejected"}}}}};
    const auto values = category_values(settings{}, film(), "V-1", versions_in(listed), before);
    CHECK_FALSE(values.contains("Approval"));
    CHECK_FALSE(values.contains("Feedback"));
    CHECK(values.at("Versions").at(0).at("Approval") == "Rejected");
    CHECK(values.at("Versions").at(1).at("Approval") == "Approved");
}

TEST_CASE("a comment says of which version and where it is", "[vendor-deliverables]") {
    const json::value c{{"text", "too loud"}, {"version_id", "v-1"}, {"time_start_ms", 83'000}};
    CHECK(comment_text(film(), c) == "iconik, version 1, at 00:01:23: too loud");
    const json::value other{{"text", "hm"}, {"version_id", "v-9"}};
    CHECK(comment_text(film(), other) == "iconik: hm");
    const json::value endless{{"text", std::string(5000, 'x')}};
    CHECK(comment_text(film(), endless).size() <= 1000);
}
