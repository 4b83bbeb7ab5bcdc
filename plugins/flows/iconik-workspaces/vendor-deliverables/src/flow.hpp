// SPDX-License-Identifier: Apache-2.0
//
// Deliverables of vendors: each asset a vendor delivers is an item in the vendor's business
// workspace that says which version is there, and feedback, approval and invoice; what is decided
// in the workspace comes back to the asset, and the other way round.
#pragma once

#include "deliverable.hpp"

#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/sync.hpp>

#include <iconik_workspaces/workspace.hpp>
#include <optional>
#include <string>

namespace vendor_deliverables {

class flow {
public:
    flow(mortise::instance&, settings s)
        : settings_(std::move(s)),
          sync_("vendor-deliverable-sync", mortise::plain_fields(settings_.fields)) {}
    static void describe(mortise::flow_builder<flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event e);

private:
    // The item as it is in the workspace.
    struct item {
        std::int64_t node = 0;
        mortise::json::value values; // of the category; null without it
    };

    mortise::task<std::optional<mortise::link>> link_of(mortise::flow_run run, mortise::event e);
    mortise::task<mortise::json::value>
    track(mortise::flow_run run, asset of, std::string vendor, mortise::event e);
    mortise::task<mortise::json::value> bring_together(mortise::flow_run run,
                                                       std::string asset_id,
                                                       std::string vendor,
                                                       iconik_workspaces::workspace in,
                                                       mortise::event e);
    // Whose deliverable the asset is; empty: nobody's.
    mortise::task<std::string> vendor_of(mortise::flow_run run, asset of);
    // Nothing when a person took the item away and no version came since.
    mortise::task<std::optional<item>> put_item(mortise::flow_run run,
                                                asset of,
                                                std::string vendor,
                                                iconik_workspaces::workspace in,
                                                std::optional<mortise::link> known);
    mortise::task<void> clear_feedback(mortise::flow_run run, asset of);
    mortise::task<mortise::json::value>
    withdraw(mortise::flow_run run, mortise::link known, std::string why);
    mortise::task<void>
    tell_comment(mortise::flow_run run, asset of, std::int64_t node, mortise::event e);
    mortise::task<void> tell_feedback(mortise::flow_run run, asset of, std::string feedback);

    // ---- both sides of the sync (sides.cpp) ----
    mortise::two_way_sync::sides sides(asset of, item in) const;
    mortise::task<mortise::sync_view> read_asset_side(mortise::flow_run run, asset of) const;
    mortise::task<mortise::sync_view> read_item_side(mortise::flow_run run, item in) const;
    mortise::task<mortise::json::value>
    write_asset_side(mortise::flow_run run, asset of, mortise::json::object values) const;
    mortise::task<mortise::json::value>
    write_item_side(mortise::flow_run run, item in, mortise::json::object values) const;
    mortise::task<void> decide(mortise::flow_run run, asset of, std::string status) const;

    const settings settings_;
    const mortise::two_way_sync sync_;
};

} // namespace vendor_deliverables
