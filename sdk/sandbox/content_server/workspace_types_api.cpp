// SPDX-License-Identifier: Apache-2.0
//
// Workspace types, business object types, external systems, proxy search, create forms.
#include "category.hpp"
#include "column_query.hpp"
#include "forms.hpp"
#include "render.hpp"
#include "workspace.hpp"

namespace mortise::sandbox::content_server {
namespace {

workspace_type& type_of(service& s, call& c) {
    auto& types = s.repo().data().workspace_types;
    const auto it = types.find(static_cast<int>(c.id()));
    if (it == types.end())
        throw failure{404, "The workspace type " + c.raw.param("id") + " does not exist.", {}};
    return it->second;
}

void admin_only(service& s, const call& c) {
    if (!s.repo().is_admin(c.user))
        throw failure{403, "You need the system administration right for this function.", {}};
}

reply list_types(service& s, call& c) {
    const std::string system = c.args.text("ext_system_id");
    const std::string bo_type = c.args.text("bo_type");
    if (system.empty() != bo_type.empty())
        throw failure{400, "Arguments 'ext_system_id' and 'bo_type' must be given together.", {}};
    json::array results;
    for (const auto& [id, type] : s.repo().data().workspace_types) {
        if (!type.enabled && !c.args.flag("include_disabled", false)) continue;
        if (!system.empty()) {
            const auto* object = find_object_type(s, system, bo_type);
            if (object == nullptr || object->workspace_type != id) continue;
        }
        results.push_back(workspace_type_json(s, type, c.args.flag("expand_templates", true),
                                              c.args.flag("expand_wksp_info", true)));
    }
    return v2_results(c, std::move(results));
}

void read_type(call& c, workspace_type& type) {
    const auto names = c.args.object("wksp_name_generation");
    const auto* patterns = names ? names->if_contains("wksp_names") : nullptr;
    if (c.args.text("wksp_type_name").empty() || patterns == nullptr || !patterns->is_object())
        throw failure{
            400,
            "Arguments 'wksp_type_name' and 'wksp_name_generation.wksp_names' are required.",
            {}};
    type.name = c.args.text("wksp_type_name");
    type.name_pattern = patterns->get_object().empty()
                            ? std::string()
                            : to_text(patterns->get_object().begin()->value());
    type.enabled = c.args.flag("enabled", true);
    if (const auto creation = c.args.object("wksp_creation"))
        if (const auto* place = creation->if_contains("location_value"))
            type.location = to_integer(*place).value_or(0);
}

reply create_type(service& s, call& c) {
    admin_only(s, c);
    workspace_type type;
    read_type(c, type);
    auto& types = s.repo().data().workspace_types;
    type.id = types.empty() ? 1 : types.rbegin()->first + 1;
    type.config_node = s.repo().next_id();
    const int id = type.id;
    types.emplace(id, std::move(type));
    return v2_results(c, json::object{{"wksp_type_id", id}});
}

reply creatable_types(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user);
    json::array list;
    if (is_container(n.type) && s.repo().may(c.user, n, "add_items"))
        for (const auto& [id, type] : s.repo().data().workspace_types) {
            if (!type.enabled) continue;
            json::array templates;
            for (const node_id t : type.templates)
                if (const auto* source = s.repo().find(t))
                    templates.push_back(json::object{
                        {"id", t}, {"name", source->name}, {"subType", subtype::workspace}});
            list.push_back(json::object{{"id", id},
                                        {"name", type.name},
                                        {"rm_enabled", type.rm_enabled},
                                        {"templates", std::move(templates)}});
        }
    return reply::json(200, json::object{{"businessworkspacetypes", std::move(list)}});
}

json::object general_form(const call& c, const workspace_type& type, const node* edited) {
    json::object data;
    data["name"] = edited != nullptr ? edited->name : "";
    data["description"] = edited != nullptr ? edited->description : "";
    data["parent_id"] =
        edited != nullptr ? edited->parent : c.args.integer("parent_id", type.location);
    data["type"] = subtype::workspace;
    json::object properties;
    properties["name"] = json::object{{"type", "string"},
                                      {"title", "Name"},
                                      {"maxLength", 248},
                                      {"minLength", 1},
                                      {"required", type.name_pattern.empty()},
                                      {"readonly", false}};
    properties["description"] =
        json::object{{"type", "string"}, {"title", "Description"}, {"required", false}};
    properties["parent_id"] = json::object{{"type", "integer"}, {"required", true}};
    properties["type"] = json::object{{"type", "integer"}, {"required", true}};
    json::object form;
    form["data"] = std::move(data);
    form["options"] = json::object{{"fields", json::object()}};
    form["schema"] = json::object{{"properties", std::move(properties)}, {"type", "object"}};
    return form;
}

void category_forms(service& s, const node& n, json::array& forms) {
    for (const auto& [category, values] : n.categories) {
        auto form = category_form(s, category, &values, &n);
        form["role_name"] = "categories";
        forms.push_back(std::move(form));
    }
}

reply create_form(service& s, call& c) {
    const workspace_type* type = nullptr;
    node_id template_id = c.args.integer("template_id", 0);
    auto& w = s.repo().data();
    if (template_id == 0) {
        int id = 0;
        if (const auto bo = c.args.integer("bo_type_id", 0); bo != 0) {
            if (const auto it = w.object_types.find(static_cast<int>(bo));
                it != w.object_types.end())
                id = it->second.workspace_type;
        } else if (const auto* object =
                       find_object_type(s, c.args.text("ext_system_id"), c.args.text("bo_type"))) {
            id = object->workspace_type;
        }
        if (const auto it = w.workspace_types.find(id);
            it != w.workspace_types.end() && !it->second.templates.empty())
            template_id = it->second.templates.front();
    }
    for (const auto& [id, candidate] : w.workspace_types)
        if (std::find(candidate.templates.begin(), candidate.templates.end(), template_id) !=
            candidate.templates.end())
            type = &candidate;
    if (type == nullptr) throw failure{400, "Argument 'template_id' is required.", {}};
    json::array forms;
    forms.push_back(general_form(c, *type, nullptr));
    category_forms(s, *s.repo().find(template_id), forms);
    return reply::json(200, json::object{{"forms", std::move(forms)}});
}

reply update_form(service& s, call& c) {
    const auto& n = require_workspace(s, c.id(), c.user);
    json::array forms;
    forms.push_back(general_form(c, s.repo().data().workspace_types.at(n.workspace->type_id), &n));
    category_forms(s, n, forms);
    return reply::json(200, json::object{{"forms", std::move(forms)}});
}

json::object system_json(const external_system& e) {
    json::object o;
    o["id_extsystem"] = e.name;
    o["extsystem_name"] = e.name;
    o["conn_type"] = e.connection_type;
    o["baseurl"] = e.base_url;
    o["asurl"] = e.as_url;
    o["auth_method"] = "BASIC";
    o["enabled"] = true;
    o["extsystem_node_id"] = e.id;
    o["multilinguals"] = json::object{{"en", e.name}};
    o["schema_version"] = 1;
    return o;
}

reply list_systems(service& s, call& c) {
    const auto names = c.args.list("where_name");
    const auto kinds = c.args.list("where_conntype");
    const auto in = [](const std::vector<std::string>& list, const std::string& v) {
        return list.empty() || std::find(list.begin(), list.end(), v) != list.end();
    };
    json::array results;
    for (const auto& e : s.repo().data().external_systems)
        if (in(names, e.name) && in(kinds, e.connection_type)) results.push_back(system_json(e));
    return v2_results(c, std::move(results));
}

reply system_config(service& s, call& c) {
    for (const auto& e : s.repo().data().external_systems)
        if (e.name == c.raw.param("system")) return v2_results(c, system_json(e));
    throw failure{404, "The external system '" + c.raw.param("system") + "' does not exist.", {}};
}

reply create_system(service& s, call& c) {
    admin_only(s, c);
    external_system e;
    e.name = c.args.required_text("external_system_name");
    for (const auto& other : s.repo().data().external_systems)
        if (other.name == e.name)
            throw failure{400, "The external system '" + e.name + "' already exists.", {}};
    e.connection_type = c.args.required_text("conn_type");
    e.base_url = c.args.required_text("baseurl");
    e.as_url = c.args.required_text("asurl");
    e.id = s.repo().next_id();
    s.repo().data().external_systems.push_back(e);
    return v2_results(
        c, json::object{{"EXTSYSTEM_NODE_ID", e.id}, {"ID_EXTSYSTEM", e.name}, {"OK", true}});
}

json::object object_type_json(const business_object_type& type) {
    json::object o;
    o["bo_type"] = type.bo_type;
    o["bo_type_id"] = type.id;
    o["bo_type_name"] = type.name;
    o["ext_system_id"] = type.ext_system;
    o["is_default_Search"] = true;
    o["is_default_Display"] = true;
    o["workspace_type_id"] = type.workspace_type;
    return o;
}

reply list_object_types(service& s, call& c) {
    json::array results;
    for (const auto& [id, type] : s.repo().data().object_types)
        results.push_back(
            json::object{{"data", json::object{{"properties", object_type_json(type)}}}});
    return v2_results(c, std::move(results));
}

reply get_object_type(service& s, call& c) {
    const auto& types = s.repo().data().object_types;
    const auto it = types.find(static_cast<int>(c.id()));
    if (it == types.end())
        throw failure{
            404, "The business object type " + c.raw.param("id") + " does not exist.", {}};
    return v2_results(c, json::object{{"GeneralTab", object_type_json(it->second)}});
}

// The search in the business system itself, which Extended ECM passes through.
reply search_objects(service& s, call& c) {
    json::object fields;
    for (const char* key : {"ext_system_id", "bo_type", "bo_type_id"})
        if (c.args.has(key)) fields[key] = *c.args.find(key);
    fields["bo_id"] = "*";
    const auto wanted = read_business_object(s, fields);
    if (!wanted) throw failure{400, "Argument 'bo_type_id' is required.", {}};
    const auto limit =
        static_cast<std::size_t>(std::max<std::int64_t>(1, c.args.integer("limit", 100)));
    json::array rows;
    bool more = false;
    for (const auto& record : s.repo().data().business_records) {
        if (record.key.ext_system != wanted->ext_system || record.key.bo_type != wanted->bo_type)
            continue;
        json::object row{{"key", record.key.bo_id}, {"id", record.key.bo_id}};
        for (const auto& [key, value] : record.properties)
            row[key] = value;
        bool fits = true;
        for (const auto& [name, value] : c.args.all()) {
            if (!name.starts_with("where_")) continue;
            const auto* cell = row.if_contains(name.substr(6));
            fits = fits && cell != nullptr && wildcard_match(to_text(value), to_text(*cell));
        }
        if (!fits) continue;
        if (rows.size() == limit) {
            more = true;
            break;
        }
        const auto* workspace = workspace_of(s, record.key);
        row["has_workspace"] = workspace != nullptr;
        row["workspace_id"] =
            workspace != nullptr ? json::value(workspace->id) : json::value(nullptr);
        rows.push_back(std::move(row));
    }
    json::array columns;
    for (const auto& [key, label] : {std::pair{"id", "ID"}, {"name", "Name"}})
        columns.push_back(json::object{{"fieldName", key}, {"fieldLabel", label}});
    return v2_results(c, json::object{{"column_descriptions", std::move(columns)},
                                      {"result_rows", std::move(rows)},
                                      {"max_rows_exceeded", more}});
}

} // namespace

void add_workspace_type_routes(service& s) {
    s.module("conws");
    s.add("GET", "v2/businessworkspacetypes", [&s](call& c) { return list_types(s, c); });
    s.add("POST", "v2/businessworkspacetypes", [&s](call& c) { return create_type(s, c); });
    s.add("GET", "v2/businessworkspacetypes/{id}", [&s](call& c) {
        return v2_results(c, workspace_type_json(s, type_of(s, c), true, true));
    });
    s.add("PUT", "v2/businessworkspacetypes/{id}", [&s](call& c) {
        admin_only(s, c);
        read_type(c, type_of(s, c));
        return v2_empty(c);
    });
    s.add("DELETE", "v2/businessworkspacetypes/{id}", [&s](call& c) {
        admin_only(s, c);
        const int id = type_of(s, c).id;
        for (const auto& [node_key, n] : s.repo().data().nodes)
            if (n.workspace && n.workspace->type_id == id)
                throw failure{400, "The workspace type is in use.", {}};
        s.repo().data().workspace_types.erase(id);
        return v2_empty(c);
    });
    s.add("GET", "v1/businessworkspacetypes/{id}", [&s](call& c) {
        return reply::json(200, workspace_type_json(s, type_of(s, c), true, true).at("data"));
    });
    s.add("GET", "v1/nodes/{id}/businessworkspacetypes",
          [&s](call& c) { return creatable_types(s, c); });
    s.add("GET", "v2/forms/businessworkspaces/create", [&s](call& c) { return create_form(s, c); });
    s.add("GET", "v2/forms/businessworkspaces/{id}/metadata/update",
          [&s](call& c) { return update_form(s, c); });
    s.module("xecmpf");
    s.add("GET", "v2/externalsystems", [&s](call& c) { return list_systems(s, c); });
    s.add("POST", "v2/externalsystems", [&s](call& c) { return create_system(s, c); });
    s.add("GET", "v2/externalsystems/{system}/config",
          [&s](call& c) { return system_config(s, c); });
    s.add("GET", "v2/businessobjecttypes", [&s](call& c) { return list_object_types(s, c); });
    s.add("GET", "v2/businessobjecttypes/{id}", [&s](call& c) { return get_object_type(s, c); });
    s.add("GET", "v2/businessobjects", [&s](call& c) { return search_objects(s, c); });
    s.module("");
}

} // namespace mortise::sandbox::content_server
