// SPDX-License-Identifier: Apache-2.0
//
// The asset's item in a workspace: a URL node that carries the rights category, the record of the
// rights beside it, and references to the agreements they rest on.
#pragma once

#include "settings.hpp"

#include <iconik_workspaces/asset.hpp>
#include <optional>

namespace rights_metadata_sync {

inline constexpr const char* item_relation = "asset-rights"; // asset#object <-> item

// One asset in one workspace.
struct place {
    iconik_workspaces::asset asset;
    std::string object; // business object id
    iconik_workspaces::workspace in;

    std::string key() const; // "iconik:asset/<id>#<object>"
};

class items {
public:
    explicit items(const settings& s) : settings_(s) {}

    // The node of the item, found by its link or made; renamed with the asset.
    mortise::task<std::int64_t> ensure(mortise::flow_run run, place at) const;
    // What the two sides show, and writing them.
    mortise::task<mortise::sync_view> read_asset(mortise::flow_run run, std::string asset_id) const;
    mortise::task<mortise::sync_view> read_item(mortise::flow_run run, std::int64_t node) const;
    mortise::task<mortise::json::value>
    write_asset(mortise::flow_run run, std::string asset_id, mortise::json::object values) const;
    mortise::task<mortise::json::value> write_item(mortise::flow_run run,
                                                   std::int64_t node,
                                                   std::string asset_id,
                                                   mortise::json::object values) const;
    // A new version of the record when it says something else than before.
    mortise::task<void> file_record(mortise::flow_run run,
                                    place at,
                                    mortise::json::object rights,
                                    std::string restricted) const;
    mortise::task<void>
    file_agreements(mortise::flow_run run, place at, mortise::json::object metadata) const;
    // The item stays as a record, but is not kept in step any more.
    mortise::task<void> retire(mortise::flow_run run, mortise::link known, std::string why) const;

private:
    mortise::task<std::int64_t>
    folder(mortise::flow_run run, std::int64_t workspace, std::vector<std::string> path) const;
    const settings& settings_;
};

// The texts of a value as metadata.get answers it.
std::vector<std::string> texts_of(const mortise::json::object& values, const std::string& field);

} // namespace rights_metadata_sync
