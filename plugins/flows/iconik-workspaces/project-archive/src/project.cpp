// SPDX-License-Identifier: Apache-2.0
// What belongs to a project: its sign-off documents, its assets.
#include "flow.hpp"

namespace project_archive {

using iconik_workspaces::dam;
using iconik_workspaces::workspace;
using iconik_workspaces::workspaces;
using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::task;
namespace json = mortise::json;

// 0 when it is not there.
task<std::int64_t>
flow::folder_in(flow_run run, std::int64_t workspace_id, std::vector<std::string> path) {
    std::int64_t at = workspace_id;
    for (const auto& name : path) {
        json::value child{{"parent_id", at}, {"name", name}};
        const auto found =
            co_await run.call("folder:" + name, workspaces, "nodes.find_child", std::move(child));
        if (!mortise::require_bool(found, "found")) co_return 0;
        at = mortise::require_int(found, "result.id");
    }
    co_return at;
}

task<std::vector<sign_off_document>> flow::sign_off_documents(flow_run run, workspace ws) {
    const auto& s = settings_.sign_off;
    std::vector<sign_off_document> out;
    const auto folder = co_await folder_in(run.scope("sign-off"), ws.id, s.folder);
    if (folder != 0) {
        json::value which{{"id", folder}, {"types", json::array{144}}};
        const auto list = co_await run.call("documents", workspaces, "nodes.children", which);
        for (const auto& n : mortise::require_array(list, "nodes")) {
            const auto id = mortise::require_int(n, "id");
            out.push_back({id, mortise::require_string(n, "name"), link_to(s, id)});
        }
    }
    if (out.empty()) {
        std::string path;
        for (const auto& name : s.folder)
            path += '/' + name;
        throw error(category::input, "project-archive.sign-off.empty",
                    "workspace \"" + ws.name + "\" is signed off (category \"" + s.category +
                        "\", attribute \"" + s.attribute + "\"), but its folder " + path +
                        " holds no document: file the sign-off there, then retry this run");
    }
    co_return out;
}

// Those that name the project, those in the collection with the workspace's name, and those the
// workspace refers to: the last are how a missing one is noticed.
task<std::set<std::string>> flow::assets_of(flow_run run, std::string project, workspace ws) {
    std::set<std::string> ids;
    json::object named{{"name", "metadata." + settings_.project.field}, {"value", project}};
    json::object filter{{"operator", "AND"}, {"terms", json::array{std::move(named)}}};
    json::value query{{"filter", std::move(filter)},
                      {"fields", json::array{"id"}},
                      {"limit", settings_.max_assets + 1}};
    const auto found = co_await run.call("search", dam, "search.assets", std::move(query));
    for (const auto& a : mortise::require_array(found, "assets"))
        ids.insert(mortise::require_string(a, "id"));
    json::value titled{{"title", ws.name}};
    const auto collection = co_await run.call("collection", dam, "collections.find", titled);
    if (mortise::require_bool(collection, "found")) {
        json::value inside{{"collection_id", mortise::require_string(collection, "result.id")},
                           {"object_types", json::array{"assets"}},
                           {"limit", settings_.max_assets + 1}};
        const auto list = co_await run.call("contents", dam, "collections.list_contents", inside);
        for (const auto& o : mortise::require_array(list, "objects"))
            ids.insert(mortise::require_string(o, "id"));
    }
    co_await assets_referenced(run.scope("references"), ws.id, ids);
    if (ids.empty()) {
        throw error(category::input, "project-archive.assets.none",
                    "project " + project + " is signed off in workspace \"" + ws.name +
                        "\", but no asset names it in metadata field \"" + settings_.project.field +
                        "\" and the workspace refers to none: enter the project on its assets, "
                        "then retry this run");
    }
    if (ids.size() > static_cast<std::size_t>(settings_.max_assets)) {
        throw error(category::limit, "project-archive.assets.many",
                    "project " + project +
                        " has more than max_assets = " + std::to_string(settings_.max_assets) +
                        " assets: raise the setting, then retry this run with --repin");
    }
    co_return ids;
}

// into: a local of assets_of(), which outlives this.
task<void>
flow::assets_referenced(flow_run run, std::int64_t workspace_id, std::set<std::string>& into) {
    const auto& s = settings_.references;
    const auto folder = co_await folder_in(run, workspace_id, s.folder);
    if (folder == 0) co_return;
    json::value which{{"id", folder}, {"types", json::array{140}}};
    const auto list = co_await run.call("nodes", workspaces, "nodes.children", std::move(which));
    for (const auto& n : mortise::require_array(list, "nodes")) {
        const auto id = mortise::require_int(n, "id");
        json::value node{{"id", id}};
        const auto categories = co_await run.call("categories:" + std::to_string(id), workspaces,
                                                  "categories.list", std::move(node));
        const auto asset = iconik_workspaces::attribute(categories, s.category, s.attribute);
        if (!asset.empty()) into.insert(asset);
    }
}

} // namespace project_archive
