// SPDX-License-Identifier: Apache-2.0
//
// Roles and team members of business workspaces.
#include "render.hpp"
#include "workspace.hpp"

namespace mortise::sandbox::content_server {
namespace {

workspace_role& role_of(node& n, node_id id) {
    for (auto& role : n.workspace->roles)
        if (role.id == id) return role;
    throw failure{404, "The role " + std::to_string(id) + " does not exist.", {}};
}

json::object role_json(service& s, const call& c, const workspace_role& role) {
    json::object properties;
    properties["id"] = role.id;
    properties["name"] = role.name;
    properties["description"] = role.description;
    properties["leader"] = role.leader;
    properties["inherited_from_id"] = nullptr;
    properties["perms"] = rights_to_bits(role.permissions);
    properties["type"] = subtype::workspace;
    properties["type_name"] = "Role";
    json::object data{{"properties", std::move(properties)}};
    const field_filter fields(c);
    if (fields.wants("members")) {
        json::array members;
        for (const auto id : role.members)
            if (const auto* m = s.repo().find_member(id))
                members.push_back(member_properties(s, *m, c.user));
        data["members"] = std::move(members);
    }
    return json::object{{"data", std::move(data)}};
}

void read_role(service& s, call& c, workspace_role& role, bool fresh) {
    if (fresh || c.args.has("name")) role.name = c.args.required_text("name");
    if (c.args.present("description")) role.description = c.args.text("description");
    if (c.args.has("leader")) role.leader = c.args.flag("leader", false);
    if (c.args.has("perms")) role.permissions = rights_from_bits(c.args.integer("perms", 0));
    if (const auto names = c.args.list("permissions"); !names.empty()) {
        role.permissions.clear();
        for (const auto& name : names) {
            const std::string right = name == "edit" ? "edit_permissions" : name;
            if (!all_rights().contains(right))
                throw failure{400, "Invalid value '" + name + "' for argument 'permissions'.", {}};
            role.permissions.insert(right);
        }
    }
    if (c.args.has("members"))
        for (const auto id : c.args.integers("members")) {
            s.repo().require_member(id);
            role.members.insert(id);
        }
}

node& managed(service& s, call& c) {
    auto& n = require_workspace(s, c.id(), c.user);
    s.repo().require(n.id, c.user, "edit_permissions");
    return n;
}

reply list_roles(service& s, call& c) {
    const auto& n = require_workspace(s, c.id(), c.user);
    json::array results;
    for (const auto& role : n.workspace->roles)
        results.push_back(role_json(s, c, role));
    return v2_results(c, std::move(results));
}

reply create_role(service& s, call& c) {
    auto& n = managed(s, c);
    workspace_role role;
    read_role(s, c, role, true);
    for (const auto& other : n.workspace->roles)
        if (equal_text(other.name, role.name))
            throw failure{400, "A role with the name '" + role.name + "' already exists.", {}};
    const auto& made = add_role(s, n, std::move(role));
    return v2_results(c, role_json(s, c, made));
}

reply change_role(service& s, call& c) {
    auto& n = managed(s, c);
    auto& role = role_of(n, c.id("role"));
    read_role(s, c, role, false);
    s.repo().data().members[role.id].name = role.name;
    set_role_members(s, role, role.members);
    s.repo().set_custom(n, role.id, role.permissions, true);
    s.repo().touch(n, c.user);
    return v2_results(c, role_json(s, c, role));
}

reply remove_role(service& s, call& c) {
    auto& n = managed(s, c);
    const auto id = role_of(n, c.id("role")).id;
    s.repo().set_custom(n, id, {}, true);
    std::erase_if(n.workspace->roles, [id](const auto& role) { return role.id == id; });
    s.repo().data().members.erase(id);
    s.repo().touch(n, c.user);
    return v2_empty(c);
}

reply member_list(
    service& s, call& c, const std::vector<member_id>& ids, json::array* extra, std::size_t limit) {
    const page p = page_of(s, c, ids.size(), limit);
    json::array results;
    for (const auto id : cut(ids, p))
        if (const auto* m = s.repo().find_member(id))
            results.push_back(json::object{
                {"data", json::object{{"properties", member_properties(s, *m, c.user)}}}});
    if (extra != nullptr)
        for (auto& item : *extra)
            results.push_back(std::move(item));
    return v2_list(c, std::move(results), p, c.args.text("sort", "asc_name"));
}

reply role_members(service& s, call& c) {
    auto& n = require_workspace(s, c.id(), c.user);
    const auto& role = role_of(n, c.id("role"));
    std::vector<member_id> ids(role.members.begin(), role.members.end());
    return member_list(s, c, ids, nullptr, 10);
}

reply add_member(service& s, call& c) {
    auto& n = managed(s, c);
    auto& role = role_of(n, c.id("role"));
    const auto& m = s.repo().require_member(c.args.required_integer("id"));
    if (m.type == subtype::workspace)
        throw failure{400, "A role cannot be a member of a role.", {}};
    auto members = role.members;
    if (!members.insert(m.id).second)
        throw failure{400, "The member '" + m.name + "' already has the role.", {}};
    set_role_members(s, role, std::move(members));
    s.repo().touch(n, c.user);
    return v2_results(
        c, json::object{{"data", json::object{{"properties", member_properties(s, m, c.user)}}}});
}

reply drop_member(service& s, call& c) {
    auto& n = managed(s, c);
    auto& role = role_of(n, c.id("role"));
    auto members = role.members;
    if (members.erase(c.id("member")) == 0)
        throw failure{404, "The member " + c.raw.param("member") + " does not have the role.", {}};
    set_role_members(s, role, std::move(members));
    s.repo().touch(n, c.user);
    return v2_empty(c);
}

// Roles first (the leader's before the others), each with its members.
reply team(service& s, call& c) {
    const auto& n = require_workspace(s, c.id(), c.user);
    auto roles = n.workspace->roles;
    std::stable_sort(roles.begin(), roles.end(),
                     [](const auto& a, const auto& b) { return a.leader && !b.leader; });
    const auto most =
        static_cast<std::size_t>(std::max<std::int64_t>(0, c.args.integer("limit_members", 100)));
    const page p = page_of(s, c, roles.size(), 100);
    json::array results;
    for (const auto& role : cut(roles, p)) {
        auto item = role_json(s, c, role);
        auto& properties = item["data"].as_object()["properties"].as_object();
        json::array members;
        for (const auto id : role.members)
            if (const auto* m = s.repo().find_member(id); m && members.size() < most)
                members.push_back(member_properties(s, *m, c.user));
        properties["members_count"] = role.members.size();
        properties["members"] = std::move(members);
        results.push_back(std::move(item));
    }
    return v2_list(c, std::move(results), p, {});
}

} // namespace

void add_workspace_role_routes(service& s) {
    s.module("conws");
    const std::string workspace = "v2/businessworkspaces/{id}";
    const std::string role = workspace + "/roles/{role}";
    s.add("GET", workspace + "/roles", [&s](call& c) { return list_roles(s, c); });
    s.add("POST", workspace + "/roles", [&s](call& c) { return create_role(s, c); });
    s.add("GET", role, [&s](call& c) {
        return v2_results(
            c, role_json(s, c, role_of(require_workspace(s, c.id(), c.user), c.id("role"))));
    });
    s.add("PUT", role, [&s](call& c) { return change_role(s, c); });
    s.add("DELETE", role, [&s](call& c) { return remove_role(s, c); });
    s.add("GET", role + "/members", [&s](call& c) { return role_members(s, c); });
    s.add("POST", role + "/members", [&s](call& c) { return add_member(s, c); });
    s.add("DELETE", role + "/members/{member}", [&s](call& c) { return drop_member(s, c); });
    s.add("GET", workspace + "/members", [&s](call& c) { return team(s, c); });
    s.add("GET", workspace + "/members/{role}/members",
          [&s](call& c) { return role_members(s, c); });
    s.module("");
}

} // namespace mortise::sandbox::content_server
