// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iconik_workspaces/asset.hpp>

namespace iconik_workspaces {

namespace json = mortise::json;

bool asset::approved(const std::vector<std::string>& statuses) const {
    return !gone && std::find(statuses.begin(), statuses.end(), approval) != statuses.end();
}

asset asset_from(const json::value& answer) {
    asset a;
    a.id = mortise::require_string(answer, "id");
    a.title = mortise::optional_string(answer, "title").value_or("");
    a.version_id = mortise::optional_string(answer, "version_id").value_or("");
    a.url = mortise::optional_string(answer, "web_url").value_or("");
    a.gone = mortise::optional_string(answer, "status").value_or("ACTIVE") == "DELETED";
    a.approval =
        a.gone ? "deleted" : mortise::optional_string(answer, "approval.status").value_or("N/A");
    a.version = 1;
    // Newest first is not promised; the number is, where it is given.
    const auto* versions = mortise::find_json(answer, "versions");
    if (versions != nullptr && versions->is_array()) {
        for (const auto& v : versions->get_array())
            a.version = std::max(a.version, mortise::optional_int(v, "version_number").value_or(1));
    }
    a.raw = answer;
    return a;
}

mortise::task<asset> read_asset(mortise::flow_run run, std::string asset_id) {
    json::value which{{"asset_id", asset_id}, {"include_collections", true}};
    const auto found = co_await run.try_call("asset", dam, "assets.get", std::move(which));
    if (found) co_return asset_from(*found);
    if (found.error().category != mortise::category::not_found) throw found.error();
    asset unknown;
    unknown.id = std::move(asset_id);
    unknown.approval = "deleted";
    unknown.gone = true;
    co_return unknown;
}

std::string asset_of(const mortise::event& e) {
    return mortise::optional_string(e.data, "asset_id").value_or(e.subject);
}

} // namespace iconik_workspaces
