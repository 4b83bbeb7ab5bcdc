// SPDX-License-Identifier: Apache-2.0
//
// What became of a project's assets, and the record of it. No step is taken here.
#pragma once

#include "settings.hpp"

#include <mortise/sdk/error.hpp>
#include <mortise/sdk/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace project_archive {

struct sign_off_document {
    std::int64_t id = 0;
    std::string name;
    std::string link;
};

struct archived_asset {
    std::string id;
    std::string title;
    std::string state; // archived, archiving, missing, failed
    std::string why;   // of a failure
};

std::string link_to(const sign_off_settings& s, std::int64_t node);
// "Sign-off protocol.pdf: https://..."
std::vector<std::string> document_texts(const std::vector<sign_off_document>& documents);
// As workspaces.get answers.
bool is_signed_off(const sign_off_settings& s, const mortise::json::value& workspace);
// "Retain Until: 2036-06-30", one for each attribute that has a value.
std::vector<std::string> retention_texts(const settings& s, const mortise::json::value& workspace);

std::string record_text(const std::string& project,
                        const std::string& workspace,
                        const std::vector<sign_off_document>& documents,
                        const std::vector<std::string>& retention,
                        const std::vector<archived_asset>& assets);
// When not all are archived.
std::optional<mortise::error> incomplete(const std::string& project,
                                         const std::vector<archived_asset>& assets);

// Links: asset#project and project#asset to the workspace, so that each side's changes find the
// other; and projects that are done.
inline constexpr const char* archived_assets = "project-archive";
inline constexpr const char* assets_of_project = "project-archive.asset";
inline constexpr const char* archived_projects = "project-archive-done";
std::string asset_key(const std::string& asset_id, const std::string& project);
std::string workspace_key(std::int64_t workspace, const std::string& asset_id);
std::int64_t workspace_in_key(const std::string& key);

} // namespace project_archive
