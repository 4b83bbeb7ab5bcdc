// SPDX-License-Identifier: Apache-2.0
//
// v2/nodes/{id}/permissions: owner, group, public, custom, effective.
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

json::object entry(std::string_view type, json::value right_id, const rights& r) {
    json::array names;
    for (const auto& name : r)
        names.push_back(json::value(name));
    return json::object{
        {"permissions", std::move(names)}, {"right_id", std::move(right_id)}, {"type", type}};
}

json::object item(json::object e) {
    return json::object{{"data", json::object{{"permissions", std::move(e)}}}};
}

node& seen(service& s, call& c) {
    return s.repo().require(c.id(), c.user, 500);
}
node& managed(service& s, call& c) {
    return s.repo().require(c.id(), c.user, "edit_permissions", 500);
}

rights read_rights(const std::vector<std::string>& names) {
    rights r;
    for (const auto& name : names) {
        if (!all_rights().contains(name))
            throw failure{400, "Invalid value '" + name + "' for argument 'permissions'.", {}};
        r.insert(name);
    }
    // Nothing can be done with an item that is not seen.
    if (!r.empty()) r.insert("see");
    return r;
}

rights read_rights(call& c) {
    if (!c.args.has("permissions")) throw failure{400, "Argument 'permissions' is required.", {}};
    return read_rights(c.args.list("permissions"));
}

// Calls `change` on the node and, as apply_to says, on what lies in it.
void apply(service& s, call& c, node& n, const std::function<void(node&)>& change) {
    const auto apply_to = c.args.integer("apply_to", 0);
    if (apply_to < 0 || apply_to > 3)
        throw failure{400, "Invalid value specified for argument 'apply_to'.", {}};
    if (apply_to != 0 && !is_container(n.type))
        throw failure{400, "Argument 'apply_to' can be used with containers only.", {}};
    const auto types = c.args.integers("include_sub_types");
    const auto wanted = [&](const node& child) {
        return types.empty() || std::find(types.begin(), types.end(), child.type) != types.end();
    };
    if (apply_to != 1) change(n);
    if (apply_to != 0) {
        std::vector<std::pair<node_id, int>> open;
        for (const node_id id : s.repo().children(n.id, c.user))
            open.emplace_back(id, 1);
        while (!open.empty()) {
            const auto [id, depth] = open.back();
            open.pop_back();
            auto& child = *s.repo().find(id);
            if (!s.repo().may(c.user, child, "edit_permissions")) continue;
            if (apply_to != 3)
                for (const node_id inner : s.repo().children(id, c.user))
                    open.emplace_back(inner, depth + 1);
            if (wanted(child)) change(child);
        }
    }
    s.repo().touch(n, c.user);
    s.repo().record(event_type::permissions, n, c.user);
}

reply list(service& s, call& c) {
    const auto& n = seen(s, c);
    const auto& p = n.permissions;
    json::array results;
    results.push_back(item(entry("owner", n.owner, p.owner)));
    if (p.has_group) results.push_back(item(entry("group", n.owner_group, p.group)));
    if (p.has_public) results.push_back(item(entry("public", nullptr, p.everyone)));
    for (const auto& [who, what] : p.custom)
        results.push_back(item(entry("custom", who, what)));
    return v2_results(c, std::move(results));
}

void standard(service& s, const std::string& type) {
    const std::string path = "v2/nodes/{id}/permissions/" + type;
    const auto one = [type](const node& n) {
        if (type == "owner") return item(entry(type, n.owner, n.permissions.owner));
        if (type == "group") {
            if (!n.permissions.has_group) throw failure{400, "The item has no owner group.", {}};
            return item(entry(type, n.owner_group, n.permissions.group));
        }
        if (!n.permissions.has_public) throw failure{400, "The item has no public access.", {}};
        return item(entry(type, nullptr, n.permissions.everyone));
    };
    s.add("GET", path, [&s, one](call& c) { return v2_results(c, one(seen(s, c))); });
    s.add("PUT", path, [&s, type](call& c) {
        auto& n = managed(s, c);
        const auto r = read_rights(c);
        const auto who = c.args.integer("right_id", 0);
        if (who != 0) s.repo().require_member(who);
        apply(s, c, n, [&](node& x) {
            if (type == "owner") {
                if (who != 0) x.owner = who;
                x.permissions.owner = r;
            } else if (type == "group") {
                if (who != 0) x.owner_group = who;
                x.permissions.has_group = true;
                x.permissions.group = r;
            } else {
                x.permissions.has_public = true;
                x.permissions.everyone = r;
            }
        });
        return v2_empty(c);
    });
    s.add("DELETE", path, [&s, type](call& c) {
        auto& n = managed(s, c);
        apply(s, c, n, [&](node& x) {
            if (type == "owner") x.permissions.owner.clear();
            if (type == "group") x.permissions.has_group = false;
            if (type == "public") x.permissions.has_public = false;
        });
        return v2_empty(c);
    });
}

reply set_custom(service& s, call& c, member_id who, bool fresh) {
    auto& n = managed(s, c);
    s.repo().require_member(who);
    if (fresh == n.permissions.custom.contains(who))
        throw failure{400,
                      fresh ? "The member already has assigned access."
                            : "Right ID '" + std::to_string(who) + "' is not assigned.",
                      {}};
    const auto r = read_rights(c);
    apply(s, c, n, [&](node& x) { x.permissions.custom[who] = r; });
    return v2_empty(c);
}

reply set_bulk(service& s, call& c) {
    auto& n = managed(s, c);
    const auto* list = c.args.find("permissions_array");
    if (list == nullptr || !list->is_array())
        throw failure{400, "Argument 'permissions_array' is required.", {}};
    std::vector<std::pair<member_id, rights>> changes;
    for (const auto& each : list->get_array()) {
        const auto* o = each.if_object();
        const auto* who = o != nullptr ? o->if_contains("right_id") : nullptr;
        const auto* names = o != nullptr ? o->if_contains("permissions") : nullptr;
        const auto id = who != nullptr ? to_integer(*who) : std::nullopt;
        if (!id || names == nullptr || !names->is_array())
            throw failure{400, "Invalid datatype specified for argument 'permissions_array'.", {}};
        s.repo().require_member(*id);
        std::vector<std::string> texts;
        for (const auto& name : names->get_array())
            texts.push_back(to_text(name));
        changes.emplace_back(*id, read_rights(texts));
    }
    apply(s, c, n, [&](node& x) {
        for (const auto& [who, what] : changes)
            x.permissions.custom[who] = what;
    });
    return v2_empty(c);
}

} // namespace

void add_permission_routes(service& s) {
    const std::string base = "v2/nodes/{id}/permissions";
    s.add("GET", base, [&s](call& c) { return list(s, c); });
    for (const char* type : {"owner", "group", "public"})
        standard(s, type);
    s.add("POST", base + "/custom",
          [&s](call& c) { return set_custom(s, c, c.args.required_integer("right_id"), true); });
    s.add("POST", base + "/custom/bulk", [&s](call& c) { return set_bulk(s, c); });
    s.add("GET", base + "/custom/{right}", [&s](call& c) {
        const auto& n = seen(s, c);
        const auto it = n.permissions.custom.find(c.id("right"));
        if (it == n.permissions.custom.end())
            throw failure{400, "Right ID '" + c.raw.param("right") + "' is not assigned.", {}};
        return v2_results(c, item(entry("custom", it->first, it->second)));
    });
    s.add("PUT", base + "/custom/{right}",
          [&s](call& c) { return set_custom(s, c, c.id("right"), false); });
    s.add("DELETE", base + "/custom/{right}", [&s](call& c) {
        auto& n = managed(s, c);
        const auto who = c.id("right");
        if (!n.permissions.custom.contains(who))
            throw failure{400, "Right ID '" + c.raw.param("right") + "' is not assigned.", {}};
        apply(s, c, n, [&](node& x) { x.permissions.custom.erase(who); });
        return v2_empty(c);
    });
    s.add("GET", base + "/effective/{right}", [&s](call& c) {
        const auto& n = seen(s, c);
        const auto who = c.id("right");
        s.repo().require_member(who);
        return v2_results(c, item(entry("effective", who, s.repo().effective(who, n))));
    });
    s.add("GET", base + "/dynamic", [](call&) -> reply {
        throw failure{403, "Dynamic permissions are not enabled.", {}};
    });
    s.add("POST", "v2/nodes/permissions/check", [&s](call& c) {
        const auto who = c.args.integer("right_id", c.user);
        s.repo().require_member(who);
        json::array ids;
        for (const node_id id : c.args.integers("ids"))
            if (const auto* n = s.repo().find(id); n && s.repo().may(who, *n, "see"))
                ids.push_back(json::value(id));
        return v2_results(c, json::object{{"ids", std::move(ids)}});
    });
}

} // namespace mortise::sandbox::content_server
