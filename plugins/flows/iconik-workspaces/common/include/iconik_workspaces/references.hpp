// SPDX-License-Identifier: Apache-2.0
//
// References to assets in workspaces: one URL node per asset and business object, kept true, with
// links both ways so that each side's changes find the other. All calls are on the run's strand;
// a class of settings only, safe to keep in a flow.
#pragma once

#include <iconik_workspaces/reference.hpp>
#include <iconik_workspaces/workspace.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace iconik_workspaces {

// What keep() did, and what it could not.
struct kept {
    struct place {
        std::string object;
        workspace in;
        bool changed = false; // false: the reference says all of it already
    };
    std::vector<place> placed;
    std::vector<std::string> withdrawn;    // objects
    std::vector<std::string> missing;      // objects without a workspace
    std::optional<mortise::error> problem; // of one place; the others were served all the same

    mortise::json::value to_json() const; // {"references": [...], "withdrawn": [...]}
};

// What a person did to a reference.
struct reference_news {
    std::string asset_id, object;
    std::string said; // "reference removed", or "reference: <status written there>"
};

class references {
public:
    // relation: of the link records, one per use case ("campaign-asset-reference"), shared by all
    // flow instances with it.
    references(std::string relation, reference_settings s)
        : relation_(std::move(relation)), settings_(std::move(s)) {}

    // The operations used, for describe().
    static void declare(mortise::role_builder dam_role, mortise::role_builder workspaces_role);

    // Makes the asset's references exactly those in the workspaces of these business objects: what
    // is no longer true goes first (a reference must never be stale), one workspace that is not
    // there or fails does not hold up the others. why: those taken away are, for marking them:
    // "deleted", "not in the campaign any more".
    mortise::task<kept> keep(mortise::flow_run run,
                             asset of,
                             std::set<std::string> objects,
                             business_object_type type,
                             std::string why) const;

    // One reference. known: its link, from of_asset(). False when it says all of it already, or
    // when a person removed it and the asset has nothing new to say.
    mortise::task<bool> put(mortise::flow_run run,
                            workspace in,
                            reference wanted,
                            std::optional<mortise::link> known) const;
    // Deletes or marks it, as set.
    mortise::task<void> withdraw(mortise::flow_run run, mortise::link known, std::string why) const;

    // Links of the asset's references, by business object. Step "links".
    mortise::task<std::map<std::string, mortise::link>> of_asset(mortise::flow_run run,
                                                                 std::string asset_id) const;
    // Ids of the assets with a reference in the object's workspace. Step "assets:<object>".
    mortise::task<std::vector<std::string>> of_object(mortise::flow_run run,
                                                      std::string object) const;
    // All business objects with a reference. Step "objects".
    mortise::task<std::vector<std::string>> objects(mortise::flow_run run) const;
    // For an event of a node (xecm.node.changed, xecm.node.deleted): nothing when the node is no
    // reference of this relation, or the change is our own.
    mortise::task<std::optional<reference_news>>
    node_changed(mortise::flow_run run, std::string node_id, bool removed) const;

    const reference_settings& settings() const noexcept { return settings_; }

private:
    mortise::task<std::string> create(mortise::flow_run run, workspace in, reference wanted) const;
    std::string members() const { return relation_ + ".member"; }

    std::string relation_;
    reference_settings settings_;
};

} // namespace iconik_workspaces
