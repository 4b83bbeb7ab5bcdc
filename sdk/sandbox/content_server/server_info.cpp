// SPDX-License-Identifier: Apache-2.0
//
// Ping, server information, volumes, nicknames and unique names.
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

reply ping(call& c) {
    json::object o;
    o["build"] = 0;
    o["href"] = c.self_href();
    o["version"] = 1;
    return reply::json(200, o);
}

reply server_info(service& s, call&) {
    json::object language{{"code", ""}, {"display_name", "English"}, {"language_code", "en"}};
    json::object server;
    server["advanced_versioning"] = 1;
    server["current_date"] = s.plain_date(s.now());
    server["domain_access_enabled"] = false;
    server["language_code"] = "USA";
    server["languages"] = json::array{language};
    server["metadata_languages"] = json::array{
        json::object{{"default", true}, {"display_name", "English"}, {"language_code", "en"}}};
    server["url"] = "/otcs/cs";
    server["version"] = s.server_version();
    json::object sessions;
    sessions["enabled"] = true;
    sessions["expire_after_last_login"] = false;
    sessions["expire_after_last_request"] = true;
    sessions["logout_url"] = "?func=ll.DoLogout&secureRequestToken=";
    sessions["session_inactivity"] = s.session_timeout().count();
    sessions["session_reaction_time"] = 300000;
    sessions["session_timeout"] = s.session_timeout().count();
    json::object o;
    o["mobile"] = json::object{{"cs_viewable_types", json::array()}};
    o["server"] = std::move(server);
    o["sessions"] = std::move(sessions);
    o["viewer"] = json::object{{"content_suite", json::object{{"view_by_default", false}}}};
    return reply::json(200, o);
}

bool is_volume_type(int type) {
    switch (type) {
    case subtype::categories_volume:
    case subtype::enterprise:
    case subtype::personal:
    case subtype::workflow_volume:
    case subtype::classification_volume:
    case subtype::records_volume:
    case subtype::workspaces_volume:
    case subtype::ecm_volume:
    case subtype::doc_templates:
        return true;
    default:
        return false;
    }
}

node& volume_of(service& s, call& c) {
    const auto type = static_cast<int>(c.id("type"));
    if (type_name(type).empty())
        throw failure{500, "Subtype " + std::to_string(type) + " not registered", {}};
    if (!is_volume_type(type))
        throw failure{500, "Subtype " + std::to_string(type) + " is not a root subtype", {}};
    for (auto& [id, n] : s.repo().data().nodes)
        if (n.type == type && n.parent == 0) {
            if (type == subtype::personal && n.owner != c.user) continue;
            if (s.repo().may(c.user, n, "see")) return n;
        }
    throw failure{500, "Could not get the volume of subtype " + std::to_string(type), {}};
}

reply volumes(service& s, call& c) {
    json::array results;
    for (const auto& [id, n] : s.repo().data().nodes) {
        if (n.parent != 0 || !is_volume_type(n.type) || !s.repo().may(c.user, n, "see")) continue;
        if (n.type == subtype::personal && n.owner != c.user) continue;
        json::object data{{"properties", node_properties(s, n, c.user)}};
        results.push_back(json::object{{"data", std::move(data)}});
    }
    return v2_results(c, std::move(results));
}

reply unique_names(service& s, call& c) {
    const auto names = c.args.list("where_names");
    const auto type = c.args.integer("where_subtype", -1);
    json::array results;
    for (const auto& [id, n] : s.repo().data().nodes) {
        if (n.unique_name.empty() || (type >= 0 && n.type != type)) continue;
        if (!names.empty() && std::find(names.begin(), names.end(), n.unique_name) == names.end())
            continue;
        if (!s.repo().may(c.user, n, "see")) continue;
        results.push_back(
            json::object{{"NodeId", id}, {"NodeName", n.name}, {"UniqueName", n.unique_name}});
    }
    return v2_results(c, std::move(results));
}

reply by_nickname(service& s, call& c) {
    const std::string& nickname = c.raw.param("nickname");
    for (const auto& [id, n] : s.repo().data().nodes)
        if (!n.nickname.empty() && equal_text(n.nickname, nickname) &&
            s.repo().may(c.user, n, "see")) {
            json::object data{{"properties", node_properties(s, n, c.user)}};
            return v2_results(c, json::object{{"data", std::move(data)}});
        }
    throw failure{404, "Could not find the node with nickname '" + nickname + "'.", {}};
}

reply set_nickname(service& s, call& c) {
    auto& n = s.repo().require(c.id(), c.user, "modify");
    const std::string nickname = c.args.text("nickname");
    if (!nickname.empty()) {
        if (nickname.find_first_of(" -:/&?#%+\"'<>") != std::string::npos)
            throw failure{500, "The nickname contains invalid characters.", {}};
        if (nickname.find_first_not_of("0123456789") == std::string::npos)
            throw failure{500, "Nicknames cannot be a number", {}};
        for (const auto& [id, other] : s.repo().data().nodes)
            if (id != n.id && equal_text(other.nickname, nickname))
                throw failure{500, "Nicknames must be unique", {}};
    }
    n.nickname = nickname;
    s.repo().touch(n, c.user);
    return v2_empty(c);
}

} // namespace

void add_server_routes(service& s) {
    s.add_open("GET", "v1/ping", [](call& c) { return ping(c); });
    s.add("GET", "v1/serverinfo", [&s](call& c) { return server_info(s, c); });
    s.add("GET", "v2/volumes", [&s](call& c) { return volumes(s, c); });
    s.add("GET", "v2/volumes/{type}", [&s](call& c) {
        json::object data{{"properties", node_properties(s, volume_of(s, c), c.user)}};
        return v2_results(c, json::object{{"data", std::move(data)}});
    });
    s.add("GET", "v1/volumes/{type}", [&s](call& c) {
        const auto& n = volume_of(s, c);
        json::object o;
        o["data"] = node_properties_v1(s, n, c.user);
        o["type"] = n.type;
        o["type_name"] = type_name(n.type);
        return reply::json(200, o);
    });
    s.add("GET", "v2/uniquenames", [&s](call& c) { return unique_names(s, c); });
    s.add("GET", "v2/nicknames/{nickname}/nodes", [&s](call& c) { return by_nickname(s, c); });
    s.add("PUT", "v2/nodes/{id}/nicknames", [&s](call& c) { return set_nickname(s, c); });
}

} // namespace mortise::sandbox::content_server
