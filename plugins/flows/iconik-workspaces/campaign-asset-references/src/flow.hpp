// SPDX-License-Identifier: Apache-2.0
//
// Campaign asset references: every campaign's Business Workspace shows the approved media of the
// campaign as references, kept true while the assets change; the workspace's status comes back to
// the assets.
#pragma once

#include <mortise/sdk/flow.hpp>

#include <iconik_workspaces/metadata.hpp>
#include <iconik_workspaces/references.hpp>
#include <map>
#include <string>
#include <vector>

namespace campaign_references {

struct settings {
    iconik_workspaces::id_field campaigns{.field = "campaign_id"};
    iconik_workspaces::business_object_type campaign{.type = "campaign"};
    std::vector<std::string> approved_statuses{"APPROVED"};
    iconik_workspaces::reference_settings reference;
    std::string status_field = "workspace_status";
    std::string status_category = "Campaign";
    std::string status_attribute = "Status";
    std::map<std::string, std::string> status_values;
    iconik_workspaces::patience wait;

    static auto describe() {
        return mortise::object<settings>("References to campaign media")
            .field("campaigns", &settings::campaigns,
                   "Where assets and collections name their campaigns")
            .field("campaign", &settings::campaign, "The business object of a campaign's workspace")
            .field("approved_statuses", &settings::approved_statuses,
                   "iconik approval states that count as approved")
            .min(1)
            .field("reference", &settings::reference, "What a reference looks like")
            .field("status_field", &settings::status_field,
                   "Metadata field of the asset that receives the workspace's status; empty: "
                   "nothing is written back")
            .names(iconik_workspaces::dam, "metadata-field")
            .field("status_category", &settings::status_category,
                   "Category of the workspace that holds its status")
            .names(iconik_workspaces::workspaces, "category")
            .field("status_attribute", &settings::status_attribute, "Attribute with the status")
            .names(iconik_workspaces::workspaces, "attribute", "status_category")
            .field(
                "status_values", &settings::status_values,
                "Workspace status to the text written to the asset; others are written as they are")
            .field("wait", &settings::wait,
                   "How long to wait for a campaign's workspace that is not there yet");
    }
};

class flow {
public:
    flow(mortise::instance&, settings s)
        : settings_(std::move(s)), references_("campaign-asset-reference", settings_.reference) {}
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event e);

private:
    mortise::task<mortise::json::value> asset_changed(mortise::flow_run run, std::string asset_id);
    // One look at the asset and all its campaigns.
    mortise::task<iconik_workspaces::kept> refresh(mortise::flow_run run, std::string asset_id);
    mortise::task<mortise::json::value> workspace_changed(mortise::flow_run run, std::string id);
    mortise::task<mortise::json::value>
    reference_changed(mortise::flow_run run, std::string node_id, bool removed);
    mortise::task<void> tell_asset(mortise::flow_run run, std::string asset_id, std::string status);
    std::string status_of(const mortise::json::value& workspace) const;

    const settings settings_;
    const iconik_workspaces::references references_;
};

} // namespace campaign_references
