// SPDX-License-Identifier: Apache-2.0
//
// Rights metadata sync: usage rights, expiry, territories and approval of an asset are the same in
// iconik and on its item in the business workspace, whichever side changes them; a right that is
// revoked or has expired takes the asset out of use in iconik.
#pragma once

#include "item.hpp"
#include "restriction.hpp"

#include <mortise/sdk/flow.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rights_metadata_sync {

class flow {
public:
    flow(mortise::instance&, settings s);
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event e);

private:
    // What one look at an asset found; the errors of one workspace hold up no other.
    struct outcome {
        mortise::json::array synced; // objects
        std::vector<std::string> missing;
        mortise::json::array conflicts;
        std::string restricted; // why
        std::optional<mortise::error> problem;
    };
    mortise::task<mortise::json::value> asset_changed(mortise::flow_run run, std::string asset_id);
    mortise::task<mortise::json::value> sweep(mortise::flow_run run);
    bool is_due(const mortise::json::value& kept, mortise::time_point now) const;
    // In the asset's turn: events of both systems about it come side by side.
    mortise::task<mortise::json::value>
    bring_together(mortise::flow_run run, std::string asset_id, outcome* out);
    mortise::task<mortise::sync_report> sync_place(mortise::flow_run run, place at) const;
    // Restricts or frees the asset; true when the status was changed by date.
    mortise::task<bool> enforce(mortise::flow_run run,
                                std::string asset_id,
                                mortise::json::object rights,
                                outcome* out) const;

    const settings settings_;
    const items items_;
    const restriction restriction_;
    const mortise::two_way_sync sync_;
};

} // namespace rights_metadata_sync
