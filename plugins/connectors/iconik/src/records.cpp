// SPDX-License-Identifier: Apache-2.0
//
// Records as the instance's state keeps them.
#include "facts.hpp"

namespace iconik {

namespace json = mortise::json;
using mortise::category;

namespace {

std::string text(const json::value& from, std::string_view key) {
    return mortise::optional_string(from, key, category::internal).value_or(std::string());
}

std::vector<std::string> texts(const json::value& from, std::string_view key) {
    std::vector<std::string> out;
    for (const auto& item : mortise::require_array(from, key, category::internal)) {
        out.emplace_back(item.as_string());
    }
    return out;
}

std::map<std::string, std::string> dates(const json::value& from, std::string_view key) {
    std::map<std::string, std::string> out;
    for (const auto& item : mortise::require_object(from, key, category::internal)) {
        out.emplace(item.key(), item.value().as_string());
    }
    return out;
}

json::array array_of(const std::vector<std::string>& list) {
    json::array out;
    for (const auto& item : list)
        out.emplace_back(item);
    return out;
}

json::object object_of(const std::map<std::string, std::string>& map) {
    json::object out;
    for (const auto& [key, value] : map)
        out[key] = value;
    return out;
}

} // namespace

asset_record read_asset_record(const json::value& stored) {
    asset_record r;
    r.known = true;
    r.modified = text(stored, "modified");
    r.deleted = text(stored, "deleted");
    r.approval = text(stored, "approval");
    r.approved_status = text(stored, "approval_status");
    r.versions = texts(stored, "versions");
    r.collections = texts(stored, "collections");
    r.metadata = dates(stored, "metadata");
    r.comments = text(stored, "comments");
    return r;
}

json::value to_value(const asset_record& r) {
    json::object out;
    out["modified"] = r.modified;
    out["deleted"] = r.deleted;
    out["approval"] = r.approval;
    out["approval_status"] = r.approved_status;
    out["versions"] = array_of(r.versions);
    out["collections"] = array_of(r.collections);
    out["metadata"] = object_of(r.metadata);
    if (!r.comments.empty()) out["comments"] = r.comments;
    return json::value(std::move(out));
}

membership read_membership(const json::value& stored) {
    membership m;
    m.times = mortise::require_int(stored, "times", category::internal);
    m.inside = mortise::require_bool(stored, "inside", category::internal);
    return m;
}

json::value to_value(const membership& m) {
    json::object out;
    out["times"] = m.times;
    out["inside"] = m.inside;
    return json::value(std::move(out));
}

collection_record read_collection_record(const json::value& stored) {
    collection_record r;
    r.known = true;
    r.listed = mortise::require_bool(stored, "listed", category::internal);
    r.metadata = dates(stored, "metadata");
    return r;
}

json::value to_value(const collection_record& r) {
    json::object out;
    out["listed"] = r.listed;
    out["metadata"] = object_of(r.metadata);
    return json::value(std::move(out));
}

} // namespace iconik
