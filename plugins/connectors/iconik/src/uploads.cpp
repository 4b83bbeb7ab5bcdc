// SPDX-License-Identifier: Apache-2.0
//
// files.upload: asset, version, format, file set and file entry in iconik, the bytes to the
// storage, then the file closed and verified. Each step looks first at what an earlier attempt of
// the same call has made.
#include "connector.hpp"
#include "moment.hpp"
#include "storage_dialect.hpp"

#include <mortise/sdk/instance.hpp>

#include <algorithm>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

constexpr std::string_view format_name = "ORIGINAL";

std::string state_key(mortise::call_context& c) {
    return "upload/" + c.idempotency_key();
}

json::object answer_of(const upload_state& at, const json::value& file, const file_upload& in) {
    json::object out;
    out["asset_id"] = at.asset_id;
    out["version_id"] = at.version_id;
    out["format_id"] = at.format_id;
    out["file_set_id"] = at.file_set_id;
    out["file_id"] = at.file_id;
    out["name"] = in.name;
    out["size"] = at.size;
    const std::string checksum = text_at(file, "checksum");
    if (checksum.size() == 32) {
        json::object sum;
        sum["algorithm"] = "md5";
        sum["value"] = checksum;
        out["checksum"] = std::move(sum);
    }
    return out;
}

const json::value* first_with(const json::array& list,
                              std::initializer_list<std::pair<const char*, std::string>> wanted) {
    for (const auto& one : list) {
        const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const auto& w) {
            return text_at(one, w.first) == w.second;
        });
        if (fits && text_at(one, "status") != "DELETED") return &one;
    }
    return nullptr;
}

} // namespace

mortise::task<void> connector::keep_upload(context& c, upload_state at) {
    if (c.idempotency_key().empty()) co_return;
    std::string key = state_key(c);
    json::value value = at.to_value();
    co_await in_.state().put(std::move(key), std::move(value));
}

mortise::task<upload_state> connector::read_upload(context& c) {
    upload_state out;
    out.at = micros_of(in_.time().now());
    if (c.idempotency_key().empty()) co_return std::move(out);
    std::string key = state_key(c);
    const auto stored = co_await in_.state().get(std::move(key));
    if (stored) out = upload_state::read(stored->value);
    co_return std::move(out);
}

// Which asset and version the file belongs to.
mortise::task<upload_state> connector::upload_target(context& c, upload_state at, file_upload in) {
    if (at.asset_id.empty() && in.asset_id.empty()) {
        asset_create made;
        made.title = in.title;
        made.external_id = in.external_id;
        made.collection_id = in.collection_id;
        const json::object asset = co_await create_asset(c, std::move(made));
        at.asset_id = text_at(asset, "id");
        at.version_id = text_at(asset, "version_id");
    } else if (at.asset_id.empty()) {
        at.asset_id = in.asset_id;
    }
    if (at.version_id.empty()) {
        asset_which which;
        which.asset_id = at.asset_id;
        const json::object versions = co_await list_versions(c, std::move(which));
        if (in.version == "current") {
            at.version_id = text_at(versions, "current");
        } else if (at.after_version < 0) {
            at.after_version = versions.at("highest").as_int64();
        }
    }
    upload_state copy = at;
    co_await keep_upload(c, std::move(copy));
    if (at.version_id.empty()) {
        version_create wanted;
        wanted.asset_id = at.asset_id;
        wanted.after_version = at.after_version;
        const json::object made = co_await create_version(c, std::move(wanted));
        at.version_id = text_at(made.at("version"), "id");
        copy = at;
        co_await keep_upload(c, std::move(copy));
    }
    co_return std::move(at);
}

// Storage, format and file set.
mortise::task<upload_state> connector::upload_place(context& c, upload_state at, file_upload in) {
    if (at.storage_id.empty()) {
        address url = client_.to("files/v1/storages");
        if (in.storage.empty()) {
            url.part("matching").part("FILES");
        } else {
            std::string wanted = in.storage;
            url.part(co_await storage_id(c, std::move(wanted)));
        }
        std::string text = url.str();
        subject_of about("storage", "the storage for files");
        const json::value storage = co_await client_.get(c, std::move(text), std::move(about));
        at.storage_id = mortise::require_string(storage, "id");
        at.method = text_at(storage, "method");
        if (at.method != "S3" && at.method != "GCS" && at.method != "B2") {
            throw error(category::input, "iconik.storage.method",
                        "Storage \"" + text_at(storage, "name") + "\" is of kind " + at.method +
                            ", which takes no uploads over the network; name an S3, GCS or B2 "
                            "storage in `storage`.");
        }
    }
    if (at.format_id.empty()) {
        std::string asset = at.asset_id;
        std::string version = at.version_id;
        const json::array formats =
            co_await parts_of_version(c, std::move(asset), std::move(version), "formats");
        const json::value* there = first_with(formats, {{"name", std::string(format_name)}});
        if (there) {
            at.format_id = text_at(*there, "id");
            asset = at.asset_id;
            version = at.version_id;
            const json::array files =
                co_await parts_of_version(c, std::move(asset), std::move(version), "files");
            for (const auto& file : files) {
                if (text_at(file, "format_id") != at.format_id) continue;
                const std::string status = text_at(file, "status");
                if (status == "DELETED" || status == "OPEN" || status == "FAILED") continue;
                throw error(category::input, "iconik.file.version-has-files",
                            "Version " + at.version_id + " of asset " + at.asset_id +
                                " has original files already (\"" + text_at(file, "original_name") +
                                "\"); upload with version: new.");
            }
        } else {
            json::object body;
            body["name"] = format_name;
            body["version_id"] = at.version_id;
            body["storage_methods"] = json::array{json::string(at.method)};
            json::object type;
            type["internet_media_type"] =
                in.media_type.empty() ? "application/octet-stream" : in.media_type;
            body["metadata"] = json::array{std::move(type)};
            address url = client_.to("files/v1/assets");
            std::string text = url.part(at.asset_id).part("formats").str();
            json::value sent(std::move(body));
            subject_of about("format", "a format for asset " + at.asset_id);
            const json::value made = co_await client_.write(c, "POST", std::move(text),
                                                            std::move(sent), std::move(about));
            at.format_id = mortise::require_string(made, "id");
        }
        upload_state copy = at;
        co_await keep_upload(c, std::move(copy));
    }
    if (at.file_set_id.empty()) {
        std::string asset = at.asset_id;
        std::string version = at.version_id;
        const json::array sets =
            co_await parts_of_version(c, std::move(asset), std::move(version), "file_sets");
        const json::value* there = first_with(
            sets, {{"format_id", at.format_id}, {"storage_id", at.storage_id}, {"name", in.name}});
        if (there) {
            at.file_set_id = text_at(*there, "id");
        } else {
            json::object body;
            body["name"] = in.name;
            body["base_dir"] = in.directory;
            body["format_id"] = at.format_id;
            body["storage_id"] = at.storage_id;
            body["version_id"] = at.version_id;
            body["component_ids"] = json::array();
            address url = client_.to("files/v1/assets");
            std::string text = url.part(at.asset_id).part("file_sets").str();
            json::value sent(std::move(body));
            subject_of about("file-set", "a file set for asset " + at.asset_id);
            const json::value made = co_await client_.write(c, "POST", std::move(text),
                                                            std::move(sent), std::move(about));
            at.file_set_id = mortise::require_string(made, "id");
        }
        upload_state copy = at;
        co_await keep_upload(c, std::move(copy));
    }
    co_return std::move(at);
}

// A new entry with fresh links; an open one of an attempt that got nowhere goes first.
mortise::task<json::value> connector::new_file_entry(context& c, upload_state at, file_upload in) {
    std::string asset = at.asset_id;
    std::string version = at.version_id;
    const json::array files =
        co_await parts_of_version(c, std::move(asset), std::move(version), "files");
    for (const auto& file : files) {
        const bool stale = text_at(file, "file_set_id") == at.file_set_id &&
                           text_at(file, "original_name") == in.name &&
                           text_at(file, "status") == "OPEN";
        if (!stale) continue;
        address url = client_.to("files/v1/assets");
        std::string text = url.part(at.asset_id).part("files").part(text_at(file, "id")).str();
        subject_of about("file", "an unfinished file of asset " + at.asset_id);
        co_await client_.exchange(c, "DELETE", std::move(text), nullptr, std::move(about), 404);
    }
    json::object body;
    body["original_name"] = in.name;
    body["directory_path"] = in.directory;
    body["type"] = "FILE";
    body["size"] = at.size;
    body["format_id"] = at.format_id;
    body["file_set_id"] = at.file_set_id;
    body["storage_id"] = at.storage_id;
    body["version_id"] = at.version_id;
    address url = client_.to("files/v1/assets");
    std::string text = url.part(at.asset_id).part("files").str();
    json::value sent(std::move(body));
    subject_of about("file", "a file entry for asset " + at.asset_id);
    json::value made =
        co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    co_return std::move(made);
}

mortise::task<json::value> connector::close_upload(context& c, upload_state at) {
    address url = client_.to("files/v1/assets");
    const std::string text = url.part(at.asset_id).part("files").part(at.file_id).str();
    json::object body;
    body["status"] = "CLOSED";
    body["progress_processed"] = 100;
    std::string target = text;
    json::value sent(std::move(body));
    subject_of about("file", "closing file " + at.file_id + " of asset " + at.asset_id);
    json::value file =
        co_await client_.write(c, "PATCH", std::move(target), std::move(sent), std::move(about));
    const auto told = number_at(file, "size");
    if (told && static_cast<std::uint64_t>(*told) != at.size) {
        error e(category::remote_protocol, "iconik.file.size",
                "iconik says file " + at.file_id + " of asset " + at.asset_id + " has " +
                    std::to_string(*told) + " bytes; " + std::to_string(at.size) + " were sent.");
        e.effect = mortise::effect::done;
        throw e;
    }
    co_return std::move(file);
}

// The job an earlier attempt began, when its answer was lost; empty: none that can be seen.
mortise::task<std::string>
connector::transcode_of(context& c, upload_state at, std::string file_created) {
    job_list which;
    which.object_id = at.asset_id;
    which.type = "TRANSCODE";
    which.limit = 10;
    json::object jobs;
    try {
        jobs = co_await list_jobs(c, std::move(which));
    } catch (const error& e) {
        // Without can_read_jobs a second job is the lesser evil: it makes the same proxies.
        if (e.category != category::denied) throw;
        co_return std::string();
    }
    const auto since = micros_of(file_created);
    for (const auto& job : jobs["jobs"].as_array()) {
        const auto begun = micros_of(text_at(job, "date_created"));
        if (since && begun && *begun >= *since) co_return text_at(job, "id");
    }
    co_return std::string();
}

mortise::task<file_uploaded> connector::answer_upload(context& c, file_upload in) {
    json::value out = co_await upload_file(c, std::move(in));
    co_return mortise::from_json<file_uploaded>(out, category::internal);
}

mortise::task<json::object> connector::upload_file(context& c, file_upload in) {
    upload_state at = co_await read_upload(c);
    if (at.answer) co_return std::move(*at.answer);
    if (in.asset_id.empty() == in.title.empty()) {
        throw error(category::input, "iconik.file.target",
                    "Give either asset_id, or title for a new asset, not both and not neither.");
    }
    if (!c.content()) {
        throw error(category::input, "iconik.file.no-content",
                    "The call carries no content to upload; use it as the target of a transfer.");
    }
    const std::optional<std::uint64_t> length = c.content().info().length;
    const std::optional<std::uint64_t> size = in.size ? in.size : length;
    if (!size) {
        throw error(category::input, "iconik.file.no-size",
                    "Neither size is given nor does the content tell its length; storages want to "
                    "know it beforehand.");
    }
    if (length && *length != *size) {
        throw error(category::input, "iconik.file.size",
                    "size is " + std::to_string(*size) + ", but the content has " +
                        std::to_string(*length) + " bytes.");
    }
    if (at.size != 0 && at.size != *size) {
        throw error(category::conflict, "iconik.file.changed",
                    "An earlier attempt of this upload sent a content of " +
                        std::to_string(at.size) + " bytes, now it has " + std::to_string(*size) +
                        "; the source has changed. Start a new run for it.");
    }
    at.size = *size;
    at.part_size = part_size_for(at.size, static_cast<std::uint64_t>(settings_.upload_part_size));
    file_upload copy = in;
    at = co_await upload_target(c, std::move(at), std::move(copy));
    copy = in;
    at = co_await upload_place(c, std::move(at), std::move(copy));
    if (!at.completing) {
        copy = in;
        if (at.method == "S3") {
            at = co_await send_to_s3(c, std::move(at), std::move(copy));
        } else if (at.method == "GCS") {
            at = co_await send_to_gcs(c, std::move(at), std::move(copy));
        } else {
            at = co_await send_to_b2(c, std::move(at), std::move(copy));
        }
        at.completing = true;
        upload_state kept = at;
        co_await keep_upload(c, std::move(kept));
    }
    upload_state closing = at;
    const json::value file = co_await close_upload(c, std::move(closing));
    json::object out = answer_of(at, file, in);
    out["web_url"] = client_.web_url("asset", at.asset_id);
    if (in.transcode) {
        std::string job;
        if (at.transcoding) {
            upload_state asked = at;
            std::string since = text_at(file, "date_created");
            job = co_await transcode_of(c, std::move(asked), std::move(since));
        }
        if (job.empty()) {
            at.transcoding = true;
            upload_state kept = at;
            co_await keep_upload(c, std::move(kept));
            address url = client_.to("files/v1/assets");
            url.part(at.asset_id).part("files").part(at.file_id);
            std::string text = url.part("keyframes").str();
            json::value empty = json::object();
            subject_of about("file", "proxies of asset " + at.asset_id);
            const json::value begun = co_await client_.write(c, "POST", std::move(text),
                                                             std::move(empty), std::move(about));
            job = text_at(begun, "job_id");
        }
        if (!job.empty()) out["job_id"] = job;
    }
    // A repeat after a lost answer must not ask for bytes that may be gone by then.
    at.answer = out;
    co_await keep_upload(c, std::move(at));
    co_return std::move(out);
}

} // namespace iconik
