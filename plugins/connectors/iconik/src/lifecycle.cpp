// SPDX-License-Identifier: Apache-2.0
//
// assets.delete, assets.archive and its state, versions.*, history.add.
#include "connector.hpp"

#include <algorithm>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

constexpr std::string_view original = "ORIGINAL";

json::object version_summary(const json::value& v) {
    json::object out;
    for (const std::string_view key :
         {"id", "version_number", "status", "date_created", "is_online", "archive_status"}) {
        if (const json::value* x = mortise::find_json(v, key); x && !x->is_null()) out[key] = *x;
    }
    if (auto date = out.if_contains("date_created")) {
        out["created_at"] = *date;
        out.erase("date_created");
    }
    const std::string user = text_at(v, "created_by_user");
    if (!user.empty()) out["created_by_user"] = user;
    return out;
}

bool ended(const std::string& job_status) {
    return job_status == "FINISHED" || job_status == "FINISHED_WITH_WARNING" ||
           job_status == "FAILED" || job_status == "ABORTED" || job_status == "SKIPPED";
}

} // namespace

mortise::task<json::object> connector::delete_asset(context& c, asset_which in) {
    address url = client_.to("assets/v1/assets");
    const std::string text = url.part(in.asset_id).str();
    std::string copy = text;
    subject_of about("asset", "asset " + in.asset_id);
    const auto there = co_await client_.find(c, std::move(copy), std::move(about));
    json::object out;
    out["asset_id"] = in.asset_id;
    out["changed"] = false;
    if (!there || text_at(*there, "status") == "DELETED") co_return std::move(out);
    copy = text;
    subject_of what("asset", "the deletion of asset " + in.asset_id);
    const auto done =
        co_await client_.exchange(c, "DELETE", std::move(copy), nullptr, std::move(what), 404);
    out["changed"] = done.status != 404;
    co_return std::move(out);
}

mortise::task<json::value> connector::original_format(context& c, std::string asset_id) {
    address url = client_.to("files/v1/assets");
    std::string text = url.part(asset_id).part("formats").part(original).str();
    subject_of about("format", "the original files of asset " + asset_id);
    auto answer = co_await client_.find(c, std::move(text), std::move(about));
    if (answer) co_return std::move(*answer);
    // 404 says "no files" as well as "no asset".
    std::string copy = asset_id;
    co_await read_asset(c, std::move(copy), false);
    throw error(category::input, "iconik.asset.no-files",
                "Asset " + asset_id +
                    " has no original files in its current version, so there is nothing to "
                    "archive or restore; upload files first.");
}

mortise::task<json::object> connector::archive_state(context& c, std::string asset_id) {
    std::string copy = asset_id;
    const json::object asset = co_await read_asset(c, std::move(copy), false);
    std::string told = text_at(asset, "archive_status");
    address url = client_.to("files/v1/assets");
    std::string text = url.part(asset_id).part("formats").part(original).str();
    subject_of about("format", "the original files of asset " + asset_id);
    const auto format = co_await client_.find(c, std::move(text), std::move(about));
    // The format is what is archived; the asset's own status follows it.
    if (format && !text_at(*format, "archive_status").empty()) {
        told = text_at(*format, "archive_status");
    }
    json::object out;
    out["asset_id"] = asset_id;
    out["archive_status"] = told;
    std::string state = "ONLINE";
    if (told == "ARCHIVED") state = "ARCHIVED";
    if (told == "ARCHIVING") state = "ARCHIVING";
    if (told == "FAILED_TO_ARCHIVE") state = "FAILED";
    if (told == "ARCHIVED" || told == "ARCHIVING") {
        // A restore in progress shows in its job only.
        job_list which;
        which.object_id = asset_id;
        which.type = told == "ARCHIVED" ? "RESTORE" : "ARCHIVE";
        which.limit = 1;
        std::optional<json::object> jobs;
        try {
            jobs = co_await list_jobs(c, std::move(which));
        } catch (const error& e) {
            if (e.category != category::denied) throw; // without can_read_jobs it is not told
        }
        if (jobs && !(*jobs)["jobs"].as_array().empty()) {
            const json::value& job = (*jobs)["jobs"].as_array().front();
            const std::string status = text_at(job, "status");
            if (told == "ARCHIVING" || !ended(status)) out["job_id"] = text_at(job, "id");
            if (told == "ARCHIVED" && !ended(status)) state = "RESTORING";
            if (told == "ARCHIVED" && status == "FAILED") {
                out["last_restore_error"] = text_at(job, "error_message");
            }
        }
    }
    out["state"] = state;
    co_return std::move(out);
}

mortise::task<json::object> connector::archive_status(context& c, asset_which in) {
    return archive_state(c, std::move(in.asset_id));
}

mortise::task<json::object> connector::archive_asset(context& c, asset_archive in) {
    std::string id = in.asset_id;
    json::object now = co_await archive_state(c, std::move(id));
    const std::string state(now["state"].as_string());
    now["changed"] = false;
    if (state == "ARCHIVED" || state == "ARCHIVING") co_return std::move(now);
    if (state == "RESTORING") {
        throw error(category::conflict, "iconik.asset.restoring",
                    "Asset " + in.asset_id + " is being restored; archive it when that is done.");
    }
    id = in.asset_id;
    const json::value format = co_await original_format(c, std::move(id));
    json::object body;
    body["delete_original"] = in.delete_original;
    if (!in.storage.empty()) {
        std::string storage = in.storage;
        body["destination_storage_id"] = co_await storage_id(c, std::move(storage));
    }
    address url = client_.to("files/v1/assets");
    std::string text = url.part(in.asset_id)
                           .part("formats")
                           .part(mortise::require_string(format, "id"))
                           .part("archive")
                           .str();
    json::value sent(std::move(body));
    subject_of about("asset", "archiving asset " + in.asset_id);
    const json::value answer =
        co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    now["state"] = "ARCHIVING";
    now["changed"] = true;
    const std::string job = text_at(answer, "job_id");
    if (!job.empty()) now["job_id"] = job;
    co_return std::move(now);
}

mortise::task<json::object> connector::restore_asset(context& c, asset_which in) {
    std::string id = in.asset_id;
    json::object now = co_await archive_state(c, std::move(id));
    const std::string state(now["state"].as_string());
    now["changed"] = false;
    if (state == "ONLINE" || state == "RESTORING") co_return std::move(now);
    if (state == "ARCHIVING") {
        throw error(category::conflict, "iconik.asset.archiving",
                    "Asset " + in.asset_id + " is being archived; restore it when that is done.");
    }
    id = in.asset_id;
    const json::value format = co_await original_format(c, std::move(id));
    address url = client_.to("files/v1/assets");
    std::string text = url.part(in.asset_id)
                           .part("formats")
                           .part(mortise::require_string(format, "id"))
                           .part("restore")
                           .str();
    // POST: with PUT the same path would bring back a deleted format.
    json::value sent = json::object();
    subject_of about("asset", "restoring asset " + in.asset_id);
    const json::value answer =
        co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    now["state"] = "RESTORING";
    now["changed"] = true;
    const std::string job = text_at(answer, "job_id");
    if (!job.empty()) now["job_id"] = job;
    co_return std::move(now);
}

mortise::task<json::object> connector::list_versions(context& c, asset_which in) {
    std::string id = in.asset_id;
    const json::object asset = co_await read_asset(c, std::move(id), false);
    json::array versions;
    std::int64_t highest = 0;
    if (const json::value* list = asset.if_contains("versions"); list && list->is_array()) {
        for (const auto& v : list->get_array()) {
            highest = std::max(highest, number_at(v, "version_number").value_or(0));
            versions.emplace_back(version_summary(v));
        }
    }
    json::object out;
    out["asset_id"] = in.asset_id;
    out["versions"] = std::move(versions);
    out["highest"] = highest;
    out["current"] = current_version(facts_of(asset).versions);
    co_return std::move(out);
}

mortise::task<std::string> connector::own_id(context& c) {
    if (own_id_.empty()) {
        nothing no_input;
        const json::object user = co_await current_user(c, std::move(no_input));
        own_id_ = text_at(user, "id");
    }
    co_return own_id_;
}

mortise::task<json::object> connector::create_version(context& c, version_create in) {
    const std::string me = co_await own_id(c);
    asset_which which;
    which.asset_id = in.asset_id;
    json::object now = co_await list_versions(c, std::move(which));
    json::object out;
    out["asset_id"] = in.asset_id;
    const auto own_above = [&](const json::array& list) -> const json::value* {
        for (const auto& v : list) {
            if (number_at(v, "version_number").value_or(0) > in.after_version &&
                text_at(v, "created_by_user") == me) {
                return &v;
            }
        }
        return nullptr;
    };
    if (const json::value* made = own_above(now["versions"].as_array())) {
        out["version"] = *made;
        out["changed"] = false;
        co_return std::move(out);
    }
    json::object body;
    if (!in.source_version_id.empty()) body["source_version_id"] = in.source_version_id;
    body["copy_metadata"] = in.copy_metadata;
    body["copy_segments"] = in.copy_segments;
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("versions").str();
    json::value sent(std::move(body));
    subject_of about("version", "a new version of asset " + in.asset_id);
    co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    which.asset_id = in.asset_id;
    now = co_await list_versions(c, std::move(which));
    const json::value* made = own_above(now["versions"].as_array());
    if (!made) {
        error e(category::remote_protocol, "iconik.version.missing",
                "iconik accepted a new version of asset " + in.asset_id +
                    " but does not list one of this connection's user above version " +
                    std::to_string(in.after_version) + ".");
        e.effect = mortise::effect::done;
        throw e;
    }
    out["version"] = *made;
    out["changed"] = true;
    co_return std::move(out);
}

mortise::task<json::object> connector::promote_version(context& c, version_which in) {
    std::string id = in.asset_id;
    const json::object asset = co_await read_asset(c, std::move(id), false);
    json::object out;
    out["asset_id"] = in.asset_id;
    out["version_id"] = in.version_id;
    out["changed"] = false;
    const json::value whole(asset);
    const std::vector<std::string> versions = ids_in(whole, "versions");
    if (!versions.empty() && versions.front() == in.version_id) co_return std::move(out);
    address url = client_.to("assets/v1/assets");
    url.part(in.asset_id).part("versions").part(in.version_id);
    std::string text = url.part("promote").str();
    subject_of about("version", "promoting version " + in.version_id + " of " + in.asset_id);
    co_await client_.write(c, "PUT", std::move(text), nullptr, std::move(about));
    out["changed"] = true;
    co_return std::move(out);
}

mortise::task<json::object> connector::add_history(context& c, history_add in) {
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("history").str();
    json::object body;
    body["operation_type"] = in.operation;
    body["operation_description"] = in.description;
    json::value sent(std::move(body));
    subject_of about("history", "a history entry of asset " + in.asset_id);
    const json::value answer =
        co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    co_return mortise::require_object(answer, "");
}

mortise::task<json::object> connector::find_history(context& c, history_add in) {
    history_list which;
    which.asset_id = in.asset_id;
    which.operation_types.push_back(in.operation);
    which.limit = 100'000;
    json::object all = co_await list_history(c, std::move(which));
    json::object out;
    out["found"] = false;
    for (const auto& entry : all["entries"].as_array()) {
        if (text_at(entry, "operation_description") != in.description) continue;
        out["found"] = true;
        out["result"] = entry;
        break;
    }
    co_return std::move(out);
}

} // namespace iconik
