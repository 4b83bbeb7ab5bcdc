// SPDX-License-Identifier: Apache-2.0
#include "teams.hpp"

#include "content_server/text.hpp"

#include <algorithm>

namespace xecm_workspaces {

using content_server::client;
using content_server::id_of;
using content_server::int_at;
using content_server::list_request;
using content_server::object_part;
using content_server::subject;
using content_server::text_at;
using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

mortise::url at_workspace(client& server, std::int64_t id, std::string_view below) {
    mortise::url out = server.at("v2/businessworkspaces");
    out.segment(std::to_string(id)).path(below);
    return out;
}

} // namespace

task<std::vector<object>>
teams::related(context& c, std::int64_t id, std::string relation, std::size_t limit) {
    mortise::url url = at_workspace(all_.server(), id, "relateditems");
    url.query("where_rel_types", "{'" + relation + "'}");
    list_request what(std::move(url),
                      subject("workspace", "the workspaces related to " + std::to_string(id)),
                      limit);
    const json::array items = co_await all_.server().list(c, std::move(what));
    std::vector<object> out;
    for (auto& properties : content_server::properties_of(items)) {
        // "BO_Child", "child": a server that does not know the filter leaves it out.
        const std::string kind = content_server::lower_case(text_at(properties, "rel_type"));
        if (kind.empty() || kind.find(relation) != std::string::npos)
            out.push_back(std::move(properties));
    }
    co_return out;
}

task<object> teams::list_related(context& c, workspace_related in) {
    const std::int64_t id = id_of(in.id, "id");
    json::array workspaces;
    for (const char* relation : {"child", "parent"}) {
        if (!in.relation.empty() && in.relation != relation) continue;
        const auto some = co_await related(c, id, relation, static_cast<std::size_t>(in.limit));
        for (const auto& properties : some) {
            object one = content_server::node_summary(properties);
            one.erase("type_name");
            const std::string type = text_at(properties, "wksp_type_name");
            if (!type.empty()) one["type_name"] = type;
            if (const auto type_id = int_at(properties, "wnf_wksp_type_id"); type_id != 0)
                one["type_id"] = type_id;
            one["relation"] = relation;
            workspaces.push_back(std::move(one));
        }
    }
    object out;
    out["workspaces"] = std::move(workspaces);
    co_return out;
}

task<object> teams::change_relation(context& c, workspace_relate in, bool wanted) {
    const std::int64_t id = id_of(in.id, "id");
    const std::int64_t other = id_of(in.related_id, "related_id");
    if (id == other) {
        throw error(category::input, "xecm.workspace.bad-input",
                    "A workspace cannot be related to itself: id and related_id are the same.");
    }
    const auto now = co_await related(c, id, in.relation, 10'000);
    const bool there = std::any_of(now.begin(), now.end(),
                                   [other](const object& o) { return int_at(o, "id") == other; });
    object out;
    out["changed"] = there != wanted;
    if (there == wanted) co_return out;
    const std::string what =
        "the relation of workspaces " + std::to_string(id) + " and " + std::to_string(other);
    client& server = all_.server();
    mortise::url url = at_workspace(server, id, "relateditems");
    json::value body;
    if (wanted) {
        object fields;
        fields["rel_bw_id"] = other;
        fields["rel_type"] = in.relation;
        body = std::move(fields);
    } else {
        url.segment(std::to_string(other)).query("rel_type", in.relation);
    }
    std::string method = wanted ? "POST" : "DELETE";
    co_await server.write(c, std::move(method), url.str(), std::move(body),
                          subject("workspace", what));
    co_return out;
}

task<object> teams::relate(context& c, workspace_relate in) {
    return change_relation(c, std::move(in), true);
}

task<object> teams::unrelate(context& c, workspace_relate in) {
    return change_relation(c, std::move(in), false);
}

task<std::vector<team_role>> teams::roles_of(context& c, std::int64_t id) {
    client& server = all_.server();
    const json::value answer =
        co_await server.get(c, at_workspace(server, id, "roles").str(),
                            subject("role", "the roles of workspace " + std::to_string(id)));
    std::vector<team_role> out;
    for (const auto& item : mortise::require_array(answer, "results")) {
        const object& properties = object_part(item, "data.properties");
        team_role one;
        one.id = int_at(properties, "id");
        one.name = text_at(properties, "name");
        const auto* leader = properties.if_contains("leader");
        one.leader = leader && leader->is_bool() && leader->get_bool();
        out.push_back(std::move(one));
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    co_return out;
}

task<std::vector<team_member>> teams::members_of(context& c, std::int64_t id, std::int64_t role) {
    client& server = all_.server();
    mortise::url url = at_workspace(server, id, "roles");
    url.segment(std::to_string(role)).path("members");
    list_request what(std::move(url),
                      subject("role", "the members of role " + std::to_string(role)), 10'000);
    const json::array items = co_await server.list(c, std::move(what));
    std::vector<team_member> out;
    for (const auto& properties : content_server::properties_of(items)) {
        team_member one;
        one.id = int_at(properties, "id");
        one.name = text_at(properties, "name");
        one.type = int_at(properties, "type") == 1 ? "group" : "user";
        out.push_back(std::move(one));
    }
    co_return out;
}

task<team_roles> teams::list_roles(context& c, workspace_id in) {
    const std::int64_t id = id_of(in.id, "id");
    team_roles out;
    out.roles = co_await roles_of(c, id);
    for (auto& role : out.roles)
        role.members = co_await members_of(c, id, role.id);
    co_return out;
}

task<role_members_changed> teams::set_role_members(context& c, role_members_set in) {
    const std::int64_t id = id_of(in.id, "id");
    const auto roles = co_await roles_of(c, id);
    const auto role_id = content_server::to_integer(in.role);
    const std::string name =
        in.role.is_string() ? std::string(in.role.get_string()) : std::string();
    const auto role = std::find_if(roles.begin(), roles.end(), [&](const team_role& r) {
        return role_id ? r.id == *role_id : content_server::equal_ignoring_case(r.name, name);
    });
    if (role == roles.end()) {
        std::vector<std::string> names;
        for (const auto& one : roles)
            names.push_back(one.name);
        throw error(category::input, "xecm.role.unknown",
                    "Workspace " + std::to_string(id) + " has no role \"" +
                        (role_id ? std::to_string(*role_id) : name) + '"' +
                        content_server::suggestion(name, names));
    }
    // All names are looked up before anything is written.
    std::vector<std::int64_t> wanted;
    for (const auto& who : in.members)
        wanted.push_back(co_await all_.member_id(c, who));
    const auto now = co_await members_of(c, id, role->id);
    const auto is_member = [&now](std::int64_t who) {
        return std::any_of(now.begin(), now.end(), [who](const auto& m) { return m.id == who; });
    };
    role_members_changed out;
    out.role_id = role->id;
    for (const std::int64_t who : wanted) {
        const bool twice = std::find(out.added.begin(), out.added.end(), who) != out.added.end();
        if (in.mode != "remove" && !is_member(who) && !twice) out.added.push_back(who);
        if (in.mode == "remove" && is_member(who)) out.removed.push_back(who);
    }
    if (in.mode == "replace") {
        for (const auto& member : now) {
            if (std::find(wanted.begin(), wanted.end(), member.id) == wanted.end())
                out.removed.push_back(member.id);
        }
    }
    client& server = all_.server();
    mortise::url url = at_workspace(server, id, "roles");
    url.segment(std::to_string(role->id)).path("members");
    const subject about("role",
                        "the role \"" + role->name + "\" of workspace " + std::to_string(id));
    for (const std::int64_t who : out.added) {
        object fields;
        fields["id"] = who;
        json::value body(std::move(fields));
        co_await server.write(c, "POST", url.str(), std::move(body), about);
    }
    for (const std::int64_t who : out.removed) {
        mortise::url one = url;
        one.segment(std::to_string(who));
        co_await server.write(c, "DELETE", one.str(), nullptr, about);
    }
    out.changed = !out.added.empty() || !out.removed.empty();
    co_return out;
}

} // namespace xecm_workspaces
