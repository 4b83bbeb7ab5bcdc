// SPDX-License-Identifier: Apache-2.0
#include "forms.hpp"

#include "category.hpp"
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

std::string_view json_type(const attribute& a) {
    switch (a.kind) {
    case value_kind::integer:
    case value_kind::user:
        return "integer";
    case value_kind::boolean:
        return "boolean";
    case value_kind::set:
        return "object";
    default:
        return "string";
    }
}

std::string_view field_type(const attribute& a) {
    if (!a.valid_values.empty()) return "select";
    switch (a.kind) {
    case value_kind::date:
        return "date";
    case value_kind::integer:
        return "integer";
    case value_kind::user:
        return "otcs_user_picker";
    case value_kind::boolean:
        return "checkbox";
    case value_kind::set:
        return "object";
    case value_kind::string:
        break;
    }
    return a.multiline ? "textarea" : "text";
}

json::object schema_of(const attribute& a) {
    json::object o;
    o["title"] = a.name;
    o["type"] = json_type(a);
    o["required"] = a.required;
    o["readonly"] = a.read_only;
    if (a.kind == value_kind::date) o["format"] = "date";
    if (a.kind == value_kind::string) o["maxLength"] = a.max_length > 0 ? a.max_length : 254;
    if (!a.valid_values.empty())
        o["enum"] = json::array(a.valid_values.begin(), a.valid_values.end());
    if (!a.multi_value) return o;
    json::object list;
    list["title"] = a.name;
    list["type"] = "array";
    list["required"] = a.required;
    list["maxItems"] = a.max_values;
    list["items"] = std::move(o);
    return list;
}

json::object options_of(const attribute& a) {
    json::object o;
    o["label"] = a.name;
    o["type"] = field_type(a);
    o["hidden"] = false;
    if (!a.valid_values.empty())
        o["optionLabels"] = json::array(a.valid_values.begin(), a.valid_values.end());
    if (!a.multi_value) return o;
    json::object list;
    list["label"] = a.name;
    list["items"] = std::move(o);
    return list;
}

} // namespace

json::object
category_form(service& s, node_id category, const category_values* values, const node* n) {
    const auto& d = require_category(s, category);
    const std::string own = std::to_string(category);
    json::object data, fields, properties;
    category_values defaults;
    for (const auto& a : d.attributes)
        if (a.kind != value_kind::set && !a.default_value.is_null())
            defaults.values[attribute_key(category, a)] = a.default_value;
    const auto& shown = values != nullptr ? *values : defaults;
    const auto flat = category_output(d, shown);
    for (const auto& a : d.attributes) {
        const std::string key = attribute_key(category, a);
        if (a.kind != value_kind::set) {
            data[key] = flat.at(key);
            fields[key] = options_of(a);
            properties[key] = schema_of(a);
            continue;
        }
        json::object inner_fields, inner_properties;
        for (const auto& member : a.members) {
            const std::string inner = key + "_x_" + std::to_string(member.id);
            inner_fields[inner] = options_of(member);
            inner_properties[inner] = schema_of(member);
        }
        json::array rows;
        const int count = std::max(1, set_rows(shown, category, a.id));
        for (int row = 1; row <= count; ++row) {
            json::object cells;
            for (const auto& member : a.members) {
                const std::string stored =
                    key + "_" + std::to_string(row) + "_" + std::to_string(member.id);
                cells[key + "_x_" + std::to_string(member.id)] = flat.at(stored);
            }
            rows.push_back(std::move(cells));
        }
        data[key] = std::move(rows);
        fields[key] = json::object{
            {"label", a.name},
            {"items", json::object{{"type", "object"}, {"fields", std::move(inner_fields)}}}};
        properties[key] =
            json::object{{"title", a.name},
                         {"type", "array"},
                         {"maxItems", a.max_values},
                         {"items", json::object{{"type", "object"},
                                                {"properties", std::move(inner_properties)}}}};
    }
    data[own + "_1"] =
        json::object{{"metadata_token",
                      n != nullptr ? json::value(category_token(*n, category)) : json::value("")}};
    json::object form;
    form["data"] = std::move(data);
    form["options"] = json::object{{"fields", std::move(fields)},
                                   {"form", json::object{{"attributes", json::object()}}}};
    form["schema"] = json::object{{"title", s.repo().find(category)->name},
                                  {"type", "object"},
                                  {"description", ""},
                                  {"properties", std::move(properties)}};
    return form;
}

namespace {

reply create_form(service& s, call& c) {
    const auto& n = s.repo().require(c.args.required_integer("id"), c.user);
    const auto category = c.args.required_integer("category_id");
    if (n.categories.contains(category))
        throw failure{400, "The category is already applied to the item '" + n.name + "'.", {}};
    return reply::json(
        200, json::object{{"forms", json::array{category_form(s, category, nullptr, nullptr)}}});
}

reply update_form(service& s, call& c) {
    const auto& n = s.repo().require(c.args.required_integer("id"), c.user);
    const auto category = c.args.required_integer("category_id");
    const auto it = n.categories.find(category);
    if (it == n.categories.end())
        throw failure{400,
                      "Category ID '" + std::to_string(category) + "' is not a category on node '" +
                          std::to_string(n.id) + "'.",
                      {}};
    return reply::json(
        200, json::object{{"forms", json::array{category_form(s, category, &it->second, &n)}}});
}

} // namespace

void add_category_form_routes(service& s) {
    s.add("GET", "v1/forms/nodes/categories/create", [&s](call& c) { return create_form(s, c); });
    s.add("GET", "v1/forms/nodes/categories/update", [&s](call& c) { return update_form(s, c); });
}

} // namespace mortise::sandbox::content_server
