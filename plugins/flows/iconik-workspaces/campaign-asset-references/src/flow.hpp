// SPDX-License-Identifier: Apache-2.0
//
// Campaign asset references: every campaign's Business Workspace shows the approved media of the
// campaign as references, kept true while the assets change; the workspace's status comes back to
// the assets.
#pragma once

#include "reference.hpp"

#include <mortise/sdk/flow.hpp>

#include <set>
#include <string>
#include <vector>

namespace campaign_references {

class flow {
public:
    flow(mortise::instance&, settings s) : settings_(std::move(s)) {}
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event e);

private:
    // iconik -> workspaces
    mortise::task<mortise::json::value> refresh_asset(mortise::flow_run run, std::string asset_id);
    mortise::task<std::set<std::string>> campaigns_of(mortise::flow_run run,
                                                      mortise::json::value asset);
    mortise::task<workspace>
    find_workspace(mortise::flow_run run, std::string campaign, std::string asset_id);
    // False when the reference says all of it already.
    mortise::task<bool> put_reference(mortise::flow_run run,
                                      workspace in,
                                      reference wanted,
                                      std::optional<mortise::link> known);
    mortise::task<std::string>
    create_reference(mortise::flow_run run, workspace in, reference wanted);
    mortise::task<void> withdraw(mortise::flow_run run, mortise::link known, std::string why);

    // workspaces -> iconik
    mortise::task<mortise::json::value> workspace_changed(mortise::flow_run run,
                                                          std::string workspace_id);
    mortise::task<mortise::json::value>
    reference_changed(mortise::flow_run run, std::string node_id, bool removed);
    mortise::task<void>
    write_status(mortise::flow_run run, std::string asset_id, std::string status);
    std::string status_of(const mortise::json::value& workspace) const;

    const settings settings_;
};

} // namespace campaign_references
