// SPDX-License-Identifier: Apache-2.0
//
// Milestones and change requests of a production, as rows of a category. No step is taken here.
#pragma once

#include "settings.hpp"

#include <mortise/sdk/json.hpp>

#include <iconik_workspaces/asset.hpp>
#include <string>
#include <vector>

namespace production_coordination {

using iconik_workspaces::asset;

enum class delivery {
    recorded, // the row says it now
    known,    // it did already, or knows a later version
    closed,   // the milestone takes nothing more
    unknown,  // there is no such milestone
};

// The asset's current version into the row of its milestone. date: of the version.
delivery deliver(const milestone_settings& s,
                 const asset& of,
                 const std::string& milestone,
                 const std::string& date,
                 mortise::json::array& rows);

// "\"Rough Cut\", \"Final Cut\"": for messages.
std::string milestones_in(const mortise::json::array& rows);

struct change_request {
    std::string text, milestone, status;
    bool open = true;
    std::vector<std::string> assets; // that it is about: the milestone's, or those of all
    std::string key;                 // tells one request from the next
};

// What the workspace says, for the collection and its assets.
struct production {
    std::string status, deadline;
    std::vector<std::string> milestones, open_requests;
    std::vector<change_request> requests;

    bool says_anything() const;
};
production production_in(const settings& s, const mortise::json::value& values);

// The values of the category on a workspace (an answer with "categories"); null without it.
mortise::json::value values_on(const mortise::json::value& node, const std::string& category);
mortise::json::array rows_of(const mortise::json::value& values, const std::string& set);

} // namespace production_coordination
