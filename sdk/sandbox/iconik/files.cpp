// SPDX-License-Identifier: Apache-2.0
// Storages, formats, file sets and files.
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

std::vector<json::object>
iconik_system::of_asset(table& t, const std::string& asset_id, const request& r) {
    std::vector<doc> out;
    const bool all_versions = query_flag(r, "include_all_versions", false);
    const std::string version =
        r.params.contains("version_id") ? r.param("version_id") : current_version(asset_id);
    for (const doc* d : t.all())
        if (text_of(*d, "asset_id") == asset_id && text_of(*d, "status") != "DELETED" &&
            (all_versions || text_of(*d, "version_id") == version))
            out.push_back(*d);
    return out;
}

std::string iconik_system::storage_for(std::string_view purpose) {
    for (const doc* s : storages_.all())
        if (text_of(*s, "purpose") == purpose && flag_of(*s, "default")) return text_of(*s, "id");
    throw http_error(404, "No storage for " + std::string(purpose));
}

json::object& iconik_system::create_format(const std::string& asset_id, const doc& body) {
    doc f{{"id", ids().uuid()},
          {"asset_id", asset_id},
          {"version_id", current_version(asset_id)},
          {"name", require_text(body, "name")},
          {"status", "ACTIVE"},
          {"is_online", false},
          {"archive_status", "NOT_ARCHIVED"},
          {"metadata", json::array{}},
          {"components", json::array{}},
          {"storage_methods", json::array{}},
          {"user_id", caller_.user_id},
          {"warnings", json::array{}},
          {"date_created", stamp()},
          {"date_modified", stamp()},
          {"date_deleted", nullptr},
          {"deleted_by_user", nullptr}};
    take(f, body, {"metadata", "components", "storage_methods", "version_id", "user_id"});
    doc& added = formats_.add(std::move(f));
    emit("assets", asset_id, "formats", "create",
         {{"id", added["id"]}, {"asset_id", asset_id}, {"name", added["name"]}});
    return added;
}

json::object& iconik_system::create_file_set(const std::string& asset_id, const doc& body) {
    const json::value* dir = body.if_contains("base_dir");
    if (!dir || !dir->is_string()) invalid("base_dir", "Missing data for required field.");
    const json::value* components = body.if_contains("component_ids");
    if (!components || !components->is_array())
        invalid("component_ids", "Missing data for required field.");
    formats_.need(require_text(body, "format_id"));
    doc s{{"id", ids().uuid()},
          {"asset_id", asset_id},
          {"version_id", current_version(asset_id)},
          {"name", require_text(body, "name")},
          {"status", "ACTIVE"},
          {"is_archive", false},
          {"storage_id", storage_for("FILES")},
          {"original_storage_id", nullptr},
          {"archive_file_set_id", nullptr},
          {"file_count", 0},
          {"date_created", stamp()},
          {"date_modified", stamp()},
          {"date_deleted", nullptr}};
    take(s, body, {"base_dir", "component_ids", "format_id", "storage_id", "version_id"});
    storages_.need(text_of(s, "storage_id"));
    return file_sets_.add(std::move(s));
}

json::object& iconik_system::create_file(const std::string& asset_id, const doc& body) {
    const std::string original = require_text(body, "original_name");
    const json::value* dir = body.if_contains("directory_path");
    if (!dir || !dir->is_string()) invalid("directory_path", "Missing data for required field.");
    require_one_of(body, "type", {"FILE", "DIRECTORY", "SYMLINK"}, true);
    require_one_of(body, "status",
                   {"OPEN", "GROWING", "AWAITED", "CLOSED", "FAILED", "ARCHIVED", "MISSING",
                    "REDISCOVERED", "DELETED"});
    const std::string set_id = text_of(body, "file_set_id");
    if (!set_id.empty()) file_sets_.need(set_id);
    const std::string id = ids().uuid();
    doc f{{"id", id},
          {"asset_id", asset_id},
          {"version_id", current_version(asset_id)},
          {"format_id", nullptr},
          {"file_set_id", nullptr},
          {"storage_id",
           set_id.empty() ? storage_for("FILES") : text_of(*file_sets_.find(set_id), "storage_id")},
          {"original_name", original},
          {"name", id.substr(0, 8) + "_" + original},
          {"directory_path", ""},
          {"type", "FILE"},
          {"size", 0},
          {"checksum", nullptr},
          {"status", "OPEN"},
          {"parent_id", nullptr},
          {"user_id", caller_.user_id},
          {"file_date_created", nullptr},
          {"file_date_modified", nullptr},
          {"date_created", stamp()},
          {"date_modified", stamp()}};
    take(f, body,
         {"name", "directory_path", "type", "size", "checksum", "status", "storage_id", "format_id",
          "file_set_id", "parent_id", "version_id", "file_date_created", "file_date_modified"});
    std::string path = text_of(f, "directory_path");
    while (!path.empty() && path.back() == '/')
        path.pop_back();
    while (!path.empty() && path.front() == '/')
        path.erase(0, 1);
    f["directory_path"] = path;
    storages_.need(text_of(f, "storage_id"));
    doc& added = files_.add(std::move(f));
    if (doc* set = file_sets_.find(set_id))
        (*set)["file_count"] = number_of(*set, "file_count") + 1;
    touch("assets", asset_id);
    return added;
}

std::string iconik_system::key_of_file(const doc& file) {
    const std::string dir = text_of(file, "directory_path");
    return (dir.empty() ? "" : dir + "/") + text_of(file, "name");
}

json::object iconik_system::file_answer(const doc& file, bool with_upload, bool with_url) {
    doc out = file;
    const std::string storage = text_of(file, "storage_id");
    const doc* s = storages_.find(storage);
    out["storage_method"] = s ? s->at("method") : json::value(nullptr);
    const doc* set = file_sets_.find(text_of(file, "file_set_id"));
    const doc* format = formats_.find(text_of(file, "format_id"));
    out["file_set_status"] = set ? set->at("status") : json::value(nullptr);
    out["format_status"] = format ? format->at("status") : json::value(nullptr);
    out["system_domain_id"] = system_domain_;
    out["url"] = with_url ? json::value(signed_url("GET", storage, key_of_file(file))) : nullptr;
    if (with_upload) add_upload_links(file, out);
    return out;
}

void iconik_system::close_file(doc& file) {
    const auto found = content_.find(text_of(file, "storage_id") + "/" + key_of_file(file));
    if (found != content_.end()) {
        file["size"] = found->second.bytes.size();
        // iconik does not read large files again to know their sum.
        constexpr std::uint64_t summed = 64u << 20;
        if (text_of(file, "checksum").empty() && found->second.bytes.size() <= summed)
            file["checksum"] = md5_hex(found->second.bytes);
    }
    const std::string asset_id = text_of(file, "asset_id");
    emit("assets", asset_id, "files", "update",
         {{"id", file["id"]},
          {"asset_id", asset_id},
          {"status", "CLOSED"},
          {"original_name", file["original_name"]},
          {"size", file["size"]}});
    touch("assets", asset_id);
}

void iconik_system::put_original(const std::string& asset_id,
                                 const std::string& name,
                                 blob bytes,
                                 const std::string& type,
                                 const std::string& checksum) {
    doc body{{"name", "ORIGINAL"},
             {"metadata", json::array{doc{{"internet_media_type", type}}}},
             {"storage_methods", json::array{"S3"}}};
    const std::string format = text_of(create_format(asset_id, body), "id");
    body = {{"name", name},
            {"base_dir", "in"},
            {"format_id", format},
            {"component_ids", json::array{}}};
    const std::string set = text_of(create_file_set(asset_id, body), "id");
    body = {{"original_name", name}, {"directory_path", "in/" + asset_id.substr(0, 8)},
            {"type", "FILE"},        {"size", bytes.size()},
            {"format_id", format},   {"file_set_id", set},
            {"status", "CLOSED"}};
    doc& file = create_file(asset_id, body);
    content_[text_of(file, "storage_id") + "/" + key_of_file(file)] =
        stored(std::move(bytes), type, checksum.empty() ? checksum : '"' + checksum + '"');
    if (!checksum.empty()) file["checksum"] = checksum;
    close_file(file);
    (*formats_.find(format))["is_online"] = true;
}

void iconik_system::file_routes() {
    const std::string base = "/API/files/v1/assets/{asset_id}";
    const auto part = [this](table& t, const request& r, const char* name,
                             const char* permission) -> doc& {
        asset(r.param("asset_id"), permission);
        doc& found = t.need(r.param(name));
        if (text_of(found, "asset_id") != r.param("asset_id"))
            throw http_error(404, "Object does not belong to this asset");
        return found;
    };

    on("GET", (base + "/formats").c_str(), "can_read_formats", [this](const request& r) {
        asset(r.param("asset_id"), "read");
        return cursor(r, of_asset(formats_, r.param("asset_id"), r));
    });
    on("GET", (base + "/versions/{version_id}/formats").c_str(), "can_read_formats",
       [this](const request& r) {
           asset(r.param("asset_id"), "read");
           return cursor(r, of_asset(formats_, r.param("asset_id"), r));
       });
    on("POST", (base + "/formats").c_str(), "can_write_formats", [this](const request& r) {
        asset(r.param("asset_id"), "write");
        return reply::json(201, create_format(r.param("asset_id"), r.json_object()));
    });
    on("GET", (base + "/formats/{format}").c_str(), "can_read_formats", [this](const request& r) {
        asset(r.param("asset_id"), "read");
        for (const doc& f : of_asset(formats_, r.param("asset_id"), r)) // by id or by name
            if (text_of(f, "id") == r.param("format") || text_of(f, "name") == r.param("format"))
                return reply::json(200, f);
        throw http_error(404, "Format does not exist");
    });
    const auto edit_format = [part, this](const request& r) {
        doc& f = part(formats_, r, "format_id", "write");
        take(f, r.json_object(),
             {"name", "status", "metadata", "components", "storage_methods", "is_online",
              "archive_status", "version_id"});
        f["date_modified"] = stamp();
        return reply::json(200, f);
    };
    on("PATCH", (base + "/formats/{format_id}").c_str(), "can_write_formats", edit_format);
    on("PUT", (base + "/formats/{format_id}").c_str(), "can_write_formats", edit_format);
    on("POST", (base + "/formats/{format_id}/components").c_str(), "can_write_formats",
       [part, this](const request& r) {
           doc& f = part(formats_, r, "format_id", "write");
           const doc body = r.json_object();
           require_one_of(body, "type",
                          {"VIDEO", "AUDIO", "IMAGE", "TEXT", "OTHER", "NON_MEDIA", "EXIF", "IPTC",
                           "XMP", "GENERAL"},
                          true);
           doc c{{"id", ids().uuid()}, {"name", require_text(body, "name")}, {"metadata", doc{}}};
           take(c, body, {"type", "metadata"});
           f["components"].as_array().push_back(c);
           return reply::json(200, c);
       });

    on("GET", (base + "/file_sets").c_str(), "can_read_files", [this](const request& r) {
        asset(r.param("asset_id"), "read");
        return cursor(r, of_asset(file_sets_, r.param("asset_id"), r));
    });
    on("GET", (base + "/versions/{version_id}/file_sets").c_str(), "can_read_files",
       [this](const request& r) {
           asset(r.param("asset_id"), "read");
           return cursor(r, of_asset(file_sets_, r.param("asset_id"), r));
       });
    on("POST", (base + "/file_sets").c_str(), "can_write_files", [this](const request& r) {
        asset(r.param("asset_id"), "write");
        return reply::json(201, create_file_set(r.param("asset_id"), r.json_object()));
    });
    on("GET", (base + "/file_sets/{file_set_id}").c_str(), "can_read_files",
       [part, this](const request& r) {
           return reply::json(200, part(file_sets_, r, "file_set_id", "read"));
       });
    on("GET", (base + "/formats/{format_id}/storages/{storage_id}/file_sets").c_str(),
       "can_read_files", [this](const request& r) {
           asset(r.param("asset_id"), "read");
           std::vector<doc> out = of_asset(file_sets_, r.param("asset_id"), r);
           std::erase_if(out, [&](const doc& s) {
               return text_of(s, "format_id") != r.param("format_id") ||
                      text_of(s, "storage_id") != r.param("storage_id");
           });
           return page(r, std::move(out));
       });
    on("DELETE", (base + "/file_sets/{file_set_id}").c_str(), "can_delete_files",
       [part, this](const request& r) {
           doc& s = part(file_sets_, r, "file_set_id", "delete");
           add_history(r.param("asset_id"), "DELETE_FILESET", "File set deleted");
           const bool at_once = query_flag(r, "immediately", false);
           s["status"] = "DELETED";
           s["date_deleted"] = stamp();
           for (doc* f : files_.all())
               if (text_of(*f, "file_set_id") == r.param("file_set_id")) (*f)["status"] = "DELETED";
           touch("assets", r.param("asset_id"));
           if (!at_once) return reply::json(200, s);
           file_sets_.erase(r.param("file_set_id"));
           return reply::empty(204);
       });

    const auto list = [this](const request& r, bool sign, const std::string& set_id) {
        asset(r.param("asset_id"), "read");
        std::vector<doc> out;
        for (const doc& f : of_asset(files_, r.param("asset_id"), r))
            if (set_id.empty() || text_of(f, "file_set_id") == set_id)
                out.push_back(file_answer(f, false, query_flag(r, "generate_signed_url", sign)));
        return cursor(r, std::move(out));
    };
    on("GET", (base + "/files").c_str(), "can_read_files",
       [list](const request& r) { return list(r, false, {}); });
    on("GET", (base + "/versions/{version_id}/files").c_str(), "can_read_files",
       [list](const request& r) { return list(r, true, {}); });
    on("GET", (base + "/file_sets/{file_set_id}/files").c_str(), "can_read_files",
       [list](const request& r) { return list(r, true, r.param("file_set_id")); });
    on("POST", (base + "/files").c_str(), "can_write_files", [this](const request& r) {
        asset(r.param("asset_id"), "write");
        const doc& f = create_file(r.param("asset_id"), r.json_object());
        return reply::json(201, file_answer(f, true, false));
    });
    on("GET", (base + "/files/{file_id}").c_str(), "can_read_files",
       [part, this](const request& r) {
           return reply::json(200, file_answer(part(files_, r, "file_id", "read"), false,
                                               query_flag(r, "generate_signed_url", true)));
       });
    const auto edit_file = [part, this](const request& r) {
        doc& f = part(files_, r, "file_id", "write");
        const doc body = r.json_object();
        require_one_of(body, "status",
                       {"OPEN", "GROWING", "AWAITED", "CLOSED", "FAILED", "ARCHIVED", "MISSING",
                        "REDISCOVERED", "DELETED"});
        const bool was_open = text_of(f, "status") != "CLOSED";
        take(f, body,
             {"status", "size", "checksum", "original_name", "directory_path", "file_date_created",
              "file_date_modified"});
        f["date_modified"] = stamp();
        if (was_open && text_of(f, "status") == "CLOSED") close_file(f);
        return reply::json(200, file_answer(f, false, false));
    };
    on("PATCH", (base + "/files/{file_id}").c_str(), "can_write_files", edit_file);
    on("PUT", (base + "/files/{file_id}").c_str(), "can_write_files", edit_file);
    on("DELETE", (base + "/files/{file_id}").c_str(), "can_delete_files",
       [part, this](const request& r) {
           part(files_, r, "file_id", "delete");
           files_.erase(r.param("file_id"));
           add_history(r.param("asset_id"), "DELETE_FILE", "File deleted");
           touch("assets", r.param("asset_id"));
           return reply::empty(204);
       });
    on("GET", (base + "/files/{file_id}/download_url").c_str(), "can_read_files",
       [part, this](const request& r) {
           const doc& f = part(files_, r, "file_id", "read");
           add_history(r.param("asset_id"), "DOWNLOAD",
                       "Downloaded " + text_of(f, "original_name"));
           return reply::json(
               200, doc{{"url", signed_url("GET", text_of(f, "storage_id"), key_of_file(f),
                                           text_of(f, "original_name"))}});
       });
    const auto transcode = [part, this](const request& r) {
        const doc& f = part(files_, r, "file_id", "write");
        return reply::json(
            200, doc{{"job_id", start_transcode(r.param("asset_id"), text_of(f, "version_id"))}});
    };
    on("POST", (base + "/files/{file_id}/keyframes").c_str(), "can_create_transcode_jobs",
       transcode);
    on("POST", (base + "/files/{file_id}/mediainfo").c_str(), "can_create_transcode_jobs",
       [part, this](const request& r) {
           part(files_, r, "file_id", "write");
           const std::string job = text_of(
               create_job("MEDIAINFO", "Analyse file", "assets", r.param("asset_id")), "id");
           run_job(job, {});
           return reply::json(200, doc{{"job_id", job}});
       });
    on("GET", "/API/files/v1/files/checksum/{checksum}", "can_read_files",
       [this](const request& r) {
           std::vector<doc> out;
           for (const doc* f : files_.all())
               if (text_of(*f, "checksum") == r.param("checksum") &&
                   may("read", "assets", text_of(*f, "asset_id")))
                   out.push_back(file_answer(*f, false, false));
           if (out.empty()) throw http_error(404, "File does not exist");
           return page(r, std::move(out));
       });
}

} // namespace mortise::sandbox::iconik
