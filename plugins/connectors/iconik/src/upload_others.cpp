// SPDX-License-Identifier: Apache-2.0
//
// Bytes to Google Cloud Storage (one resumable session) and to Backblaze B2 (one request, or parts
// of a large file, each with its SHA-1).
#include "connector.hpp"
#include "storage_dialect.hpp"

#include <mortise/sdk/body_stream.hpp>
#include <mortise/sdk/url.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

std::string sha1_hex(std::string_view bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha1(), nullptr) != 1) {
        throw error(category::internal, "iconik.sha1", "SHA-1 is not available here.");
    }
    std::string out;
    for (unsigned int i = 0; i < length; ++i) {
        out += "0123456789abcdef"[digest[i] >> 4];
        out += "0123456789abcdef"[digest[i] & 15u];
    }
    return out;
}

} // namespace

mortise::task<upload_state> connector::send_to_gcs(context& c, upload_state at, file_upload in) {
    const std::string what = "the bytes of \"" + in.name + "\"";
    if (at.session_url.empty()) {
        upload_state copy = at;
        const json::value entry = co_await new_file_entry(c, std::move(copy), std::move(in));
        at.file_id = mortise::require_string(entry, "id");
        auto begin = mortise::http_request::post(mortise::require_string(entry, "upload_url"));
        begin.header("X-Goog-Resumable", "start");
        const auto begun = co_await c.http().send(std::move(begin));
        if (!begun.ok()) throw storage_error(begun, what, false);
        at.session_url = begun.header("location");
        if (at.session_url.empty()) {
            throw error(category::remote_protocol, "iconik.storage.session",
                        "The storage began an upload without saying where (no Location).");
        }
        copy = at;
        co_await keep_upload(c, std::move(copy));
    }
    // How much has arrived: 308 with a range, or 2xx when it is all there.
    const std::string whole = std::to_string(at.size);
    auto ask = mortise::http_request::put(at.session_url);
    ask.header("Content-Range", "bytes */" + whole);
    ask.follow_redirects = false;
    const auto state = co_await c.http().send(std::move(ask));
    if (state.ok()) co_return std::move(at);
    if (state.status == 404 || state.status == 410) {
        // The session has ended; the next attempt begins another.
        at.session_url.clear();
        upload_state copy = at;
        co_await keep_upload(c, std::move(copy));
        error e(category::unavailable, "iconik.storage.session-ended",
                "The storage has ended the upload of " + what + "; it begins anew.");
        e.effect = mortise::effect::none;
        throw e;
    }
    if (state.status != 308) throw storage_error(state, what, true);
    std::uint64_t arrived = 0;
    if (const auto dash = state.header("range").rfind('-'); dash != std::string_view::npos) {
        const std::string_view last = state.header("range").substr(dash + 1);
        std::uint64_t n = 0;
        const auto read = std::from_chars(last.data(), last.data() + last.size(), n);
        if (read.ec == std::errc()) arrived = n + 1;
    }
    if (at.size == 0) co_return std::move(at);
    if (arrived > at.size) {
        throw error(category::remote_protocol, "iconik.storage.range",
                    "The storage says more of " + what + " arrived than there is.");
    }
    co_await c.content().seek(arrived);
    auto request = mortise::http_request::put(at.session_url);
    request.header("Content-Range", "bytes " + std::to_string(arrived) + "-" +
                                        std::to_string(at.size - 1) + "/" + whole);
    mortise::content_piece piece(at.size - arrived);
    const auto response =
        co_await mortise::send_content(c, std::move(request), c.content(), std::move(piece));
    if (!response.ok()) throw storage_error(response, what, false);
    co_return std::move(at);
}

mortise::task<upload_state> connector::send_to_b2(context& c, upload_state at, file_upload in) {
    const std::string what = "the bytes of \"" + in.name + "\"";
    // A broken B2 upload gets a new entry: its token is good for one place in B2 only.
    upload_state copy = at;
    const json::value entry = co_await new_file_entry(c, std::move(copy), std::move(in));
    at.file_id = mortise::require_string(entry, "id");
    address url = client_.to("files/v1/assets");
    url.part(at.asset_id).part("files").part(at.file_id).part("multipart").part("b2");
    const bool large = at.size > at.part_size;
    std::string place = text_at(entry, "upload_url");
    std::string token;
    if (const json::value* all = mortise::find_json(entry, "upload_credentials")) {
        token = text_at(*all, "authorizationToken");
    }
    if (large) {
        address start = url;
        std::string text = start.part("start").str();
        json::value empty = json::object();
        subject_of about("file", "the upload of file " + at.file_id);
        const json::value begun =
            co_await client_.write(c, "POST", std::move(text), std::move(empty), std::move(about));
        at.upload_id = mortise::require_string(begun, "upload_file_id");
        place = text_at(begun, "upload_url");
        token = text_at(begun, "authorization_token");
    }
    if (place.empty() || token.empty()) {
        error e(category::unavailable, "iconik.storage.no-place",
                "iconik could not get a place for " + what + " from B2; asking again later.");
        e.effect = mortise::effect::none;
        throw e;
    }
    co_await c.content().seek(0);
    json::array sums;
    int number = 0;
    for (std::uint64_t sent = 0; sent < at.size || number == 0;) {
        const std::uint64_t bytes = std::min(at.part_size, at.size - sent);
        // B2 wants the sum before the bytes, so this much is held.
        std::string part;
        while (part.size() < bytes) {
            const std::string chunk = co_await c.content().read(bytes - part.size());
            if (chunk.empty()) {
                throw error(category::remote_protocol, "iconik.file.short",
                            "The content ended after " + std::to_string(sent + part.size()) +
                                " of " + std::to_string(at.size) + " bytes.");
            }
            part += chunk;
        }
        const std::string sum = sha1_hex(part);
        auto request = mortise::http_request::post(place);
        request.header("Authorization", token).header("X-Bz-Content-Sha1", sum);
        if (large) {
            request.header("X-Bz-Part-Number", std::to_string(number + 1));
        } else {
            const std::string name = text_at(entry, "upload_filename");
            request.header("X-Bz-File-Name", mortise::percent_encode(name));
        }
        request.text("application/octet-stream", std::move(part));
        const auto response = co_await c.http().send(std::move(request));
        if (!response.ok()) throw storage_error(response, what, false);
        sums.emplace_back(sum);
        ++number;
        sent += bytes;
    }
    if (large) {
        json::object body;
        body["upload_file_id"] = at.upload_id;
        body["sha1_list"] = std::move(sums);
        std::string text = url.part("finish").str();
        json::value list(std::move(body));
        subject_of about("file", "finishing the upload of file " + at.file_id);
        co_await client_.write(c, "POST", std::move(text), std::move(list), std::move(about));
    }
    co_return std::move(at);
}

} // namespace iconik
