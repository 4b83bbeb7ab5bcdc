// SPDX-License-Identifier: Apache-2.0
//
// files.download and keyframes.download: bytes of originals, proxies and stills, from any offset.
#include "connector.hpp"
#include "storage_dialect.hpp"

#include <algorithm>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

// Whether there are bytes behind it; MISSING, ARCHIVED or OPEN files have none to give.
bool is_there(const json::value& part) {
    const std::string status = text_at(part, "status");
    const std::string type = text_at(part, "type");
    return status == "CLOSED" && type != "DIRECTORY" && type != "SYMLINK";
}

error cannot_choose(const std::string& word, const std::string& asset, const json::array& list) {
    std::string names;
    for (const auto& part : list) {
        if (names.size() > 400) {
            names += ", ...";
            break;
        }
        names += (names.empty() ? "" : ", ") + text_at(part, "id") + " (" +
                 text_at(part, "status") + " \"" +
                 (text_at(part, "original_name").empty() ? text_at(part, "name")
                                                         : text_at(part, "original_name")) +
                 "\")";
    }
    if (list.empty()) names = "none";
    return error(category::input, "iconik." + word + ".which",
                 "Asset " + asset + " has not exactly one " + word +
                     " that can be downloaded; give file_id. There are " + names + ".");
}

// Null when iconik does not tell it; it writes 0 where it does not know.
json::value known_size(const json::value& part) {
    const auto size = number_at(part, "size");
    return size && *size > 0 ? json::value(*size) : json::value(nullptr);
}

std::string name_of(const json::value& part) {
    for (const std::string_view key : {"original_name", "name", "filename", "id"}) {
        std::string name = text_at(part, key);
        if (!name.empty()) return name;
    }
    return "file";
}

} // namespace

mortise::task<json::object> connector::give_content(
    context& c, std::string url, std::uint64_t offset, json::object about, std::string what) {
    // The link carries its own signature; iconik's sign-in is not for the storage.
    auto request = mortise::http_request::get(std::move(url));
    if (offset > 0) request.header("Range", "bytes=" + std::to_string(offset) + "-");
    request.stream_response = true;
    auto response = co_await c.http().send(std::move(request));
    if (response.status == 416) {
        throw error(category::input, "iconik.file.offset",
                    "offset " + std::to_string(offset) + " is beyond the end of " + what + ".");
    }
    if (!response.ok()) throw storage_error(response, what, true);
    std::optional<std::uint64_t> whole = response.content.info().length;
    if (response.status == 206) {
        const auto range = read_content_range(response.header("content-range"));
        if (!range || range->first != offset) {
            throw error(category::remote_protocol, "iconik.file.range",
                        "The storage answered another range than bytes " + std::to_string(offset) +
                            "- of " + what + ".");
        }
        whole = range->whole;
    } else if (offset > 0) {
        // A storage without ranges gives it all; what was asked for lies further on.
        co_await response.content.seek(offset);
    }
    if (whole) {
        if (const auto told = number_at(json::value(about), "size");
            told && static_cast<std::uint64_t>(*told) != *whole) {
            throw error(category::remote_protocol, "iconik.file.size",
                        "iconik says " + what + " has " + std::to_string(*told) +
                            " bytes, the storage has " + std::to_string(*whole) + ".");
        }
        about["size"] = *whole;
    }
    if (text_at(about, "media_type").empty()) {
        about["media_type"] = response.header("content-type").empty()
                                  ? "application/octet-stream"
                                  : response.header("content-type");
    }
    about["offset"] = offset;
    c.answer_content(std::move(response.content));
    co_return std::move(about);
}

mortise::task<json::array> connector::parts_of_version(context& c,
                                                       std::string asset_id,
                                                       std::string version_id,
                                                       std::string kind) {
    address url = client_.to("files/v1/assets");
    url.part(asset_id);
    if (!version_id.empty()) url.part("versions").part(version_id);
    url.part(kind);
    if (kind == "files" || kind == "proxies") url.query("generate_signed_url", "false");
    subject_of about("file", "the " + kind + " of asset " + asset_id);
    json::array out =
        co_await client_.list_by_last_id(c, std::move(url), std::move(about), 100'000);
    co_return std::move(out);
}

mortise::task<json::object> connector::download_file(context& c, file_download in) {
    const bool proxy = in.what == "proxy";
    const std::string kind = proxy ? "proxies" : "files";
    const std::string word = proxy ? "proxy" : "file";
    std::string asset = in.asset_id;
    std::string version = in.version_id;
    std::string kind_copy = kind;
    const json::array all =
        co_await parts_of_version(c, std::move(asset), std::move(version), std::move(kind_copy));
    std::vector<const json::value*> fit;
    for (const auto& part : all) {
        const bool named = !in.file_id.empty();
        if (named ? text_at(part, "id") == in.file_id : is_there(part)) fit.push_back(&part);
    }
    if (!in.file_id.empty() && fit.empty()) {
        throw error(category::not_found, "iconik." + word + ".not-found",
                    "Asset " + in.asset_id + " has no " + word + " " + in.file_id +
                        " in that version.");
    }
    if (fit.size() != 1) throw cannot_choose(word, in.asset_id, all);
    const json::value& part = *fit.front();
    const std::string id = text_at(part, "id");
    if (text_at(part, "status") == "ARCHIVED") {
        throw error(category::conflict, "iconik.file.archived",
                    "File " + id + " of asset " + in.asset_id +
                        " is archived; call assets.restore first.");
    }
    json::object about;
    about["name"] = name_of(part);
    about["size"] = known_size(part);
    about["asset_id"] = in.asset_id;
    about["file_id"] = id;
    about["version_id"] = text_at(part, "version_id");
    const std::string checksum = text_at(part, "checksum");
    if (checksum.size() == 32) {
        json::object sum;
        sum["algorithm"] = "md5";
        sum["value"] = checksum;
        about["checksum"] = std::move(sum);
    }
    address link = client_.to("files/v1/assets");
    link.part(in.asset_id).part(kind).part(id);
    std::string text = link.part("download_url").str();
    subject_of subject(word, "the download link of " + word + " " + id);
    const json::value answer = co_await client_.get(c, std::move(text), std::move(subject));
    std::string url = mortise::require_string(answer, "url");
    std::string what = word + " " + id + " of asset " + in.asset_id;
    json::object out =
        co_await give_content(c, std::move(url), in.offset, std::move(about), std::move(what));
    co_return std::move(out);
}

mortise::task<json::object> connector::download_keyframe(context& c, keyframe_download in) {
    address url = client_.to("files/v1/assets");
    url.part(in.asset_id).part("keyframes").query("generate_signed_url", "true");
    subject_of subject("keyframe", "the keyframes of asset " + in.asset_id);
    const json::array all =
        co_await client_.list_by_last_id(c, std::move(url), std::move(subject), 100'000);
    const json::value* chosen = nullptr;
    for (const auto& still : all) {
        if (in.keyframe_id.empty()) {
            const std::string type = text_at(still, "type");
            if (type == "KEYFRAME_MAP" || text_at(still, "url").empty()) continue;
            if (!chosen || (type == "POSTER" && text_at(*chosen, "type") != "POSTER")) {
                chosen = &still;
            }
        } else if (text_at(still, "id") == in.keyframe_id) {
            chosen = &still;
        }
    }
    if (!chosen || text_at(*chosen, "url").empty()) {
        throw error(category::not_found, "iconik.keyframe.not-found",
                    "Asset " + in.asset_id +
                        " has no such still; proxies and keyframes are made "
                        "some time after an upload.");
    }
    json::object about;
    about["name"] = name_of(*chosen);
    about["size"] = known_size(*chosen);
    about["asset_id"] = in.asset_id;
    about["keyframe_id"] = text_at(*chosen, "id");
    std::string link = text_at(*chosen, "url");
    std::string what = "keyframe " + text_at(*chosen, "id") + " of asset " + in.asset_id;
    json::object out =
        co_await give_content(c, std::move(link), in.offset, std::move(about), std::move(what));
    co_return std::move(out);
}

} // namespace iconik
