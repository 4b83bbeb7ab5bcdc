// SPDX-License-Identifier: Apache-2.0
// Archiving of formats to a storage for it, and back; jobs do the work.
#include "iconik/system.hpp"

namespace json = boost::json;

namespace mortise::sandbox::iconik {

// Puts the bytes of a format's files on another storage and its file sets into a state.
void iconik_system::move_format(const std::string& format_id,
                                const std::string& from,
                                const std::string& to,
                                bool keep_bytes,
                                bool archived) {
    for (doc* f : files_.all()) {
        if (text_of(*f, "format_id") != format_id || text_of(*f, "status") == "DELETED") continue;
        const std::string key = key_of_file(*f);
        const auto bytes = content_.find(from + "/" + key);
        if (bytes != content_.end()) {
            content_[to + "/" + key] = bytes->second;
            if (!keep_bytes) content_.erase(from + "/" + key);
        }
        if (!keep_bytes || !archived) (*f)["status"] = archived ? "ARCHIVED" : "CLOSED";
        (*f)["date_modified"] = stamp();
    }
    for (doc* s : file_sets_.all()) {
        if (text_of(*s, "format_id") != format_id || text_of(*s, "status") == "DELETED") continue;
        if (!keep_bytes || !archived) (*s)["status"] = archived ? "ARCHIVED" : "ACTIVE";
        (*s)["is_archive"] = archived;
        (*s)["original_storage_id"] = archived ? json::value(from) : json::value(nullptr);
        (*s)["date_modified"] = stamp();
    }
}

void iconik_system::set_archive_status(const std::string& format_id, const char* status) {
    doc& format = formats_.need(format_id);
    const std::string asset_id = text_of(format, "asset_id");
    format["archive_status"] = status;
    format["date_modified"] = stamp();
    doc& a = assets_.need(asset_id);
    a["archive_status"] = status;
    if (doc* version = version_of(a, text_of(format, "version_id")))
        (*version)["archive_status"] = status;
    bump(a);
    emit("assets", asset_id, "entity", "update",
         {{"id", asset_id}, {"archive_status", status}, {"is_online", a["is_online"]}});
    touch("assets", asset_id);
}

void iconik_system::archive_routes() {
    const std::string base = "/API/files/v1/assets/{asset_id}/formats/{format_id}";
    const auto named = [this](const request& r) -> doc& {
        asset(r.param("asset_id"), "write");
        doc& format = formats_.need(r.param("format_id"));
        if (text_of(format, "asset_id") != r.param("asset_id"))
            throw http_error(404, "Format does not belong to this asset");
        return format;
    };
    const auto online = [this](const std::string& format_id, bool yes) {
        doc& format = formats_.need(format_id);
        format["is_online"] = yes;
        assets_.need(text_of(format, "asset_id"))["is_online"] = yes;
    };
    on("POST", (base + "/archive").c_str(), "can_archive_formats",
       [this, named, online](const request& r) {
           const doc body = r.content.empty() ? doc() : r.json_object();
           doc& format = named(r);
           const std::string status = text_of(format, "archive_status");
           if (status == "ARCHIVED" || status == "ARCHIVING")
               throw http_error(409, "The format is archived already");
           std::string target = text_of(body, "destination_storage_id");
           if (target.empty()) target = storage_for("ARCHIVE");
           if (text_of(storages_.need(target), "purpose") != "ARCHIVE")
               invalid("destination_storage_id", "Not an archive storage.");
           const std::string asset_id = r.param("asset_id");
           const std::string format_id = r.param("format_id");
           const bool keep = !flag_of(body, "delete_original", false);
           const std::string job =
               text_of(create_job("ARCHIVE", "Archive", "assets", asset_id), "id");
           set_archive_status(format_id, "ARCHIVING");
           run_job(job, [this, online, asset_id, format_id, target, keep] {
               if (archive_failures_.erase(asset_id) != 0) {
                   set_archive_status(format_id, "FAILED_TO_ARCHIVE");
                   throw std::runtime_error("The archive storage did not take the files");
               }
               move_format(format_id, storage_for("FILES"), target, keep, true);
               if (!keep) online(format_id, false);
               add_history(asset_id, "ARCHIVE", "Archived");
               set_archive_status(format_id, "ARCHIVED");
           });
           return reply::empty(202);
       });
    on("POST", (base + "/restore").c_str(), "can_restore_archived_formats",
       [this, named, online](const request& r) {
           if (!r.content.empty()) r.json_object();
           if (text_of(named(r), "archive_status") != "ARCHIVED")
               throw http_error(400, "The format is not archived");
           const std::string asset_id = r.param("asset_id");
           const std::string format_id = r.param("format_id");
           const std::string job =
               text_of(create_job("RESTORE", "Restore", "assets", asset_id), "id");
           run_job(job, [this, online, asset_id, format_id] {
               if (archive_failures_.erase(asset_id) != 0)
                   throw std::runtime_error("The archive storage did not give the files");
               std::string from = storage_for("ARCHIVE");
               move_format(format_id, from, storage_for("FILES"), true, false);
               online(format_id, true);
               assets_.need(asset_id)["last_archive_restore_date"] = stamp();
               add_history(asset_id, "RESTORE_ARCHIVE", "Restored from the archive");
               set_archive_status(format_id, "NOT_ARCHIVED");
           });
           return reply::empty(202);
       });
    play("fail-archive", "The next archiving or restoring of an asset fails: {\"asset\"}",
         [this](const doc& o) -> json::value {
             const std::string given = text_of(o, "asset");
             const std::string id = given.size() == 36 ? given : iconik_seed::id("asset/" + given);
             assets_.need(id);
             archive_failures_.insert(id);
             return doc{};
         });
}

} // namespace mortise::sandbox::iconik
