// SPDX-License-Identifier: Apache-2.0
#include "archive.hpp"

#include <algorithm>

namespace project_archive {

namespace json = mortise::json;

namespace {
constexpr std::string_view asset_prefix = "iconik:asset/";
constexpr std::string_view workspace_prefix = "xecm:workspace/";
} // namespace

std::string link_to(const sign_off_settings& s, std::int64_t node) {
    std::string link = s.document_link;
    if (const auto at = link.find("{id}"); at != std::string::npos)
        link.replace(at, 4, std::to_string(node));
    return link;
}

std::vector<std::string> document_texts(const std::vector<sign_off_document>& documents) {
    std::vector<std::string> out;
    for (const auto& d : documents)
        out.push_back(d.name + ": " + d.link);
    return out;
}

bool is_signed_off(const sign_off_settings& s, const json::value& workspace) {
    const auto said = iconik_workspaces::attribute(workspace, s.category, s.attribute);
    return std::find(s.values.begin(), s.values.end(), said) != s.values.end();
}

std::vector<std::string> retention_texts(const settings& s, const json::value& workspace) {
    std::vector<std::string> out;
    for (const auto& field : s.retention) {
        auto value = iconik_workspaces::attribute(workspace, s.retention_category, field.b);
        if (field.type == mortise::sync_type::date) value = value.substr(0, 10);
        if (!value.empty()) out.push_back(field.b + ": " + value);
    }
    return out;
}

std::string record_text(const std::string& project,
                        const std::string& workspace,
                        const std::vector<sign_off_document>& documents,
                        const std::vector<std::string>& retention,
                        const std::vector<archived_asset>& assets) {
    std::string out = "Archive record\n\nProject: " + project + "\nWorkspace: " + workspace +
                      "\n\nSign-off documents\n";
    for (const auto& d : documents)
        out += "  " + d.name + " (" + std::to_string(d.id) + ")\n";
    out += "\nRetention\n";
    for (const auto& r : retention)
        out += "  " + r + "\n";
    out += "\nAssets\n";
    for (const auto& a : assets) {
        out += "  " + a.id;
        if (!a.title.empty()) out += " \"" + a.title + '"';
        out += ": " + a.state;
        if (!a.why.empty()) out += " (" + a.why + ')';
        out += "\n";
    }
    return out;
}

std::optional<mortise::error> incomplete(const std::string& project,
                                         const std::vector<archived_asset>& assets) {
    std::string which;
    std::size_t n = 0;
    constexpr std::size_t most_named = 20;
    for (const auto& a : assets) {
        if (a.state == "archived") continue;
        if (++n > most_named) continue;
        which += (which.empty() ? "" : "; ") + a.id + ' ' + a.state;
        if (!a.why.empty()) which += " (" + a.why + ')';
    }
    if (n == 0) return std::nullopt;
    return mortise::error(mortise::category::not_found, "project-archive.assets.incomplete",
                          std::to_string(n) + " of " + std::to_string(assets.size()) +
                              " assets of project " + project + " are not archived: " + which +
                              ". The record in the workspace says so; bring missing assets back in "
                              "iconik or take their references out of the workspace, then retry "
                              "this run");
}

std::string asset_key(const std::string& asset_id, const std::string& project) {
    return std::string(asset_prefix) + asset_id + '#' + project;
}
std::string workspace_key(std::int64_t workspace, const std::string& asset_id) {
    return std::string(workspace_prefix) + std::to_string(workspace) + '#' + asset_id;
}
std::int64_t workspace_in_key(const std::string& key) {
    return std::stoll(key.substr(workspace_prefix.size()));
}

} // namespace project_archive
