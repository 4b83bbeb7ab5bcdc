// SPDX-License-Identifier: Apache-2.0
//
// What a reference to an asset looks like in a workspace: a URL node with a category. No step is
// taken here; see references.hpp.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <array>
#include <iconik_workspaces/asset.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iconik_workspaces {

enum class withdrawal { remove, mark };

} // namespace iconik_workspaces

template <>
struct mortise::enum_names<iconik_workspaces::withdrawal> {
    static constexpr std::array<std::pair<iconik_workspaces::withdrawal, std::string_view>, 2>
        values{{{iconik_workspaces::withdrawal::remove, "delete"},
                {iconik_workspaces::withdrawal::mark, "mark"}}};
};

namespace iconik_workspaces {

// A settings type.
struct reference_settings {
    std::vector<std::string> folder{"Media"};
    std::string category = "Media Reference";
    std::string status_attribute = "Approval Status";
    std::map<std::string, std::string> attributes{
        {"Asset ID", "asset_id"},   {"Version", "version"}, {"Asset URL", "url"},
        {"Proxy URL", "proxy_url"}, {"Title", "title"},     {"Thumbnail URL", "thumbnail_url"},
        {"Campaign IDs", "objects"}};
    std::string asset_link = "https://app.iconik.io/asset/{asset_id}";
    withdrawal on_withdrawn = withdrawal::remove;

    static auto describe() {
        return mortise::object<reference_settings>("References to media in a workspace")
            .field("folder", &reference_settings::folder,
                   "Folder path below the workspace; missing folders are made")
            .field("category", &reference_settings::category, "Category put on each reference")
            .names(workspaces, "category")
            .field("status_attribute", &reference_settings::status_attribute,
                   "Attribute of the category with the asset's approval status")
            .names(workspaces, "attribute", "category")
            .field("attributes", &reference_settings::attributes,
                   "Further attributes of the category, each with what it says: asset_id, "
                   "version, version_id, title, url, proxy_url, thumbnail_url, object (the "
                   "business object's id), objects (all of the asset's)")
            .key_names(workspaces, "attribute", "category")
            .field("asset_link", &reference_settings::asset_link,
                   "Address a reference points to; {asset_id} and {version_id} are replaced")
            .field("on_withdrawn", &reference_settings::on_withdrawn,
                   "What happens to a reference that is no longer true: delete it, or mark it in "
                   "the status attribute");
    }
};

// What a reference says; equal fingerprints mean that nothing has to be written.
struct reference {
    std::string asset_id, object, title, url, status, version_id;
    std::string proxy_id, proxy_url, thumbnail_url;
    std::int64_t version = 0;
    std::vector<std::string> objects; // of the asset, all

    // Signed addresses change with every read, so the proxy counts by its id.
    mortise::json::object fingerprint() const;
};

// proxies, keyframes: as proxies.list and keyframes.list answer, or null.
reference describe_asset(const reference_settings& s,
                         const asset& of,
                         const mortise::json::value& proxies,
                         const mortise::json::value& keyframes,
                         const std::string& object,
                         const std::set<std::string>& objects);

// The node's name: the title as Content Server allows it (no colon, at most 248 bytes), made unique
// in the folder by the asset's id, since titles repeat.
std::string node_name(const reference& r);
// Throws CONFIG "iconik-workspaces.attributes.unknown" for a fact that there is not.
mortise::json::object category_values(const reference_settings& s, const reference& r);

// Ends of the link records.
std::string asset_key(const std::string& asset_id,
                      const std::string& object); // "iconik:asset/<id>#<object>"
std::string node_key(std::int64_t node_id);       // "xecm:node/<id>"
std::string asset_in_key(const std::string& asset_key);
std::string object_in_key(const std::string& asset_key);
std::int64_t node_in_key(const std::string& node_key);

} // namespace iconik_workspaces
