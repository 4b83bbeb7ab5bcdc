// SPDX-License-Identifier: Apache-2.0
//
// What the operations on business workspaces take.
#pragma once

#include "content_server/inputs.hpp"

namespace xecm_workspaces {

namespace json = mortise::json;

struct workspace_get {
    json::value id;
    bool categories = false;
    static auto describe() {
        return mortise::object<workspace_get>("Which workspace")
            .field("id", &workspace_get::id, "Id of the workspace", mortise::required)
            .field("categories", &workspace_get::categories, "With its categories, by names");
    }
};

// Also takes the input of workspaces.create, before which it looks.
struct workspace_find {
    std::string ext_system_id;
    std::string bo_type;
    std::string bo_id;
    std::string workspace_type;
    std::string name;
    static auto describe() {
        return mortise::object<workspace_find>("By business object, or by type and name")
            .field("ext_system_id", &workspace_find::ext_system_id, "External system")
            .examples("MRM")
            .field("bo_type", &workspace_find::bo_type, "Type of the business object")
            .examples("campaign")
            .field("bo_id", &workspace_find::bo_id,
                   "Its id, exactly as the external system writes it (leading zeros count)")
            .field("workspace_type", &workspace_find::workspace_type, "Name of the workspace type")
            .field("name", &workspace_find::name, "Exact name of the workspace")
            .allow_unknown();
    }
};

struct workspace_search {
    std::string workspace_type;
    std::string name;
    std::string match = "contains";
    std::int64_t limit = 100;
    static auto describe() {
        return mortise::object<workspace_search>("Which workspaces; newest changes first")
            .field("workspace_type", &workspace_search::workspace_type,
                   "Only workspaces of this type")
            .field("name", &workspace_search::name, "Only these names")
            .field("match", &workspace_search::match, "How: equals, startswith or contains")
            .pattern("^(equals|startswith|contains)$")
            .field("limit", &workspace_search::limit, "Workspaces at most")
            .min(1)
            .max(10'000);
    }
};

struct workspace_create {
    std::string workspace_type;
    json::value template_id;
    std::string name;
    std::string description;
    json::value parent_id;
    std::string ext_system_id;
    std::string bo_type;
    std::string bo_id;
    content_server::category_values categories;
    static auto describe() {
        return mortise::object<workspace_create>("A new workspace")
            .field("workspace_type", &workspace_create::workspace_type,
                   "Name of the workspace type; its first template is used")
            .field("template_id", &workspace_create::template_id,
                   "Template, when the type has several")
            .field("name", &workspace_create::name,
                   "Name; may be left out where the type makes names itself")
            .field("description", &workspace_create::description, "Description")
            .field("parent_id", &workspace_create::parent_id,
                   "Container; may be left out where the type has a place")
            .field("ext_system_id", &workspace_create::ext_system_id, "External system")
            .field("bo_type", &workspace_create::bo_type, "Type of the business object")
            .field("bo_id", &workspace_create::bo_id, "Id of the business object")
            .field("categories", &workspace_create::categories,
                   "Category name to {attribute name: value}");
    }
};

struct names_in {
    std::string kind;
    std::string of;
    static auto describe() {
        return mortise::object<names_in>("Which names")
            .field("kind", &names_in::kind,
                   "workspace-type, template (of: workspace type), category, attribute (of: "
                   "category), attribute-value (of: \"Category/Attribute\"), workflow-map, "
                   "external-system, business-object-type (of: external system), group, user, "
                   "rm-classification or hold",
                   mortise::required)
            .field("of", &names_in::of, "What scopes them");
    }
};

struct rights_in {
    std::vector<std::string> operations;
    static auto describe() {
        return mortise::object<rights_in>("Operations somebody wants to use")
            .field("operations", &rights_in::operations, "Their ids", mortise::required);
    }
};

struct rights_denial {
    std::string operation;
    std::string why;
    static auto describe() {
        return mortise::object<rights_denial>("An operation that would be refused")
            .field("operation", &rights_denial::operation, "Its id", mortise::required)
            .field("why", &rights_denial::why, "What the server said", mortise::required);
    }
};

struct rights_out {
    std::vector<rights_denial> denied;
    static auto describe() {
        return mortise::object<rights_out>("What would be refused")
            .field("denied", &rights_out::denied, "None: nothing that is known of",
                   mortise::required);
    }
};

struct name_list {
    std::vector<std::string> names;
    bool complete = true;
    static auto describe() {
        return mortise::object<name_list>("Names that are there")
            .field("names", &name_list::names, "The names", mortise::required)
            .field("complete", &name_list::complete, "Are these all?", mortise::required);
    }
};

} // namespace xecm_workspaces
