// SPDX-License-Identifier: Apache-2.0
#include "production.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace production_coordination {

namespace json = mortise::json;

namespace {

std::string text(const json::value& row, const char* name) {
    const auto* v = row.is_object() ? row.get_object().if_contains(name) : nullptr;
    if (v == nullptr || v->is_null()) return {};
    return v->is_string() ? std::string(v->get_string()) : mortise::serialize_json(*v);
}

bool same_name(const std::string& a, const std::string& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

bool has(const std::vector<std::string>& in, const std::string& what) {
    return std::find(in.begin(), in.end(), what) != in.end();
}

void add_once(std::vector<std::string>& to, const std::string& what) {
    if (!what.empty() && !has(to, what)) to.push_back(what);
}

std::string fingerprint(const std::string& of) {
    std::uint64_t h = 14695981039346656037ULL; // FNV-1a
    for (const char c : of)
        h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return std::to_string(h);
}

} // namespace

delivery deliver(const milestone_settings& s,
                 const asset& of,
                 const std::string& milestone,
                 const std::string& date,
                 json::array& rows) {
    for (auto& each : rows) {
        if (!same_name(text(each, "Milestone"), milestone)) continue;
        auto& row = each.as_object();
        const auto known = std::strtoll(text(each, "Version").c_str(), nullptr, 10);
        const bool is_same = text(each, "Asset ID") == of.id;
        const bool is_later = is_same ? known > of.version : text(each, "Delivered On") > date;
        if (is_later) return delivery::known;
        const auto& status = of.approved(s.approved_statuses) ? s.approved : s.delivered;
        if (is_same && known == of.version && text(each, "Status") == status)
            return delivery::known;
        if (has(s.closed, text(each, "Status"))) {
            if (is_same && known == of.version) return delivery::known;
            return delivery::closed;
        }
        row["Asset ID"] = of.id;
        row["Version"] = of.version;
        row["Status"] = status;
        if (!date.empty() && (!is_same || known != of.version)) row["Delivered On"] = date;
        return delivery::recorded;
    }
    return delivery::unknown;
}

std::string milestones_in(const json::array& rows) {
    std::string out;
    for (const auto& row : rows)
        out += (out.empty() ? "\"" : ", \"") + text(row, "Milestone") + '"';
    return out;
}

bool production::says_anything() const {
    return !status.empty() || !deadline.empty() || !milestones.empty() || !requests.empty();
}

production production_in(const settings& s, const json::value& values) {
    production out;
    out.status = text(values, "Status");
    out.deadline = text(values, "Deadline").substr(0, 10);
    const auto rows = rows_of(values, "Milestones");
    std::vector<std::string> all;
    for (const auto& row : rows) {
        const auto name = text(row, "Milestone");
        if (name.empty()) continue;
        std::string said = name;
        if (const auto due = text(row, "Due Date").substr(0, 10); !due.empty())
            said += ", due " + due;
        if (const auto status = text(row, "Status"); !status.empty()) said += ": " + status;
        if (const auto version = text(row, "Version"); !version.empty())
            said += " (version " + version + ')';
        out.milestones.push_back(std::move(said));
        add_once(all, text(row, "Asset ID"));
    }
    for (const auto& row : rows_of(values, "Change Requests")) {
        change_request r;
        r.text = text(row, "Request");
        if (r.text.empty()) continue;
        r.milestone = text(row, "Milestone");
        r.status = text(row, "Status");
        r.open = !has(s.collection.done, r.status);
        r.key = fingerprint(r.milestone + '\n' + r.text);
        for (const auto& m : rows)
            if (!r.milestone.empty() && same_name(text(m, "Milestone"), r.milestone))
                add_once(r.assets, text(m, "Asset ID"));
        if (r.milestone.empty()) r.assets = all;
        if (r.open)
            out.open_requests.push_back(r.milestone.empty() ? r.text : r.milestone + ": " + r.text);
        out.requests.push_back(std::move(r));
    }
    return out;
}

json::value values_on(const json::value& node, const std::string& category) {
    const auto* list = mortise::find_json(node, "categories");
    if (list == nullptr || !list->is_array()) return nullptr;
    for (const auto& c : list->get_array()) {
        if (mortise::optional_string(c, "name").value_or("") != category) continue;
        if (const auto* values = mortise::find_json(c, "values")) return *values;
    }
    return nullptr;
}

json::array rows_of(const json::value& values, const std::string& set) {
    const auto* rows = values.is_object() ? values.get_object().if_contains(set) : nullptr;
    return rows != nullptr && rows->is_array() ? rows->get_array() : json::array();
}

} // namespace production_coordination
