// SPDX-License-Identifier: Apache-2.0
// The way of bytes: signed URLs of an S3-like storage, single and multipart uploads, proxies and
// keyframes.
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

std::string encode_key(const std::string& key) {
    std::string out;
    for (const std::string& segment : split_path(key))
        out += "/" + percent_encode(segment);
    return out;
}

std::string
signature(const std::string& verb, const std::string& path, const std::string& expires) {
    return sha1_hex(blob("mortise sandbox " + verb + " " + path + " " + expires));
}

reply s3_error(unsigned status, const std::string& code, const std::string& message) {
    return reply::text(status,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code +
                           "</Code><Message>" + message + "</Message></Error>",
                       "application/xml");
}

std::int64_t unix_seconds(time_point t) {
    return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

} // namespace

std::string iconik_system::signed_url(const std::string& verb,
                                      const std::string& storage_id,
                                      const std::string& key,
                                      const std::string& filename) {
    const std::string path = "/storage/" + storage_id + encode_key(key);
    const std::string expires = std::to_string(unix_seconds(now() + url_life_));
    std::string url = base_url() + path +
                      "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=" + expires +
                      "&X-Amz-Signature=" + signature(verb, path, expires);
    if (!filename.empty()) url += "&filename=" + percent_encode(filename);
    return url;
}

std::optional<reply> iconik_system::refuse_signature(const request& r, const std::string& verb) {
    const std::string path = r.target.substr(0, r.target.find('?'));
    const std::string expires = r.query_value("X-Amz-Expires");
    if (r.query_value("X-Amz-Signature") != signature(verb, path, expires))
        return s3_error(403, "SignatureDoesNotMatch",
                        "The request signature does not match the one of this URL");
    if (r.query_int("X-Amz-Expires", 0) < unix_seconds(now()))
        return s3_error(403, "AccessDenied", "Request has expired");
    return {};
}

void iconik_system::storage_content_routes() {
    const char* const path = "/storage/{storage_id}/{key*}";
    const auto key = [](const request& r) { return r.param("storage_id") + "/" + r.param("key"); };
    routes().route("GET", path, [this, key](const request& r) {
        if (r.has_query("uploadId")) { // the parts of an upload
            if (auto refused = refuse_signature(r, "PUT")) return *refused;
            const auto upload = uploads_.find(r.query_value("uploadId"));
            if (upload == uploads_.end())
                return s3_error(404, "NoSuchUpload", "The specified upload does not exist");
            std::string xml = "<ListPartsResult>";
            for (const auto& [number, part] : upload->second.parts)
                xml += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" +
                       part.etag + "</ETag><Size>" + std::to_string(part.bytes.size()) +
                       "</Size></Part>";
            return reply::text(200, xml + "</ListPartsResult>", "application/xml");
        }
        if (auto refused = refuse_signature(r, "GET")) return *refused;
        const auto found = content_.find(key(r));
        if (found == content_.end())
            return s3_error(404, "NoSuchKey", "The specified key does not exist.");
        return reply::file(r, found->second.bytes, found->second.type, r.query_value("filename"),
                           found->second.etag);
    });
    routes().route("PUT", path, [this, key](const request& r) {
        if (auto refused = refuse_signature(r, "PUT")) return *refused;
        const std::string etag = "\"" + md5_hex(r.content) + "\"";
        if (r.has_query("uploadId")) {
            const auto upload = uploads_.find(r.query_value("uploadId"));
            const std::int64_t number = r.query_int("partNumber", 0);
            if (upload == uploads_.end() || upload->second.key != key(r))
                return s3_error(404, "NoSuchUpload", "The specified upload does not exist");
            if (number < 1 || number > 10'000)
                return s3_error(400, "InvalidArgument", "Part number must be from 1 to 10000");
            upload->second.parts[static_cast<int>(number)] = stored(r.content, "", etag);
        } else {
            content_[key(r)] = stored(r.content, r.header("Content-Type"), etag);
        }
        return reply::empty(200).set("ETag", etag);
    });
    routes().route("POST", path, [this, key](const request& r) {
        if (auto refused = refuse_signature(r, "PUT")) return *refused;
        if (r.header("X-Goog-Resumable") == "start") return begin_gcs_session(r);
        if (r.has_query("uploads")) {
            const std::string id = ids().token(48);
            uploads_[id] = {key(r), {}};
            return reply::text(200,
                               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<InitiateMultipartUploadResult><Bucket>sandbox</Bucket><Key>" +
                                   r.param("key") + "</Key><UploadId>" + id +
                                   "</UploadId></InitiateMultipartUploadResult>",
                               "application/xml");
        }
        const auto upload = uploads_.find(r.query_value("uploadId"));
        if (upload == uploads_.end() || upload->second.key != key(r))
            return s3_error(404, "NoSuchUpload", "The specified upload does not exist");
        // The caller names the parts it wants, in rising order and with their tags.
        const std::string xml = r.body();
        blob whole;
        int last = 0;
        std::string tags;
        std::size_t at = 0;
        while ((at = xml.find("<PartNumber>", at)) != std::string::npos) {
            const int number = std::atoi(xml.c_str() + at + 12);
            const auto part = upload->second.parts.find(number);
            const std::size_t end = std::min(xml.find("</Part>", at), xml.size());
            const std::string piece =
                xml.substr(xml.rfind("<Part>", at), end - xml.rfind("<Part>", at));
            if (number <= last)
                return s3_error(400, "InvalidPartOrder",
                                "The list of parts was not in ascending order.");
            if (part == upload->second.parts.end() ||
                piece.find(part->second.etag.substr(1, 32)) == std::string::npos)
                return s3_error(400, "InvalidPart", "One or more of the parts could not be found.");
            whole.append(part->second.bytes);
            tags += part->second.etag.substr(1, 32);
            last = number;
            at = end;
        }
        if (last == 0) return s3_error(400, "MalformedXML", "The list of parts is missing.");
        const std::string etag = "\"" + md5_hex(blob(tags)) + "-" + std::to_string(last) + "\"";
        content_[key(r)] = stored(whole, "application/octet-stream", etag);
        uploads_.erase(upload);
        return reply::text(
            200,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CompleteMultipartUploadResult>"
            "<Key>" +
                r.param("key") + "</Key><ETag>" + etag + "</ETag></CompleteMultipartUploadResult>",
            "application/xml");
    });
    routes().route("DELETE", path, [this](const request& r) {
        if (auto refused = refuse_signature(r, "PUT")) return *refused;
        if (uploads_.erase(r.query_value("uploadId")) == 0)
            return s3_error(404, "NoSuchUpload", "The specified upload does not exist");
        return reply::empty(204);
    });
}

void iconik_system::upload_routes() {
    const std::string base = "/API/files/v1/assets/{asset_id}/files/{file_id}";
    const auto put_url = [this](const request& r) {
        asset(r.param("asset_id"), "write");
        return text_of(file_answer(files_.need(r.param("file_id")), true, false), "upload_url");
    };
    on("GET", (base + "/multipart_url/part").c_str(), "can_write_files",
       [this, put_url](const request& r) {
           const std::string url = put_url(r) + "&uploadId=" + r.query_value("upload_id");
           if (!uploads_.contains(r.query_value("upload_id")))
               invalid("upload_id", "Upload does not exist.");
           const std::int64_t count = r.query_int("parts_num", 0);
           const std::int64_t per_page = r.query_int("per_page", 10);
           const std::int64_t first = (r.query_int("page", 1) - 1) * per_page + 1;
           if (count < 1 || count > 10'000) invalid("parts_num", "Must be from 1 to 10000.");
           if (per_page < 1 || first < 1) invalid("page", "Must be 1 or more.");
           json::array out;
           for (std::int64_t n = first; n <= count && n < first + per_page; ++n)
               out.push_back(doc{{"number", n}, {"url", url + "&partNumber=" + std::to_string(n)}});
           return reply::json(200, doc{{"objects", std::move(out)}});
       });
    on("POST", (base + "/multipart_url/s3/part").c_str(), "can_write_files",
       [this, put_url](const request& r) {
           const doc body = r.json_object();
           const std::string id = require_text(body, "upload_id");
           if (!uploads_.contains(id)) invalid("upload_id", "Upload does not exist.");
           const std::string url = put_url(r) + "&uploadId=" + id;
           const json::value* parts = body.if_contains("parts");
           if (!parts || !parts->is_array()) invalid("parts", "Missing data for required field.");
           json::array out;
           for (const json::value& p : parts->get_array()) {
               if (!p.is_object()) invalid("parts", "Not a valid list of objects.");
               const std::int64_t n = number_of(p.get_object(), "part_number");
               if (n < 1 || n > 10'000) invalid("parts", "part_number must be from 1 to 10000.");
               out.push_back(
                   doc{{"part_number", n}, {"url", url + "&partNumber=" + std::to_string(n)}});
           }
           return reply::json(200, doc{{"upload_id", id}, {"parts", std::move(out)}});
       });
    on("GET", (base + "/multipart_url").c_str(), "can_write_files", [put_url](const request& r) {
        const std::string url = put_url(r) + "&uploadId=" + r.query_value("upload_id");
        return reply::json(200, doc{{"complete_url", url},
                                    {"abort_url", url},
                                    {"list_parts_url", json::array{json::value(url)}}});
    });
    on("POST", (base + "/multipart/cleanup").c_str(), "can_write_files",
       [this, put_url](const request& r) {
           put_url(r);
           uploads_.erase(text_of(r.json_object(), "upload_id"));
           return reply::json(200, doc{});
       });
    on("POST", "/API/files/v1/files/upload", "can_write_files", [this](const request& r) {
        const std::vector<form_field> form = r.form();
        const auto value = [&](const char* name) {
            const form_field* f = find_field(form, name);
            return f ? f->text() : std::string();
        };
        const auto file =
            std::find_if(form.begin(), form.end(), [](const form_field& f) { return f.is_file(); });
        if (file == form.end()) invalid("file", "Missing data for required field.");
        if (value("file_name").empty()) invalid("file_name", "Missing data for required field.");
        if (value("storage_id").empty()) invalid("storage_id", "Missing data for required field.");
        storages_.need(value("storage_id"));
        std::string asset_id = value("asset_id");
        if (asset_id.empty()) {
            const std::string title =
                value("asset_title").empty() ? value("file_name") : value("asset_title");
            asset_id = text_of(create_asset({{"title", title}}), "id");
        }
        asset(asset_id, "write");
        put_original(asset_id, value("file_name"), file->content, file->content_type);
        if (!value("collection_id").empty()) {
            collection(value("collection_id"), "write");
            add_content(value("collection_id"), "assets", asset_id);
        }
        if (value("create_keyframes") == "true")
            start_transcode(asset_id, current_version(asset_id));
        return reply::json(200, doc{{"asset_id", asset_id}, {"success", true}});
    });
}

} // namespace mortise::sandbox::iconik
