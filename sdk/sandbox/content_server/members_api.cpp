// SPDX-License-Identifier: Apache-2.0
//
// Users, groups, memberships, favourites, recently accessed, reserved.
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

json::object member_item(service& s, const call& c, const member& m) {
    return json::object{{"data", json::object{{"properties", member_properties(s, m, c.user)}}}};
}

reply member_list(service& s,
                  call& c,
                  std::vector<const member*> found,
                  std::size_t default_limit = 25) {
    std::string sort = c.args.text("sort", "asc_name");
    const bool descending = sort.starts_with("desc");
    std::stable_sort(found.begin(), found.end(), [descending](const auto* a, const auto* b) {
        const auto x = lower_case(a->name), y = lower_case(b->name);
        return descending ? y < x : x < y;
    });
    const page p = page_of(s, c, found.size(), default_limit);
    json::array results;
    for (const auto* m : cut(found, p))
        results.push_back(member_item(s, c, *m));
    return v2_list(c, std::move(results), p, sort);
}

std::vector<const member*> search(service& s, call& c) {
    const auto types = c.args.integers("where_type");
    const std::string query = c.args.text("query");
    const std::string name = c.args.text("where_name");
    const std::string first = c.args.text("where_first_name");
    const std::string last = c.args.text("where_last_name");
    const std::string email = c.args.text("where_business_email");
    if (!query.empty() && !(name.empty() && first.empty() && last.empty() && email.empty()))
        throw failure{
            400, "Argument 'query' cannot be used together with other name arguments.", {}};
    std::vector<const member*> found;
    for (const auto& [id, m] : s.repo().data().members) {
        if (m.deleted || m.type == subtype::workspace) continue;
        if (!types.empty() && std::find(types.begin(), types.end(), m.type) == types.end())
            continue;
        if (!name.empty() && !equal_text(m.name, name)) continue;
        if (!first.empty() && !contains_text(m.first_name, first)) continue;
        if (!last.empty() && !contains_text(m.last_name, last)) continue;
        if (!email.empty() && !contains_text(m.email, email)) continue;
        if (!query.empty() && !contains_text(m.name, query) &&
            !contains_text(m.first_name + " " + m.last_name, query) &&
            !contains_text(m.email, query))
            continue;
        found.push_back(&m);
    }
    return found;
}

void admin_or(service& s, const call& c, bool also) {
    if (!s.repo().is_admin(c.user) && !also)
        throw failure{403, "You need the user administration right for this function.", {}};
}

void read_member(call& c, member& m) {
    const auto take = [&c](const char* name, std::string& to) {
        if (c.args.has(name)) to = c.args.text(name);
    };
    take("first_name", m.first_name);
    take("last_name", m.last_name);
    take("middle_name", m.middle_name);
    take("title", m.title);
    take("business_email", m.email);
    take("business_phone", m.phone);
    take("password", m.password);
    if (c.args.has("group_id")) m.group = c.args.integer("group_id", 1001);
}

member& create(service& s, call& c) {
    admin_or(s, c, false);
    member m;
    m.type = static_cast<int>(c.args.required_integer("type"));
    m.name = c.args.required_text("name");
    if (m.type != 0 && m.type != 1)
        throw failure{400, "Invalid value specified for argument 'type'.", {}};
    for (const auto& [id, other] : s.repo().data().members)
        if (!other.deleted && other.type == m.type && equal_text(other.name, m.name))
            throw failure{400, "A member with the name '" + m.name + "' already exists.", {}};
    read_member(c, m);
    m.id = s.repo().next_id();
    const auto id = m.id;
    if (m.type == 0 && s.repo().find_member(m.group) != nullptr)
        s.repo().data().members[m.group].members.insert(id);
    return s.repo().data().members.emplace(id, std::move(m)).first->second;
}

member& group_of(service& s, call& c) {
    auto& g = s.repo().require_member(c.id());
    if (g.type != 1) throw failure{500, "Member " + c.raw.param("id") + " is not a group.", {}};
    return g;
}

reply change_membership(service& s, call& c, bool add) {
    auto& g = group_of(s, c);
    admin_or(s, c, g.group == c.user);
    const auto ids = c.args.integers("member_id");
    if (ids.empty()) throw failure{400, "Argument 'member_id' is required.", {}};
    for (const auto id : ids) {
        s.repo().require_member(id);
        if (add && (id == g.id || s.repo().memberships(g.id).contains(id)))
            throw failure{400, "A group cannot be a member of itself.", {}};
        if (add)
            g.members.insert(id);
        else
            g.members.erase(id);
    }
    return v2_empty(c);
}

reply groups_of(service& s, call& c, member_id who) {
    s.repo().require_member(who);
    std::vector<const member*> found;
    for (const auto& [id, g] : s.repo().data().members)
        if (!g.deleted && g.type == 1 && g.members.contains(who)) found.push_back(&g);
    return member_list(s, c, std::move(found));
}

json::array node_items(service& s, const call& c, const std::vector<node_id>& ids) {
    json::array results;
    for (const node_id id : ids)
        results.push_back(json::object{
            {"data",
             json::object{{"properties", node_properties(s, *s.repo().find(id), c.user)}}}});
    return results;
}

reply node_list(service& s, call& c, std::vector<node_id> ids, std::size_t limit, bool sorted) {
    std::erase_if(ids, [&](node_id id) {
        const auto* n = s.repo().find(id);
        return n == nullptr || !s.repo().may(c.user, *n, "see");
    });
    const auto types = c.args.integers("where_type");
    if (!types.empty())
        std::erase_if(ids, [&](node_id id) {
            return std::find(types.begin(), types.end(), s.repo().find(id)->type) == types.end();
        });
    const std::string sort = c.args.text("sort", sorted ? "asc_name" : "");
    if (!sort.empty()) sort_nodes(s, ids, sort);
    const page p = page_of(s, c, ids.size(), limit);
    return v2_list(c, node_items(s, c, cut(ids, p)), p, sort);
}

reply reserved(service& s, call& c) {
    std::vector<node_id> ids;
    for (const auto& [id, n] : s.repo().data().nodes)
        if (n.reserved_by == c.user) ids.push_back(id);
    return node_list(s, c, std::move(ids), 25, true);
}

std::vector<node_id> favourite_ids(service& s, call& c, std::optional<std::int64_t> tab) {
    std::vector<node_id> ids;
    for (const auto& [id, facts] : s.repo().require_member(c.user).favorites) {
        const auto* have = facts.if_contains("tab_id");
        if (!tab || to_integer(have != nullptr ? *have : json::value(0)).value_or(0) == *tab)
            ids.push_back(id);
    }
    return ids;
}

reply set_favourite(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user);
    auto& facts = s.repo().require_member(c.user).favorites[n.id];
    for (const char* key : {"name", "order", "tab_id"})
        if (c.args.has(key)) facts[key] = *c.args.find(key);
    return v2_empty(c);
}

reply favourite_tabs(service& s, call& c) {
    json::array results;
    for (const auto& [id, tab] : s.repo().require_member(c.user).favorite_tabs)
        results.push_back(json::object{{"data", json::object{{"properties", tab}}}});
    return v2_results(c, std::move(results));
}

reply save_tab(service& s, call& c, bool fresh) {
    auto& tabs = s.repo().require_member(c.user).favorite_tabs;
    int id = fresh ? (tabs.empty() ? 1 : tabs.rbegin()->first + 1) : static_cast<int>(c.id());
    if (!fresh && !tabs.contains(id))
        throw failure{404, "The tab " + std::to_string(id) + " does not exist.", {}};
    auto& tab = tabs[id];
    tab["tab_id"] = id;
    if (fresh || c.args.has("name")) tab["name"] = c.args.required_text("name");
    tab["order"] = c.args.integer("order", id);
    return v2_results(c, json::object{{"data", json::object{{"properties", tab}}}});
}

} // namespace

void add_member_routes(service& s) {
    s.add("GET", "v2/members", [&s](call& c) { return member_list(s, c, search(s, c)); });
    s.add("GET", "v1/members", [&s](call& c) {
        const auto found = search(s, c);
        const page p = page_of(s, c, found.size(), 25);
        json::array data;
        for (const auto* m : cut(found, p))
            data.push_back(member_properties(s, *m, c.user));
        return reply::json(200, json::object{{"data", std::move(data)},
                                             {"limit", p.limit},
                                             {"page", p.number},
                                             {"page_total", p.pages},
                                             {"total_count", p.total}});
    });
    s.add("POST", "v2/members",
          [&s](call& c) { return v2_results(c, member_item(s, c, create(s, c))); });
    s.add("POST", "v1/members", [&s](call& c) {
        return reply::json(200, json::object{{"id", create(s, c).id}});
    });
    s.add("GET", "v2/members/memberof", [&s](call& c) { return groups_of(s, c, c.user); });
    s.add("GET", "v2/members/accessed", [&s](call& c) {
        return node_list(s, c, s.repo().require_member(c.user).accessed, 25, false);
    });
    s.add("GET", "v2/members/reserved", [&s](call& c) { return reserved(s, c); });
    s.add("GET", "v2/members/favorites",
          [&s](call& c) { return node_list(s, c, favourite_ids(s, c, std::nullopt), 100, true); });
    s.add("POST", "v2/members/favorites/{id}", [&s](call& c) { return set_favourite(s, c); });
    s.add("PUT", "v2/members/favorites/{id}", [&s](call& c) {
        if (!s.repo().require_member(c.user).favorites.contains(c.id()))
            throw failure{404, "The item is not a favorite.", {}};
        return set_favourite(s, c);
    });
    s.add("DELETE", "v2/members/favorites/{id}", [&s](call& c) {
        if (s.repo().require_member(c.user).favorites.erase(c.id()) == 0)
            throw failure{404, "The item is not a favorite.", {}};
        return v2_empty(c);
    });
    s.add("GET", "v2/members/favorites/tabs", [&s](call& c) { return favourite_tabs(s, c); });
    s.add("POST", "v2/members/favorites/tabs", [&s](call& c) { return save_tab(s, c, true); });
    s.add("PUT", "v2/members/favorites/tabs/{id}", [&s](call& c) { return save_tab(s, c, false); });
    s.add("DELETE", "v2/members/favorites/tabs/{id}", [&s](call& c) {
        if (s.repo().require_member(c.user).favorite_tabs.erase(static_cast<int>(c.id())) == 0)
            throw failure{404, "The tab " + c.raw.param("id") + " does not exist.", {}};
        return v2_empty(c);
    });
    s.add("GET", "v2/members/favorites/tabs/unsorted/nodes",
          [&s](call& c) { return node_list(s, c, favourite_ids(s, c, 0), 100, true); });
    s.add("GET", "v2/members/favorites/tabs/{id}/nodes",
          [&s](call& c) { return node_list(s, c, favourite_ids(s, c, c.id()), 100, true); });
    s.add("GET", "v2/members/{id}", [&s](call& c) {
        return v2_results(c, member_item(s, c, s.repo().require_member(c.id())));
    });
    s.add("GET", "v1/members/{id}", [&s](call& c) {
        return reply::json(
            200,
            json::object{{"data", member_properties(s, s.repo().require_member(c.id()), c.user)}});
    });
    s.add("PUT", "v2/members/{id}", [&s](call& c) {
        auto& m = s.repo().require_member(c.id());
        admin_or(s, c, m.id == c.user);
        read_member(c, m);
        if (c.args.has("name") && s.repo().is_admin(c.user)) m.name = c.args.text("name");
        return v2_results(c, member_item(s, c, m));
    });
    s.add("DELETE", "v2/members/{id}", [&s](call& c) {
        auto& m = s.repo().require_member(c.id());
        admin_or(s, c, false);
        m.deleted = true;
        for (auto& [id, g] : s.repo().data().members)
            g.members.erase(m.id);
        return v2_empty(c);
    });
    s.add("GET", "v2/members/{id}/memberof", [&s](call& c) { return groups_of(s, c, c.id()); });
    s.add("GET", "v2/members/{id}/members", [&s](call& c) {
        std::vector<const member*> found;
        for (const auto id : group_of(s, c).members)
            if (const auto* m = s.repo().find_member(id)) found.push_back(m);
        return member_list(s, c, std::move(found));
    });
    s.add("POST", "v2/members/{id}/members",
          [&s](call& c) { return change_membership(s, c, true); });
    s.add("DELETE", "v2/members/{id}/members",
          [&s](call& c) { return change_membership(s, c, false); });
    s.add("GET", "v1/members/{id}/photo", [&s](call& c) -> reply {
        s.repo().require_member(c.id());
        throw failure{404, "The member has no photo.", {}};
    });
}

} // namespace mortise::sandbox::content_server
