// SPDX-License-Identifier: Apache-2.0
#include "conformance_subject.hpp"

namespace iconik_test {

using conformance::bench;
using conformance::row;

namespace {

json::value of(const std::string& asset) {
    return json::object{{"asset_id", asset}};
}

// The first version of the hero film, which is not the current one.
json::value old_version(bench& b) {
    const auto all = b.call("versions.list", of(hero)).at("versions");
    return json::object{{"asset_id", hero}, {"version_id", all.as_array().back().at("id")}};
}

json::value archived(bench& b) {
    b.call("assets.archive", of(logo));
    b.settle();
    return of(logo);
}

} // namespace

std::vector<row> asset_rows() {
    std::vector<row> r;
    r.push_back(row("assets.get", json::object{{"asset_id", hero}, {"include_collections", true}})
                    .missing("asset_id", nobody)
                    .tolerates(404));
    r.push_back(row("assets.find", json::object{{"external_id", "NL-hero-film"}}));
    r.push_back(row("assets.create", json::object{{"title", "New spot"}, {"collection_id", launch}})
                    .missing("collection_id", nobody)
                    .text("title", "title"));
    r.push_back(row("assets.update",
                    json::object{{"asset_id", hero}, {"fields", json::object{{"title", "Hero 2"}}}})
                    .missing("asset_id", nobody));
    r.push_back(row("assets.delete", of(logo)).missing_is_fine("asset_id", nobody));
    r.push_back(row("assets.archive", of(logo)).missing("asset_id", nobody).tolerates(404));
    r.push_back(
        row("assets.restore", &archived).missing("asset_id", nobody).tolerates(403).tolerates(404));
    r.push_back(row("assets.archive_status", of(logo)).missing("asset_id", nobody).tolerates(404));
    r.push_back(row("versions.list", of(hero)).missing("asset_id", nobody));
    r.push_back(row("versions.create", json::object{{"asset_id", hero}, {"after_version", 2}})
                    .missing("asset_id", nobody));
    r.push_back(row("versions.promote", &old_version).missing("version_id", nobody));
    r.push_back(row("history.list", of(hero)));
    r.push_back(
        row("history.add", json::object{{"asset_id", logo}, {"description", "Archived under R-77"}})
            .missing("asset_id", nobody));
    r.push_back(row("history.find",
                    json::object{{"asset_id", logo}, {"description", "Archived under R-77"}}));
    r.push_back(row("files.list", json::object{{"asset_id", hero}, {"download_urls", true}})
                    .missing("asset_id", nobody)
                    .tolerates(404));
    r.push_back(row("proxies.list", of(hero)).missing("asset_id", nobody));
    r.push_back(row("keyframes.list", of(hero)).missing("asset_id", nobody));
    r.push_back(row("files.download", of(logo)).missing("asset_id", nobody).tolerates(404));
    r.push_back(row("keyframes.download", of(hero)).missing("asset_id", nobody).tolerates(404));
    r.push_back(row("files.upload", json::object{{"asset_id", logo},
                                                 {"name", "logo_2.png"},
                                                 {"size", 12},
                                                 {"version", "new"},
                                                 {"media_type", "image/png"}})
                    .missing("asset_id", nobody)
                    .content("twelve bytes", "image/png"));
    const json::value related =
        json::object{{"asset_id", logo}, {"related_asset_id", hero}, {"type", "related"}};
    r.push_back(row("relations.list", of(hero)).missing("asset_id", nobody));
    r.push_back(row("relations.ensure", related).missing("related_asset_id", nobody));
    r.push_back(row("relations.remove", [related](bench& b) {
                    b.call("relations.ensure", related);
                    return related;
                }).tolerates(404));
    conformance::list_facts found;
    found.at = "assets";
    found.id = "id";
    found.many = 6;
    found.add = [](bench& b, int n) {
        const json::object spot{{"title", "Spot " + std::to_string(n)}};
        b.system_as<emulator_target>().emulator->act("add-asset", spot);
        b.system->advance(std::chrono::seconds(2));
    };
    r.push_back(row("search.assets", json::object{{"query", ""}, {"limit", 1000}}).list(found));
    return r;
}

} // namespace iconik_test
