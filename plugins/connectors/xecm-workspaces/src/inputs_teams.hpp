// SPDX-License-Identifier: Apache-2.0
//
// What the operations on relations, roles and team members of workspaces take and answer.
#pragma once

#include "content_server/inputs.hpp"

namespace xecm_workspaces {

namespace json = mortise::json;

struct business_object_input {
    std::string ext_system_id;
    std::string bo_type;
    std::string bo_id;
    static auto describe() {
        using b = business_object_input;
        return mortise::object<b>("A business object")
            .field("ext_system_id", &b::ext_system_id, "External system", mortise::required)
            .field("bo_type", &b::bo_type, "Its type", mortise::required)
            .field("bo_id", &b::bo_id, "Its id", mortise::required);
    }
};

struct workspace_update {
    json::value id;
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<business_object_input> business_object;
    static auto describe() {
        using u = workspace_update;
        return mortise::object<u>("Changes to a workspace; what is not named stays")
            .field("id", &u::id, "Id of the workspace", mortise::required)
            .field("name", &u::name, "New name")
            .min(1)
            .field("description", &u::description, "New description")
            .field("business_object", &u::business_object,
                   "A business object it belongs to from now on, besides those it has");
    }
};

struct workspace_related {
    json::value id;
    std::string relation;
    std::int64_t limit = 1000;
    static auto describe() {
        using r = workspace_related;
        return mortise::object<r>("Related workspaces")
            .field("id", &r::id, "Id of the workspace", mortise::required)
            .field("relation", &r::relation, "child or parent; empty: both")
            .pattern("^(child|parent|)$")
            .field("limit", &r::limit, "Workspaces at most, of each relation")
            .min(1)
            .max(10'000);
    }
};

struct workspace_relate {
    json::value id;
    json::value related_id;
    std::string relation = "child";
    static auto describe() {
        using r = workspace_relate;
        return mortise::object<r>("A relation of two workspaces")
            .field("id", &r::id, "Id of the workspace", mortise::required)
            .field("related_id", &r::related_id, "Id of the other one", mortise::required)
            .field("relation", &r::relation, "What the other one is to it: child or parent")
            .pattern("^(child|parent)$");
    }
};

struct workspace_id {
    json::value id;
    static auto describe() {
        return mortise::object<workspace_id>("Which workspace")
            .field("id", &workspace_id::id, "Id of the workspace", mortise::required);
    }
};

struct role_members_set {
    json::value id;
    json::value role;
    std::vector<json::value> members;
    std::string mode = "add";
    static auto describe() {
        using r = role_members_set;
        return mortise::object<r>("Members of a role")
            .field("id", &r::id, "Id of the workspace", mortise::required)
            .field("role", &r::role, "Name or id of the role", mortise::required)
            .examples("Team")
            .field("members", &r::members,
                   "Users and groups: login, group name, mail address or id", mortise::required)
            .field("mode", &r::mode, "add, remove, or replace all members by these")
            .pattern("^(add|remove|replace)$");
    }
};

struct team_member {
    std::int64_t id = 0;
    std::string name;
    std::string type;
    static auto describe() {
        return mortise::object<team_member>("A member")
            .field("id", &team_member::id, "Id", mortise::required)
            .field("name", &team_member::name, "Login or group name", mortise::required)
            .field("type", &team_member::type, "user or group", mortise::required);
    }
};

struct team_role {
    std::int64_t id = 0;
    std::string name;
    bool leader = false;
    std::vector<team_member> members;
    static auto describe() {
        return mortise::object<team_role>("A role")
            .field("id", &team_role::id, "Id", mortise::required)
            .field("name", &team_role::name, "Name", mortise::required)
            .field("leader", &team_role::leader, "Does it lead the team?", mortise::required)
            .field("members", &team_role::members, "Its members", mortise::required);
    }
};

struct team_roles {
    std::vector<team_role> roles;
    static auto describe() {
        return mortise::object<team_roles>("The team of a workspace")
            .field("roles", &team_roles::roles, "By name", mortise::required);
    }
};

struct role_members_changed {
    std::int64_t role_id = 0;
    bool changed = false;
    std::vector<std::int64_t> added;
    std::vector<std::int64_t> removed;
    static auto describe() {
        using r = role_members_changed;
        return mortise::object<r>("What was changed")
            .field("role_id", &r::role_id, "Id of the role", mortise::required)
            .field("changed", &r::changed, "Was anything written?", mortise::required)
            .field("added", &r::added, "Ids of new members", mortise::required)
            .field("removed", &r::removed, "Ids of members taken out", mortise::required);
    }
};

} // namespace xecm_workspaces
