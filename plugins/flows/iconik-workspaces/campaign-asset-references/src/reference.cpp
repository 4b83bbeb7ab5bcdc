// SPDX-License-Identifier: Apache-2.0
#include "reference.hpp"

#include <boost/json/value_from.hpp>

#include <algorithm>

namespace campaign_references {

namespace json = mortise::json;

namespace {

constexpr std::string_view asset_prefix = "iconik:asset/";
constexpr std::string_view node_prefix = "xecm:node/";
constexpr std::size_t max_name_bytes = 248; // Content Server's limit, counted safely in bytes

const json::value* first_of(const json::value& list, const char* name) {
    const auto* items = mortise::find_json(list, name);
    if (items == nullptr || !items->is_array() || items->get_array().empty()) return nullptr;
    return &items->get_array().front();
}

} // namespace

json::object reference::fingerprint() const {
    return {{"title", title},   {"url", url},        {"version", version},
            {"status", status}, {"proxy", proxy_id}, {"campaigns", json::value_from(campaigns)}};
}

std::string node_name(const reference& r) {
    std::string name = r.title;
    std::replace(name.begin(), name.end(), ':', '-');
    const std::string tail = " [" + r.asset_id.substr(0, 13) + "]";
    if (name.size() + tail.size() > max_name_bytes) {
        auto end = max_name_bytes - tail.size();
        while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80)
            --end;
        name.resize(end);
    }
    const auto from = name.find_first_not_of(" \t\r\n");
    const auto to = name.find_last_not_of(" \t\r\n");
    return (from == std::string::npos ? std::string("untitled")
                                      : name.substr(from, to - from + 1)) +
           tail;
}

json::object category_values(const reference& r) {
    return {{"Asset ID", r.asset_id},
            {"Version", r.version},
            {"Approval Status", r.status},
            {"Asset URL", r.url},
            {"Proxy URL", r.proxy_url},
            {"Thumbnail URL", r.thumbnail_url},
            {"Title", r.title},
            {"Campaign IDs", json::value_from(r.campaigns)}};
}

reference describe_asset(const settings& s,
                         const json::value& asset,
                         const json::value& proxies,
                         const json::value& keyframes,
                         const std::string& campaign,
                         const std::set<std::string>& campaigns) {
    reference r;
    r.asset_id = mortise::require_string(asset, "id");
    r.campaign = campaign;
    r.campaigns.assign(campaigns.begin(), campaigns.end());
    r.title = mortise::optional_string(asset, "title").value_or("");
    r.status = mortise::optional_string(asset, "approval.status").value_or("N/A");
    // Newest first is not promised; the number is, where it is given.
    if (const auto* versions = mortise::find_json(asset, "versions");
        versions != nullptr && versions->is_array()) {
        for (const auto& v : versions->get_array()) {
            r.version = std::max(r.version, mortise::optional_int(v, "version_number").value_or(1));
        }
    }
    r.url = s.asset_link;
    if (const auto at = r.url.find("{asset_id}"); at != std::string::npos)
        r.url.replace(at, 10, r.asset_id);
    if (const auto* proxy = first_of(proxies, "proxies")) {
        r.proxy_id = mortise::optional_string(*proxy, "id").value_or("");
        r.proxy_url = mortise::optional_string(*proxy, "url").value_or("");
    }
    if (const auto* keyframe = first_of(keyframes, "keyframes")) {
        r.thumbnail_url = mortise::optional_string(*keyframe, "url").value_or("");
    }
    return r;
}

std::string asset_key(const std::string& asset_id, const std::string& campaign) {
    return std::string(asset_prefix) + asset_id + '#' + campaign;
}

std::string node_key(std::int64_t node_id) {
    return std::string(node_prefix) + std::to_string(node_id);
}

std::string asset_of(const std::string& key) {
    const auto end = key.find('#');
    return key.substr(asset_prefix.size(),
                      end == std::string::npos ? end : end - asset_prefix.size());
}

std::string campaign_of(const std::string& key) {
    const auto at = key.find('#');
    return at == std::string::npos ? std::string() : key.substr(at + 1);
}

std::int64_t node_of(const std::string& key) {
    return std::stoll(key.substr(node_prefix.size()));
}

bool contains(const std::vector<std::string>& in, const std::string& text) {
    return std::find(in.begin(), in.end(), text) != in.end();
}

std::vector<std::string> field_texts(const json::value& metadata, const std::string& field) {
    std::vector<std::string> out;
    const auto* values = mortise::find_json(metadata, "values");
    const auto* of_field = values != nullptr && values->is_object()
                               ? values->get_object().if_contains(field)
                               : nullptr;
    if (of_field == nullptr || !of_field->is_array()) return out;
    for (const auto& v : of_field->get_array()) {
        if (v.is_string())
            out.emplace_back(v.get_string());
        else if (!v.is_null())
            out.push_back(mortise::serialize_json(v));
    }
    return out;
}

std::string
attribute_text(const json::value& node, const std::string& category, const std::string& attribute) {
    const auto* list = mortise::find_json(node, "categories");
    if (list == nullptr || !list->is_array()) return {};
    for (const auto& c : list->get_array()) {
        if (mortise::optional_string(c, "name").value_or("") != category) continue;
        const auto* values = mortise::find_json(c, "values");
        const auto* v = values != nullptr && values->is_object()
                            ? values->get_object().if_contains(attribute)
                            : nullptr;
        if (v == nullptr || v->is_null()) return {};
        return v->is_string() ? std::string(v->get_string()) : mortise::serialize_json(*v);
    }
    return {};
}

} // namespace campaign_references
