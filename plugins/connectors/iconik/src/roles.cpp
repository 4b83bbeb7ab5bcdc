// SPDX-License-Identifier: Apache-2.0
//
// rights.check: which operations the connection's user has not the roles for.
#include "connector.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace iconik {

namespace json = mortise::json;

namespace {

struct needed {
    std::string_view operation;
    std::string_view roles; // spaces between; all are needed
};

// As iconik's description of each call names them.
constexpr needed table[]{
    {"acls.get", "can_read_acls can_read_groups can_read_users"},
    {"acls.set", "can_read_acls can_write_acls can_delete_acls can_read_groups can_read_users"},
    {"approvals.get", "can_read_approval_request"},
    {"approvals.request", "can_read_approval_request can_write_approval_request"},
    {"approvals.vote", "can_read_approval_request can_write_approval_status"},
    {"approvals.withdraw", "can_read_approval_request can_delete_approval_request"},
    {"assets.archive", "can_read_assets can_read_formats can_archive_formats"},
    {"assets.archive_status", "can_read_assets can_read_formats"},
    {"assets.create", "can_create_assets can_search"},
    {"assets.delete", "can_read_assets can_delete_assets"},
    {"assets.find", "can_search"},
    {"assets.get", "can_read_assets can_read_approval_request"},
    {"assets.restore", "can_read_assets can_read_formats can_restore_archived_formats"},
    {"assets.update", "can_write_assets"},
    {"collections.add", "can_read_assets can_write_collections"},
    {"collections.create", "can_create_collections can_read_collections can_search"},
    {"collections.find", "can_search"},
    {"collections.get", "can_read_collections"},
    {"collections.list_contents", "can_read_collections"},
    {"collections.of_asset", "can_read_assets can_read_collections"},
    {"collections.remove", "can_write_collections"},
    {"comments.add", "can_create_segments can_read_segments"},
    {"comments.delete", "can_delete_segments"},
    {"comments.find", "can_read_segments"},
    {"comments.list", "can_read_segments"},
    {"comments.update", "can_write_segments"},
    {"custom_actions.ensure", "can_read_custom_actions"},
    {"files.download", "can_read_files can_read_proxies"},
    {"files.list", "can_read_files"},
    {"files.upload",
     "can_read_assets can_read_storages can_read_formats can_write_formats can_read_files "
     "can_write_files can_delete_files can_create_transcode_jobs"},
    {"groups.find", "can_read_groups"},
    {"groups.list", "can_read_groups"},
    {"history.add", "can_write_assets_history can_read_assets_history"},
    {"history.find", "can_read_assets_history"},
    {"history.list", "can_read_assets_history"},
    {"jobs.get", "can_read_jobs"},
    {"jobs.list", "can_read_jobs"},
    {"keyframes.download", "can_read_assets"},
    {"keyframes.list", "can_read_assets"},
    {"metadata.fields", "can_read_metadata_fields"},
    {"metadata.get", "can_read_metadata_views can_read_metadata_values"},
    {"metadata.set", "can_read_metadata_views can_read_metadata_values can_write_metadata_values"},
    {"metadata.views", "can_read_metadata_views"},
    {"names.list", ""},
    {"proxies.list", "can_read_proxies"},
    {"relations.ensure", "can_create_asset_relations"},
    {"relations.list", "can_read_asset_relations"},
    {"relations.remove", "can_read_asset_relations can_delete_asset_relations"},
    {"rights.check", ""},
    {"search.assets", "can_search"},
    {"segments.add", "can_create_segments can_read_segments"},
    {"segments.delete", "can_delete_segments"},
    {"segments.find", "can_read_segments"},
    {"segments.list", "can_read_segments"},
    {"shares.create", "can_write_shares can_read_shares"},
    {"shares.find", "can_read_shares"},
    {"shares.list", "can_read_shares"},
    {"shares.revoke", "can_delete_object_shares"},
    {"users.current", ""},
    {"users.find", "can_read_users"},
    {"users.list", "can_read_users"},
    {"versions.create", "can_read_assets can_write_versions"},
    {"versions.list", "can_read_assets"},
    {"versions.promote", "can_read_assets can_write_versions"},
    {"webhooks.ensure", "can_read_webhooks can_write_webhooks"},
    {"webhooks.list", "can_read_webhooks"},
};

std::string missing_roles(std::string_view roles, const std::set<std::string, std::less<>>& has) {
    std::string out;
    while (!roles.empty()) {
        const std::string_view one = roles.substr(0, roles.find(' '));
        if (!has.contains(one)) out.append(out.empty() ? "" : ", ").append(one);
        roles.remove_prefix(std::min(roles.size(), one.size() + 1));
    }
    return out;
}

} // namespace

mortise::task<json::object> connector::check_rights(context& c, rights_check in) {
    nothing no_input;
    const json::object user = co_await current_user(c, std::move(no_input));
    json::array denied;
    const json::value* admin = user.if_contains("is_admin");
    if (!admin || !admin->is_bool() || !admin->get_bool()) {
        std::string url = client_.to("users/v1/users/current/roles").str();
        subject_of about("user", "the roles of the connection's user");
        const json::value answer = co_await client_.get(c, std::move(url), std::move(about));
        std::set<std::string, std::less<>> has;
        for (auto& role : ids_in(answer, "objects"))
            has.insert(std::move(role));
        for (const auto& id : in.operations) {
            const auto* const known =
                std::find_if(std::begin(table), std::end(table),
                             [&](const needed& n) { return n.operation == id; });
            if (known == std::end(table)) continue; // the host knows what there is
            const std::string missing = missing_roles(known->roles, has);
            if (missing.empty()) continue;
            json::object one;
            one["operation"] = id;
            one["why"] = "the user " + text_at(user, "email") + " has not the role " + missing;
            denied.emplace_back(std::move(one));
        }
    }
    json::object out;
    out["denied"] = std::move(denied);
    co_return std::move(out);
}

} // namespace iconik
