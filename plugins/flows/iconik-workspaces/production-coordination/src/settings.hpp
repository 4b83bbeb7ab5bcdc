// SPDX-License-Identifier: Apache-2.0
//
// Settings of the coordination of productions.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <iconik_workspaces/metadata.hpp>
#include <iconik_workspaces/workspace.hpp>
#include <string>
#include <vector>

namespace production_coordination {

using iconik_workspaces::business_object_type;
using iconik_workspaces::id_field;

// What milestones are called in the workspace's category.
struct milestone_settings {
    std::string field = "milestone";
    std::string category = "Production";
    std::string delivered = "Delivered";
    std::string approved = "Approved";
    std::vector<std::string> closed{"Closed", "Cancelled"};
    std::vector<std::string> approved_statuses{"APPROVED"};

    static auto describe() {
        return mortise::object<milestone_settings>("Milestones of a production")
            .field("field", &milestone_settings::field,
                   "Metadata field of an asset with the name of the milestone it delivers")
            .field("category", &milestone_settings::category,
                   "Category of the project's workspace: Status, Deadline, the set Milestones with "
                   "Milestone, Due Date, Status, Asset ID, Version, Delivered On, and the set "
                   "Change Requests with Request, Milestone, Status")
            .names("workspaces", "category")
            .field("delivered", &milestone_settings::delivered,
                   "Status of a milestone whose asset is there")
            .field("approved", &milestone_settings::approved,
                   "Status of a milestone whose asset's version is approved")
            .field("closed", &milestone_settings::closed,
                   "A milestone with one of these is not changed any more")
            .field("approved_statuses", &milestone_settings::approved_statuses,
                   "iconik approval states that count as approved")
            .min(1);
    }
};

// What the collection says of the production.
struct collection_fields {
    std::string status = "production_status";
    std::string deadline = "deadline";
    std::string milestones = "milestones";
    std::string change_requests = "change_requests";
    std::vector<std::string> done{"Done", "Rejected"};

    static auto describe() {
        return mortise::object<collection_fields>(
                   "Metadata fields of the collection; empty: not written")
            .field("status", &collection_fields::status, "Text field with the production's status")
            .field("deadline", &collection_fields::deadline, "Date field with its deadline")
            .field("milestones", &collection_fields::milestones,
                   "Text field that takes several values, one for each milestone")
            .field("change_requests", &collection_fields::change_requests,
                   "Text field that takes several values, one for each open change request")
            .field("done", &collection_fields::done,
                   "A change request with one of these statuses is no longer open");
    }
};

struct settings {
    id_field project{.field = "project_id"};
    business_object_type business_object{.type = "project"};
    mortise::patience wait_for_workspace;
    milestone_settings milestones;
    collection_fields collection;

    static auto describe() {
        return mortise::object<settings>("Productions in business workspaces")
            .field("project", &settings::project,
                   "Field of assets and collections that names the project's business object; its "
                   "view holds the other fields, too")
            .field("business_object", &settings::business_object,
                   "Kind of business object the projects' workspaces have")
            .field("wait_for_workspace", &settings::wait_for_workspace,
                   "How long to wait for a workspace that is not there yet")
            .field("milestones", &settings::milestones, "Milestones of a production")
            .field("collection", &settings::collection, "What the collection says of it");
    }
};

} // namespace production_coordination
