// SPDX-License-Identifier: Apache-2.0
//
// Settings of the flow.
#pragma once

#include <mortise/sdk/sync.hpp>
#include <mortise/sdk/sync_names.hpp>

#include <iconik_workspaces/metadata.hpp>
#include <iconik_workspaces/workspace.hpp>
#include <string>
#include <vector>

namespace rights_metadata_sync {

// What happens in iconik when a right is revoked or has expired.
struct restriction_settings {
    std::string status_field = "rights_status";
    std::string expiry_field = "expiry_date";
    std::vector<std::string> restricting{"Restricted", "Revoked", "Expired"};
    std::string expired = "Expired";
    std::string renewed = "Cleared";
    std::vector<std::string> groups;
    std::vector<std::string> collections;

    static auto describe() {
        return mortise::object<restriction_settings>("Restriction of an asset")
            .field("status_field", &restriction_settings::status_field,
                   "iconik field with the rights' status; side a of one of the fields")
            .names(iconik_workspaces::dam, "metadata-field")
            .min(1)
            .field("expiry_field", &restriction_settings::expiry_field,
                   "iconik field with the last day of the right; side a of one of the fields. "
                   "Empty: rights do not expire by date")
            .names(iconik_workspaces::dam, "metadata-field")
            .field("restricting", &restriction_settings::restricting,
                   "Values of the status under which the asset may not be used")
            .min(1)
            .field("expired", &restriction_settings::expired,
                   "Status written on both sides when the last day is over")
            .min(1)
            .field("renewed", &restriction_settings::renewed,
                   "Status after a renewal, where none is known from before the expiry")
            .min(1)
            .field("groups", &restriction_settings::groups,
                   "iconik groups that lose their rights on a restricted asset until it is lifted")
            .names(iconik_workspaces::dam, "group")
            .field("collections", &restriction_settings::collections,
                   "Collections (title or id) a restricted asset is taken out of until it is "
                   "lifted")
            .names(iconik_workspaces::dam, "collection");
    }
};

// Side a is a field of settings::view, side b an attribute of settings::category.
struct rights_field : mortise::sync_field {
    static mortise::sync_names names_a() {
        return {iconik_workspaces::dam, "metadata-field", "view", {}};
    }
    static mortise::sync_names names_b() {
        return {iconik_workspaces::workspaces, "attribute", "category", {}};
    }
};

struct settings {
    iconik_workspaces::id_field objects{.field = "campaign_id"};
    iconik_workspaces::business_object_type object{.type = "campaign"};
    std::string view = "Marketing";
    std::string category = "Rights";
    std::string asset_attribute = "Asset ID";
    std::vector<std::string> folder{"Rights"};
    std::string asset_link = "https://app.iconik.io/asset/{asset_id}";
    std::vector<rights_field> fields = standard_fields();
    mortise::sync_limits limits;
    restriction_settings restriction;
    std::vector<std::string> record_folder{"Rights"};
    std::vector<std::string> agreement_fields{"document_url"};
    std::vector<std::string> agreement_folder{"Contracts"};
    iconik_workspaces::patience wait;

    static std::vector<rights_field> standard_fields();

    static auto describe() {
        return mortise::object<settings>("Rights metadata in step with business workspaces")
            .field("objects", &settings::objects,
                   "Where assets and collections name the business objects of their workspaces")
            .field("object", &settings::object, "The business object of a workspace")
            .field("view", &settings::view, "iconik metadata view with the rights fields")
            .names(iconik_workspaces::dam, "metadata-view")
            .field("category", &settings::category,
                   "Category with the rights on the asset's item in the workspace")
            .names(iconik_workspaces::workspaces, "category")
            .field("asset_attribute", &settings::asset_attribute,
                   "Attribute that receives the asset's id; empty: none")
            .names(iconik_workspaces::workspaces, "attribute", "category")
            .field("folder", &settings::folder,
                   "Folder path of the items below the workspace; missing folders are made")
            .min(1)
            .field("asset_link", &settings::asset_link,
                   "Address an item points to; {asset_id} is replaced")
            .field("fields", &settings::fields,
                   "Which iconik field (a) and category attribute (b) are kept equal")
            .min(1)
            .field("limits", &settings::limits, "Loop budget")
            .field("restriction", &settings::restriction,
                   "What a revoked or expired right does in iconik")
            .field("record_folder", &settings::record_folder,
                   "Folder path of the rights records below the workspace; empty: none are filed")
            .field("agreement_fields", &settings::agreement_fields,
                   "iconik fields with addresses of agreements and release forms; each is filed "
                   "as a reference")
            .field("agreement_folder", &settings::agreement_folder,
                   "Folder path of the agreements below the workspace")
            .min(1)
            .field("wait", &settings::wait,
                   "How long to wait for a workspace that is not there yet");
    }
};

} // namespace rights_metadata_sync
