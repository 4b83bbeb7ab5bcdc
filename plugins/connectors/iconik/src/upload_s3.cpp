// SPDX-License-Identifier: Apache-2.0
//
// Bytes to an S3 storage: in one request when they fit into one part, otherwise part by part. What
// has arrived is asked of the storage, which knows it best.
#include "connector.hpp"
#include "storage_dialect.hpp"

#include <mortise/sdk/body_stream.hpp>

#include <map>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

mortise::task<std::string> connector::storage_call(
    context& c, std::string method, std::string url, std::string body, std::string what) {
    mortise::http_request request(std::move(method), std::move(url));
    if (!body.empty()) {
        request.text("application/xml", std::move(body));
    }
    const bool read = request.method == "GET";
    const auto response = co_await c.http().send(std::move(request));
    // S3 may answer 200 to a completion that failed, with the error in the body.
    const bool hidden = response.ok() && response.body.find("<Error>") != std::string::npos;
    if (!response.ok() || hidden) throw storage_error(response, what, read);
    co_return response.body;
}

mortise::task<upload_state> connector::send_to_s3(context& c, upload_state at, file_upload in) {
    const std::string what = "the bytes of \"" + in.name + "\"";
    if (at.all_sent) {
        upload_state copy = at;
        const bool there = co_await bytes_are_there(c, std::move(copy));
        if (there) co_return std::move(at);
    }
    if (at.upload_id.empty()) {
        upload_state copy = at;
        const json::value entry = co_await new_file_entry(c, std::move(copy), std::move(in));
        at.file_id = mortise::require_string(entry, "id");
        if (at.size <= at.part_size) {
            // Should the answer get lost, the next attempt looks whether the bytes came.
            at.all_sent = true;
            copy = at;
            co_await keep_upload(c, std::move(copy));
            std::string method = text_at(entry, "upload_method");
            if (method.empty()) method = "PUT";
            std::string url = mortise::require_string(entry, "upload_url");
            if (at.size == 0) {
                co_await storage_call(c, std::move(method), std::move(url), "", what);
            } else {
                co_await c.content().seek(0);
                mortise::http_request request(std::move(method), std::move(url));
                mortise::content_piece piece(at.size);
                const auto response = co_await mortise::send_content(c, std::move(request),
                                                                     c.content(), std::move(piece));
                if (!response.ok()) throw storage_error(response, what, false);
            }
            co_return std::move(at);
        }
        at.all_sent = false;
        std::string url = mortise::require_string(entry, "multipart_upload_url");
        const std::string begun = co_await storage_call(c, "POST", std::move(url), "", what);
        at.upload_id = xml_text(begun, "UploadId");
        if (at.upload_id.empty()) {
            throw error(category::remote_protocol, "iconik.storage.upload-id",
                        "The storage began an upload without saying its UploadId.");
        }
        copy = at;
        co_await keep_upload(c, std::move(copy));
    }
    address links = client_.to("files/v1/assets");
    links.part(at.asset_id).part("files").part(at.file_id).part("multipart_url");
    links.query("upload_id", at.upload_id).query("type", "complete_url");
    std::string text = links.str();
    subject_of about("file", "the links of the upload of file " + at.file_id);
    const json::value ends = co_await client_.get(c, std::move(text), std::move(about));

    upload_state listed = at;
    json::value ends_copy = ends;
    std::map<int, stored_part> there =
        co_await s3_parts(c, std::move(ends_copy), std::move(listed));
    const int count = static_cast<int>((at.size + at.part_size - 1) / at.part_size);
    std::map<int, stored_part> done;
    std::map<int, std::string> urls;
    for (int n = 1; n <= count; ++n) {
        const std::uint64_t first = static_cast<std::uint64_t>(n - 1) * at.part_size;
        const std::uint64_t bytes = std::min(at.part_size, at.size - first);
        const auto known = there.find(n);
        if (known != there.end() && known->second.size == bytes) {
            done[n] = known->second;
            continue;
        }
        if (!urls.contains(n)) {
            upload_state copy = at;
            urls = co_await s3_part_urls(c, std::move(copy), n, count);
        }
        // Nothing is read when the content stands there already.
        co_await c.content().seek(first);
        mortise::http_request request("PUT", urls.at(n));
        mortise::content_piece piece(bytes);
        const auto response =
            co_await mortise::send_content(c, std::move(request), c.content(), std::move(piece));
        if (!response.ok()) throw storage_error(response, what, false);
        const std::string etag(response.header("etag"));
        if (etag.empty()) {
            throw error(category::remote_protocol, "iconik.storage.etag",
                        "The storage took part " + std::to_string(n) + " of " + what +
                            " without an ETag, by which it would be named at the end.");
        }
        done[n] = {etag, bytes};
    }
    if (!at.all_sent) {
        at.all_sent = true;
        upload_state copy = at;
        co_await keep_upload(c, std::move(copy));
    }
    std::string complete = mortise::require_string(ends, "complete_url");
    std::string list = complete_xml(done);
    co_await storage_call(c, "POST", std::move(complete), std::move(list), what);
    co_return std::move(at);
}

// What has arrived. An upload the storage has forgotten is forgotten here too.
mortise::task<std::map<int, stored_part>>
connector::s3_parts(context& c, json::value links, upload_state at) {
    std::map<int, stored_part> out;
    const json::value* lists = mortise::find_json(links, "list_parts_url");
    if (!lists || !lists->is_array()) co_return std::move(out);
    std::optional<error> failure;
    for (const auto& link : lists->get_array()) {
        if (!link.is_string()) continue;
        std::string url(link.get_string());
        try {
            const std::string xml =
                co_await storage_call(c, "GET", std::move(url), "", "the parts of an upload");
            out.merge(parts_of(xml));
        } catch (const error& e) {
            failure = e;
            break;
        }
    }
    if (!failure) co_return std::move(out);
    if (failure->code == "iconik.storage.no-such-upload") {
        at.upload_id.clear();
        at.all_sent = false;
        co_await keep_upload(c, std::move(at));
        failure->message += " The next attempt begins the upload anew.";
    }
    throw *failure;
}

// An earlier attempt asked for completion and did not hear of it: whether it came about shows in
// the bytes, which iconik itself does not look at.
mortise::task<bool> connector::bytes_are_there(context& c, upload_state at) {
    address link = client_.to("files/v1/assets");
    link.part(at.asset_id).part("files").part(at.file_id);
    std::string text = link.part("download_url").str();
    subject_of about("file", "the download link of file " + at.file_id);
    const auto answer = co_await client_.find(c, std::move(text), std::move(about));
    if (!answer) co_return false;
    auto request = mortise::http_request::get(mortise::require_string(*answer, "url"));
    request.header("Range", "bytes=0-0");
    request.stream_response = true; // should the storage not know ranges
    const auto response = co_await c.http().send(std::move(request));
    // S3 says 403 of what is not there to those who may not list.
    if (response.status == 404 || response.status == 403) co_return false;
    if (response.status == 416) co_return at.size == 0; // nothing of it to give
    if (!response.ok()) throw storage_error(response, "a look at file " + at.file_id, true);
    const auto range = read_content_range(response.header("content-range"));
    const std::optional<std::uint64_t> size = range ? range->whole : response.content.info().length;
    co_return size == at.size;
}

// Links for parts n and those behind it, a page at a time.
mortise::task<std::map<int, std::string>>
connector::s3_part_urls(context& c, upload_state at, int n, int count) {
    constexpr int per_page = 100;
    address url = client_.to("files/v1/assets");
    url.part(at.asset_id).part("files").part(at.file_id).part("multipart_url").part("part");
    url.query("upload_id", at.upload_id).query("parts_num", std::to_string(count));
    url.query("per_page", std::to_string(per_page));
    url.query("page", std::to_string((n - 1) / per_page + 1));
    std::string text = url.str();
    subject_of about("file", "links for the parts of file " + at.file_id);
    const json::value answer = co_await client_.get(c, std::move(text), std::move(about));
    std::map<int, std::string> out;
    for (const auto& part : objects_of(answer)) {
        const auto number = number_at(part, "number");
        if (number) out[static_cast<int>(*number)] = text_at(part, "url");
    }
    if (out[n].empty()) {
        throw error(category::remote_protocol, "iconik.file.part-url",
                    "iconik gave no link for part " + std::to_string(n) + " of " +
                        std::to_string(count) + ".");
    }
    co_return std::move(out);
}

} // namespace iconik
