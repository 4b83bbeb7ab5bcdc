// SPDX-License-Identifier: Apache-2.0
#include "conformance_subject.hpp"

namespace iconik_test {

using conformance::bench;
using conformance::row;

namespace {

json::value of_hero(json::object more) {
    more["object_id"] = hero;
    return more;
}

conformance::list_facts contents() {
    conformance::list_facts f;
    f.at = "objects";
    f.id = "id";
    f.many = 6;
    f.add = [](bench& b, int n) {
        const json::object spot{{"title", "Spot " + std::to_string(n)}};
        b.system_as<emulator_target>().emulator->act("add-asset", spot);
    };
    f.remove = [](bench& b) {
        b.system_as<emulator_target>().emulator->act(
            "remove-from-collection", {{"asset", "hero-film"}, {"collection", "spring-launch"}});
    };
    return f;
}

} // namespace

std::vector<row> place_rows() {
    std::vector<row> r;
    const json::value in_launch = json::object{{"collection_id", launch}};
    r.push_back(row("collections.get", in_launch).missing("collection_id", nobody));
    r.push_back(row("collections.find", json::object{{"title", "Brand"}}));
    r.push_back(row("collections.create",
                    json::object{{"title", "Q3"},
                                 {"parent_id", seed::id("collection/campaigns")},
                                 {"view", "Marketing"},
                                 {"metadata", json::object{{"campaign_id", "C-1003"}}}})
                    .text("title", "title")
                    .tolerates(404));
    r.push_back(row("collections.list_contents", in_launch)
                    .missing("collection_id", nobody)
                    .tolerates(404)
                    .list(contents()));
    r.push_back(row("collections.of_asset", json::object{{"asset_id", hero}, {"view", "Marketing"}})
                    .missing("asset_id", nobody)
                    .tolerates(404)
                    .tolerates(403));
    const json::value place =
        json::object{{"collection_id", seed::id("collection/brand")}, {"object_id", hero}};
    r.push_back(row("collections.add", place).missing("collection_id", nobody));
    r.push_back(
        row("collections.remove", json::object{{"collection_id", launch}, {"object_id", hero}})
            .missing("collection_id", nobody)
            .tolerates(404));
    r.push_back(row("metadata.views", json::object()));
    r.push_back(row("metadata.fields", json::object()));
    r.push_back(row("metadata.get", of_hero({{"view", "Marketing"}})).tolerates(404));
    r.push_back(row("metadata.set",
                    of_hero({{"view", "Marketing"},
                             {"values", json::object{{"workspace_status", "Gr\xC3\xB6\xC3\x9F"
                                                                          "er"},
                                                     {"campaign_id", "C-1002"}}}}))
                    .tolerates(404));
    r.push_back(row("acls.get", of_hero({})).missing_is_fine("object_id", nobody));
    r.push_back(row("acls.set", of_hero({{"groups", json::array{"Legal"}},
                                         {"users", json::array{"viewer@nordlicht.example"}},
                                         {"permissions", json::array{"read"}},
                                         {"mode", "add"}}))
                    .missing("object_id", nobody, mortise::category::denied));
    const json::value share = of_hero({{"title", "For the agency"}});
    r.push_back(row("shares.create", share).missing("object_id", nobody).text("title", "title"));
    r.push_back(row("shares.find", share).missing("object_id", nobody));
    r.push_back(row("shares.list", of_hero({})).missing("object_id", nobody));
    r.push_back(
        row("shares.revoke", [share](bench& b) {
            const auto made = b.call("shares.create", share);
            return json::value(json::object{{"object_id", hero}, {"share_id", made.at("id")}});
        }).missing_is_fine("share_id", nobody));
    return r;
}

} // namespace iconik_test
