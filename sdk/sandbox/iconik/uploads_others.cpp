// SPDX-License-Identifier: Apache-2.0
// Uploads to the other storages: Google's resumable sessions and Backblaze B2.
#include "iconik/system.hpp"

#include <cstdlib>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

reply b2_error(unsigned status, const std::string& code, const std::string& message) {
    return reply::json(status,
                       json::object{{"status", status}, {"code", code}, {"message", message}});
}

} // namespace

void iconik_system::add_upload_links(const doc& file, doc& out) {
    const std::string storage = text_of(file, "storage_id");
    const std::string key = key_of_file(file);
    const doc* s = storages_.find(storage);
    const std::string method = s ? text_of(*s, "method") : "S3";
    out["upload_filename"] = key;
    out["upload_credentials"] = doc{};
    out["multipart_upload_url"] = nullptr;
    const std::string put = signed_url("PUT", storage, key);
    if (method == "GCS") {
        out["upload_method"] = "POST";
        out["upload_url"] = put;
    } else if (method == "B2") {
        const std::string token = ids().token(40);
        b2_places_[token].key = storage + "/" + key;
        out["upload_method"] = "POST";
        out["upload_url"] = base_url() + "/b2/upload/" + text_of(file, "id");
        out["upload_credentials"] = doc{{"authorizationToken", token}};
    } else {
        out["upload_method"] = "PUT";
        out["upload_url"] = put;
        out["multipart_upload_url"] = put + "&uploads=";
    }
}

reply iconik_system::begin_gcs_session(const request& r) {
    const std::string id = ids().token(40);
    gcs_sessions_[id] = {r.param("storage_id") + "/" + r.param("key"), {}};
    return reply::empty(201)
        .set("Location", base_url() + "/gcs/session/" + id)
        .set("X-GUploader-UploadID", id);
}

void iconik_system::other_storage_routes() {
    routes().route("PUT", "/gcs/session/{id}", [this](const request& r) {
        const auto found = gcs_sessions_.find(r.param("id"));
        if (found == gcs_sessions_.end()) return reply::text(404, "Not Found");
        auto& [key, bytes] = found->second;
        const std::string range = r.header("Content-Range");
        const std::size_t slash = range.find('/');
        if (!range.starts_with("bytes ") || slash == std::string::npos)
            return reply::text(400, "Content-Range is missing");
        const std::uint64_t whole = std::strtoull(range.c_str() + slash + 1, nullptr, 10);
        if (range[6] != '*') {
            if (std::strtoull(range.c_str() + 6, nullptr, 10) != bytes.size())
                return reply::text(400, "The range does not begin where the content ends");
            bytes.append(r.content);
        }
        if (bytes.size() > whole) return reply::text(400, "More bytes than announced");
        if (bytes.size() == whole) {
            content_[key] = stored(bytes, "application/octet-stream");
            return reply::json(200, doc{{"name", key}});
        }
        reply a = reply::empty(308);
        if (!bytes.empty()) a.set("Range", "bytes=0-" + std::to_string(bytes.size() - 1));
        return a;
    });
    routes().route("POST", "/b2/upload/{id}", [this](const request& r) {
        const auto place = b2_places_.find(r.header("Authorization"));
        if (place == b2_places_.end())
            return b2_error(401, "bad_auth_token", "Authorization token is not valid");
        if (r.header("X-Bz-Content-Sha1") != sha1_hex(r.content))
            return b2_error(400, "bad_request", "Sha1 did not match data received");
        b2_place& p = place->second;
        if (p.large) {
            const std::int64_t number = std::atoll(r.header("X-Bz-Part-Number").c_str());
            if (number < 1 || number > 10'000)
                return b2_error(400, "bad_request", "Part number must be from 1 to 10000");
            p.parts[static_cast<int>(number)] = r.content;
        } else {
            if (r.header("X-Bz-File-Name").empty())
                return b2_error(400, "bad_request", "X-Bz-File-Name is missing");
            content_[p.key] = stored(r.content, r.header("Content-Type"));
        }
        return reply::json(
            200, doc{{"contentSha1", sha1_hex(r.content)}, {"contentLength", r.content.size()}});
    });
    const std::string base = "/API/files/v1/assets/{asset_id}/files/{file_id}/multipart/b2";
    on("POST", (base + "/start").c_str(), "can_write_files", [this](const request& r) {
        asset(r.param("asset_id"), "write");
        const doc& file = files_.need(r.param("file_id"));
        const std::string token = ids().token(40);
        b2_place place;
        place.key = text_of(file, "storage_id") + "/" + key_of_file(file);
        place.large = true;
        place.file_id = ids().token(24);
        const std::string id = place.file_id;
        b2_places_[token] = std::move(place);
        return reply::json(200,
                           doc{{"upload_file_id", id},
                               {"upload_url", base_url() + "/b2/upload/" + text_of(file, "id")},
                               {"authorization_token", token},
                               {"status", nullptr},
                               {"error", nullptr},
                               {"error_code", nullptr}});
    });
    on("POST", (base + "/finish").c_str(), "can_write_files", [this](const request& r) {
        const doc body = r.json_object();
        const std::string id = require_text(body, "upload_file_id");
        const std::vector<std::string> sums = texts_of(body, "sha1_list");
        for (auto& [token, place] : b2_places_) {
            if (place.file_id != id) continue;
            blob whole;
            std::size_t n = 0;
            for (const auto& [number, part] : place.parts) {
                if (n >= sums.size() || sha1_hex(part) != sums[n++])
                    invalid("sha1_list", "Does not match the parts.");
                whole.append(part);
            }
            if (n != sums.size() || n == 0) invalid("sha1_list", "Does not match the parts.");
            content_[place.key] = stored(whole, "application/octet-stream");
            b2_places_.erase(token);
            return reply::json(200, doc{});
        }
        throw http_error(404, "Upload does not exist");
    });
    on("POST", (base + "/cancel").c_str(), "can_write_files", [this](const request& r) {
        const std::string id = require_text(r.json_object(), "upload_file_id");
        std::erase_if(b2_places_, [&](const auto& p) { return p.second.file_id == id; });
        return reply::json(200, doc{});
    });
}

} // namespace mortise::sandbox::iconik
