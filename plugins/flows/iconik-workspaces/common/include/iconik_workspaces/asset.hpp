// SPDX-License-Identifier: Apache-2.0
//
// An iconik asset as the flows see it. Every flow calls the connection to iconik by the role "dam"
// and the one to Extended ECM by the role "workspaces".
#pragma once

#include <mortise/sdk/flow_run.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace iconik_workspaces {

inline constexpr const char* dam = "dam";
inline constexpr const char* workspaces = "workspaces";

struct asset {
    std::string id, title;
    std::string version_id;   // of the current version
    std::string approval;     // of the current version: APPROVED, NOT_APPROVED, REQUESTED, ...;
                              // "N/A" without a request; "deleted" when the asset is gone
    std::string url;          // its page in iconik
    std::int64_t version = 0; // number of the current version, 1 at least
    bool gone = false;        // deleted, or unknown to iconik
    mortise::json::value raw; // as assets.get answers; null when unknown

    bool approved(const std::vector<std::string>& statuses) const;
};

// Step "asset". An asset that is not there is no error: `gone` says it.
mortise::task<asset> read_asset(mortise::flow_run run, std::string asset_id);
// The same from an answer of assets.get.
asset asset_from(const mortise::json::value& answer);

// The asset an event of iconik is about.
std::string asset_of(const mortise::event& e);

} // namespace iconik_workspaces
