// SPDX-License-Identifier: Apache-2.0
// Definitions: fields, views, categories.
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

void check_field(const json::object& body) {
    require_one_of(body, "field_type",
                   {"integer", "float", "boolean", "string", "string_exact", "text", "date",
                    "datetime", "tag_cloud", "url", "drop_down", "email"},
                   true);
    require_text(body, "label");
    if (body.contains("source_url") && !body.at("source_url").is_null() &&
        body.contains("options") && body.at("options").is_array() &&
        !body.at("options").get_array().empty())
        invalid("source_url", "Cannot be used together with options.");
}

// A view with the definitions of its fields merged in, as GET of one view answers.
json::object merged_view(const json::object& view, const table& fields) {
    json::object out = view;
    json::array merged;
    for (const json::value& v : view.at("view_fields").as_array()) {
        json::object f;
        if (const json::object* field = fields.find(text_of(v.as_object(), "name"))) f = *field;
        f.erase("id");
        for (const auto& member : v.as_object())
            if (!member.value().is_null()) f[member.key()] = member.value();
        merged.push_back(std::move(f));
    }
    out["view_fields"] = std::move(merged);
    return out;
}

} // namespace

void iconik_system::metadata_field_routes() {
    const auto shown = [](doc d) {
        d.erase("id"); // fields are keyed by name; the table's key is not the vendor's
        return d;
    };
    on("GET", "/API/metadata/v1/fields", "can_read_metadata_fields",
       [this, shown](const request& r) {
           const std::vector<std::string> wanted = split_list(r.query_value("filter"));
           std::vector<doc> out;
           for (const doc* f : fields_.all())
               if (wanted.empty() || contains(wanted, text_of(*f, "name")))
                   out.push_back(shown(*f));
           return cursor(r, std::move(out), "name", "last_field_name", 500);
       });
    const auto define = [this](doc& f, const doc& body) {
        take(f, body,
             {"label", "field_type", "description", "multi", "options", "source_url", "min_value",
              "max_value", "required", "read_only", "auto_set", "hide_if_not_set", "sortable",
              "use_as_facet", "representative", "is_block_field", "is_warning_field",
              "external_id"});
        f["date_modified"] = stamp();
    };
    on("POST", "/API/metadata/v1/fields", "can_write_metadata_fields",
       [this, shown, define](const request& r) {
           const doc body = r.json_object();
           const std::string field_name = require_text(body, "name");
           check_field(body);
           if (fields_.find(field_name)) throw http_error(409, "Metadata field already exists");
           doc f{{"id", field_name},
                 {"name", field_name},
                 {"description", nullptr},
                 {"multi", false},
                 {"options", json::array{}},
                 {"source_url", nullptr},
                 {"min_value", nullptr},
                 {"max_value", nullptr},
                 {"required", false},
                 {"read_only", false},
                 {"auto_set", false},
                 {"hide_if_not_set", false},
                 {"sortable", false},
                 {"use_as_facet", false},
                 {"representative", false},
                 {"is_block_field", false},
                 {"is_warning_field", false},
                 {"external_id", nullptr},
                 {"mapped_field_name", nullptr},
                 {"date_created", stamp()}};
           define(f, body);
           return reply::json(201, shown(fields_.add(std::move(f))));
       });
    on("GET", "/API/metadata/v1/fields/{name}", "can_read_metadata_fields",
       [this, shown](const request& r) {
           return reply::json(200, shown(fields_.need(r.param("name"))));
       });
    const auto edit = [this, shown, define](const request& r) {
        doc& f = fields_.need(r.param("name"));
        const doc body = r.json_object();
        doc whole = f;
        take(whole, body, {"label", "field_type", "options", "source_url"});
        check_field(whole);
        define(f, body);
        return reply::json(200, shown(f));
    };
    on("PATCH", "/API/metadata/v1/fields/{name}", "can_write_metadata_fields", edit);
    on("PUT", "/API/metadata/v1/fields/{name}", "can_write_metadata_fields", edit);
    on("DELETE", "/API/metadata/v1/fields/{name}", "can_delete_metadata_fields",
       [this](const request& r) {
           fields_.need(r.param("name"));
           fields_.erase(r.param("name"));
           return reply::empty(204);
       });

    on("GET", "/API/metadata/v1/views", "can_read_metadata_views", [this](const request&) {
        json::array out;
        for (const doc* v : views_.all())
            out.push_back(*v);
        return reply::json(200, doc{{"objects", std::move(out)}});
    });
    const auto check_view = [this](const doc& body) {
        require_text(body, "name");
        const json::value* list = body.if_contains("view_fields");
        if (!list || !list->is_array()) invalid("view_fields", "Missing data for required field.");
        for (const json::value& v : list->get_array()) {
            if (!v.is_object()) invalid("view_fields", "Not a valid list of objects.");
            const std::string field_name = require_text(v.get_object(), "name");
            if (!field_name.starts_with("__separator__") && !fields_.find(field_name))
                invalid("view_fields", "Metadata field " + field_name + " does not exist.");
        }
    };
    on("POST", "/API/metadata/v1/views", "can_write_metadata_views",
       [this, check_view](const request& r) {
           const doc body = r.json_object();
           check_view(body);
           doc v{{"id", ids().uuid()},
                 {"description", nullptr},
                 {"date_created", stamp()},
                 {"date_modified", stamp()}};
           take(v, body, {"name", "description", "view_fields"});
           return reply::json(201, views_.add(std::move(v)));
       });
    on("GET", "/API/metadata/v1/views/{id}", "can_read_metadata_views", [this](const request& r) {
        const doc& v = views_.need(r.param("id"));
        return reply::json(200, query_flag(r, "merge_fields", true) ? merged_view(v, fields_) : v);
    });
    const auto edit_view = [this, check_view](const request& r) {
        doc& v = views_.need(r.param("id"));
        const doc body = r.json_object();
        doc whole = r.method == "PATCH" ? v : doc();
        take(whole, body, {"name", "description", "view_fields"});
        check_view(whole);
        take(v, whole, {"name", "description", "view_fields"});
        v["date_modified"] = stamp();
        return reply::json(200, v);
    };
    on("PUT", "/API/metadata/v1/views/{id}", "can_write_metadata_views", edit_view);
    on("PATCH", "/API/metadata/v1/views/{id}", "can_write_metadata_views", edit_view);
    on("DELETE", "/API/metadata/v1/views/{id}", "can_delete_metadata_views",
       [this](const request& r) {
           views_.need(r.param("id"));
           views_.erase(r.param("id"));
           return reply::empty(204);
       });

    const auto categories = [this](const std::string& type) {
        json::array view_ids;
        for (const std::string& id : views_.ids())
            view_ids.push_back(json::value(id));
        return doc{{"name", "default"},       {"label", "Default"},
                   {"object_type", type},     {"view_ids", std::move(view_ids)},
                   {"date_created", stamp()}, {"date_modified", stamp()}};
    };
    on("GET", "/API/metadata/v1/{object_type}/categories", "can_read_metadata_categories",
       [categories](const request& r) {
           return reply::json(200,
                              doc{{"objects", json::array{categories(r.param("object_type"))}}});
       });
    on("GET", "/API/metadata/v1/{object_type}/categories/{name}/views",
       "can_read_metadata_categories", [this](const request& r) {
           if (r.param("name") != "default") throw http_error(404, "Category does not exist");
           json::array out;
           for (const doc* v : views_.all())
               out.push_back(merged_view(*v, fields_));
           return reply::json(200, doc{{"objects", std::move(out)}});
       });
}

} // namespace mortise::sandbox::iconik
