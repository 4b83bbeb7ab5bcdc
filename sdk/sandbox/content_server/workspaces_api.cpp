// SPDX-License-Identifier: Apache-2.0
//
// v2/businessworkspaces: create, bulk, list, get, business object references.
#include "category.hpp"
#include "column_query.hpp"
#include "render.hpp"
#include "workspace.hpp"

namespace mortise::sandbox::content_server {
namespace {

json::object all_fields(const call& c) {
    json::object o;
    for (const auto& [key, value] : c.args.all())
        o[key] = value;
    // Flat forms carry nested parts as JSON text.
    for (const char* key : {"roles"})
        if (auto nested = c.args.object(key)) o[key] = std::move(*nested);
    return o;
}

reply create(service& s, call& c) {
    const auto& n = create_workspace(s, all_fields(c), c.user);
    return v2_results(c, json::object{{"direct_open", true}, {"id", n.id}, {"sub_folder_id", 0}});
}

reply bulk(service& s, call& c) {
    const json::array* infos = c.args.array_body();
    if (infos == nullptr) {
        const auto* v = c.args.find("bws_infos");
        if (v == nullptr || !v->is_array())
            throw failure{400, "Argument 'bws_infos' is required.", {}};
        infos = &v->get_array();
    }
    json::array out;
    for (const auto& info : *infos) {
        try {
            if (!info.is_object())
                throw failure{400, "Invalid datatype specified for argument 'bws_infos'.", {}};
            out.push_back(
                json::object{{"id", create_or_update_workspace(s, info.get_object(), c.user).id}});
        } catch (const failure& f) {
            out.push_back(json::object{{"error_message", f.text}});
        }
    }
    return reply::json(200, out);
}

bool name_matches(const std::string& name, std::string_view wanted) {
    if (wanted.starts_with("contains_")) return contains_text(name, wanted.substr(9));
    if (wanted.starts_with("startswith_"))
        return lower_case(name).starts_with(lower_case(wanted.substr(11)));
    return equal_text(name, wanted);
}

bool matches(service& s, const call& c, const node& n) {
    const auto& a = c.args;
    const auto& w = *n.workspace;
    if (const auto type = a.integer("where_workspace_type_id", 0); type != 0 && type != w.type_id)
        return false;
    if (const auto ids = a.integers("where_workspace_type_ids");
        !ids.empty() && std::find(ids.begin(), ids.end(), w.type_id) == ids.end())
        return false;
    if (const auto name = a.text("where_workspace_type_name"); !name.empty()) {
        const auto type = s.repo().data().workspace_types.find(w.type_id);
        // By prefix: "Campaign" also finds "Campaign Archive".
        if (type == s.repo().data().workspace_types.end() ||
            !lower_case(type->second.name).starts_with(lower_case(name)))
            return false;
    }
    if (const auto name = a.text("where_name"); !name.empty() && !name_matches(n.name, name))
        return false;
    if (a.has("where_is_early") && a.flag("where_is_early", false) != w.objects.empty())
        return false;
    if (const auto code = a.text("where_barcode"); !code.empty() && code != w.barcode) return false;
    const auto system = a.text("where_ext_system_id");
    const auto bo_type = a.text("where_bo_type");
    const auto bo_id = a.text("where_bo_id");
    const auto type_node = a.integer("where_botype_node_id", 0);
    if (system.empty() && bo_type.empty() && bo_id.empty() && type_node == 0) return true;
    return std::any_of(w.objects.begin(), w.objects.end(), [&](const business_object& o) {
        const auto* type = find_object_type(s, o.ext_system, o.bo_type);
        return (system.empty() || o.ext_system == system) &&
               (bo_type.empty() || o.bo_type == bo_type) && (bo_id.empty() || o.bo_id == bo_id) &&
               (type_node == 0 || (type != nullptr && type->id == type_node));
    });
}

json::object item_json(service& s, const call& c, const node& n, const field_filter& fields) {
    auto properties = workspace_properties(s, n, c.user);
    expand_properties(s, c, properties);
    // `fields` counts only together with action=properties-.
    if (c.args.text("action") == "properties-")
        properties = fields.apply("properties", std::move(properties));
    json::object item;
    item["actions"] =
        json::object{{"data", json::object()}, {"map", json::object()}, {"order", json::array()}};
    item["data"] = json::object{{"properties", std::move(properties)}};
    return item;
}

reply list_answer(service& s, call& c, std::vector<node_id> ids) {
    const std::string sort = c.args.text("sort", "asc_name");
    sort_nodes(s, ids, sort);
    const page p = page_of(s, c, ids.size(), 500);
    const field_filter fields(c);
    json::array results;
    for (const node_id id : cut(ids, p))
        results.push_back(item_json(s, c, *s.repo().find(id), fields));
    json::object body;
    body["links"] = self_links(c);
    body["paging"] = paging_json(c, p); // top level here, unlike other lists
    body["results"] = std::move(results);
    body["wksp_info"] = json::object{{"wksp_type_icon", nullptr}};
    return reply::json(200, body);
}

reply list(service& s, call& c) {
    auto& repo = s.repo();
    if (c.args.has("where_ext_system_id") != c.args.has("where_bo_type") &&
        c.args.has("where_bo_id"))
        throw failure{
            400, "Arguments 'where_ext_system_id' and 'where_bo_type' must be given together.", {}};
    const bool expanded = c.args.flag("expanded_view", false);
    const auto* viewer = repo.find_member(c.user);
    std::optional<column_query> query;
    if (c.args.has("where_column_query"))
        query = column_query::parse(c.args.text("where_column_query"));
    std::vector<node_id> ids;
    for (const auto& [id, n] : repo.data().nodes) {
        if (!n.workspace || n.workspace->is_template || !repo.may(c.user, n, "see")) continue;
        if (!expanded &&
            (viewer == nullptr || std::find(viewer->accessed.begin(), viewer->accessed.end(), id) ==
                                      viewer->accessed.end()))
            continue;
        if (!matches(s, c, n)) continue;
        if (query && !query->matches(workspace_properties(s, n, c.user))) continue;
        ids.push_back(id);
    }
    return list_answer(s, c, std::move(ids));
}

json::object business_properties(service& s, const node& n) {
    json::object o;
    const auto& w = *n.workspace;
    const auto type = s.repo().data().workspace_types.find(w.type_id);
    if (!w.objects.empty()) {
        const auto& first = w.objects.front(); // others are in workspace_references only
        const auto* object_type = find_object_type(s, first.ext_system, first.bo_type);
        o["business_object_id"] = first.bo_id;
        o["business_object_type"] = first.bo_type;
        o["business_object_type_id"] = object_type != nullptr ? object_type->id : 0;
        o["business_object_type_name"] = object_type != nullptr ? object_type->name : "";
        o["external_system_id"] = first.ext_system;
        o["external_system_name"] = first.ext_system;
        for (const auto& system : s.repo().data().external_systems)
            if (system.name == first.ext_system)
                o["display_url"] = system.base_url + "/" + percent_encode(first.bo_type) + "/" +
                                   percent_encode(first.bo_id);
    }
    o["has_default_display"] = !w.objects.empty();
    o["has_default_search"] = true;
    o["isEarly"] = w.objects.empty();
    o["workspace_type_id"] = w.type_id;
    o["workspace_type_name"] =
        type == s.repo().data().workspace_types.end() ? "" : type->second.name;
    return o;
}

json::array references(service& s, const node& n) {
    json::array out;
    for (const auto& object : n.workspace->objects) {
        const auto* type = find_object_type(s, object.ext_system, object.bo_type);
        json::object o;
        o["business_object_id"] = object.bo_id;
        o["business_object_type"] = object.bo_type;
        o["business_object_type_id"] = type != nullptr ? type->id : 0;
        o["external_system_id"] = object.ext_system;
        o["workspace_type_id"] = n.workspace->type_id;
        out.push_back(std::move(o));
    }
    return out;
}

reply get(service& s, call& c) {
    const auto& n = require_workspace(s, c.id(), c.user);
    s.repo().remember_access(c.user, n.id);
    const field_filter fields(c);
    json::object data;
    auto properties = workspace_properties(s, n, c.user);
    expand_properties(s, c, properties);
    if (fields.wants_or_all("properties"))
        data["properties"] = fields.apply("properties", std::move(properties));
    if (fields.wants("business_properties"))
        data["business_properties"] = business_properties(s, n);
    if (fields.wants("workspace_references")) data["workspace_references"] = references(s, n);
    if (fields.wants("display_urls")) data["display_urls"] = json::array();
    if (fields.wants("wksp_info")) data["wksp_info"] = json::object{{"wksp_type_icon", nullptr}};
    json::object results;
    if (fields.wants("categories")) {
        json::object values, described;
        for (const auto& [category, applied] : n.categories) {
            const auto& d = require_category(s, category);
            for (auto& [key, value] : category_output(d, applied))
                values[key] = std::move(value);
            for (auto& [key, value] : category_metadata(d, s.repo().find(category)->name))
                described[key] = std::move(value);
        }
        data["categories"] = std::move(values);
        if (c.args.present("metadata"))
            results["metadata"] = json::object{{"categories", std::move(described)}};
    }
    results["data"] = std::move(data);
    return v2_results(c, std::move(results));
}

reply add_reference(service& s, call& c) {
    auto& n = require_workspace(s, c.id(), c.user);
    s.repo().require(n.id, c.user, "modify");
    const auto object = read_business_object(s, all_fields(c));
    if (!object) throw failure{400, "Argument 'bo_id' is required.", {}};
    if (auto* other = workspace_of(s, *object)) {
        if (other->id == n.id) return v2_empty(c);
        throw failure{400,
                      "The business object '" + object->bo_id +
                          "' already belongs to the workspace " + std::to_string(other->id) + ".",
                      {}};
    }
    n.workspace->objects.push_back(*object);
    s.repo().touch(n, c.user);
    return v2_empty(c);
}

reply remove_reference(service& s, call& c) {
    auto& n = require_workspace(s, c.id(), c.user);
    s.repo().require(n.id, c.user, "modify");
    const auto object = read_business_object(s, all_fields(c));
    if (!object || std::erase(n.workspace->objects, *object) == 0)
        throw failure{400, "The business object is not linked to the workspace.", {}};
    s.repo().touch(n, c.user);
    return v2_empty(c);
}

reply by_business_object(service& s, call& c) {
    const business_object wanted{c.raw.param("system"), c.raw.param("type"), c.raw.param("object")};
    const auto* n = workspace_of(s, wanted);
    if (n == nullptr || !s.repo().may(c.user, *n, "see"))
        throw failure{404,
                      "Could not find a business workspace for the business object '" +
                          wanted.bo_id + "' (" + wanted.bo_type + ", " + wanted.ext_system + ").",
                      {}};
    return list_answer(s, c, {n->id});
}

reply owning_workspace(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user);
    const auto* w = s.repo().nearest_workspace(n.id);
    if (w == nullptr || !s.repo().may(c.user, *w, "see"))
        throw failure{404, "The item does not belong to a business workspace.", {}};
    return reply::json(200, json::object{{"id", w->id},
                                         {"isLinked", !w->workspace->objects.empty()},
                                         {"type", w->type},
                                         {"workspace_type_id", w->workspace->type_id}});
}

} // namespace

void add_workspace_routes(service& s) {
    s.module("conws");
    s.add("POST", "v2/businessworkspaces", [&s](call& c) { return create(s, c); });
    s.add("PUT", "v2/businessworkspaces", [&s](call& c) { return bulk(s, c); });
    s.add("GET", "v2/businessworkspaces", [&s](call& c) { return list(s, c); });
    s.add("GET", "v2/businessworkspaces/{id}", [&s](call& c) { return get(s, c); });
    s.add("GET", "v1/nodes/{id}/businessworkspace",
          [&s](call& c) { return owning_workspace(s, c); });
    s.module("xecmpf");
    s.add("PUT", "v2/businessworkspaces/{id}/workspacereferences",
          [&s](call& c) { return add_reference(s, c); });
    s.add("DELETE", "v2/businessworkspaces/{id}/workspacereferences",
          [&s](call& c) { return remove_reference(s, c); });
    s.add("GET", "v2/externalsystems/{system}/botypes/{type}/boids/{object}",
          [&s](call& c) { return by_business_object(s, c); });
    s.module("");
}

} // namespace mortise::sandbox::content_server
