// SPDX-License-Identifier: Apache-2.0
//
// Coordination of productions: what is delivered and approved in iconik moves the milestones of the
// project's business workspace; deadlines, milestones and change requests of the workspace come
// back to the collection and its assets.
#pragma once

#include "production.hpp"

#include <mortise/sdk/flow.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace production_coordination {

class flow {
public:
    flow(mortise::instance&, settings s) : settings_(std::move(s)) {}
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event e);

private:
    // ---- iconik -> workspace ----
    mortise::task<mortise::json::value> asset_changed(mortise::flow_run run, std::string asset_id);
    mortise::task<mortise::json::value> record_delivery(mortise::flow_run run,
                                                        std::string asset_id,
                                                        std::string milestone,
                                                        std::string date,
                                                        iconik_workspaces::workspace in);
    mortise::task<void>
    tell_late(mortise::flow_run run, asset of, std::string milestone, std::int64_t workspace);

    // ---- workspace -> iconik ----
    mortise::task<mortise::json::value> workspace_changed(mortise::flow_run run, std::int64_t id);
    mortise::task<mortise::json::value> collection_changed(mortise::flow_run run, std::string id);
    mortise::task<bool>
    tell_collection(mortise::flow_run run, std::string collection, production p);
    mortise::task<void> tell_request(mortise::flow_run run, std::string project, change_request r);
    mortise::task<std::vector<std::string>>
    collections_of(mortise::flow_run run, std::string project, std::string workspace_name);
    mortise::task<void>
    remember(mortise::flow_run run, std::string project, std::string collection);

    const settings settings_;
};

} // namespace production_coordination
