// SPDX-License-Identifier: Apache-2.0
//
// Business workspaces by their business object: finding, waiting for one, making one, and reading
// category attributes.
#pragma once

#include <mortise/sdk/patience.hpp>
#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <iconik_workspaces/asset.hpp>
#include <optional>
#include <string>
#include <vector>

namespace iconik_workspaces {

using mortise::patience;

// A settings type.
struct business_object_type {
    std::string system = "MRM";
    std::string type;

    std::string said(const std::string& id) const { return system + '/' + type + '/' + id; }

    static auto describe() {
        return mortise::object<business_object_type>("Kind of business object")
            .field("system", &business_object_type::system, "External system of the objects")
            .names(workspaces, "external-system")
            .field("type", &business_object_type::type, "Business object type")
            .names(workspaces, "business-object-type", "system");
    }
};

struct workspace {
    std::int64_t id = 0;
    std::string name;
    mortise::json::value raw; // as workspaces.get answers, with categories
};

// Texts of an attribute of a category on a workspace or node (an answer with "categories"); several
// for a multi-value one, none when category or attribute is absent or empty.
std::vector<std::string> attributes(const mortise::json::value& node,
                                    const std::string& category,
                                    const std::string& attribute);
// The first of them, "" without one.
std::string attribute(const mortise::json::value& node,
                      const std::string& category,
                      const std::string& attribute);

// Ids of a workspace's business objects of this type.
std::vector<std::string> business_objects(const mortise::json::value& workspace,
                                          const business_object_type& type);

// Step "workspace" by its id.
mortise::task<workspace> read_workspace(mortise::flow_run run, std::int64_t id);
// Steps "find" and "workspace".
mortise::task<std::optional<workspace>>
find_workspace(mortise::flow_run run, business_object_type type, std::string id);
// Looks again with growing pauses, then throws workspace_missing(). named_by: see there.
mortise::task<workspace> await_workspace(mortise::flow_run run,
                                         business_object_type type,
                                         std::string id,
                                         patience wait,
                                         std::string named_by);
// NOT_FOUND "iconik-workspaces.workspace.missing". named_by says who wants it, with the field:
// "metadata field \"campaign_id\" of asset 1234".
mortise::error workspace_missing(const business_object_type& type,
                                 const std::string& id,
                                 const std::string& named_by);

// A settings type.
struct new_workspace {
    std::string workspace_type;
    std::string template_name; // one of the type's templates; empty: its first
    std::string name;          // empty: as the type's name pattern says

    static auto describe() {
        return mortise::object<new_workspace>("How a missing workspace is made")
            .field("type", &new_workspace::workspace_type, "Workspace type")
            .names(workspaces, "workspace-type")
            .field("template", &new_workspace::template_name,
                   "One of the type's templates; empty: its first")
            .names(workspaces, "template", "type")
            .field("name", &new_workspace::name,
                   "Name; empty: as the workspace type's name pattern says. {id} is the business "
                   "object's id");
    }
};
// The workspace of the business object, made when it is missing; once, also when several runs want
// it at the same moment (the business system allows one workspace an object, and a refusal for that
// reason leads to the one that is there). Steps "find", "types", "create", "found", "workspace".
// An unknown type or template throws CONFIG that names those there are; a refusal of the system is
// passed on with the business object and named_by (who wants the workspace) in front.
mortise::task<workspace> ensure_workspace(mortise::flow_run run,
                                          business_object_type type,
                                          std::string id,
                                          new_workspace wanted,
                                          std::string named_by = {});

} // namespace iconik_workspaces
