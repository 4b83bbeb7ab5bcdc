// SPDX-License-Identifier: Apache-2.0
//
// acls.*: rights on one object, entry by entry. iconik's call for many objects says neither whether
// OVERWRITE leaves the entries of others; the calls for one user or group do.
#include "connector.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

using rights_map = std::map<std::string, std::set<std::string>>; // who -> permissions

rights_map rights_in(const json::value& acl, std::string_view list, std::string_view id_key) {
    rights_map out;
    const json::value* entries = mortise::find_json(acl, list);
    if (!entries || !entries->is_array()) return out;
    for (const auto& entry : entries->get_array()) {
        std::set<std::string>& rights = out[text_at(entry, id_key)];
        const json::value* given = mortise::find_json(entry, "permissions");
        if (!given || !given->is_array()) continue;
        for (const auto& p : given->get_array()) {
            if (p.is_string()) rights.emplace(p.get_string());
        }
    }
    out.erase(std::string());
    return out;
}

json::array as_array(const std::set<std::string>& rights) {
    json::array out;
    for (const auto& p : rights)
        out.emplace_back(p);
    return out;
}

json::array entries(const rights_map& rights,
                    const std::map<std::string, json::object>& known,
                    const char* kind) {
    json::array out;
    for (const auto& [id, permissions] : rights) {
        json::object entry;
        entry["id"] = id;
        if (const auto found = known.find(id); found != known.end()) {
            if (std::string_view(kind) == "group") {
                entry["name"] = text_at(found->second, "name");
            } else {
                entry["email"] = text_at(found->second, "email");
            }
        }
        entry["permissions"] = as_array(permissions);
        out.emplace_back(std::move(entry));
    }
    return out;
}

std::set<std::string> checked(const std::vector<std::string>& permissions) {
    std::set<std::string> out;
    for (const auto& p : permissions) {
        if (p != "read" && p != "write" && p != "delete" && p != "change-acl") {
            throw error(category::input, "iconik.acl.permission",
                        "permissions holds \"" + p +
                            "\"; iconik knows read, write, delete and change-acl.");
        }
        out.insert(p);
    }
    if (out.empty()) {
        throw error(category::input, "iconik.acl.permission",
                    "permissions is empty; name at least one of read, write, delete, change-acl.");
    }
    return out;
}

// What the entries of one kind must become; those that stay as they are do not appear. An empty
// set takes the entry away.
rights_map differences(const rights_map& now,
                       const std::set<std::string>& who,
                       const std::set<std::string>& permissions,
                       acl_mode mode,
                       const std::string& own) {
    rights_map out;
    for (const auto& id : who) {
        const auto found = now.find(id);
        const std::set<std::string> had =
            found == now.end() ? std::set<std::string>() : found->second;
        std::set<std::string> wanted = mode == acl_mode::replace ? permissions : had;
        for (const auto& p : permissions) {
            if (mode == acl_mode::add) wanted.insert(p);
            if (mode == acl_mode::remove) wanted.erase(p);
        }
        if (wanted != had) out[id] = std::move(wanted);
    }
    if (mode != acl_mode::replace) return out;
    for (const auto& [id, had] : now) {
        if (!who.contains(id) && id != own) out[id] = {};
    }
    return out;
}

} // namespace

mortise::task<json::value>
connector::read_acl(context& c, std::string object_type, std::string object_id) {
    address url = client_.to("acls/v1/acl");
    std::string text = url.part(object_type).part(object_id).str();
    subject_of about("acl", "the rights on " + object_type + " " + object_id);
    json::value acl = co_await client_.get(c, std::move(text), std::move(about));
    co_return std::move(acl);
}

mortise::task<json::object> connector::get_acl(context& c, acl_get in) {
    const json::value acl =
        co_await read_acl(c, std::move(in.object_type), std::move(in.object_id));
    const auto groups = co_await known_groups(c);
    std::set<std::string> ids;
    const rights_map users = rights_in(acl, "users_acl", "user_id");
    const rights_map inherited_users = rights_in(acl, "inherited_users_acl", "user_id");
    for (const auto* list : {&users, &inherited_users}) {
        for (const auto& entry : *list)
            ids.insert(entry.first);
    }
    const auto people = co_await known_users(c, std::move(ids));
    json::object inherited;
    inherited["groups"] =
        entries(rights_in(acl, "inherited_groups_acl", "group_id"), groups, "group");
    inherited["users"] = entries(inherited_users, people, "user");
    json::object out;
    out["groups"] = entries(rights_in(acl, "groups_acl", "group_id"), groups, "group");
    out["users"] = entries(users, people, "user");
    out["inherited"] = std::move(inherited);
    co_return std::move(out);
}

mortise::task<json::object> connector::set_acl(context& c, acl_set in) {
    const std::set<std::string> permissions = checked(in.permissions);
    if (in.groups.empty() && in.users.empty()) {
        throw error(category::input, "iconik.acl.nobody",
                    "Neither groups nor users are given; name at least one.");
    }
    // Everybody is found before anything is written.
    std::set<std::string> groups;
    for (const auto& name : in.groups) {
        std::string wanted = name;
        groups.insert(co_await group_id(c, std::move(wanted)));
    }
    std::set<std::string> users;
    for (const auto& name : in.users) {
        std::string wanted = name;
        users.insert(co_await user_id(c, std::move(wanted)));
    }
    std::string type = in.object_type;
    std::string id = in.object_id;
    const json::value acl = co_await read_acl(c, std::move(type), std::move(id));
    std::string own;
    if (in.mode == acl_mode::replace) own = co_await own_id(c);
    struct one_kind {
        const char* service;
        rights_map changes;
    };
    one_kind kinds[2]{{"acls/v1/groups", differences(rights_in(acl, "groups_acl", "group_id"),
                                                     groups, permissions, in.mode, std::string())},
                      {"acls/v1/users", differences(rights_in(acl, "users_acl", "user_id"), users,
                                                    permissions, in.mode, own)}};
    bool changed = false;
    // Given before taken: the connection may hold its own rights through one of these groups.
    for (const bool giving : {true, false}) {
        for (const auto& kind : kinds) {
            for (const auto& [who, rights] : kind.changes) {
                if (rights.empty() == giving) continue;
                address url = client_.to(kind.service);
                url.part(who).part("acl").part(in.object_type).part(in.object_id);
                std::string text = url.str();
                json::value body;
                if (giving) body = json::object{{"permissions", as_array(rights)}};
                subject_of about("acl", "the rights on " + in.object_type + " " + in.object_id);
                std::string method = giving ? "PUT" : "DELETE";
                // 404 to a DELETE: somebody was faster.
                const std::uint32_t quiet = giving ? 0 : 404;
                co_await client_.exchange(c, std::move(method), std::move(text), std::move(body),
                                          std::move(about), quiet);
                changed = true;
            }
        }
    }
    json::object out;
    out["changed"] = changed;
    co_return std::move(out);
}

} // namespace iconik
