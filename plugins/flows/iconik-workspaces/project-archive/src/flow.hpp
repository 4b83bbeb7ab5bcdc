// SPDX-License-Identifier: Apache-2.0
//
// Archiving of projects: after the final sign-off in the business workspace the project's assets
// carry the references to the sign-off documents and the retention metadata, are archived in
// iconik, and the workspace keeps the record of it. Retention stays equal on both sides afterwards.
#pragma once

#include "archive.hpp"

#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/sync.hpp>

#include <set>
#include <string>
#include <vector>

namespace project_archive {

class flow {
public:
    flow(mortise::instance&, settings s)
        : settings_(std::move(s)),
          sync_("project-archive-retention", mortise::plain_fields(settings_.retention)) {}
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event e);

private:
    // ---- sign-off (flow.cpp) ----
    mortise::task<mortise::json::value> workspace_changed(mortise::flow_run run, std::int64_t id);
    mortise::task<mortise::json::value>
    archive(mortise::flow_run run, std::string project, iconik_workspaces::workspace ws);
    mortise::task<archived_asset> archive_asset(mortise::flow_run run,
                                                std::string asset_id,
                                                std::string project,
                                                iconik_workspaces::workspace ws,
                                                std::vector<sign_off_document> documents);
    mortise::task<std::vector<archived_asset>> await_archive(mortise::flow_run run,
                                                             std::vector<archived_asset> assets);
    mortise::task<archived_asset> look(mortise::flow_run run, archived_asset a);

    // ---- what belongs to the project (project.cpp) ----
    mortise::task<std::int64_t>
    folder_in(mortise::flow_run run, std::int64_t workspace, std::vector<std::string> path);
    mortise::task<std::vector<sign_off_document>>
    sign_off_documents(mortise::flow_run run, iconik_workspaces::workspace ws);
    mortise::task<std::set<std::string>>
    assets_of(mortise::flow_run run, std::string project, iconik_workspaces::workspace ws);
    mortise::task<void>
    assets_referenced(mortise::flow_run run, std::int64_t workspace, std::set<std::string>& into);

    // ---- retention (retention.cpp) ----
    mortise::task<mortise::json::value> asset_changed(mortise::flow_run run, std::string asset_id);
    mortise::task<std::size_t> keep_retention(mortise::flow_run run, std::string project);
    mortise::task<bool> sync_retention(mortise::flow_run run,
                                       std::string asset_id,
                                       std::string project,
                                       std::int64_t workspace);
    mortise::task<mortise::sync_view> read_asset_side(mortise::flow_run run,
                                                      std::string asset_id) const;
    mortise::task<mortise::sync_view> read_workspace_side(mortise::flow_run run,
                                                          std::int64_t workspace) const;
    mortise::task<mortise::json::value> write_asset_side(mortise::flow_run run,
                                                         std::string asset_id,
                                                         mortise::json::object values) const;
    mortise::task<mortise::json::value> write_workspace_side(mortise::flow_run run,
                                                             std::int64_t workspace,
                                                             mortise::json::object values) const;

    const settings settings_;
    const mortise::two_way_sync sync_;
};

} // namespace project_archive
