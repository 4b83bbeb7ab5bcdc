// SPDX-License-Identifier: Apache-2.0
// Assets, their versions and the delete queue.
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

void check_asset_body(const json::object& body) {
    require_one_of(
        body, "type",
        {"ASSET", "SEQUENCE", "NLE_PROJECT", "PLACEHOLDER", "CUSTOM", "LINK", "SUBCLIP"});
    require_one_of(body, "status", {"ACTIVE", "DELETED"});
    require_one_of(body, "archive_status",
                   {"NOT_ARCHIVED", "ARCHIVING", "FAILED_TO_ARCHIVE", "ARCHIVED"});
}

void take_asset_fields(json::object& into, const json::object& body) {
    take(into, body,
         {"title", "type", "external_id", "external_link", "category", "is_blocked", "warning",
          "archive_status", "analyze_status", "custom_keyframe", "custom_poster", "site_name",
          "is_online", "time_start_milliseconds", "time_end_milliseconds", "original_asset_id",
          "original_version_id", "original_segment_id"});
}

} // namespace

json::object& iconik_system::asset(const std::string& id, const char* permission) {
    doc& found = assets_.need(id);
    check(permission, "assets", id);
    return found;
}

json::object* iconik_system::version_of(doc& asset_doc, std::string_view version_id) {
    for (json::value& v : asset_doc["versions"].as_array())
        if (text_of(v.get_object(), "id") == version_id) return &v.get_object();
    return nullptr;
}

std::string iconik_system::current_version(const std::string& asset_id) {
    const doc* found = assets_.find(asset_id);
    if (!found) return {};
    const json::array& versions = found->at("versions").as_array();
    return versions.empty() ? std::string() : text_of(versions.front().get_object(), "id");
}

json::object& iconik_system::add_version(const std::string& asset_id, const doc& body) {
    doc& a = assets_.need(asset_id);
    json::array& versions = a["versions"].as_array();
    std::int64_t highest = 0;
    for (const json::value& v : versions)
        highest = std::max(highest, number_of(v.get_object(), "version_number"));
    const std::string previous = current_version(asset_id);
    const std::string source = text_of(body, "source_version_id");
    if (!source.empty() && !version_of(a, source)) throw http_error(404, "Version does not exist");
    doc version{{"id", ids().uuid()},
                {"version_number", highest + 1},
                {"status", versions.empty() ? "ACTIVE" : "IN_PROGRESS"},
                {"is_online", false},
                {"analyze_status", "N/A"},
                {"archive_status", "NOT_ARCHIVED"},
                {"face_recognition_status", "N/A"},
                {"transcribe_status", "N/A"},
                {"transcribed_languages", json::array{}},
                {"person_ids", json::array{}},
                {"has_unconfirmed_persons", false},
                {"created_by_user", caller_.user_id},
                {"created_by_user_info", user_info(caller_.user_id)},
                {"date_created", stamp()}};
    const std::string id = text_of(version, "id");
    versions.insert(versions.begin(), json::value(version));
    const std::string from = source.empty() ? previous : source;
    if (!from.empty() && flag_of(body, "copy_metadata", true))
        if (const metadata_record* values = metadata_of("assets", asset_id, from))
            metadata_[metadata_key("assets", asset_id, id)] = *values;
    if (!previous.empty()) add_history(asset_id, "VERSION_CREATE", "Version created");
    bump(a);
    touch("assets", asset_id);
    return versions.front().get_object();
}

json::object& iconik_system::create_asset(const doc& body) {
    const std::string id = text_of(body, "id").empty() ? ids().uuid() : text_of(body, "id");
    doc a{{"id", id},
          {"title", require_text(body, "title")},
          {"type", "ASSET"},
          {"status", "ACTIVE"},
          {"external_id", nullptr},
          {"external_link", nullptr},
          {"category", nullptr},
          {"is_online", false},
          {"is_blocked", false},
          {"warning", nullptr},
          {"analyze_status", "N/A"},
          {"archive_status", "NOT_ARCHIVED"},
          {"face_recognition_status", "N/A"},
          {"custom_keyframe", nullptr},
          {"custom_poster", nullptr},
          {"site_name", nullptr},
          {"original_asset_id", nullptr},
          {"original_version_id", nullptr},
          {"original_segment_id", nullptr},
          {"time_start_milliseconds", nullptr},
          {"time_end_milliseconds", nullptr},
          {"person_ids", json::array{}},
          {"has_unconfirmed_persons", false},
          {"favoured", false},
          {"created_by_user", caller_.user_id},
          {"updated_by_user", caller_.user_id},
          {"deleted_by_user", nullptr},
          {"date_created", stamp()},
          {"date_modified", stamp()},
          {"date_imported", stamp()},
          {"date_deleted", nullptr},
          {"date_viewed", nullptr},
          {"last_archive_restore_date", nullptr},
          {"versions", json::array{}},
          // Not in the vendor's description: clients must bear fields they do not know.
          {"sandbox_extra", {{"note", "unknown fields come without notice"}}}};
    take_asset_fields(a, body);
    doc& added = assets_.add(std::move(a));
    give_default_acl("assets", id);
    add_version(id, {});
    emit("assets", id, "entity", "create",
         {{"id", id},
          {"title", added["title"]},
          {"type", added["type"]},
          {"status", added["status"]},
          {"external_id", added["external_id"]},
          {"versions", added["versions"]}});
    touch("assets", id);
    return added;
}

void iconik_system::delete_asset(const std::string& id) {
    doc& a = asset(id, "delete");
    if (text_of(a, "status") == "DELETED") return;
    a["status"] = "DELETED";
    a["date_deleted"] = stamp();
    a["deleted_by_user"] = caller_.user_id;
    bump(a);
    add_history(id, "DELETE", "Asset deleted");
    emit("assets", id, "entity", "delete",
         {{"id", id}, {"title", a["title"]}, {"status", "DELETED"}});
    touch("assets", id);
}

void iconik_system::purge_asset(const std::string& id) {
    assets_.need(id);
    for (table* t : {&formats_, &file_sets_, &files_, &proxies_, &keyframes_, &segments_}) {
        const std::vector<std::string> all = t->ids();
        for (const std::string& part : all)
            if (text_of(*t->find(part), "asset_id") == id) t->erase(part);
    }
    for (auto& [collection_id, entries] : contents_)
        std::erase_if(entries, [&](const content_entry& e) { return e.object_id == id; });
    std::erase_if(metadata_,
                  [&](const auto& m) { return m.first.starts_with("assets/" + id + "/"); });
    assets_.erase(id);
    emit("assets", id, "entity", "purge", {{"id", id}});
    touch("assets", id);
}

void iconik_system::asset_routes() {
    on("GET", "/API/assets/v1/assets", "can_read_assets", [this](const request& r) {
        return run_search(r, {{"doc_types", json::array{"assets"}}});
    });
    on("POST", "/API/assets/v1/assets", "can_create_assets", [this](const request& r) {
        doc body = r.json_object();
        check_asset_body(body);
        require_text(body, "title");
        body.erase("id");
        const std::string target = text_of(body, "collection_id");
        if (!target.empty()) collection(target, "write");
        const std::string id = text_of(create_asset(body), "id");
        if (!target.empty() && query_flag(r, "assign_to_collection", false))
            add_content(target, "assets", id);
        if (!query_flag(r, "apply_default_acls", true)) acls_["assets/" + id].groups.clear();
        if (!target.empty() && query_flag(r, "apply_collection_acls", false))
            for (const auto& [group, rights] : acls_["collections/" + target].groups)
                acls_["assets/" + id].groups[group].insert(rights.begin(), rights.end());
        return reply::json(201, *assets_.find(id));
    });
    on("GET", "/API/assets/v1/assets/{asset_id}", "can_read_assets", [this](const request& r) {
        doc a = asset(r.param("asset_id"), "read");
        if (query_flag(r, "include_collections", false))
            a["in_collections"] = to_array(parents_of("assets", r.param("asset_id")));
        if (query_flag(r, "include_users", false))
            for (const char* key : {"created_by_user", "updated_by_user", "deleted_by_user"})
                a[std::string(key) + "_info"] = user_info(text_of(a, key));
        return reply::json(200, a);
    });
    const auto edit = [this](const request& r) {
        const doc body = r.json_object();
        check_asset_body(body);
        doc& a = asset(r.param("asset_id"), "write");
        if (r.method == "PUT" || body.contains("title")) require_text(body, "title");
        take_asset_fields(a, body);
        bump(a);
        doc changed{{"id", a["id"]}};
        for (const auto& member : body)
            if (a.contains(member.key())) changed[member.key()] = a[member.key()];
        emit("assets", r.param("asset_id"), "entity", "update", std::move(changed));
        touch("assets", r.param("asset_id"));
        return reply::json(200, a);
    };
    on("PATCH", "/API/assets/v1/assets/{asset_id}", "can_write_assets", edit);
    on("PUT", "/API/assets/v1/assets/{asset_id}", "can_write_assets", edit);
    on("PATCH", "/API/assets/v1/assets", "can_write_assets", [this](const request& r) {
        const doc body = r.json_object();
        const json::value* objects = body.if_contains("objects");
        if (!objects || !objects->is_array())
            invalid("objects", "Missing data for required field.");
        for (const json::value& o : objects->get_array()) {
            if (!o.is_object()) invalid("objects", "Not a valid list of objects.");
            doc& a = asset(require_text(o.get_object(), "id"), "write");
            check_asset_body(o.get_object());
            take_asset_fields(a, o.get_object());
            bump(a);
            touch("assets", text_of(a, "id"));
        }
        return reply::empty(202);
    });
    on("DELETE", "/API/assets/v1/assets/{asset_id}", "can_delete_assets", [this](const request& r) {
        delete_asset(r.param("asset_id"));
        return reply::empty(204);
    });
    on("PUT", "/API/assets/v1/assets/{asset_id}/restore", "can_write_assets",
       [this](const request& r) {
           doc& a = asset(r.param("asset_id"), "write");
           a["status"] = "ACTIVE";
           a["date_deleted"] = nullptr;
           a["deleted_by_user"] = nullptr;
           bump(a);
           add_history(r.param("asset_id"), "RESTORE", "Asset restored");
           emit("assets", r.param("asset_id"), "entity", "restore",
                {{"id", a["id"]}, {"title", a["title"]}, {"status", "ACTIVE"}});
           touch("assets", r.param("asset_id"));
           return reply::empty(204);
       });
    on("DELETE", "/API/assets/v1/assets/{asset_id}/purge", "can_purge_assets",
       [this](const request& r) {
           asset(r.param("asset_id"), "delete");
           purge_asset(r.param("asset_id"));
           return reply::empty(204);
       });
    on("POST", "/API/assets/v1/assets/{asset_id}/reindex", "can_reindex_assets",
       [this](const request& r) {
           asset(r.param("asset_id"), "read");
           index_now("assets", r.param("asset_id"));
           return reply::empty(201);
       });
}

void iconik_system::version_routes() {
    on("POST", "/API/assets/v1/assets/{asset_id}/versions", "can_write_versions",
       [this](const request& r) {
           const doc body = r.content.empty() ? doc() : r.json_object();
           asset(r.param("asset_id"), "write");
           const doc version = add_version(r.param("asset_id"), body);
           emit("assets", r.param("asset_id"), "versions", "create",
                {{"asset_id", r.param("asset_id")},
                 {"id", version.at("id")},
                 {"version_number", version.at("version_number")},
                 {"status", version.at("status")}});
           return reply::json(200,
                              doc{{"asset_id", r.param("asset_id")},
                                  {"system_domain_id", system_domain_},
                                  {"versions", assets_.need(r.param("asset_id"))["versions"]}});
       });
    const auto edit = [this](const request& r) {
        const doc body = r.json_object();
        require_one_of(body, "status", {"ACTIVE", "IN_PROGRESS", "FAILED", "DELETING", "DELETED"});
        doc& a = asset(r.param("asset_id"), "write");
        doc* version = version_of(a, r.param("version_id"));
        if (!version) throw http_error(404, "Version does not exist");
        take(*version, body,
             {"status", "is_online", "analyze_status", "archive_status", "transcribe_status",
              "transcribed_languages"});
        bump(a);
        add_history(r.param("asset_id"), "VERSION_UPDATE", "Version updated");
        emit("assets", r.param("asset_id"), "versions", "update",
             {{"asset_id", r.param("asset_id")},
              {"id", version->at("id")},
              {"version_number", version->at("version_number")},
              {"status", version->at("status")}});
        touch("assets", r.param("asset_id"));
        return reply::json(200, *version);
    };
    on("PATCH", "/API/assets/v1/assets/{asset_id}/versions/{version_id}", "can_write_versions",
       edit);
    on("PUT", "/API/assets/v1/assets/{asset_id}/versions/{version_id}", "can_write_versions", edit);
    on("PUT", "/API/assets/v1/assets/{asset_id}/versions/{version_id}/promote",
       "can_write_versions", [this](const request& r) {
           doc& a = asset(r.param("asset_id"), "write");
           json::array& versions = a["versions"].as_array();
           const auto found =
               std::find_if(versions.begin(), versions.end(), [&](const json::value& v) {
                   return text_of(v.get_object(), "id") == r.param("version_id");
               });
           if (found == versions.end()) throw http_error(404, "Version does not exist");
           std::rotate(versions.begin(), found, found + 1);
           bump(a);
           add_history(r.param("asset_id"), "VERSION_PROMOTE", "Version promoted");
           const doc& first = versions.front().get_object();
           emit("assets", r.param("asset_id"), "versions", "update",
                {{"asset_id", r.param("asset_id")},
                 {"id", first.at("id")},
                 {"version_number", first.at("version_number")},
                 {"status", first.at("status")}});
           touch("assets", r.param("asset_id"));
           return reply::empty(204);
       });
    const auto remove = [this](const request& r) {
        doc& a = asset(r.param("asset_id"), "delete");
        json::array& versions = a["versions"].as_array();
        const bool old = !r.params.contains("version_id");
        if (!old && !version_of(a, r.param("version_id")))
            throw http_error(404, "Version does not exist");
        if (!old && versions.size() == 1)
            throw http_error(403, "The only version cannot be deleted");
        json::array kept;
        for (std::size_t i = 0; i < versions.size(); ++i) {
            const std::string id = text_of(versions[i].get_object(), "id");
            if (old ? i == 0 : id != r.param("version_id")) kept.push_back(versions[i]);
        }
        versions = std::move(kept);
        bump(a);
        add_history(r.param("asset_id"), "VERSION_DELETE", "Version deleted");
        touch("assets", r.param("asset_id"));
        return reply::empty(204);
    };
    on("DELETE", "/API/assets/v1/assets/{asset_id}/versions/{version_id}", "can_delete_versions",
       remove);
    on("DELETE", "/API/assets/v1/assets/{asset_id}/versions/old", "can_delete_versions", remove);
}

void iconik_system::delete_queue_routes() {
    on("POST", "/API/assets/v1/delete_queue/assets", "can_delete_assets", [this](const request& r) {
        for (const std::string& id : require_ids(r.json_object(), "ids"))
            delete_asset(id);
        return reply::empty(204);
    });
    on("GET", "/API/assets/v1/delete_queue/assets", "can_read_assets", [this](const request& r) {
        std::vector<doc> out;
        for (const doc* a : assets_.all())
            if (text_of(*a, "status") == "DELETED" && may("read", "assets", text_of(*a, "id")))
                out.push_back(*a);
        return page(r, std::move(out));
    });
    on("DELETE", "/API/assets/v1/delete_queue/assets", "can_write_assets",
       [this](const request& r) {
           for (const std::string& id : require_ids(r.json_object(), "ids")) {
               doc& a = asset(id, "write");
               a["status"] = "ACTIVE";
               a["date_deleted"] = nullptr;
               bump(a);
               emit("assets", id, "entity", "restore", {{"id", id}, {"status", "ACTIVE"}});
               touch("assets", id);
           }
           return reply::empty(204);
       });
    on("POST", "/API/assets/v1/delete_queue/assets/purge", "can_purge_assets",
       [this](const request& r) {
           for (const std::string& id : require_ids(r.json_object(), "ids"))
               purge_asset(id);
           return reply::empty(204);
       });
    on("POST", "/API/assets/v1/delete_queue/bulk", "can_delete_assets", [this](const request& r) {
        const doc body = r.json_object();
        require_one_of(body, "object_type", {"assets", "collections", "saved_searches"}, true);
        for (const std::string& id : require_ids(body, "object_ids")) {
            if (text_of(body, "object_type") == "assets") {
                delete_asset(id);
                continue;
            }
            collection(id, "delete");
            for (const content_entry& e : contents_[id])
                if (e.object_type == "assets") delete_asset(e.object_id);
        }
        return reply::json(
            202, doc{{"job_id", text_of(create_job("DELETE", "Delete", "assets", {}), "id")}});
    });
}

} // namespace mortise::sandbox::iconik
