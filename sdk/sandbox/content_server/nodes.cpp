// SPDX-License-Identifier: Apache-2.0
//
// Reading nodes: one node, children, ancestors, actions, lists, audit.
#include "category.hpp"
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

json::object permission_entry(std::string_view type, json::value right_id, const rights& r) {
    json::array names;
    for (const auto& name : r)
        names.push_back(json::value(name));
    json::object o;
    o["permissions"] = std::move(names);
    o["right_id"] = std::move(right_id);
    o["type"] = type;
    return o;
}

void add_categories(
    service& s, const call& c, const node& n, json::object& data, json::object& metadata) {
    json::object values;
    json::object described;
    for (const auto& [category, applied] : n.categories) {
        const auto& d = require_category(s, category);
        for (auto& [key, value] : category_output(d, applied))
            values[key] = std::move(value);
        for (auto& [key, value] : category_metadata(d, s.repo().find(category)->name))
            described[key] = std::move(value);
    }
    data["categories"] = std::move(values);
    if (c.args.present("metadata")) metadata["categories"] = std::move(described);
}

json::object node_data(
    service& s, const call& c, const node& n, const field_filter& fields, json::object& metadata) {
    json::object data;
    if (fields.wants_or_all("properties")) {
        auto properties = node_properties(s, n, c.user);
        expand_properties(s, c, properties);
        data["properties"] = fields.apply("properties", std::move(properties));
    }
    if (!n.versions.empty() && fields.wants_or_all("versions"))
        data["versions"] = fields.apply("versions", version_properties(s, n, n.versions.back()));
    if (fields.wants("categories")) add_categories(s, c, n, data, metadata);
    if (fields.wants("permissions")) {
        json::array list;
        list.push_back(permission_entry("owner", n.owner, n.permissions.owner));
        if (n.permissions.has_group)
            list.push_back(permission_entry("group", n.owner_group, n.permissions.group));
        if (n.permissions.has_public)
            list.push_back(permission_entry("public", nullptr, n.permissions.everyone));
        for (const auto& [who, what] : n.permissions.custom)
            list.push_back(permission_entry("custom", who, what));
        data["permissions"] = json::object{{"permissions", std::move(list)}};
    }
    if (fields.wants("columns"))
        data["columns"] = json::array{
            json::object{{"data_type", 2}, {"key", "type"}, {"name", "Type"}, {"sort_key", "type"}},
            json::object{
                {"data_type", -1}, {"key", "name"}, {"name", "Name"}, {"sort_key", "name"}},
            json::object{{"data_type", 2}, {"key", "size"}, {"name", "Size"}, {"sort_key", "size"}},
            json::object{{"data_type", -7},
                         {"key", "modify_date"},
                         {"name", "Modified"},
                         {"sort_key", "modify_date"}}};
    return data;
}

json::object actions_of(service& s, const call& c, const node& n) {
    return node_actions(s, n, c.user, c.args.list("actions"));
}

reply get_v2(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user);
    s.repo().remember_access(c.user, n.id);
    const field_filter fields(c);
    json::object metadata;
    json::object results;
    results["data"] = node_data(s, c, n, fields, metadata);
    if (c.args.present("actions")) results["actions"] = actions_of(s, c, n);
    if (c.args.present("metadata")) {
        json::object properties;
        for (const auto& [key, type] : {std::pair{"id", "Integer"},
                                        {"name", "String"},
                                        {"description", "String"},
                                        {"create_date", "Date"},
                                        {"modify_date", "Date"},
                                        {"parent_id", "Integer"}})
            properties[key] = json::object{{"key", key}, {"name", key}, {"type_name", type}};
        metadata["properties"] = std::move(properties);
        results["metadata"] = std::move(metadata);
    }
    if (c.args.present("state")) {
        json::object categories;
        for (const auto& [category, values] : n.categories)
            categories[std::to_string(category) + "_1"] =
                json::object{{"metadata_token", category_token(n, category)}};
        json::object state;
        state["properties"] = json::object{{"metadata_token", node_token(n)}};
        state["categories"] = std::move(categories);
        results["state"] = std::move(state);
    }
    return v2_results(c, std::move(results));
}

reply get_properties(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user);
    json::object data{{"properties", node_properties(s, n, c.user)}};
    return v2_results(c, json::object{{"data", std::move(data)}});
}

reply get_v1(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user);
    json::array actions;
    const auto offered = actions_of(s, c, n);
    for (const auto& [name, value] : offered.at("data").as_object())
        actions.push_back(json::object{{"type", name}, {"name", name}});
    json::array addable;
    if (is_container(n.type))
        for (const int type : {subtype::folder, subtype::shortcut, subtype::url, subtype::document,
                               subtype::collection, subtype::task})
            addable.push_back(
                json::object{{"icon", ""}, {"type", type}, {"type_name", type_name(type)}});
    json::object o;
    o["addable_types"] = std::move(addable);
    o["available_actions"] = std::move(actions);
    o["available_roles"] =
        json::array{json::object{{"type", "categories"}, {"name", "Categories"}}};
    o["data"] = node_properties_v1(s, n, c.user);
    o["definitions"] = json::object();
    o["definitions_base"] = json::array();
    o["definitions_map"] = json::object();
    o["definitions_order"] = json::array();
    o["type"] = n.type;
    o["type_info"] = json::object();
    o["type_name"] = type_name(n.type);
    return reply::json(200, o);
}

std::vector<node_id> filtered_children(service& s, call& c) {
    auto& repo = s.repo();
    // Children of a missing node are refused with 500, unlike the node itself.
    const auto& parent = repo.require(c.id(), c.user, 500);
    if (!repo.may(c.user, parent, "see_contents"))
        throw failure{500, "Could not get a node for " + std::to_string(parent.id), {}};
    repo.remember_access(c.user, parent.id);
    const auto types = c.args.integers("where_type");
    const auto name = c.args.text("where_name");
    const bool hidden = c.args.flag("show_hidden", false);
    std::vector<node_id> ids;
    if (parent.type == subtype::collection) {
        for (const node_id id : parent.collected)
            if (const auto* n = repo.find(id); n && repo.may(c.user, *n, "see")) ids.push_back(id);
    } else {
        ids = repo.children(parent.id, c.user);
    }
    std::erase_if(ids, [&](node_id id) {
        const auto& n = *repo.find(id);
        if (n.hidden && !hidden) return true;
        if (!name.empty() && !contains_text(n.name, name)) return true;
        if (types.empty()) return false;
        return std::none_of(types.begin(), types.end(), [&n](std::int64_t wanted) {
            if (wanted == -1) return is_container(n.type);
            if (wanted == -2) return n.type != subtype::shortcut;
            if (wanted == -3) return !is_container(n.type);
            return wanted == n.type;
        });
    });
    return ids;
}

reply children_v2(service& s, call& c) {
    auto ids = filtered_children(s, c);
    const std::string sort = c.args.text("sort", "asc_name");
    sort_nodes(s, ids, sort);
    const page p = page_of(s, c, ids.size(), 25);
    const field_filter fields(c);
    json::array results;
    for (const node_id id : cut(ids, p)) {
        const auto& n = *s.repo().find(id);
        auto properties = node_properties(s, n, c.user);
        expand_properties(s, c, properties);
        json::object data;
        if (fields.wants_or_all("properties"))
            data["properties"] = fields.apply("properties", std::move(properties));
        if (!n.versions.empty() && fields.wants("versions"))
            data["versions"] = version_properties(s, n, n.versions.back());
        json::object item;
        if (c.args.present("actions")) item["actions"] = actions_of(s, c, n);
        item["data"] = std::move(data);
        results.push_back(std::move(item));
    }
    return v2_list(c, std::move(results), p, sort);
}

reply children_v1(service& s, call& c) {
    auto ids = filtered_children(s, c);
    const std::string sort = c.args.text("sort", "asc_name");
    sort_nodes(s, ids, sort);
    const page p = page_of(s, c, ids.size(), 25);
    json::array data;
    for (const node_id id : cut(ids, p)) {
        const auto& n = *s.repo().find(id);
        auto item = node_properties_v1(s, n, c.user);
        if (c.args.flag("extra", true)) {
            json::array actions;
            const auto offered = actions_of(s, c, n);
            for (const auto& [name, value] : offered.at("data").as_object())
                actions.push_back(json::object{{"name", name}, {"signature", name}});
            item["actions"] = std::move(actions);
            item["cell_metadata"] =
                json::object{{"data", json::object()}, {"definitions", json::object()}};
        }
        data.push_back(std::move(item));
    }
    json::object o;
    o["data"] = std::move(data);
    o["definitions"] = json::object();
    o["definitions_map"] = json::object();
    o["definitions_order"] = json::array();
    o["limit"] = p.limit;
    o["page"] = p.number;
    o["page_total"] = p.pages;
    o["range_max"] = p.end;
    o["range_min"] = p.end > p.begin ? p.begin + 1 : 0;
    o["sort"] = sort;
    o["total_count"] = p.total;
    o["where_facet"] = json::array();
    o["where_name"] = c.args.text("where_name");
    o["where_type"] = json::array();
    return reply::json(200, o);
}

reply ancestors(service& s, call& c) {
    s.repo().require(c.id(), c.user);
    const auto path = s.repo().ancestors(c.id());
    json::array list;
    for (const node_id id : path) {
        const auto& n = *s.repo().find(id);
        list.push_back(json::object{{"id", id},
                                    {"name", n.name},
                                    {"parent_id", n.parent == 0 ? -1 : n.parent},
                                    {"type", n.type},
                                    {"type_name", type_name(n.type)},
                                    {"volume_id", -path.front()}});
    }
    return reply::json(200, json::object{{"ancestors", std::move(list)}});
}

reply addable(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user);
    json::object data;
    json::object definitions;
    json::array order;
    if (is_container(n.type) && s.repo().may(c.user, n, "add_items"))
        for (const int type : {subtype::folder, subtype::shortcut, subtype::url, subtype::document,
                               subtype::collection, subtype::task}) {
            const std::string key = lower_case(type_name(type));
            data[key] = "api/v1/forms/nodes/create?type=" + std::to_string(type) +
                        "&parent_id=" + std::to_string(n.id);
            definitions[key] = json::object{{"subtype", type}, {"name", type_name(type)}};
            order.push_back(json::value(key));
        }
    json::object o;
    o["data"] = std::move(data);
    o["definitions"] = std::move(definitions);
    o["definitions_order"] = std::move(order);
    return reply::json(200, o);
}

reply list_by_ids(service& s, call& c) {
    const auto ids = c.args.integers("ids");
    if (ids.empty()) throw failure{400, "Argument 'ids' is required.", {}};
    if (ids.size() > 250) throw failure{400, "No more than 250 ids are allowed.", {}};
    const field_filter fields(c);
    json::array results;
    for (const node_id id : ids) {
        const auto* n = s.repo().find(id);
        // Unseen ids are left out in silence.
        if (n == nullptr || !s.repo().may(c.user, *n, "see")) continue;
        json::object metadata;
        results.push_back(json::object{{"data", node_data(s, c, *n, fields, metadata)}});
    }
    return v2_results(c, std::move(results));
}

reply actions_by_ids(service& s, call& c) {
    const auto ids = c.args.integers("ids");
    if (ids.empty()) throw failure{400, "Argument 'ids' is required.", {}};
    if (ids.size() > 100) throw failure{400, "No more than 100 ids are allowed.", {}};
    json::object results;
    for (const node_id id : ids)
        if (const auto* n = s.repo().find(id); n && s.repo().may(c.user, *n, "see"))
            results[std::to_string(id)] = actions_of(s, c, *n);
    return v2_results(c, std::move(results));
}

reply name_collisions(service& s, call& c) {
    const auto parent = c.args.required_integer("parent_id");
    s.repo().require(parent, c.user);
    json::array results;
    for (const auto& name : c.args.list("names"))
        if (const auto* n = s.repo().child_named(parent, name))
            results.push_back(json::object{{"id", n->id}, {"name", n->name}, {"type", n->type}});
    return reply::json(200, json::object{{"results", std::move(results)}});
}

reply copy_link(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user, 404);
    return v2_results(
        c, json::object{{"link", s.base_url() + "/otcs/cs/app/nodes/" + std::to_string(n.id)}});
}

reply audit(service& s, call& c, bool v2) {
    const auto& n = s.repo().require(c.id(), c.user, 500);
    const auto types = c.args.integers("where_type");
    const auto user = c.args.integer("where_user_id", 0);
    const auto bound = [&](std::string_view name, bool end) -> std::optional<time_point> {
        const std::string text = c.args.text(name);
        if (text.empty()) return std::nullopt;
        const auto t = parse_iso(text);
        if (!t)
            throw failure{
                400, "Invalid datatype specified for argument '" + std::string(name) + "'.", {}};
        // A bare end date means the whole day.
        return end && text.size() == 10 ? *t + std::chrono::hours(24) : *t;
    };
    const auto from = bound("where_audit_date_start", false);
    const auto to = bound("where_audit_date_end", true);
    std::vector<const audit_entry*> found;
    for (const auto& e : s.repo().data().audit) {
        if (e.node != n.id) continue;
        if (!types.empty() && std::find(types.begin(), types.end(), e.event) == types.end())
            continue;
        if (user != 0 && e.user != user) continue;
        if ((from && e.at < *from) || (to && e.at >= *to)) continue;
        found.push_back(&e);
    }
    const std::string sort = c.args.text("sort", "desc_audit_date");
    if (!sort.starts_with("asc")) std::reverse(found.begin(), found.end());
    const page p = page_of(s, c, found.size(), 25);
    json::array entries;
    for (const auto* e : cut(found, p)) {
        json::object o;
        o["id"] = e->node;
        o["event_type"] = e->event;
        o["audit_name"] = event_type::name(e->event);
        o["audit_date"] = s.date(e->at);
        o["user_id"] = e->user;
        o["agent_id"] = nullptr;
        o["target_user_id"] =
            e->target_user != 0 ? json::value(e->target_user) : json::value(nullptr);
        if (!e->text.empty()) o["details"] = e->text;
        entries.push_back(std::move(o));
    }
    json::array event_types;
    for (int type = 1; type < 100; ++type)
        if (const auto name = event_type::name(type); !name.empty())
            event_types.push_back(json::object{{"id", type}, {"name", name}});
    if (!v2) {
        json::object o;
        o["data"] = std::move(entries);
        o["limit"] = p.limit;
        o["page"] = p.number;
        o["page_total"] = p.pages;
        o["total_count"] = p.total;
        return reply::json(200, o);
    }
    json::object data;
    data["audit"] = std::move(entries);
    data["audit_event_types"] = std::move(event_types);
    json::object body;
    body["collection"] = json::object{
        {"paging", paging_json(c, p)},
        {"sorting",
         json::object{{"sort", json::array{json::object{{"key", "sort"}, {"value", sort}}}}}}};
    body["links"] = self_links(c);
    body["results"] = json::object{{"data", std::move(data)}};
    return reply::json(200, body);
}

} // namespace

void add_node_routes(service& s) {
    s.add("POST", "v2/nodes/list", [&s](call& c) { return list_by_ids(s, c); });
    s.add("GET", "v2/nodes/actions", [&s](call& c) { return actions_by_ids(s, c); });
    s.add("POST", "v2/nodes/actions", [&s](call& c) { return actions_by_ids(s, c); });
    s.add("GET", "v2/nodes/{id}", [&s](call& c) { return get_v2(s, c); });
    s.add("GET", "v2/nodes/{id}/properties", [&s](call& c) { return get_properties(s, c); });
    s.add("GET", "v1/nodes/{id}", [&s](call& c) { return get_v1(s, c); });
    s.add("GET", "v2/nodes/{id}/nodes", [&s](call& c) { return children_v2(s, c); });
    s.add("GET", "v1/nodes/{id}/nodes", [&s](call& c) { return children_v1(s, c); });
    s.add("GET", "v1/nodes/{id}/ancestors", [&s](call& c) { return ancestors(s, c); });
    s.add("GET", "v1/nodes/{id}/addablenodetypes", [&s](call& c) { return addable(s, c); });
    s.add("POST", "v1/validation/nodes/names", [&s](call& c) { return name_collisions(s, c); });
    s.add("GET", "v2/nodes/{id}/copylink", [&s](call& c) { return copy_link(s, c); });
    s.add("GET", "v2/nodes/{id}/audit", [&s](call& c) { return audit(s, c, true); });
    s.add("GET", "v1/nodes/{id}/audit", [&s](call& c) { return audit(s, c, false); });
}

} // namespace mortise::sandbox::content_server
