// SPDX-License-Identifier: Apache-2.0
// What hangs on assets: history, relations, segments.
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

void iconik_system::add_history(const std::string& asset_id,
                                const std::string& operation,
                                const std::string& description) {
    history_.add({{"id", ids().uuid()},
                  {"asset_id", asset_id},
                  {"version_id", current_version(asset_id)},
                  {"operation_type", operation},
                  {"operation_description", description},
                  {"user_id", caller_.user_id},
                  {"job_id", nullptr},
                  {"share_id", nullptr},
                  {"share_user_id", nullptr},
                  {"system_domain_id", system_domain_},
                  {"date_created", stamp()},
                  {"date_modified", stamp()}});
}

void iconik_system::history_routes() {
    on("GET", "/API/assets/v1/assets/{asset_id}/history", "can_read_assets_history",
       [this](const request& r) {
           asset(r.param("asset_id"), "read");
           const std::vector<std::string> kinds = split_list(r.query_value("operation_type"));
           std::vector<doc> out;
           for (const doc* h : history_.all())
               if (text_of(*h, "asset_id") == r.param("asset_id") &&
                   (kinds.empty() || contains(kinds, text_of(*h, "operation_type"))))
                   out.push_back(*h);
           std::reverse(out.begin(), out.end());
           return page(r, std::move(out));
       });
    on("POST", "/API/assets/v1/assets/{asset_id}/history", "can_write_assets_history",
       [this](const request& r) {
           const doc body = r.json_object();
           asset(r.param("asset_id"), "write");
           const std::string kind = require_text(body, "operation_type");
           add_history(r.param("asset_id"), kind, text_of(body, "operation_description"));
           return reply::json(201, *history_.all().back());
       });
}

// A relation as index documents hold it; the one that is POSTed has other names.
json::object iconik_system::relation_document(const doc& relation) {
    doc out;
    take(out, relation,
         {"related_to_asset_id", "relation_type", "description", "date_created", "date_modified"});
    out["related_from_asset_id"] = relation.at("asset_id");
    return out;
}

void iconik_system::relation_routes() {
    on("GET", "/API/assets/v1/assets/relation_types", "can_read_asset_relations",
       [this](const request& r) {
           std::vector<doc> out;
           for (const doc* t : relation_types_.all()) {
               out.push_back(*t);
               out.back().erase("id");
           }
           return page(r, std::move(out));
       });
    on("POST", "/API/assets/v1/assets/relation_types", "can_write_asset_relation_types",
       [this](const request& r) {
           const doc body = r.json_object();
           const std::string type_name = require_text(body, "name");
           require_text(body, "source_label");
           require_text(body, "destination_label");
           if (relation_types_.find(type_name))
               throw http_error(409, "Relation type already exists");
           doc t{{"id", type_name},
                 {"is_system", false},
                 {"is_directional", true},
                 {"description", nullptr}};
           take(t, body,
                {"name", "source_label", "destination_label", "is_directional", "description"});
           doc& added = relation_types_.add(std::move(t));
           doc out = added;
           out.erase("id");
           return reply::json(201, out);
       });
    const auto list = [this](const request& r) {
        const std::string id = r.param("asset_id");
        asset(id, "read");
        std::vector<doc> out; // the related assets, each with the relation that brought it here
        for (const doc* relation : relations_.all()) {
            const bool source = text_of(*relation, "asset_id") == id;
            if (!source && text_of(*relation, "related_to_asset_id") != id) continue;
            if (r.params.contains("relation_type") &&
                text_of(*relation, "relation_type") != r.param("relation_type"))
                continue;
            const std::string other =
                text_of(*relation, source ? "related_to_asset_id" : "asset_id");
            const doc* related = assets_.find(other);
            if (!related || !may("read", "assets", other)) continue;
            if (text_of(*related, "status") == "DELETED" &&
                !query_flag(r, "include_deleted", false))
                continue;
            out.push_back(asset_document(*related));
            out.back()["relations"] = json::array{relation_document(*relation)};
        }
        return page(r, std::move(out));
    };
    on("GET", "/API/assets/v1/assets/{asset_id}/relations", "can_read_asset_relations", list);
    on("GET", "/API/assets/v1/assets/{asset_id}/relations/{relation_type}",
       "can_read_asset_relations", list);
    on("POST", "/API/assets/v1/assets/{asset_id}/relations", "can_create_asset_relations",
       [this](const request& r) {
           const doc body = r.json_object();
           const std::string other = require_text(body, "related_to_asset_id");
           const std::string type_name = require_text(body, "relation_type");
           asset(r.param("asset_id"), "write");
           asset(other, "read");
           if (!relation_types_.find(type_name))
               invalid("relation_type", "Relation type " + type_name + " does not exist.");
           for (const doc* known : relations_.all())
               if (text_of(*known, "asset_id") == r.param("asset_id") &&
                   text_of(*known, "related_to_asset_id") == other &&
                   text_of(*known, "relation_type") == type_name)
                   return reply::json(200, *known);
           doc relation{{"id", ids().uuid()},           {"asset_id", r.param("asset_id")},
                        {"related_to_asset_id", other}, {"relation_type", type_name},
                        {"description", nullptr},       {"date_created", stamp()},
                        {"date_modified", stamp()}};
           take(relation, body, {"description"});
           touch("assets", r.param("asset_id"));
           return reply::json(201, relations_.add(std::move(relation)));
       });
    on("DELETE", "/API/assets/v1/assets/{asset_id}/relations/{relation_type}/{related}",
       "can_delete_asset_relations", [this](const request& r) {
           asset(r.param("asset_id"), "write");
           const std::vector<std::string> all = relations_.ids();
           for (const std::string& id : all) {
               const doc& known = *relations_.find(id);
               if (text_of(known, "asset_id") == r.param("asset_id") &&
                   text_of(known, "related_to_asset_id") == r.param("related") &&
                   text_of(known, "relation_type") == r.param("relation_type"))
                   relations_.erase(id);
           }
           touch("assets", r.param("asset_id"));
           return reply::empty(204);
       });
}

namespace {

std::string clock_text(std::int64_t ms, char separator) {
    char text[64];
    std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld%c%03lld",
                  static_cast<long long>(ms / 3'600'000), static_cast<long long>(ms / 60'000 % 60),
                  static_cast<long long>(ms / 1000 % 60), separator,
                  static_cast<long long>(ms % 1000));
    return text;
}

void check_segment(const json::object& body, bool all) {
    require_one_of(
        body, "segment_type",
        {"MARKER", "QC", "GENERIC", "COMMENT", "TAG", "TRANSCRIPTION", "SCENE", "PERSON"}, all);
    require_one_of(body, "status", {"ACTIVE", "DELETED"});
    const std::int64_t start = number_of(body, "time_start_milliseconds", 0);
    const std::int64_t end = number_of(body, "time_end_milliseconds", start);
    if (start < 0 || end < start)
        invalid("time_end_milliseconds", "Must not be before time_start_milliseconds.");
}

} // namespace

json::object& iconik_system::create_segment(const std::string& asset_id, const doc& body) {
    check_segment(body, true);
    const std::string id = ids().uuid();
    doc s{{"id", id},
          {"asset_id", asset_id},
          {"version_id", current_version(asset_id)},
          {"segment_type", "COMMENT"},
          {"segment_text", nullptr},
          {"segment_checked", false},
          {"segment_color", nullptr},
          {"segment_track", nullptr},
          {"time_start_milliseconds", nullptr},
          {"time_end_milliseconds", nullptr},
          {"status", "ACTIVE"},
          {"parent_id", nullptr},
          {"top_level", true},
          {"path", id},
          {"user_id", caller_.user_id},
          {"external_id", nullptr},
          {"metadata", doc{}},
          {"drawing", nullptr},
          {"has_drawing", body.contains("drawing") && !body.at("drawing").is_null()},
          {"share_id", nullptr},
          {"share_user_email", nullptr},
          {"date_created", stamp()},
          {"date_modified", stamp()}};
    take(s, body,
         {"segment_type", "segment_text", "segment_checked", "segment_color", "segment_track",
          "time_start_milliseconds", "time_end_milliseconds", "version_id", "parent_id", "user_id",
          "external_id", "metadata", "drawing", "share_user_email", "metadata_view_id",
          "transcription"});
    const std::string parent = text_of(s, "parent_id");
    if (!parent.empty()) {
        s["top_level"] = false;
        s["path"] = text_of(segments_.need(parent), "path") + "/" + id;
    }
    s["user_info"] = user_info(text_of(s, "user_id"));
    doc& added = segments_.add(std::move(s));
    emit("assets", asset_id, "segments", "create", added);
    touch("assets", asset_id);
    touch("segments", id);
    return added;
}

void iconik_system::segment_routes() {
    const auto visible = [this](const request& r) {
        asset(r.param("asset_id"), "read");
        std::vector<doc> out;
        const std::vector<std::string> kinds = split_list(r.query_value("segment_type"));
        const std::vector<std::string> wanted = split_list(r.query_value("ids"));
        const bool all_versions = query_flag(r, "include_all_versions", false);
        const std::string version =
            r.query_value("version_id", all_versions ? "" : current_version(r.param("asset_id")));
        const std::string query = r.query_value("query");
        for (const doc* s : segments_.all()) {
            if (text_of(*s, "asset_id") != r.param("asset_id")) continue;
            if (text_of(*s, "status") != r.query_value("status", "ACTIVE")) continue;
            if (!kinds.empty() && !contains(kinds, text_of(*s, "segment_type"))) continue;
            if (!wanted.empty() && !contains(wanted, text_of(*s, "id"))) continue;
            if (!version.empty() && text_of(*s, "version_id") != version) continue;
            if (!query.empty() && text_of(*s, "segment_text").find(query) == std::string::npos)
                continue;
            if (number_of(*s, "time_start_milliseconds") <
                r.query_int("time_start_milliseconds__gte", 0))
                continue;
            const std::int64_t until = r.query_int("time_end_milliseconds__lte", -1);
            if (until >= 0 && number_of(*s, "time_end_milliseconds") > until) continue;
            out.push_back(*s);
            if (query_flag(r, "include_users", false))
                out.back()["user_info"] = user_info(text_of(*s, "user_id"));
        }
        return out;
    };
    on("GET", "/API/assets/v1/assets/{asset_id}/segments", "can_read_segments",
       [this, visible](const request& r) { return page(r, visible(r)); });
    on("GET", "/API/assets/v1/assets/{asset_id}/segments/vtt", "can_read_segments",
       [visible](const request& r) {
           std::string out = "WEBVTT\n";
           for (const doc& s : visible(r))
               out += "\n" + clock_text(number_of(s, "time_start_milliseconds"), '.') + " --> " +
                      clock_text(number_of(s, "time_end_milliseconds"), '.') + "\n" +
                      text_of(s, "segment_text") + "\n";
           return reply::text(200, out, "text/vtt");
       });
    on("POST", "/API/assets/v1/assets/{asset_id}/segments", "can_create_segments",
       [this](const request& r) {
           const doc body = r.json_object();
           asset(r.param("asset_id"), "read");
           return reply::json(201, create_segment(r.param("asset_id"), body));
       });
    on("POST", "/API/assets/v1/assets/{asset_id}/segments/bulk", "can_create_segments",
       [this](const request& r) {
           const doc body = r.json_object();
           asset(r.param("asset_id"), "read");
           const json::value* list = body.if_contains("objects");
           if (!list || !list->is_array() || list->get_array().empty() ||
               list->get_array().size() > 500)
               invalid("objects", "Length must be between 1 and 500.");
           for (const json::value& o : list->get_array()) {
               if (!o.is_object()) invalid("objects", "Not a valid list of objects.");
               check_segment(o.get_object(), true);
           }
           for (const json::value& o : list->get_array())
               create_segment(r.param("asset_id"), o.get_object());
           doc& job = create_job("METADATA", "Create segments", "assets", r.param("asset_id"));
           run_job(text_of(job, "id"), {});
           return reply::json(201, doc{{"id", job["id"]}, {"status", job["status"]}});
       });
    const auto edit = [this](const request& r) {
        const doc body = r.json_object();
        check_segment(body, false);
        asset(r.param("asset_id"), "read");
        doc& s = segments_.need(r.param("segment_id"));
        take(s, body,
             {"segment_type", "segment_text", "segment_checked", "segment_color",
              "time_start_milliseconds", "time_end_milliseconds", "status", "metadata",
              "external_id", "drawing"});
        s["date_modified"] = stamp();
        emit("assets", r.param("asset_id"), "segments", "update", s);
        touch("segments", r.param("segment_id"));
        return reply::json(200, s);
    };
    on("GET", "/API/assets/v1/assets/{asset_id}/segments/{segment_id}", "can_read_segments",
       [this](const request& r) {
           asset(r.param("asset_id"), "read");
           return reply::json(200, segments_.need(r.param("segment_id")));
       });
    on("PATCH", "/API/assets/v1/assets/{asset_id}/segments/{segment_id}", "can_write_segments",
       edit);
    on("PUT", "/API/assets/v1/assets/{asset_id}/segments/{segment_id}", "can_write_segments", edit);
    on("DELETE", "/API/assets/v1/assets/{asset_id}/segments/{segment_id}", "can_delete_segments",
       [this](const request& r) {
           asset(r.param("asset_id"), "read");
           segments_.need(r.param("segment_id"));
           segments_.erase(r.param("segment_id"));
           emit("assets", r.param("asset_id"), "segments", "delete",
                {{"id", r.param("segment_id")}});
           touch("segments", r.param("segment_id"));
           touch("assets", r.param("asset_id"));
           return reply::empty(204);
       });
}

} // namespace mortise::sandbox::iconik
