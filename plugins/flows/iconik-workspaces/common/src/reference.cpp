// SPDX-License-Identifier: Apache-2.0
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <iconik_workspaces/reference.hpp>

namespace iconik_workspaces {

namespace json = mortise::json;

namespace {

constexpr std::string_view asset_prefix = "iconik:asset/";
constexpr std::string_view node_prefix = "xecm:node/";
constexpr std::size_t max_name_bytes = 248; // Content Server's limit, counted safely in bytes

const json::value* first_of(const json::value& list, const char* name) {
    const auto* items = list.is_object() ? list.get_object().if_contains(name) : nullptr;
    if (items == nullptr || !items->is_array() || items->get_array().empty()) return nullptr;
    return &items->get_array().front();
}

void replace(std::string& in, std::string_view what, const std::string& by) {
    const auto at = in.find(what);
    if (at != std::string::npos) in.replace(at, what.size(), by);
}

json::object facts_of(const reference& r) {
    return {{"asset_id", r.asset_id},
            {"version", r.version},
            {"version_id", r.version_id},
            {"title", r.title},
            {"url", r.url},
            {"proxy_url", r.proxy_url},
            {"thumbnail_url", r.thumbnail_url},
            {"object", r.object},
            {"objects", json::value_from(r.objects)}};
}

} // namespace

json::object reference::fingerprint() const {
    return {{"title", title},   {"url", url},        {"version", version},
            {"status", status}, {"proxy", proxy_id}, {"objects", json::value_from(objects)}};
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

json::object category_values(const reference_settings& s, const reference& r) {
    const auto facts = facts_of(r);
    json::object out;
    for (const auto& [attribute, fact] : s.attributes) {
        const auto* value = facts.if_contains(fact);
        if (value == nullptr) {
            throw mortise::error(mortise::category::config, "iconik-workspaces.attributes.unknown",
                                 "the setting attributes maps \"" + attribute + "\" to \"" + fact +
                                     "\", which a reference does not know: write asset_id, "
                                     "version, version_id, title, url, proxy_url, thumbnail_url, "
                                     "object or objects");
        }
        out[attribute] = *value;
    }
    if (!s.status_attribute.empty()) out[s.status_attribute] = r.status;
    return out;
}

reference describe_asset(const reference_settings& s,
                         const asset& of,
                         const json::value& proxies,
                         const json::value& keyframes,
                         const std::string& object,
                         const std::set<std::string>& objects) {
    reference r;
    r.asset_id = of.id;
    r.object = object;
    r.objects.assign(objects.begin(), objects.end());
    r.title = of.title;
    r.status = of.approval;
    r.version = of.version;
    r.version_id = of.version_id;
    r.url = s.asset_link;
    replace(r.url, "{asset_id}", of.id);
    replace(r.url, "{version_id}", of.version_id);
    if (const auto* proxy = first_of(proxies, "proxies")) {
        r.proxy_id = mortise::optional_string(*proxy, "id").value_or("");
        r.proxy_url = mortise::optional_string(*proxy, "url").value_or("");
    }
    if (const auto* keyframe = first_of(keyframes, "keyframes"))
        r.thumbnail_url = mortise::optional_string(*keyframe, "url").value_or("");
    return r;
}

std::string asset_key(const std::string& asset_id, const std::string& object) {
    return std::string(asset_prefix) + asset_id + '#' + object;
}

std::string node_key(std::int64_t node_id) {
    return std::string(node_prefix) + std::to_string(node_id);
}

std::string asset_in_key(const std::string& key) {
    const auto end = key.find('#');
    return key.substr(asset_prefix.size(),
                      end == std::string::npos ? end : end - asset_prefix.size());
}

std::string object_in_key(const std::string& key) {
    const auto at = key.find('#');
    return at == std::string::npos ? std::string() : key.substr(at + 1);
}

std::int64_t node_in_key(const std::string& key) {
    return std::stoll(key.substr(node_prefix.size()));
}

} // namespace iconik_workspaces
