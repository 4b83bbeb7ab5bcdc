// SPDX-License-Identifier: Apache-2.0
#include "restriction.hpp"

#include <algorithm>
#include <iconik_workspaces/asset.hpp>

namespace rights_metadata_sync {

using mortise::category;
using mortise::flow_run;
using mortise::link;
using mortise::task;
namespace iw = iconik_workspaces;
namespace json = mortise::json;

namespace {

constexpr const char* taken_relation = "rights-restriction";
constexpr const char* expiry_relation = "rights-expiry";

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::string key_of(const std::string& asset_id) {
    return "iconik:asset/" + asset_id;
}

link link_of(const std::string& asset_id, json::value data) {
    link l;
    l.a = key_of(asset_id);
    l.b = "restriction/" + asset_id;
    l.data = std::move(data);
    return l;
}

bool holds(const json::array& list, const json::value& entry) {
    return std::find(list.begin(), list.end(), entry) != list.end();
}

json::value rights_change(const std::string& asset_id, const json::value& entry, const char* mode) {
    return {{"object_type", "assets"},
            {"object_id", asset_id},
            {"groups", json::array{entry.at("group")}},
            {"permissions", entry.at("permissions")},
            {"mode", mode}};
}

json::value membership(const std::string& asset_id, const json::value& collection) {
    return {{"collection_id", collection}, {"object_id", asset_id}};
}

} // namespace

std::string restriction::due_status(const std::string& status,
                                    const std::string& expiry,
                                    const std::string& before,
                                    mortise::time_point now) const {
    const std::string today = mortise::format_time(now).substr(0, 10);
    const bool over = !expiry.empty() && expiry.substr(0, 10) < today;
    if (over && !restricts(status)) return settings_.expired;
    // Only what the date has ended does the date bring back.
    if (!over && status == settings_.expired && !before.empty()) return before;
    return {};
}

bool restriction::restricts(const std::string& status) const {
    return contains(settings_.restricting, status);
}

task<void> restriction::remember(flow_run run, std::string asset_id, std::string status) const {
    link l = link_of(asset_id, json::object{{"status", status}});
    co_await run.link_put("expire", expiry_relation, std::move(l));
}

task<std::string> restriction::remembered(flow_run run, std::string asset_id) const {
    const auto links = co_await run.link_find("expired", expiry_relation, key_of(asset_id));
    if (links.empty()) co_return std::string();
    std::string before = mortise::optional_string(links.front().data, "status").value_or("");
    if (before.empty()) before = settings_.renewed;
    co_return before;
}

task<bool> restriction::apply(flow_run run, std::string asset_id, std::string why) const {
    const auto known = co_await run.link_find("taken", taken_relation, key_of(asset_id));
    json::array groups, collections;
    if (!known.empty()) {
        groups = mortise::require_array(known.front().data, "groups", category::internal);
        collections = mortise::require_array(known.front().data, "collections", category::internal);
    }
    json::array to_take, to_leave;
    if (!settings_.groups.empty()) {
        json::value which{{"object_type", "assets"}, {"object_id", asset_id}};
        const auto acl = co_await run.call("rights", iw::dam, "acls.get", std::move(which));
        for (const auto& g : mortise::require_array(acl, "groups")) {
            const auto name = mortise::optional_string(g, "name").value_or("");
            const auto id = mortise::require_string(g, "id");
            if (!contains(settings_.groups, name) && !contains(settings_.groups, id)) continue;
            json::object entry{{"group", id}, {"permissions", g.at("permissions")}};
            to_take.emplace_back(std::move(entry));
        }
    }
    if (!settings_.collections.empty()) {
        json::value which{{"asset_id", asset_id}};
        const auto places =
            co_await run.call("places", iw::dam, "collections.of_asset", std::move(which));
        for (const auto& c : mortise::require_array(places, "collections")) {
            const auto id = mortise::require_string(c, "id");
            const auto title = mortise::optional_string(c, "title").value_or("");
            const bool meant =
                contains(settings_.collections, title) || contains(settings_.collections, id);
            if (meant) to_leave.emplace_back(json::string(id));
        }
    }
    if (!known.empty() && to_take.empty() && to_leave.empty()) co_return false;
    // Kept before it is done: cut off now, it can still be given back.
    for (const auto& entry : to_take)
        if (!holds(groups, entry)) groups.push_back(entry);
    for (const auto& id : to_leave)
        if (!holds(collections, id)) collections.push_back(id);
    json::object data{{"why", why}, {"groups", groups}, {"collections", collections}};
    link l = link_of(asset_id, std::move(data));
    co_await run.link_put("take", taken_relation, std::move(l));
    int n = 0;
    for (const auto& entry : to_take) {
        json::value change = rights_change(asset_id, entry, "remove");
        co_await run.call("rights-" + std::to_string(++n), iw::dam, "acls.set", std::move(change));
    }
    for (const auto& id : to_leave) {
        json::value out = membership(asset_id, id);
        co_await run.call("leave-" + std::to_string(++n), iw::dam, "collections.remove",
                          std::move(out));
    }
    run.warn("asset restricted", {{"asset", asset_id}, {"why", why}});
    co_return true;
}

task<bool> restriction::lift(flow_run run, std::string asset_id) const {
    const auto known = co_await run.link_find("taken", taken_relation, key_of(asset_id));
    co_await run.link_remove("renewed", expiry_relation, key_of(asset_id));
    if (known.empty()) co_return false;
    const json::value data = known.front().data;
    int n = 0;
    for (const auto& entry : mortise::require_array(data, "groups", category::internal)) {
        json::value change = rights_change(asset_id, entry, "add");
        const auto given = co_await run.try_call("rights-" + std::to_string(++n), iw::dam,
                                                 "acls.set", std::move(change));
        // A group or collection that is gone by now cannot get it back.
        const bool gone = !given && (given.error().category == category::not_found ||
                                     given.error().category == category::input);
        if (!given && !gone) throw given.error();
    }
    for (const auto& id : mortise::require_array(data, "collections", category::internal)) {
        json::value in = membership(asset_id, id);
        const auto put = co_await run.try_call("join-" + std::to_string(++n), iw::dam,
                                               "collections.add", std::move(in));
        if (!put && put.error().category != category::not_found) throw put.error();
    }
    co_await run.link_remove("given", taken_relation, key_of(asset_id));
    run.info("restriction lifted", {{"asset", asset_id}});
    co_return true;
}

} // namespace rights_metadata_sync
