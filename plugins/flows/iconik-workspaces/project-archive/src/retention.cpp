// SPDX-License-Identifier: Apache-2.0
// Retention metadata, kept equal between workspace and assets, also after archiving.
#include "flow.hpp"

namespace project_archive {

using iconik_workspaces::dam;
using iconik_workspaces::workspaces;
using mortise::flow_run;
using mortise::sync_view;
using mortise::task;
namespace json = mortise::json;

task<json::value> flow::asset_changed(flow_run run, std::string asset_id) {
    const auto links =
        co_await run.link_find("projects", archived_assets, asset_key(asset_id, "*"));
    json::array done;
    for (const auto& l : links) {
        const auto project = l.a.substr(asset_key(asset_id, "").size());
        const bool changed = co_await sync_retention(run.scope("project:" + project), asset_id,
                                                     project, workspace_in_key(l.b));
        json::object one{{"project", project}, {"changed", changed}};
        done.push_back(std::move(one));
    }
    co_return json::value{{"retention", done}};
}

// How many were not equal.
task<std::size_t> flow::keep_retention(flow_run run, std::string project) {
    std::size_t n = 0;
    const auto links = co_await run.link_find("assets", assets_of_project, project + "#*");
    for (const auto& l : links) {
        const auto asset_id = l.a.substr(project.size() + 1);
        const bool changed = co_await sync_retention(run.scope("asset:" + asset_id), asset_id,
                                                     project, workspace_in_key(l.b));
        n += changed;
    }
    co_return n;
}

task<bool> flow::sync_retention(flow_run run,
                                std::string asset_id,
                                std::string project,
                                std::int64_t workspace_id) {
    mortise::two_way_sync::sides how;
    how.read_a = [this, asset_id](flow_run r) { return read_asset_side(r, asset_id); };
    how.read_b = [this, workspace_id](flow_run r) { return read_workspace_side(r, workspace_id); };
    how.write_a = [this, asset_id](flow_run r, json::object v) {
        return write_asset_side(r, asset_id, std::move(v));
    };
    how.write_b = [this, workspace_id](flow_run r, json::object v) {
        return write_workspace_side(r, workspace_id, std::move(v));
    };
    mortise::sync_ends ends{asset_key(asset_id, project), workspace_key(workspace_id, asset_id)};
    const auto report = co_await sync_.run(run, std::move(ends), std::move(how));
    report.check();
    co_return report.changed();
}

// A deleted asset says nothing, and nothing is said to it.
task<sync_view> flow::read_asset_side(flow_run run, std::string asset_id) const {
    sync_view view;
    json::value which{
        {"object_type", "assets"}, {"object_id", asset_id}, {"view", settings_.project.view}};
    const auto got = co_await run.try_call("asset", dam, "metadata.get", std::move(which));
    if (!got && got.error().category == mortise::category::not_found) co_return view;
    if (!got) throw got.error();
    const auto* values = mortise::find_json(*got, "values");
    for (const auto& field : settings_.retention) {
        const auto* v = values != nullptr && values->is_object()
                            ? values->get_object().if_contains(field.a)
                            : nullptr;
        if (v != nullptr) view.values[field.a] = *v;
    }
    co_return view;
}

task<sync_view> flow::read_workspace_side(flow_run run, std::int64_t workspace_id) const {
    json::value which{{"id", workspace_id}};
    const auto node = co_await run.call("workspace", workspaces, "categories.list", which);
    sync_view view;
    const auto* list = mortise::find_json(node, "categories");
    if (list == nullptr || !list->is_array()) co_return view;
    for (const auto& c : list->get_array()) {
        if (mortise::optional_string(c, "name").value_or("") != settings_.retention_category)
            continue;
        const auto* values = mortise::find_json(c, "values");
        if (values == nullptr || !values->is_object()) continue;
        for (const auto& field : settings_.retention)
            if (const auto* v = values->get_object().if_contains(field.b))
                view.values[field.b] = *v;
    }
    co_return view;
}

task<json::value>
flow::write_asset_side(flow_run run, std::string asset_id, json::object values) const {
    json::object fields;
    for (const auto& entry : values) {
        auto& to = fields[entry.key()];
        if (entry.value().is_array())
            to = entry.value();
        else if (entry.value().is_null())
            to = json::array();
        else
            to = json::array{entry.value()};
    }
    json::value write{{"object_type", "assets"},
                      {"object_id", asset_id},
                      {"view", settings_.project.view},
                      {"values", std::move(fields)}};
    const auto written = co_await run.try_call("write-asset", dam, "metadata.set", write);
    if (!written && written.error().category != mortise::category::not_found) throw written.error();
    json::value before;
    if (written)
        if (const auto* b = mortise::find_json(*written, "before")) before = *b;
    co_return before;
}

task<json::value>
flow::write_workspace_side(flow_run run, std::int64_t workspace_id, json::object values) const {
    json::value write{{"id", workspace_id},
                      {"category", settings_.retention_category},
                      {"values", std::move(values)}};
    const auto written =
        co_await run.call("write-workspace", workspaces, "categories.set", std::move(write));
    json::value before;
    if (const auto* b = mortise::find_json(written, "before")) before = *b;
    co_return before;
}

} // namespace project_archive
