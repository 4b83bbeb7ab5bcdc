// SPDX-License-Identifier: Apache-2.0
//
// What a deliverable says in the vendor's workspace: an item for each asset, with the exact version
// it is in and one row for each version there was. No step is taken here.
#pragma once

#include "settings.hpp"

#include <mortise/sdk/json.hpp>

#include <cstdint>
#include <iconik_workspaces/asset.hpp>
#include <string>
#include <vector>

namespace vendor_deliverables {

using iconik_workspaces::asset;

struct version {
    std::int64_t number = 0;
    std::string id;
    std::string date; // YYYY-MM-DD
};

// As versions.list answers, oldest first whatever order they came in.
std::vector<version> versions_in(const mortise::json::value& answer);

// Attribute values of the category that must be written for the deliverable to say these versions.
// before: the category's values as they are, null for a new deliverable. A version that is new
// begins without approval and feedback; what the former one had stays in its row.
mortise::json::object category_values(const settings& s,
                                      const asset& of,
                                      const std::string& vendor,
                                      const std::vector<version>& versions,
                                      const mortise::json::value& before);
// The version these values are of; 0 without one.
std::int64_t version_in(const mortise::json::value& values);
// The values of the category on a node (an answer with "categories"); null without it.
mortise::json::value values_on(const mortise::json::value& node, const std::string& category);

std::string item_name(const asset& of);
std::string item_url(const settings& s, const asset& of);
// A comment of iconik as it is written on the deliverable, within Content Server's 1000 characters.
std::string comment_text(const asset& of, const mortise::json::value& comment);
// Tells one text from the next.
std::string fingerprint(const std::string& text);

// Ends of the link between asset and deliverable.
inline constexpr const char* deliverables = "vendor-deliverable";
inline constexpr const char* told_feedback = "vendor-deliverable-feedback"; // by version
std::string asset_key(const std::string& asset_id);                         // "iconik:asset/<id>"
std::string asset_in_key(const std::string& key);
std::string node_key(std::int64_t node); // "xecm:node/<id>"
std::int64_t node_in_key(const std::string& key);

} // namespace vendor_deliverables
