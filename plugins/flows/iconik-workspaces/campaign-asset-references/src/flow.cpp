// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <set>

namespace campaign_references {

using iconik_workspaces::asset;
using mortise::event;
using mortise::flow_run;
using mortise::task;
namespace iw = iconik_workspaces;
namespace json = mortise::json;

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("campaign-asset-references").version("1.0.0").title("Campaign asset references");
    b.doc("Puts a reference to each approved iconik asset into the Business Workspaces of its "
          "campaigns, keeps it true when the asset changes, and writes the workspace's status back "
          "to the asset.");
    b.config<settings>();
    iw::references::declare(
        b.role("dam", "iconik", "Where the media assets are"),
        b.role("workspaces", "xecm-workspaces", "Where the campaign workspaces are"));
    for (const char* type :
         {"iconik.asset.approved", "iconik.asset.approval-changed", "iconik.asset.updated",
          "iconik.asset.metadata-changed", "iconik.asset.version-created", "iconik.asset.deleted",
          "iconik.collection.asset-added", "iconik.collection.asset-removed"}) {
        b.starts_on("dam", type);
    }
    for (const char* type : {"xecm.workspace.changed", "xecm.workspace.created",
                             "xecm.node.changed", "xecm.node.deleted"}) {
        b.starts_on("workspaces", type);
    }
}

task<json::value> flow::run(flow_run& run, event e) {
    if (e.type.starts_with("xecm.workspace.")) co_return co_await workspace_changed(run, e.subject);
    if (e.type.starts_with("xecm.node.")) {
        const bool removed = e.type == "xecm.node.deleted";
        co_return co_await reference_changed(run, e.subject, removed);
    }
    co_return co_await asset_changed(run, iw::asset_of(e));
}

// Each round looks at everything again: what was true before a wait may not be true after it.
task<json::value> flow::asset_changed(flow_run run, std::string asset_id) {
    mortise::growing_pauses pauses(settings_.wait);
    for (;;) {
        const auto kept = co_await refresh(run.scope(pauses.round()), asset_id);
        if (kept.problem) throw *kept.problem;
        if (kept.missing.empty()) co_return kept.to_json();
        const bool again = co_await pauses.next(run);
        if (!again) {
            throw iw::workspace_missing(settings_.campaign, kept.missing.front(),
                                        "metadata field \"" + settings_.campaigns.field +
                                            "\" of asset " + asset_id);
        }
    }
}

task<iw::kept> flow::refresh(flow_run run, std::string asset_id) {
    const auto asset = co_await iw::read_asset(run, asset_id);
    const bool approved = asset.approved(settings_.approved_statuses);
    std::set<std::string> campaigns;
    if (approved)
        campaigns = co_await iw::ids_named_by(run, asset, settings_.campaigns, "campaign");
    const std::string why = approved ? "not in the campaign any more" : asset.approval;
    auto kept = co_await references_.keep(run, asset, campaigns, settings_.campaign, why);
    // Without news there is none to tell: our own write to the asset comes back here.
    std::string status;
    for (const auto& place : kept.placed) {
        const auto here = place.changed ? status_of(place.in.raw) : std::string();
        if (!here.empty()) status += (status.empty() ? "" : ", ") + here;
    }
    if (!status.empty()) co_await tell_asset(run, asset_id, status);
    co_return kept;
}

std::string flow::status_of(const json::value& workspace) const {
    const auto text =
        iw::attribute(workspace, settings_.status_category, settings_.status_attribute);
    const auto mapped = settings_.status_values.find(text);
    return mapped != settings_.status_values.end() ? mapped->second : text;
}

task<json::value> flow::workspace_changed(flow_run run, std::string id) {
    const auto workspace = co_await iw::read_workspace(run, std::stoll(id));
    const auto status = status_of(workspace.raw);
    json::array told;
    if (status.empty()) co_return json::value{{"assets", told}};
    for (const auto& campaign : iw::business_objects(workspace.raw, settings_.campaign)) {
        const auto assets = co_await references_.of_object(run, campaign);
        for (const auto& asset_id : assets) {
            co_await tell_asset(run.scope("tell:" + campaign), asset_id, status);
            told.emplace_back(asset_id);
        }
    }
    co_return json::value{{"assets", told}, {"status", status}};
}

// Somebody changed or removed a reference in the workspace: the asset hears of it.
task<json::value> flow::reference_changed(flow_run run, std::string node_id, bool removed) {
    const auto news = co_await references_.node_changed(run, node_id, removed);
    if (!news) co_return json::value{{"news", false}};
    co_await tell_asset(run, news->asset_id, news->said);
    co_return json::value{{"asset", news->asset_id}, {"status", news->said}};
}

task<void> flow::tell_asset(flow_run run, std::string asset_id, std::string status) {
    if (settings_.status_field.empty()) co_return;
    iw::field_texts fields;
    fields[settings_.status_field] = {status};
    co_await iw::write_metadata(run, "assets", asset_id, settings_.campaigns.view, fields);
}

} // namespace campaign_references
