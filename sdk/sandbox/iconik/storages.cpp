// SPDX-License-Identifier: Apache-2.0
// Storages: where files, proxies and keyframes lie.
#include "iconik/system.hpp"

namespace json = boost::json;

namespace mortise::sandbox::iconik {

stored_content iconik_system::stored(blob bytes, const std::string& type, std::string etag) {
    if (etag.empty()) etag = "\"" + md5_hex(bytes) + "\"";
    return {std::move(bytes), type.empty() ? "application/octet-stream" : type, std::move(etag)};
}

void iconik_system::storage_routes() {
    on("GET", "/API/files/v1/storages", "can_read_storages", [this](const request& r) {
        const std::vector<std::string> wanted = split_list(r.query_value("ids"));
        std::vector<doc> out;
        for (const doc* s : storages_.all()) {
            bool fits = wanted.empty() || contains(wanted, text_of(*s, "id"));
            for (const char* key : {"id", "name", "method", "status", "purpose"})
                fits = fits && (!r.has_query(key) || text_of(*s, key) == r.query_value(key));
            if (fits) out.push_back(*s);
        }
        return page(r, std::move(out));
    });
    on("GET", "/API/files/v1/storages/{id}", "can_read_storages",
       [this](const request& r) { return reply::json(200, storages_.need(r.param("id"))); });
    on("GET", "/API/files/v1/storages/matching/{purpose}", "can_read_storages",
       [this](const request& r) {
           return reply::json(200, storages_.need(storage_for(r.param("purpose"))));
       });
    on("GET", "/API/files/v1/storages/{id}/files", "can_list_storage_files",
       [this](const request& r) {
           storages_.need(r.param("id"));
           std::vector<doc> out;
           for (const doc* f : files_.all()) {
               bool fits = text_of(*f, "storage_id") == r.param("id");
               for (const char* key : {"directory_path", "checksum", "status"})
                   fits = fits && (!r.has_query(key) || text_of(*f, key) == r.query_value(key));
               if (fits) out.push_back(file_answer(*f, false, false));
           }
           return page(r, std::move(out));
       });
}

} // namespace mortise::sandbox::iconik
