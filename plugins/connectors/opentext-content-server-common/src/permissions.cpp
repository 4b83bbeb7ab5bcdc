// SPDX-License-Identifier: Apache-2.0
//
// Access to items.
#include "content_server/repository.hpp"
#include "content_server/text.hpp"

#include <set>
#include <string>
#include <vector>

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

task<object> repository::get_permissions(context& c, node_id_only in) {
    const std::int64_t id = id_of(in.id, "id");
    const std::string url = client_.at_node(id, "permissions").str();
    subject about("permission", "the access to item " + std::to_string(id));
    const json::value answer = co_await client_.get(c, url, std::move(about));
    json::array list;
    for (const auto& item : mortise::require_array(answer, "results")) {
        const object& from = object_part(item, "data.permissions");
        object one;
        one["type"] = text_at(from, "type");
        const auto* right = from.if_contains("right_id");
        if (right && !right->is_null()) one["right_id"] = int_at(from, "right_id");
        const auto* names = from.if_contains("permissions");
        if (names && names->is_array()) {
            one["permissions"] = names->get_array();
        } else {
            one["permissions"] = json::array();
        }
        list.push_back(std::move(one));
    }
    object out;
    out["permissions"] = std::move(list);
    co_return out;
}

namespace {

bool is_same(const object& entry, const std::vector<std::string>& wanted) {
    const json::value* has = entry.if_contains("permissions");
    if (!has || !has->is_array()) return false;
    std::set<std::string> now;
    for (const auto& one : has->get_array()) {
        if (one.is_string()) now.emplace(one.get_string());
    }
    return now == std::set<std::string>(wanted.begin(), wanted.end());
}

} // namespace

task<object> repository::set_permissions(context& c, permission_set in) {
    const std::int64_t id = id_of(in.id, "id");
    const bool custom = in.type == "custom";
    std::int64_t right = 0;
    if (custom || !in.right_id.is_null()) right = id_of(in.right_id, "right_id");
    if (in.type == "public" && right != 0) {
        throw error(category::input, "xecm.permission.bad-input",
                    "Public access belongs to nobody: leave right_id out.");
    }
    bool there = !custom;
    bool same = false;
    if (custom) {
        node_id_only which;
        which.id = id;
        const object now = co_await get_permissions(c, std::move(which));
        for (const auto& one : now.at("permissions").as_array()) {
            const object& entry = one.as_object();
            if (text_at(entry, "type") == "custom" && int_at(entry, "right_id") == right) {
                there = true;
                same = is_same(entry, in.permissions);
            }
        }
    }
    object out;
    out["id"] = id;
    // What lies in the item may have other rights than it has itself.
    const bool nothing_to_do = (in.permissions.empty() && !there) || (same && in.apply_to == 0);
    if (custom && nothing_to_do) {
        out["changed"] = false;
        co_return out;
    }
    std::string method = "PUT";
    mortise::url url = client_.at_node(id, "permissions").segment(in.type);
    if (custom && there) url.segment(std::to_string(right));
    if (custom && !there) method = "POST";
    json::value body;
    if (custom && in.permissions.empty()) {
        method = "DELETE";
        if (in.apply_to != 0) url.query("apply_to", std::to_string(in.apply_to));
    } else {
        object fields;
        fields["permissions"] = json::array(in.permissions.begin(), in.permissions.end());
        if (right != 0 && !(custom && there)) fields["right_id"] = right;
        if (in.apply_to != 0) fields["apply_to"] = in.apply_to;
        body = std::move(fields);
    }
    subject about("permission", "the access to item " + std::to_string(id));
    co_await client_.write(c, std::move(method), url.str(), std::move(body), std::move(about));
    out["changed"] = true;
    co_return out;
}

} // namespace content_server
