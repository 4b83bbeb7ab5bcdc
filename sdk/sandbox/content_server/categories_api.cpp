// SPDX-License-Identifier: Apache-2.0
//
// v1 and v2 nodes/{id}/categories.
#include "category.hpp"
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

// Reading is refused with 500 in v2 when the node is missing.
node& readable(service& s, call& c) {
    return s.repo().require(c.id(), c.user, 500);
}
node& editable(service& s, call& c) {
    auto& n = s.repo().require(c.id(), c.user, "edit_attributes", 500);
    s.repo().check_writable(n, c.user);
    return n;
}

const category_values& applied(const node& n, node_id category) {
    const auto it = n.categories.find(category);
    if (it == n.categories.end())
        throw failure{400,
                      "Category ID '" + std::to_string(category) + "' is not a category on node '" +
                          std::to_string(n.id) + "'.",
                      {}};
    return it->second;
}

json::object element(service& s, const call& c, const node& n, node_id category) {
    const auto& d = require_category(s, category);
    json::object data{{"categories", category_output(d, applied(n, category))}};
    json::object o{{"data", std::move(data)}};
    const auto& name = s.repo().find(category)->name;
    const std::string own = std::to_string(category);
    if (c.args.present("metadata") && c.args.flag("metadata", true)) {
        o["metadata"] = json::object{{"categories", category_metadata(d, name)}};
        o["metadata_map"] = json::object{{"categories", json::object{{own, category_order(d)}}}};
        o["metadata_order"] = json::object{{"categories", json::array{own}}};
    }
    if (c.args.present("state") && c.args.flag("state", true))
        o["state"] = json::object{
            {"categories",
             json::object{
                 {own + "_1", json::object{{"metadata_token", category_token(n, category)}}}}}};
    return o;
}

json::object values_of(const call& c) {
    json::object values;
    for (const auto& [key, value] : c.args.all())
        values[key] = value;
    return values;
}

reply list_v2(service& s, call& c) {
    const auto& n = readable(s, c);
    json::array results;
    for (const auto& [category, values] : n.categories)
        results.push_back(element(s, c, n, category));
    return v2_results(c, std::move(results));
}

reply list_v1(service& s, call& c) {
    const auto& n = readable(s, c);
    json::array data;
    for (const auto& [category, values] : n.categories)
        data.push_back(json::object{{"id", category}, {"name", s.repo().find(category)->name}});
    json::object o;
    o["data"] = std::move(data);
    o["definitions"] = json::object();
    o["definitions_map"] = json::object();
    o["definitions_order"] = json::array();
    return reply::json(200, o);
}

reply get_v1(service& s, call& c) {
    const auto& n = readable(s, c);
    const auto category = c.id("category");
    const auto& d = require_category(s, category);
    json::object o;
    o["data"] = category_output(d, applied(n, category));
    o["definitions"] = category_metadata(d, s.repo().find(category)->name);
    o["definitions_order"] = category_order(d);
    return reply::json(200, o);
}

reply add_one(service& s, call& c) {
    auto& n = editable(s, c);
    add_category(s, n, c.args.required_integer("category_id"), values_of(c), c.user);
    return v2_empty(c);
}

reply change_one(service& s, call& c) {
    auto& n = editable(s, c);
    if (c.args.all().empty())
        throw failure{400, "Parameters are required for PUT, POST, and PATCH methods.", {}};
    bool token_sent = false;
    const auto category = c.id("category");
    change_category(s, n, category, values_of(c), c.user, &token_sent);
    json::object body;
    body["links"] = self_links(c);
    body["results"] = json::object();
    if (token_sent)
        body["state"] = json::object{
            {"categories",
             json::object{{std::to_string(category) + "_1",
                           json::object{{"metadata_token", category_token(n, category)}}}}}};
    return reply::json(200, body);
}

reply remove_one(service& s, call& c) {
    auto& n = editable(s, c);
    const auto category = c.id("category");
    applied(n, category);
    n.categories.erase(category);
    s.repo().touch(n, c.user);
    s.repo().record(event_type::attributes, n, c.user, 0, "category removed");
    return v2_empty(c);
}

reply inheritance(service& s, call& c, bool on) {
    auto& n = editable(s, c);
    if (!is_container(n.type))
        throw failure{400, "Category inheritance can be set on containers only.", {}};
    applied(n, c.id("category"));
    n.categories.at(c.id("category")).inherited = on;
    s.repo().touch(n, c.user);
    return v2_empty(c);
}

reply apply_many(service& s, call& c) {
    auto& n = editable(s, c);
    const auto* list = c.args.find("categories");
    if (list == nullptr || !list->is_array())
        throw failure{400, "Argument 'categories' is required.", {}};
    std::int64_t processed = 0;
    std::int64_t skipped = 0;
    if (c.args.flag("clear_existing_categories", false)) n.categories.clear();
    for (const auto& item : list->get_array()) {
        const auto* id = item.is_object() ? item.get_object().if_contains("id") : nullptr;
        const auto category = to_integer(id != nullptr ? *id : item).value_or(0);
        const auto* action = item.is_object() ? item.get_object().if_contains("action") : nullptr;
        const std::string what = action != nullptr ? to_text(*action) : "";
        const bool present = n.categories.contains(category);
        require_category(s, category);
        if (what == "delete" && present) {
            n.categories.erase(category);
            ++processed;
        } else if (what == "replace" ||
                   ((what == "add" || what == "add_upgrade" || what.empty()) && !present)) {
            n.categories.erase(category);
            add_category(s, n, category, {}, c.user);
            ++processed;
        } else {
            ++skipped;
        }
    }
    s.repo().touch(n, c.user);
    return v2_results(c, json::object{{"message", std::to_string(processed) + " processed"},
                                      {"processed", processed},
                                      {"skipped", skipped}});
}

} // namespace

void add_category_routes(service& s) {
    const std::string list = "v2/nodes/{id}/categories";
    const std::string one = list + "/{category}";
    s.add("GET", list, [&s](call& c) { return list_v2(s, c); });
    s.add("GET", "v1/nodes/{id}/categories", [&s](call& c) { return list_v1(s, c); });
    s.add("GET", one, [&s](call& c) {
        const auto& n = readable(s, c);
        return v2_results(c, element(s, c, n, c.id("category")));
    });
    s.add("GET", "v1/nodes/{id}/categories/{category}", [&s](call& c) { return get_v1(s, c); });
    for (const std::string version : {"v1", "v2"}) {
        const std::string base = version + "/nodes/{id}/categories";
        s.add("POST", base, [&s](call& c) { return add_one(s, c); });
        s.add("PUT", base + "/{category}", [&s](call& c) { return change_one(s, c); });
        s.add("DELETE", base + "/{category}", [&s](call& c) { return remove_one(s, c); });
    }
    s.add("POST", list + "/apply", [&s](call& c) { return apply_many(s, c); });
    s.add("PUT", list + "/upgrade", [&s](call& c) -> reply {
        editable(s, c);
        throw failure{500, "The categories already have the latest version.", {}};
    });
    s.add("POST", one + "/inheritance", [&s](call& c) { return inheritance(s, c, true); });
    s.add("DELETE", one + "/inheritance", [&s](call& c) { return inheritance(s, c, false); });
}

} // namespace mortise::sandbox::content_server
