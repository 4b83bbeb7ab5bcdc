// SPDX-License-Identifier: Apache-2.0
// Settings of the flow, and what a reference to an asset looks like in a workspace. No step is
// taken here.
#pragma once

#include <mortise/sdk/flow.hpp>

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace campaign_references {

enum class withdrawal { remove, mark };

} // namespace campaign_references

template <>
struct mortise::enum_names<campaign_references::withdrawal> {
    static constexpr std::array<std::pair<campaign_references::withdrawal, std::string_view>, 2>
        values{{{campaign_references::withdrawal::remove, "delete"},
                {campaign_references::withdrawal::mark, "mark"}}};
};

namespace campaign_references {

struct settings {
    std::string metadata_view = "Marketing";
    std::string campaign_field = "campaign_id";
    std::string campaign_pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
    std::string status_field = "workspace_status";
    std::vector<std::string> approved_statuses{"APPROVED"};
    std::string external_system = "MRM";
    std::string business_object_type = "campaign";
    std::vector<std::string> media_folder{"Media"};
    std::string reference_category = "Media Reference";
    std::string status_category = "Campaign";
    std::string status_attribute = "Status";
    std::map<std::string, std::string> status_values;
    std::string asset_link = "https://app.iconik.io/asset/{asset_id}";
    withdrawal on_withdrawn = withdrawal::remove;
    std::chrono::seconds wait_for_workspace{std::chrono::minutes(30)};
    std::chrono::seconds first_wait{30};

    static auto describe() {
        return mortise::object<settings>("References to campaign media")
            .field("metadata_view", &settings::metadata_view,
                   "iconik metadata view that holds the fields below")
            .field("campaign_field", &settings::campaign_field,
                   "Metadata field of assets and collections with the campaign's business object "
                   "id; may hold several")
            .field("campaign_pattern", &settings::campaign_pattern,
                   "What a campaign id looks like; anything else in the field ends the run with an "
                   "error")
            .field("status_field", &settings::status_field,
                   "Metadata field of the asset that receives the workspace's status; empty: "
                   "nothing is written back")
            .field("approved_statuses", &settings::approved_statuses,
                   "iconik approval states that count as approved")
            .min(1)
            .field("external_system", &settings::external_system,
                   "External system of the campaign business objects")
            .field("business_object_type", &settings::business_object_type,
                   "Their business object type")
            .field("media_folder", &settings::media_folder,
                   "Folder path below the workspace; missing folders are made")
            .field("reference_category", &settings::reference_category,
                   "Category put on each reference: Asset ID, Version, Approval Status, Asset URL, "
                   "Proxy URL, Thumbnail "
                   "URL, Title, Campaign IDs")
            .field("status_category", &settings::status_category,
                   "Category of the workspace that holds its status")
            .field("status_attribute", &settings::status_attribute, "Attribute with the status")
            .field(
                "status_values", &settings::status_values,
                "Workspace status to the text written to the asset; others are written as they are")
            .field("asset_link", &settings::asset_link,
                   "Address a reference points to; {asset_id} is replaced")
            .field("on_withdrawn", &settings::on_withdrawn,
                   "What happens to the reference of an asset that is un-approved, taken out of "
                   "the campaign or deleted")
            .field(
                "wait_for_workspace", &settings::wait_for_workspace,
                "How long to wait for a campaign's workspace before the run becomes a dead letter")
            .field("first_wait", &settings::first_wait,
                   "First pause before looking for the workspace again; doubles");
    }
};

struct workspace {
    std::int64_t id = 0;
    std::string name;
    std::string status;
};

// What a reference says; equal values mean that nothing has to be written.
struct reference {
    std::string asset_id, campaign, title, url, status, proxy_id, proxy_url, thumbnail_url;
    std::int64_t version = 0;
    std::vector<std::string> campaigns;

    // Signed addresses change with every read, so the proxy counts by its id.
    mortise::json::object fingerprint() const;
};

// The node's name: the title as Content Server allows it (no colon, at most 248 bytes), made unique
// in the folder by the asset's id, since titles repeat.
std::string node_name(const reference& r);
mortise::json::object category_values(const reference& r);
reference describe_asset(const settings& s,
                         const mortise::json::value& asset,
                         const mortise::json::value& proxies,
                         const mortise::json::value& keyframes,
                         const std::string& campaign,
                         const std::set<std::string>& campaigns);

// Ends of the link records.
std::string asset_key(const std::string& asset_id,
                      const std::string& campaign); // "iconik:asset/<id>#<campaign>"
std::string node_key(std::int64_t node_id);         // "xecm:node/<id>"
std::string asset_of(const std::string& asset_key);
std::string campaign_of(const std::string& asset_key);
std::int64_t node_of(const std::string& node_key);

bool contains(const std::vector<std::string>& in, const std::string& text);
// The texts of one metadata field, as metadata.get answers it.
std::vector<std::string> field_texts(const mortise::json::value& metadata,
                                     const std::string& field);
// The text of one category attribute, as categories.list and workspaces.get answer it; "" when
// absent.
std::string attribute_text(const mortise::json::value& node,
                           const std::string& category,
                           const std::string& attribute);

} // namespace campaign_references
