// SPDX-License-Identifier: Apache-2.0
//
// Settings of the approval of assets.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <chrono>
#include <iconik_workspaces/metadata.hpp>
#include <iconik_workspaces/workspace.hpp>
#include <map>
#include <string>
#include <vector>

namespace asset_approval {

using iconik_workspaces::business_object_type;
using iconik_workspaces::id_field;

// How a review in the workspace looks.
struct review_settings {
    std::string workflow_map = "Asset Review";
    std::string intake_step = "Intake";
    std::vector<std::string> steps{"Legal Review", "Brand Review", "Compliance Review"};
    std::map<std::string, std::string> decisions{{"Approve", "Approved"}, {"Reject", "Rejected"}};
    std::map<std::string, std::string> attributes{{"Asset ID", "asset_id"},
                                                  {"Asset Version", "version"}};
    std::vector<std::string> folder{"Reviews"};
    std::string record_category = "Approval Record";
    std::string asset_link = "https://app.iconik.io/asset/{asset_id}?version={version_id}";

    static auto describe() {
        return mortise::object<review_settings>("The review in the workspace")
            .field("workflow_map", &review_settings::workflow_map,
                   "Workflow map that is started for each submitted version")
            .names("workspaces", "workflow-map")
            .field("intake_step", &review_settings::intake_step,
                   "Step of the map assigned to the connection's own user, which the flow finishes "
                   "itself; empty: there is none")
            .field("steps", &review_settings::steps,
                   "Steps of the map that decide; the asset is publish-ready when all approve")
            .min(1)
            .field("decisions", &review_settings::decisions,
                   "What a step's disposition means: Approved or Rejected; another disposition "
                   "ends the run with an error that names it")
            .field("attributes", &review_settings::attributes,
                   "Workflow attributes that are filled, each with what it says: asset_id, "
                   "version, version_id, title, url")
            .field("folder", &review_settings::folder,
                   "Folder path below the workspace with references and records of reviews; "
                   "missing folders are made")
            .field("record_category", &review_settings::record_category,
                   "Category on the reviewed reference: Asset ID, Asset Version, Result, and the "
                   "set Decisions with Reviewer, Decision, Comment, Date")
            .names("workspaces", "category")
            .field("asset_link", &review_settings::asset_link,
                   "Address of the reviewed version; {asset_id} and {version_id} are replaced");
    }
};

// What happens when a reviewer takes long.
struct patience_settings {
    std::chrono::seconds remind_after{std::chrono::hours(48)};
    std::chrono::seconds remind_every{std::chrono::hours(24)};
    std::chrono::seconds escalate_after{std::chrono::hours(5 * 24)};
    std::string escalate_to;

    static auto describe() {
        return mortise::object<patience_settings>("When a reviewer takes long")
            .field("remind_after", &patience_settings::remind_after,
                   "How long a step may wait before its reviewers are reminded; 0s: never")
            .field("remind_every", &patience_settings::remind_every,
                   "Time between further reminders; 0s: there is one")
            .field("escalate_after", &patience_settings::escalate_after,
                   "How long a step may wait before somebody else is told; 0s: never")
            .field("escalate_to", &patience_settings::escalate_to,
                   "Login name or group that is told then; empty: nobody");
    }
};

// What the asset says of its review.
struct asset_fields {
    std::string view = "Marketing";
    std::string status = "approval_status";
    std::map<std::string, std::string> status_values{
        {"In Review", "In Review"}, {"Approved", "Approved"}, {"Rejected", "Rejected"},
        {"Withdrawn", "Draft"},     {"Stopped", "Draft"},     {"Superseded", "Draft"}};
    std::string ready = "publish_ready";
    std::string record = "approval_record";
    bool vote = true;

    static auto describe() {
        return mortise::object<asset_fields>("Metadata fields of the asset; empty: not written")
            .field("view", &asset_fields::view, "iconik metadata view that holds the fields")
            .names("dam", "metadata-view")
            .field("status", &asset_fields::status, "Field with the state of the review")
            .names("dam", "metadata-field", "view")
            .field("status_values", &asset_fields::status_values,
                   "The field's value for In Review, Approved, Rejected, Withdrawn, Stopped, "
                   "Superseded; one that is left out writes nothing")
            .field("ready", &asset_fields::ready, "Boolean field: may be published")
            .names("dam", "metadata-field", "view")
            .field("record", &asset_fields::record, "Text field with the approval record")
            .names("dam", "metadata-field", "view")
            .field("vote", &asset_fields::vote,
                   "Answer iconik's request for approval with the decision");
    }
};

struct settings {
    id_field campaign{.field = "campaign_id"};
    business_object_type business_object{.type = "campaign"};
    mortise::patience wait_for_workspace;
    review_settings review;
    patience_settings patience;
    asset_fields asset;

    static auto describe() {
        return mortise::object<settings>("Approval of assets in business workspaces")
            .field("campaign", &settings::campaign,
                   "Field of the asset or its collections that names the workspace's business "
                   "object")
            .field("business_object", &settings::business_object,
                   "Kind of business object the workspaces have")
            .field("wait_for_workspace", &settings::wait_for_workspace,
                   "How long to wait for a workspace that is not there yet")
            .field("review", &settings::review, "The review in the workspace")
            .field("patience", &settings::patience, "When a reviewer takes long")
            .field("asset", &settings::asset, "What the asset says of its review");
    }
};

} // namespace asset_approval
