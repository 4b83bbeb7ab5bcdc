// SPDX-License-Identifier: Apache-2.0
//
// The conformance suite on the sandbox's iconik.
#include "conformance_subject.hpp"
#include "support/catch.hpp"

using namespace iconik_test;

namespace {

std::vector<conformance::row> all_rows() {
    std::vector<conformance::row> out = asset_rows();
    for (auto more : {place_rows(), review_rows(), account_rows()})
        out.insert(out.end(), more.begin(), more.end());
    return out;
}

std::string approve(const char* story) {
    return "iconik.asset.approved " + seed::id(std::string("asset/") + story);
}

conformance::trigger_row changes() {
    conformance::trigger_row t;
    t.trigger = "changes";
    t.change = [](conformance::bench& b) {
        b.system_as<emulator_target>().emulator->act("approve-asset", {{"asset", "hero-film"}});
        return approve("hero-film");
    };
    t.other_change = [](conformance::bench& b) {
        b.system_as<emulator_target>().emulator->act("approve-asset", {{"asset", "logo"}});
        return approve("logo");
    };
    t.hooks = [](conformance::bench& b) { return b.system_as<emulator_target>().take_hooks(); };
    return t;
}

// With webhooks to the connection, as webhooks.ensure makes them.
conformance::subject hooked() {
    auto s = iconik_subject();
    s.system = [](mortise::testing::fake_host& host) {
        auto t = make_system(host);
        for (const char* type : {"assets", "collections"}) {
            const json::value hook = json::object{
                {"name", "Mortise"},
                {"url", "https://mortise.example/hooks/dam"},
                {"event_type", type},
                {"status", "ENABLED"},
                {"headers", json::object{{"X-Mortise-Secret", "the-text-of-the-hook"}}}};
            dynamic_cast<emulator_target&>(*t).ask("POST", "/API/notifications/v1/webhooks/",
                                                   as_admin(), hook);
        }
        return t;
    };
    return s;
}

void check(const std::vector<conformance::row>& rows) {
    const auto s = iconik_subject();
    for (const auto& r : rows) {
        INFO(r.operation);
        CHECK(conformance::to_text(check_operation(s, r)) == "");
    }
}

} // namespace

TEST_CASE("iconik: every operation and trigger has its row", "[plugins][iconik][conformance]") {
    CHECK(conformance::to_text(check_coverage(iconik_subject(), all_rows(), {changes()})) == "");
}

TEST_CASE("iconik: operations on assets conform", "[plugins][iconik][conformance]") {
    check(asset_rows());
}

TEST_CASE("iconik: operations on collections, metadata and access conform",
          "[plugins][iconik][conformance]") {
    check(place_rows());
}

TEST_CASE("iconik: operations of the review conform", "[plugins][iconik][conformance]") {
    check(review_rows());
}

TEST_CASE("iconik: operations on the account conform", "[plugins][iconik][conformance]") {
    check(account_rows());
}

TEST_CASE("iconik: changes become one event each", "[plugins][iconik][conformance]") {
    CHECK(conformance::to_text(check_trigger(hooked(), changes())) == "");
}
