// SPDX-License-Identifier: Apache-2.0
#include "deliverable.hpp"

#include <algorithm>
#include <cstdlib>
#include <iconik_workspaces/reference.hpp>

namespace vendor_deliverables {

namespace json = mortise::json;

namespace {

constexpr std::string_view asset_prefix = "iconik:asset/";
constexpr std::string_view node_prefix = "xecm:node/";

json::value attribute(const json::value& values, const std::string& name) {
    const auto* v = values.is_object() ? values.get_object().if_contains(name) : nullptr;
    return v != nullptr ? *v : json::value(nullptr);
}

std::int64_t number(const json::value& v) {
    if (v.is_int64() || v.is_uint64()) return v.to_number<std::int64_t>();
    return v.is_string() ? std::strtoll(v.get_string().c_str(), nullptr, 10) : 0;
}

const json::array& rows_of(const json::value& values) {
    static const json::array none;
    const auto* rows = values.is_object() ? values.get_object().if_contains("Versions") : nullptr;
    return rows != nullptr && rows->is_array() ? rows->get_array() : none;
}

} // namespace

std::vector<version> versions_in(const json::value& answer) {
    std::vector<version> out;
    for (const auto& v : mortise::require_array(answer, "versions")) {
        version one;
        one.id = mortise::require_string(v, "id");
        one.number = mortise::optional_int(v, "version_number").value_or(1);
        auto date = mortise::optional_string(v, "created_at");
        if (!date) date = mortise::optional_string(v, "date_created");
        one.date = date.value_or("").substr(0, 10);
        out.push_back(std::move(one));
    }
    std::sort(out.begin(), out.end(),
              [](const version& a, const version& b) { return a.number < b.number; });
    return out;
}

json::object category_values(const settings& s,
                             const asset& of,
                             const std::string& vendor,
                             const std::vector<version>& versions,
                             const json::value& before) {
    const std::int64_t tracked = number(attribute(before, "Version"));
    const std::int64_t newest = versions.empty() ? of.version : versions.back().number;
    json::array rows;
    for (const auto& v : versions) {
        json::object row{{"Version", v.number},
                         {"Version ID", v.id},
                         {"Delivered On", nullptr},
                         {"Approval", nullptr},
                         {"Feedback", nullptr}};
        if (!v.date.empty()) row["Delivered On"] = v.date;
        for (const auto& old : rows_of(before)) {
            if (number(attribute(old, "Version")) != v.number) continue;
            row["Approval"] = attribute(old, "Approval");
            row["Feedback"] = attribute(old, "Feedback");
        }
        if (v.number == tracked) {
            row["Approval"] = attribute(before, "Approval");
            if (!s.feedback.empty()) row["Feedback"] = attribute(before, s.feedback);
        }
        rows.push_back(std::move(row));
    }
    json::object out{{"Asset ID", of.id},           {"Title", of.title},   {"Version", newest},
                     {"Version ID", of.version_id}, {"Vendor ID", vendor}, {"Status", "Delivered"},
                     {"Versions", std::move(rows)}};
    if (!versions.empty() && !versions.back().date.empty())
        out["Delivered On"] = versions.back().date;
    if (tracked == newest) return out;
    // Empty, not "Pending": what iconik says of the new version then goes without a conflict.
    out["Approval"] = nullptr;
    if (!s.feedback.empty()) out[s.feedback] = nullptr;
    return out;
}

std::int64_t version_in(const json::value& values) {
    return number(attribute(values, "Version"));
}

json::value values_on(const json::value& node, const std::string& category) {
    const auto* list = mortise::find_json(node, "categories");
    if (list == nullptr || !list->is_array()) return nullptr;
    for (const auto& c : list->get_array()) {
        if (mortise::optional_string(c, "name").value_or("") != category) continue;
        const auto* values = mortise::find_json(c, "values");
        if (values != nullptr) return *values;
    }
    return nullptr;
}

std::string item_name(const asset& of) {
    iconik_workspaces::reference named;
    named.asset_id = of.id;
    named.title = of.title;
    return iconik_workspaces::node_name(named);
}

std::string item_url(const settings& s, const asset& of) {
    std::string url = s.asset_link;
    const auto fill = [&url](std::string_view what, const std::string& with) {
        if (const auto at = url.find(what); at != std::string::npos)
            url.replace(at, what.size(), with);
    };
    fill("{asset_id}", of.id);
    fill("{version_id}", of.version_id);
    return url;
}

std::string comment_text(const asset& of, const json::value& comment) {
    constexpr std::size_t most = 1000;
    const auto id = mortise::optional_string(comment, "version_id").value_or(of.version_id);
    std::string out = "iconik";
    if (const auto* list = mortise::find_json(of.raw, "versions"); list && list->is_array())
        for (const auto& v : list->get_array())
            if (mortise::optional_string(v, "id").value_or("") == id)
                out += ", version " + std::to_string(number(attribute(v, "version_number")));
    if (const auto ms = mortise::optional_int(comment, "time_start_ms")) {
        const auto s = *ms / 1000;
        const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
        out += ", at " + two(s / 3600) + ':' + two(s / 60 % 60) + ':' + two(s % 60);
    }
    out += ": " + mortise::optional_string(comment, "text").value_or("");
    if (out.size() <= most) return out;
    auto end = most - 3;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80)
        --end;
    return out.substr(0, end) + "...";
}

std::string fingerprint(const std::string& text) {
    std::uint64_t h = 14695981039346656037ULL; // FNV-1a
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return std::to_string(h);
}

std::string asset_key(const std::string& asset_id) {
    return std::string(asset_prefix) + asset_id;
}
std::string asset_in_key(const std::string& key) {
    return key.substr(asset_prefix.size());
}
std::string node_key(std::int64_t node) {
    return std::string(node_prefix) + std::to_string(node);
}
std::int64_t node_in_key(const std::string& key) {
    return std::stoll(key.substr(node_prefix.size()));
}

} // namespace vendor_deliverables
