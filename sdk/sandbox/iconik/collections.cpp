// SPDX-License-Identifier: Apache-2.0
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

json::object& iconik_system::collection(const std::string& id, const char* permission) {
    doc& found = collections_.need(id);
    check(permission, "collections", id);
    return found;
}

std::vector<std::string> iconik_system::parents_of(const std::string& type,
                                                   const std::string& id) const {
    std::vector<std::string> out;
    for (const auto& [collection_id, entries] : contents_)
        for (const content_entry& e : entries)
            if (e.object_type == type && e.object_id == id) out.push_back(collection_id);
    return out;
}

std::vector<std::string> iconik_system::ancestors_of(const std::string& type,
                                                     const std::string& id) const {
    std::vector<std::string> out = parents_of(type, id);
    for (std::size_t i = 0; i < out.size(); ++i)
        for (const std::string& up : parents_of("collections", out[i]))
            if (!contains(out, up)) out.push_back(up);
    return out;
}

json::object& iconik_system::create_collection(const doc& body) {
    const std::string id = text_of(body, "id").empty() ? ids().uuid() : text_of(body, "id");
    const std::string parent = text_of(body, "parent_id");
    doc c{{"id", id},
          {"title", require_text(body, "title")},
          {"parent_id", parent.empty() ? json::value(nullptr) : json::value(parent)},
          {"parents", json::array{}},
          {"in_collections", json::array{}},
          {"is_root", parent.empty()},
          {"status", "ACTIVE"},
          {"external_id", nullptr},
          {"category", nullptr},
          {"storage_id", nullptr},
          {"keyframe_asset_ids", json::array{}},
          {"keyframes", json::array{}},
          {"custom_keyframe", nullptr},
          {"custom_poster", nullptr},
          {"metadata", doc{}},
          {"object_type", "collections"},
          {"permissions", json::array{"read", "write", "delete"}},
          {"position", nullptr},
          {"favoured", false},
          {"custom_order_status", "DISABLED"},
          {"project_id", nullptr},
          {"created_by_user", caller_.user_id},
          {"deleted_by_user", nullptr},
          {"date_created", stamp()},
          {"date_modified", stamp()},
          {"date_deleted", nullptr}};
    take(c, body, {"external_id", "category", "storage_id", "custom_keyframe"});
    collections_.add(std::move(c));
    give_default_acl("collections", id);
    emit("collections", id, "entity", "create", *collections_.find(id));
    if (!parent.empty()) add_content(parent, "collections", id);
    touch("collections", id);
    return *collections_.find(id);
}

void iconik_system::add_content(const std::string& collection_id,
                                const std::string& type,
                                const std::string& id) {
    std::vector<content_entry>& entries = contents_[collection_id];
    for (const content_entry& e : entries)
        if (e.object_type == type && e.object_id == id) return;
    entries.push_back({type, id});
    if (type == "collections") {
        doc& child = collections_.need(id);
        child["in_collections"] = to_array(parents_of(type, id));
        child["parents"] = to_array(ancestors_of(type, id));
    }
    // The recorded event: object_id is the object added, data.parents the collections above.
    std::vector<std::string> parents = ancestors_of("collections", collection_id);
    emit("collections", id, "contents", "create",
         {{"collection_id", collection_id},
          {"object_type", type},
          {"object_id", id},
          {"date_created", stamp()},
          {"parents", to_array(parents)}});
    touch(type, id);
    touch("collections", collection_id);
}

bool iconik_system::remove_content(const std::string& collection_id,
                                   const std::string& type,
                                   const std::string& id) {
    const auto removed = std::erase_if(contents_[collection_id], [&](const content_entry& e) {
        return e.object_type == type && e.object_id == id;
    });
    if (removed == 0) return false;
    if (doc* child = type == "collections" ? collections_.find(id) : nullptr) {
        (*child)["in_collections"] = to_array(parents_of(type, id));
        (*child)["parents"] = to_array(ancestors_of(type, id));
    }
    emit("collections", id, "contents", "delete",
         {{"collection_id", collection_id}, {"object_type", type}, {"object_id", id}});
    touch(type, id);
    touch("collections", collection_id);
    return true;
}

void iconik_system::collection_routes() {
    on("GET", "/API/assets/v1/collections", "can_read_collections", [this](const request& r) {
        std::vector<doc> out;
        for (doc& c : indexed("collections")) {
            if (text_of(c, "status") != r.query_value("status", "ACTIVE")) continue;
            if (r.has_query("is_root") && flag_of(c, "is_root") != query_flag(r, "is_root", false))
                continue;
            out.push_back(std::move(c));
        }
        return page(r, std::move(out));
    });
    on("POST", "/API/assets/v1/collections", "can_create_collections", [this](const request& r) {
        doc body = r.json_object();
        require_text(body, "title");
        body.erase("id");
        const std::string parent = text_of(body, "parent_id");
        if (!parent.empty()) collection(parent, "write");
        return reply::json(201, create_collection(body));
    });
    on("GET", "/API/assets/v1/collections/{id}", "can_read_collections", [this](const request& r) {
        doc c = collection(r.param("id"), "read");
        c["metadata"] = flat_metadata("collections", r.param("id"));
        return reply::json(200, c);
    });
    const auto edit = [this](const request& r) {
        const doc body = r.json_object();
        require_one_of(body, "status", {"ACTIVE", "HIDDEN", "DELETED"});
        doc& c = collection(r.param("id"), "write");
        if (r.method == "PUT" || body.contains("title")) require_text(body, "title");
        take(c, body,
             {"title", "external_id", "category", "storage_id", "custom_keyframe", "custom_poster",
              "status"});
        c["date_modified"] = stamp();
        emit("collections", r.param("id"), "entity", "update", c);
        touch("collections", r.param("id"));
        return reply::json(200, c);
    };
    on("PATCH", "/API/assets/v1/collections/{id}", "can_write_collections", edit);
    on("PUT", "/API/assets/v1/collections/{id}", "can_write_collections", edit);
    on("DELETE", "/API/assets/v1/collections/{id}", "can_delete_collections",
       [this](const request& r) {
           doc& c = collection(r.param("id"), "delete");
           c["status"] = "DELETED";
           c["date_deleted"] = stamp();
           c["deleted_by_user"] = caller_.user_id;
           emit("collections", r.param("id"), "entity", "delete", {{"id", r.param("id")}});
           touch("collections", r.param("id"));
           return reply::empty(202);
       });
    on("PUT", "/API/assets/v1/collections/{id}/restore", "can_write_collections",
       [this](const request& r) {
           doc& c = collection(r.param("id"), "write");
           c["status"] = "ACTIVE";
           c["date_deleted"] = nullptr;
           emit("collections", r.param("id"), "entity", "restore", {{"id", r.param("id")}});
           touch("collections", r.param("id"));
           return reply::empty(201);
       });
    on("DELETE", "/API/assets/v1/collections/{id}/purge", "can_purge_collections",
       [this](const request& r) {
           const std::string id = r.param("id");
           collection(id, "delete");
           for (auto& [parent, entries] : contents_)
               std::erase_if(entries, [&](const content_entry& e) { return e.object_id == id; });
           contents_.erase(id);
           collections_.erase(id);
           emit("collections", id, "entity", "purge", {{"id", id}});
           touch("collections", id);
           return reply::empty(202);
       });

    on("GET", "/API/assets/v1/collections/{id}/contents", "can_read_collections",
       [this](const request& r) {
           collection(r.param("id"), "read");
           const std::vector<std::string> types = split_list(r.query_value("object_types"));
           const std::vector<std::string> wanted = split_list(r.query_value("object_ids"));
           const std::string external = r.query_value("external_id");
           std::vector<doc> out;
           for (const char* type : {"collections", "assets"})
               for (doc& d : indexed(type)) {
                   if (!contains(texts_of(d, "in_collections"), r.param("id"))) continue;
                   if (text_of(d, "status") == "DELETED") continue;
                   if (!types.empty() && !contains(types, type)) continue;
                   if (!wanted.empty() && !contains(wanted, text_of(d, "id"))) continue;
                   if (!external.empty() && text_of(d, "external_id") != external) continue;
                   sign_urls(d);
                   out.push_back(std::move(d));
               }
           return page(r, std::move(out));
       });
    on("POST", "/API/assets/v1/collections/{id}/contents", "can_write_collections",
       [this](const request& r) {
           const doc body = r.json_object();
           require_one_of(body, "object_type", {"assets", "collections"}, true);
           const std::string type = text_of(body, "object_type");
           const std::string id = require_text(body, "object_id");
           collection(r.param("id"), "write");
           object(type, id, "read");
           if (type == "collections" &&
               (id == r.param("id") || contains(ancestors_of("collections", r.param("id")), id)))
               invalid("object_id", "A collection cannot be put into itself.");
           add_content(r.param("id"), type, id);
           return reply::empty(201);
       });
    on("DELETE", "/API/assets/v1/collections/{id}/contents/{object_type}/{object_id}",
       "can_write_collections", [this](const request& r) {
           collection(r.param("id"), "write");
           if (!remove_content(r.param("id"), r.param("object_type"), r.param("object_id")))
               throw http_error(404, "Object is not in the collection");
           return reply::empty(204);
       });
    on("GET", "/API/assets/v1/collections/{id}/ancestors", "can_read_collections",
       [this](const request& r) {
           collection(r.param("id"), "read");
           std::vector<doc> out;
           for (const std::string& up : ancestors_of("collections", r.param("id")))
               out.push_back(*collections_.find(up));
           return page(r, std::move(out));
       });
    on("GET", "/API/assets/v1/collections/{id}/full/path", "can_read_collections",
       [this](const request& r) {
           std::string path = text_of(collection(r.param("id"), "read"), "title");
           std::string at = r.param("id");
           for (int depth = 0; depth < 100; ++depth) {
               at = text_of(*collections_.find(at), "parent_id");
               const doc* parent = at.empty() ? nullptr : collections_.find(at);
               if (!parent) break;
               path.insert(0, text_of(*parent, "title") + "/");
           }
           return reply::json(200, json::value(path));
       });
    const auto info = [this](const request& r) {
        const std::string id = r.param("id");
        doc& c = collection(id, "read");
        std::int64_t assets = 0;
        std::int64_t collections = 0;
        std::int64_t size = 0;
        for (const doc* a : assets_.all()) {
            if (!contains(ancestors_of("assets", text_of(*a, "id")), id)) continue;
            ++assets;
            for (const doc* f : files_.all())
                if (text_of(*f, "asset_id") == text_of(*a, "id")) size += number_of(*f, "size");
        }
        for (const doc* other : collections_.all())
            if (contains(ancestors_of("collections", text_of(*other, "id")), id)) ++collections;
        return doc{{"id", id},
                   {"title", c["title"]},
                   {"assets_count", assets},
                   {"collections_count", collections},
                   {"total_size", size},
                   {"size", size},
                   {"total_duration_milliseconds", 0},
                   {"storage_info", json::array{}}};
    };
    on("GET", "/API/assets/v1/collections/{id}/content/info", "can_read_collections",
       [info](const request& r) { return reply::json(200, info(r)); });
    on("GET", "/API/assets/v1/collections/{id}/size", "can_read_collections",
       [info](const request& r) {
           const doc all = info(r);
           return reply::json(
               200,
               doc{{"id", all.at("id")}, {"title", all.at("title")}, {"size", all.at("size")}});
       });
}

} // namespace mortise::sandbox::iconik
