// SPDX-License-Identifier: Apache-2.0
//
// What a review says: its decisions, its result, its record. No step is taken here.
#pragma once

#include "settings.hpp"

#include <mortise/sdk/json.hpp>

#include <cstdint>
#include <iconik_workspaces/asset.hpp>
#include <optional>
#include <string>
#include <vector>

namespace asset_approval {

using iconik_workspaces::asset;

// One review under way: of which version, and where.
struct review {
    struct place {
        std::int64_t workspace = 0;
        std::string workspace_name;
        std::int64_t reference = 0; // the node in the workspace that is reviewed
    };
    asset of;
    std::vector<place> places;
    std::int64_t process = 0;
    std::int64_t escalate_to = 0; // member id; 0: nobody
};

struct decision {
    std::int64_t task = 0;
    std::string step, reviewer, said, comment, date; // said: "Approved" or "Rejected"
    std::optional<std::int64_t> time_ms;             // of the media, when the comment begins so
};

// Of the steps that decide, as workflows.get answers, in its order. Throws INPUT
// "asset-approval.decision.unmapped" for a disposition that the settings do not know.
std::vector<decision> decisions_in(const review_settings& s, const mortise::json::value& workflow);
// CONFIG "asset-approval.steps.missing" when the workflow lacks one of the steps.
std::optional<mortise::error> missing_steps(const review_settings& s,
                                            const mortise::json::value& workflow);
// "Approved" when every step of the settings has approved; "Rejected" when one has not; "Stopped"
// when the workflow was; nothing while it goes on.
std::optional<std::string> result_of(const review_settings& s,
                                     const mortise::json::value& workflow,
                                     const std::vector<decision>& decisions);

// "[00:01:23] too loud", "1:23 too loud", "[4.2s] ..." -> milliseconds.
std::optional<std::int64_t> leading_time(const std::string& comment);

// Texts for people.
std::string comment_text(const asset& of, const decision& d);
std::string record_text(const review& r,
                        const std::string& result,
                        const std::string& why,
                        const std::vector<decision>& decisions);
mortise::json::object record_values(const review& r,
                                    const std::string& result,
                                    const std::string& why,
                                    const std::vector<decision>& decisions,
                                    const std::string& today);
// Links of reviews: relation, and the version's end of them.
inline constexpr const char* reviews = "asset-approval";
std::string review_key(const asset& of); // "iconik:asset/<id>#<version id>"
// When approval was asked for: tells one submission from the next.
std::string submission_of(const asset& of);
std::string review_title(const asset& of, const std::string& mark);
std::string reference_name(const asset& of);
std::string reference_url(const review_settings& s, const asset& of);
mortise::json::object workflow_attributes(const review_settings& s, const asset& of);

} // namespace asset_approval
