// SPDX-License-Identifier: Apache-2.0
// Values of objects: read, merged, checked against fields and views.
#include "iconik/system.hpp"

#include <algorithm>
#include <cmath>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

std::string iconik_system::metadata_key(const std::string& type,
                                        const std::string& id,
                                        const std::string& version) {
    return type + "/" + id + "/" + version;
}

metadata_record* iconik_system::metadata_of(const std::string& type,
                                            const std::string& id,
                                            const std::string& version) {
    const std::string v = type == "assets" && version.empty() ? current_version(id) : version;
    const auto found = metadata_.find(metadata_key(type, id, v));
    return found == metadata_.end() ? nullptr : &found->second;
}

json::object iconik_system::flat_metadata(const std::string& type, const std::string& id) {
    doc out;
    const metadata_record* record = metadata_of(type, id);
    if (!record) return out;
    for (const auto& [field, value] : record->values) {
        json::array flat;
        for (const json::value& v : value.at("field_values").as_array())
            if (v.is_object() && v.get_object().contains("value")) flat.push_back(v.at("value"));
        if (!flat.empty()) out[field] = std::move(flat);
    }
    return out;
}

namespace {

const json::object* field_of_view(const json::object& view, std::string_view name) {
    for (const json::value& v : view.at("view_fields").as_array())
        if (text_of(v.as_object(), "name") == name) return &v.as_object();
    return nullptr;
}

std::string as_text(const json::value& v) {
    if (v.is_string()) return std::string(v.get_string());
    if (v.is_bool()) return v.get_bool() ? "true" : "false";
    if (v.is_int64()) return std::to_string(v.get_int64());
    if (v.is_uint64()) return std::to_string(v.get_uint64());
    if (v.is_double()) return std::to_string(v.get_double());
    return {};
}

bool is_whole(const json::value& v) {
    if (v.is_int64() || v.is_uint64()) return true;
    if (!v.is_string() || v.get_string().empty()) return false;
    const auto& s = v.get_string();
    return std::all_of(s.begin() + (s[0] == '-' ? 1 : 0), s.end(),
                       [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

void iconik_system::validate_value(const doc& field,
                                   const doc& view_field,
                                   const std::string& name,
                                   const json::array& values) {
    const std::string kind = text_of(field, "field_type");
    if (flag_of(view_field, "read_only") || flag_of(field, "read_only"))
        invalid(name, "Field is read-only.");
    if (values.empty() && (flag_of(view_field, "required") || flag_of(field, "required")))
        invalid(name, "Missing data for required field.");
    if (values.size() > 1 && !flag_of(field, "multi") && kind != "tag_cloud")
        invalid(name, "Field does not take several values.");
    for (const json::value& v : values) {
        if (!v.is_object() || !v.get_object().contains("value"))
            invalid(name, "Each of field_values must be an object with the key value.");
        const json::value& x = v.get_object().at("value");
        const bool text = x.is_string();
        if (kind == "integer" && !is_whole(x)) invalid(name, "Not a valid integer.");
        if (kind == "float" && !x.is_number() && !is_whole(x)) invalid(name, "Not a valid number.");
        if (kind == "boolean" && !x.is_bool() && as_text(x) != "true" && as_text(x) != "false")
            invalid(name, "Not a valid boolean.");
        if ((kind == "date" || kind == "datetime") && (!text || !parse_iso(x.get_string())))
            invalid(name, "Not a valid " + kind + ".");
        if (kind == "email" && (!text || x.get_string().find('@') == json::string::npos))
            invalid(name, "Not a valid email address.");
        if (kind == "url" && (!text || x.get_string().find("://") == json::string::npos))
            invalid(name, "Not a valid URL.");
        if (!x.is_string() && !x.is_number() && !x.is_bool()) invalid(name, "Not a valid value.");
        if (kind != "drop_down") continue;
        const json::value* options = view_field.if_contains("options");
        if (!options || !options->is_array() || options->get_array().empty())
            options = field.if_contains("options");
        if (!options || !options->is_array() || options->get_array().empty()) continue;
        const bool known = std::any_of(
            options->get_array().begin(), options->get_array().end(),
            [&](const json::value& o) { return o.at("value") == json::value(as_text(x)); });
        if (!known) invalid(name, "\"" + as_text(x) + "\" is not a valid option.");
    }
}

void iconik_system::put_metadata(const std::string& type,
                                 const std::string& id,
                                 const std::string& version,
                                 const doc& values,
                                 const doc* view) {
    // First everything is checked, then everything is set.
    for (const auto& [field_key, value] : values) {
        const std::string field_name(field_key);
        if (!value.is_object()) invalid(field_name, "Not a valid object.");
        require_one_of(value.get_object(), "mode", {"append", "delete", "overwrite"});
        const json::value* list = value.get_object().if_contains("field_values");
        if (!list || !list->is_array()) invalid(field_name, "field_values: Not a valid list.");
        if (!view) continue;
        const doc* in_view = field_of_view(*view, field_name);
        const doc* field = fields_.find(field_name);
        if (!in_view || !field)
            invalid(field_name, "Field is not in the view " + text_of(*view, "name") + ".");
        validate_value(*field, *in_view, field_name, list->get_array());
    }
    const std::string v = type == "assets" && version.empty() ? current_version(id) : version;
    metadata_record& record = metadata_[metadata_key(type, id, v)];
    if (record.date_created.empty()) record.date_created = stamp();
    record.date_modified = stamp();
    for (const auto& [field_key, value] : values) {
        const std::string mode = text_of(value.get_object(), "mode");
        const json::array& given = value.at("field_values").get_array();
        json::array kept;
        if (mode == "append" || mode == "delete")
            if (const json::value* old = record.values.if_contains(field_key))
                kept = old->at("field_values").as_array();
        const auto same = [](const json::value& a, const json::value& b) {
            return a.is_object() && b.is_object() && a.get_object().contains("value") &&
                   b.get_object().contains("value") && a.at("value") == b.at("value");
        };
        for (const json::value& g : given) {
            const auto found = std::find_if(kept.begin(), kept.end(),
                                            [&](const json::value& k) { return same(k, g); });
            if (mode == "delete") {
                if (found != kept.end()) kept.erase(found);
            } else if (mode != "append" || found == kept.end()) {
                kept.push_back(g);
            }
        }
        record.values[field_key] =
            doc{{"date_created", stamp()}, {"field_values", std::move(kept)}};
    }
    if (type == "assets") {
        bump(assets_.need(id));
        add_history(id, "METADATA", "Metadata changed");
    } else if (type == "collections" && collections_.find(id)) {
        (*collections_.find(id))["date_modified"] = stamp();
    }
    const std::string event_type = type == "segments" ? "assets" : type;
    doc data{{"object_type", type}, {"object_id", id}, {"metadata_values", values}};
    if (type == "assets") data["version_id"] = v;
    emit(event_type, id, "metadata", "update", std::move(data));
    touch(type, id);
}

json::object iconik_system::metadata_answer(const std::string& type,
                                            const std::string& id,
                                            const std::string& version,
                                            const metadata_record& record,
                                            const doc* view) {
    doc values;
    for (const auto& [field, value] : record.values)
        if (!view || field_of_view(*view, field)) values[field] = value;
    return {{"object_type", type},
            {"object_id", id},
            {"version_id", version.empty() ? json::value(nullptr) : json::value(version)},
            {"job_id", nullptr},
            {"date_created", record.date_created},
            {"date_modified", record.date_modified},
            {"metadata_values", std::move(values)}};
}

void iconik_system::metadata_value_routes() {
    const auto values_in = [](const doc& body) -> const doc& {
        const json::value* v = body.if_contains("metadata_values");
        if (!v || !v->is_object()) invalid("metadata_values", "Missing data for required field.");
        return v->get_object();
    };
    const auto read = [this](const request& r, const std::string& type, const std::string& id,
                             std::string version, const doc* view) {
        if (type == "assets" && version.empty()) version = current_version(id);
        const metadata_record* record = metadata_of(type, id, version);
        if (!record) throw http_error(404, "Metadata values for this object do not exist");
        doc out = metadata_answer(type, id, version, *record, view);
        if (out["metadata_values"].as_object().empty())
            throw http_error(404, "Metadata values for this object and view do not exist");
        if (query_flag(r, "reencode_values_to_string", false))
            for (auto& member : out["metadata_values"].as_object())
                for (json::value& v : member.value().at("field_values").as_array())
                    if (v.is_object() && v.get_object().contains("value"))
                        v.as_object()["value"] = as_text(v.at("value"));
        return reply::json(200, out);
    };
    const auto write = [this, values_in](const request& r, const std::string& type,
                                         const std::string& id, const std::string& version,
                                         const doc* view) {
        const doc body = r.json_object();
        put_metadata(type, id, version, values_in(body), view);
        const std::string v = type == "assets" && version.empty() ? current_version(id) : version;
        return reply::json(200, metadata_answer(type, id, v, *metadata_of(type, id, v), view));
    };

    const char* const reads = "can_read_metadata_values";
    const char* const writes = "can_write_metadata_values";
    on("GET", "/API/metadata/v1/{object_type}/{object_id}/views/{view_id}", reads,
       [this, read](const request& r) {
           object(r.param("object_type"), r.param("object_id"), "read");
           return read(r, r.param("object_type"), r.param("object_id"), {},
                       &views_.need(r.param("view_id")));
       });
    on("PUT", "/API/metadata/v1/{object_type}/{object_id}/views/{view_id}", writes,
       [this, write](const request& r) {
           object(r.param("object_type"), r.param("object_id"), "write");
           return write(r, r.param("object_type"), r.param("object_id"), {},
                        &views_.need(r.param("view_id")));
       });
    // Without a view: administrators only, nothing is validated, not even that the object exists.
    on("GET", "/API/metadata/v1/{object_type}/{object_id}", "", [this, read](const request& r) {
        if (!is_admin(caller_.user_id)) throw http_error(403, "Only administrators may do this");
        return read(r, r.param("object_type"), r.param("object_id"), {}, nullptr);
    });
    on("PUT", "/API/metadata/v1/{object_type}/{object_id}", "", [this, write](const request& r) {
        if (!is_admin(caller_.user_id)) throw http_error(403, "Only administrators may do this");
        if (r.param("object_type") == "assets" && !assets_.find(r.param("object_id")))
            return reply::json(
                200, doc{{"object_id", r.param("object_id")}, {"metadata_values", doc{}}});
        return write(r, r.param("object_type"), r.param("object_id"), {}, nullptr);
    });
    on("GET", "/API/metadata/v1/assets/{asset_id}/versions/{version_id}/views/{view_id}", reads,
       [this, read](const request& r) {
           doc& a = asset(r.param("asset_id"), "read");
           if (!version_of(a, r.param("version_id")))
               throw http_error(404, "Version does not exist");
           return read(r, "assets", r.param("asset_id"), r.param("version_id"),
                       &views_.need(r.param("view_id")));
       });
    on("PUT", "/API/metadata/v1/assets/{asset_id}/versions/{version_id}/views/{view_id}", writes,
       [this, write](const request& r) {
           doc& a = asset(r.param("asset_id"), "write");
           if (!version_of(a, r.param("version_id")))
               throw http_error(404, "Version does not exist");
           return write(r, "assets", r.param("asset_id"), r.param("version_id"),
                        &views_.need(r.param("view_id")));
       });
    on("GET", "/API/metadata/v1/assets/{asset_id}/{object_type}/{object_id}/views/{view_id}", reads,
       [this, read](const request& r) {
           asset(r.param("asset_id"), "read");
           object(r.param("object_type"), r.param("object_id"), "read");
           return read(r, r.param("object_type"), r.param("object_id"), {},
                       &views_.need(r.param("view_id")));
       });
    on("PUT", "/API/metadata/v1/assets/{asset_id}/{object_type}/{object_id}/views/{view_id}",
       writes, [this, write](const request& r) {
           asset(r.param("asset_id"), "write");
           object(r.param("object_type"), r.param("object_id"), "write");
           return write(r, r.param("object_type"), r.param("object_id"), {},
                        &views_.need(r.param("view_id")));
       });

    // Bulk: a job that changes the objects when it runs.
    const auto later = [this](const std::string& type,
                              std::vector<std::pair<std::string, doc>> work,
                              const std::string& view_id) {
        const std::string job = text_of(create_job("METADATA", "Update metadata", type, {}), "id");
        run_job(job, [this, type, work = std::move(work), view_id] {
            for (const auto& [id, values] : work)
                put_metadata(type, id, {}, values, views_.find(view_id));
        });
        return reply::json(202, doc{{"job_id", job}});
    };
    on("PUT", "/API/metadata/v1/{object_type}/views/{view_id}", writes,
       [this, values_in, later](const request& r) {
           const doc body = r.json_object();
           views_.need(r.param("view_id"));
           std::vector<std::pair<std::string, doc>> work;
           for (const std::string& id : require_ids(body, "object_ids")) {
               object(r.param("object_type"), id, "write");
               work.emplace_back(id, values_in(body));
           }
           return later(r.param("object_type"), std::move(work), r.param("view_id"));
       });
    on("POST", "/API/metadata/v1/{object_type}/views/{view_id}", writes,
       [this, values_in, later](const request& r) {
           const doc body = r.json_object();
           views_.need(r.param("view_id"));
           require_ids(body, "object_ids");
           const json::value* list = body.if_contains("metadata_values_object_id_mapping");
           if (!list || !list->is_array())
               invalid("metadata_values_object_id_mapping", "Missing data for required field.");
           std::vector<std::pair<std::string, doc>> work;
           for (const json::value& v : list->get_array()) {
               if (!v.is_object())
                   invalid("metadata_values_object_id_mapping", "Not a valid list of objects.");
               const std::string id = require_text(v.get_object(), "id");
               object(r.param("object_type"), id, "write");
               work.emplace_back(id, values_in(v.get_object()));
           }
           return later(r.param("object_type"), std::move(work), r.param("view_id"));
       });
}

} // namespace mortise::sandbox::iconik
