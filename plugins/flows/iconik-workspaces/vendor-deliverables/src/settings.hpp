// SPDX-License-Identifier: Apache-2.0
//
// Settings of the tracking of vendors' deliverables.
#pragma once

#include <mortise/sdk/schema.hpp>
#include <mortise/sdk/sync_names.hpp>

#include <iconik_workspaces/metadata.hpp>
#include <iconik_workspaces/workspace.hpp>
#include <string>
#include <vector>

namespace vendor_deliverables {

using iconik_workspaces::business_object_type;
using iconik_workspaces::id_field;

// In the place of a metadata field: iconik's approval of the version.
inline constexpr const char* approval_field = "approval";

// Side a is a field of settings::view, side b an attribute of settings::category.
struct deliverable_field : mortise::sync_field {
    static mortise::sync_names names_a() {
        return {"dam", "metadata-field", "view", {approval_field}};
    }
    static mortise::sync_names names_b() { return {"workspaces", "attribute", "category", {}}; }
};

inline std::vector<deliverable_field> usual_fields() {
    deliverable_field approval, feedback, invoice;
    approval.a = approval_field;
    approval.b = "Approval";
    approval.owner = mortise::sync_owner::b;
    approval.values = {{"N/A", "Pending"},
                       {"REQUESTED", "In Review"},
                       {"APPROVED", "Approved"},
                       {"NOT_APPROVED", "Rejected"},
                       {"MIXED", "Mixed"}};
    feedback.a = "vendor_feedback";
    feedback.b = "Feedback";
    feedback.owner = mortise::sync_owner::b;
    invoice.a = "invoice_status";
    invoice.b = "Invoice State";
    invoice.direction = mortise::sync_direction::to_a;
    return {approval, feedback, invoice};
}

struct settings {
    id_field vendor{.field = "vendor_id"};
    business_object_type business_object{.type = "vendor"};
    mortise::patience wait_for_workspace;
    std::vector<std::string> folder{"Deliverables"};
    std::string category = "Vendor Deliverable";
    std::string asset_link = "https://app.iconik.io/asset/{asset_id}?version={version_id}";
    std::string view = "Marketing";
    std::vector<deliverable_field> fields = usual_fields();
    std::string feedback = "Feedback";
    bool comments = true;

    static auto describe() {
        return mortise::object<settings>("Deliverables of vendors in business workspaces")
            .field("vendor", &settings::vendor,
                   "Field of the asset or its collections that names the vendor's business object; "
                   "a deliverable has one vendor")
            .field("business_object", &settings::business_object,
                   "Kind of business object the vendors' workspaces have")
            .field("wait_for_workspace", &settings::wait_for_workspace,
                   "How long to wait for a workspace that is not there yet")
            .field("folder", &settings::folder,
                   "Folder path below the workspace; missing folders are made")
            .field("category", &settings::category,
                   "Category on each deliverable: Asset ID, Title, Version, Version ID, Vendor ID, "
                   "Delivered On, Status, Approval, and the set Versions with Version, Version ID, "
                   "Delivered On, Approval, Feedback; besides the attributes of fields")
            .names("workspaces", "category")
            .field("asset_link", &settings::asset_link,
                   "Address of the delivered version; {asset_id} and {version_id} are replaced")
            .field("view", &settings::view, "iconik metadata view with the fields below")
            .names("dam", "metadata-view")
            .field("fields", &settings::fields,
                   "What is kept equal: a is a metadata field of the asset (approval: iconik's "
                   "approval of the version), b an attribute of the category")
            .field("feedback", &settings::feedback,
                   "Attribute whose text also becomes a comment on the asset; empty: none does")
            .field("comments", &settings::comments,
                   "Comments on the asset are written on the deliverable as well");
    }
};

} // namespace vendor_deliverables
