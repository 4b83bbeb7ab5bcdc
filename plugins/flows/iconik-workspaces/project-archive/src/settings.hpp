// SPDX-License-Identifier: Apache-2.0
//
// Settings of the archiving of projects.
#pragma once

#include <mortise/sdk/schema.hpp>
#include <mortise/sdk/sync_names.hpp>

#include <cstdint>
#include <iconik_workspaces/metadata.hpp>
#include <iconik_workspaces/workspace.hpp>
#include <string>
#include <vector>

namespace project_archive {

using iconik_workspaces::business_object_type;
using iconik_workspaces::id_field;

// When a project is signed off, and with what.
struct sign_off_settings {
    std::string category = "Campaign";
    std::string attribute = "Status";
    std::vector<std::string> values{"Completed"};
    std::vector<std::string> folder{"Sign-off"};
    std::string document_link = "https://ecm.example.com/otcs/cs/app/nodes/{id}";

    static auto describe() {
        return mortise::object<sign_off_settings>("Final sign-off of a project")
            .field("category", &sign_off_settings::category,
                   "Category of the workspace that says so")
            .names("workspaces", "category")
            .field("attribute", &sign_off_settings::attribute, "Its attribute")
            .names("workspaces", "attribute", "category")
            .field("values", &sign_off_settings::values, "Values that mean signed off")
            .min(1)
            .field("folder", &sign_off_settings::folder,
                   "Folder path below the workspace with the sign-off documents")
            .field("document_link", &sign_off_settings::document_link,
                   "Address of a document or workspace for people; {id} is replaced");
    }
};

// Where the workspace names its assets, besides the field on the assets.
struct reference_place {
    std::vector<std::string> folder{"Media"};
    std::string category = "Media Reference";
    std::string attribute = "Asset ID";

    static auto describe() {
        return mortise::object<reference_place>("References to assets in the workspace")
            .field("folder", &reference_place::folder, "Folder path below the workspace")
            .field("category", &reference_place::category, "Category of a reference")
            .names("workspaces", "category")
            .field("attribute", &reference_place::attribute, "Attribute with the asset's id")
            .names("workspaces", "attribute", "category");
    }
};

// What the asset says of its business record.
struct asset_fields {
    std::string record = "business_record";
    std::string documents = "signoff_documents";
    std::string state = "archive_state";
    std::string requested = "Requested";
    std::string archived = "Archived";

    static auto describe() {
        return mortise::object<asset_fields>("Metadata fields of the asset; empty: not written")
            .field("record", &asset_fields::record, "Field with the address of the workspace")
            .field("documents", &asset_fields::documents,
                   "Field that takes several values, one for each sign-off document")
            .field("state", &asset_fields::state, "Field with the state of archiving")
            .field("requested", &asset_fields::requested, "Its value from the request on")
            .field("archived", &asset_fields::archived, "Its value when it is done");
    }
};

// Side a is a field of any view of the asset, side b an attribute of settings::retention_category.
struct retention_field : mortise::sync_field {
    static mortise::sync_names names_a() { return {"dam", "metadata-field", "", {}}; }
    static mortise::sync_names names_b() {
        return {"workspaces", "attribute", "retention_category", {}};
    }
};

inline std::vector<retention_field> usual_retention() {
    retention_field until;
    until.a = "retention_date";
    until.b = "Retain Until";
    until.type = mortise::sync_type::date;
    until.owner = mortise::sync_owner::b;
    return {until};
}

struct settings {
    id_field project{.field = "project_id"};
    business_object_type business_object{.type = "project"};
    sign_off_settings sign_off;
    reference_place references;
    asset_fields asset;
    std::string retention_category = "Retention";
    std::vector<retention_field> retention = usual_retention();
    std::vector<std::string> record_folder{"Records"};
    std::string storage;
    mortise::patience wait_for_archive{std::chrono::seconds(30), std::chrono::hours(24)};
    std::int64_t max_assets = 1000;

    static auto describe() {
        return mortise::object<settings>("Archiving of projects")
            .field("project", &settings::project,
                   "Field of the assets that names the project's business object; its view holds "
                   "the other fields, too")
            .field("business_object", &settings::business_object,
                   "Kind of business object the projects' workspaces have")
            .field("sign_off", &settings::sign_off, "Final sign-off of a project")
            .field("references", &settings::references, "References to assets in the workspace")
            .field("asset", &settings::asset, "What the asset says of its business record")
            .field("retention_category", &settings::retention_category,
                   "Category of the workspace with the retention metadata")
            .names("workspaces", "category")
            .field("retention", &settings::retention,
                   "Retention metadata that is kept equal, also later: a is a metadata field of "
                   "the asset, b an attribute of retention_category")
            .min(1)
            .field("record_folder", &settings::record_folder,
                   "Folder path below the workspace for the record of archiving")
            .field("storage", &settings::storage,
                   "Archive storage in iconik, by name or id; empty: the tenant's own choice")
            .field("wait_for_archive", &settings::wait_for_archive,
                   "How long iconik may take to archive all assets")
            .field("max_assets", &settings::max_assets,
                   "More assets of one project end the run with an error")
            .min(1)
            .max(10000);
    }
};

} // namespace project_archive
