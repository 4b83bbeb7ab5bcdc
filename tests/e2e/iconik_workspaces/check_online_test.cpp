// SPDX-License-Identifier: Apache-2.0
// What check --online finds with the shipped connectors: names that are there in both systems, and
// names that are not.
#include "app/host_systems.hpp"
#include "support/catch.hpp"
#include "world.hpp"

#include <algorithm>
#include <fstream>

using namespace mortise::host;
using mortise::test::world;

namespace {

online_report checked(world& w) {
    host_systems systems(w.running_host());
    const auto& config = w.running_host().config();
    return check_online(config, operations_used(config, w.running_host().plugins()), systems);
}

world::options campaigns(const std::string& settings) {
    world::options o;
    o.flows = world::flow("campaigns", "campaign-asset-references",
                          "reference.asset_link = \"{iconik}/asset/{asset_id}\"\n" + settings);
    return o;
}

bool says(const online_report& report, std::initializer_list<const char*> parts) {
    const std::string text = problems_to_text(report.problems);
    UNSCOPED_INFO(text);
    return std::all_of(parts.begin(), parts.end(),
                       [&](const char* part) { return text.find(part) != std::string::npos; });
}

// The rest of the file's line from where the problem is said to be.
std::string text_at(const source_place& place) {
    std::ifstream in(place.file);
    std::string line;
    for (int n = 0; n < place.line; ++n)
        std::getline(in, line);
    const auto from = static_cast<std::size_t>(place.column);
    return from > 0 && from <= line.size() ? line.substr(from - 1) : std::string();
}

} // namespace

TEST_CASE("what the flows name by default is in both systems of the sandbox", "[e2e][online]") {
    world::options options;
    for (const char* flow : {"account-media-links", "asset-approval", "campaign-asset-references",
                             "communications-governance", "production-coordination",
                             "project-archive", "rights-metadata-sync", "vendor-deliverables"})
        options.flows += world::flow(flow, flow, "");
    world w(options);
    w.start_host();
    const auto report = checked(w);
    INFO(problems_to_text(report.problems));
    CHECK(report.ok());
    REQUIRE(report.connections.size() == 2);
    for (const auto& one : report.connections) {
        INFO(one.connection);
        CHECK(one.reached);
        CHECK_FALSE(one.summary.empty());
        CHECK(one.operations > 0);
        CHECK(one.names_told);
        CHECK(one.names_found > 0);
        CHECK(one.names_missing == 0);
    }
}

TEST_CASE("a misspelt view, field, category and attribute are named with the nearest",
          "[e2e][online]") {
    auto options = campaigns("campaigns.field = \"campain_id\"\nstatus_attribute = \"Statsu\"\n"
                             "reference.category = \"Media Referenz\"\n");
    options.iconik["metadata_views"] = "[\"Marketing\"]";
    world w(options);
    w.start_host();
    const auto report = checked(w);
    CHECK_FALSE(report.ok());
    CHECK(says(report,
               {"there is no metadata field \"campain_id\"", "did you mean \"campaign_id\"?",
                "there is no attribute \"Statsu\" of \"Campaign\"", "did you mean \"Status\"?",
                "there is no category \"Media Referenz\"", "did you mean \"Media Reference\"?"}));
    for (const config_problem& p : report.problems)
        if (!p.warning) CHECK(p.place.line > 0);
}

TEST_CASE("a misspelt name in a pair of fields is named at its place, with the nearest",
          "[e2e][online]") {
    struct {
        const char *flow, *settings, *place;
        std::initializer_list<const char*> says;
    } const cases[] = {
        {"rights-metadata-sync",
         "fields = [ { a = \"expiry_date\", b = \"Expiry Dat\", type = \"date\" },\n"
         "  { a = \"right_status\", b = \"Status\" } ]\n"
         "restriction.status_field = \"right_status\"\n",
         "settings.fields.0.b",
         {"there is no attribute \"Expiry Dat\" of \"Rights\"", "did you mean \"Expiry Date\"?",
          "there is no metadata field \"right_status\" of \"Marketing\"",
          "did you mean \"rights_status\"?", "settings.fields.1.a"}},
        {"vendor-deliverables",
         "fields = [ { a = \"vendor_feedback\", b = \"Feedbak\" },\n"
         "  { a = \"approval\", b = \"Approval\" } ]\nfeedback = \"\"\n",
         "settings.fields.0.b",
         {"there is no attribute \"Feedbak\" of \"Vendor Deliverable\"",
          "did you mean \"Feedback\"?"}},
        {"project-archive",
         "retention = [ { a = \"retention_dat\", b = \"Retain Untl\", type = \"date\" } ]\n",
         "settings.retention.0.a",
         {"there is no metadata field \"retention_dat\"", "did you mean \"retention_date\"?",
          "there is no attribute \"Retain Untl\" of \"Retention\"",
          "did you mean \"Retain Until\"?"}},
    };
    for (const auto& c : cases) {
        INFO(c.flow);
        world::options options;
        options.flows = world::flow("f", c.flow, c.settings);
        world w(options);
        w.start_host();
        const auto report = checked(w);
        CHECK_FALSE(report.ok());
        CHECK(says(report, c.says));
        CHECK(says(report, {c.place}));
        for (const config_problem& p : report.problems) {
            if (p.warning) continue;
            INFO(p.message);
            const std::string there = text_at(p.place);
            CHECK(p.message.find("there is no ") == 0);
            // The place is that of the misspelt word.
            REQUIRE(there.size() > 2);
            CHECK(p.message.find(there.substr(0, there.find('"', 1) + 1)) != std::string::npos);
        }
        // What the flow itself understands is no name of a field.
        CHECK_FALSE(says(report, {"\"approval\""}));
    }
}

TEST_CASE("a system that answers nothing but errors keeps the other from nothing",
          "[e2e][online]") {
    world w(campaigns(""));
    w.start_host();
    w.fault_iconik({{"kind", "reply"}, {"status", 401}, {"path", "**"}, {"count", 0}});
    const auto report = checked(w);
    CHECK_FALSE(report.ok());
    REQUIRE(report.connections.size() == 2);
    const auto& dam =
        report.connections[0].connector == "iconik" ? report.connections[0] : report.connections[1];
    const auto& ecm =
        report.connections[0].connector == "iconik" ? report.connections[1] : report.connections[0];
    CHECK_FALSE(dam.reached);
    CHECK(dam.names_unchecked > 0);
    CHECK(ecm.reached);
    CHECK(ecm.names_found > 0);
    CHECK(says(report, {"the connection \"iconik\" does not work (auth)"}));
}
