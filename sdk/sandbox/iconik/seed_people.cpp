// SPDX-License-Identifier: Apache-2.0
// The people of the start state: groups with their roles, users with tokens, one application.
#include "iconik/system.hpp"

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

// Every role the routes ask for, by what a person needs.
const std::vector<std::string> reading_roles{
    "can_read_assets",          "can_read_assets_history",
    "can_read_asset_relations", "can_read_segments",
    "can_read_collections",     "can_read_metadata_fields",
    "can_read_metadata_views",  "can_read_metadata_categories",
    "can_read_metadata_values", "can_search",
    "can_read_saved_searches",  "can_read_approval_request",
    "can_read_shares",          "can_read_acls",
    "can_read_storages",        "can_list_storage_files",
    "can_read_formats",         "can_read_files",
    "can_read_proxies",         "can_read_jobs",
    "can_read_users",           "can_read_groups",
    "can_read_custom_actions",  "can_read_system_domains"};
const std::vector<std::string> reviewing_roles{"can_write_approval_status", "can_create_segments",
                                               "can_write_segments"};
const std::vector<std::string> writing_roles{"can_create_assets",
                                             "can_write_assets",
                                             "can_delete_assets",
                                             "can_purge_assets",
                                             "can_reindex_assets",
                                             "can_write_assets_history",
                                             "can_write_versions",
                                             "can_delete_versions",
                                             "can_create_asset_relations",
                                             "can_delete_asset_relations",
                                             "can_delete_segments",
                                             "can_create_collections",
                                             "can_write_collections",
                                             "can_delete_collections",
                                             "can_purge_collections",
                                             "can_write_metadata_values",
                                             "can_write_saved_searches",
                                             "can_write_approval_request",
                                             "can_delete_approval_request",
                                             "can_delete_approval_status",
                                             "can_write_approval_status_in_bulk",
                                             "can_write_shares",
                                             "can_delete_object_shares",
                                             "can_write_acls",
                                             "can_delete_acls",
                                             "can_write_formats",
                                             "can_write_files",
                                             "can_delete_files",
                                             "can_write_proxies",
                                             "can_write_keyframes",
                                             "can_create_transcode_jobs",
                                             "can_archive_formats",
                                             "can_restore_archived_formats",
                                             "can_write_jobs"};
const std::vector<std::string> setting_up_roles{"can_read_apps",
                                                "can_write_webhooks",
                                                "can_read_webhooks",
                                                "can_delete_webhooks",
                                                "can_write_metadata_fields",
                                                "can_write_metadata_views",
                                                "can_write_asset_relation_types"};

} // namespace

void iconik_system::seed_people() {
    const auto add_group = [this](const char* story, const char* title,
                                  std::initializer_list<const std::vector<std::string>*> parts) {
        json::array roles;
        for (const auto* part : parts)
            for (const std::string& role : *part)
                roles.push_back(json::value(role));
        groups_.add({{"id", iconik_seed::id(std::string("group/") + story)},
                     {"name", title},
                     {"roles", std::move(roles)},
                     {"alias", nullptr},
                     {"description", nullptr},
                     {"external_id", nullptr},
                     {"date_created", stamp()},
                     {"date_modified", stamp()}});
    };
    static const std::vector<std::string> no_roles;
    add_group("everyone", "Everyone", {&reading_roles});
    add_group("legal", "Legal", {&reviewing_roles});
    add_group("editors", "Editors", {&reviewing_roles, &writing_roles});
    add_group("integrations", "Integrations",
              {&reviewing_roles, &writing_roles, &setting_up_roles});

    const auto add_user = [this](const char* story, const char* first, const char* last,
                                 const char* group, bool admin, const char* token) {
        const std::string id = iconik_seed::id(std::string("user/") + story);
        json::array groups{json::value(iconik_seed::id("group/everyone"))};
        if (*group) groups.push_back(json::value(iconik_seed::id(std::string("group/") + group)));
        users_.add({{"id", id},
                    {"email", std::string(story) + "@nordlicht.example"},
                    {"first_name", first},
                    {"last_name", last},
                    {"type", admin ? "POWER" : "STANDARD"},
                    {"status", "ACTIVE"},
                    {"groups", std::move(groups)},
                    {"primary_group", iconik_seed::id("group/everyone")},
                    {"is_admin", admin},
                    {"system_domain_id", system_domain_},
                    {"photo", nullptr},
                    {"photo_small", nullptr},
                    {"photo_big", nullptr},
                    {"date_created", stamp()},
                    {"date_modified", stamp()}});
        tokens_.put(token, {id,
                            now() + std::chrono::hours(24 * 3650),
                            {{"app_id", iconik_seed::app_id}, {"id", iconik_seed::id(token)}}});
    };
    add_user("admin", "Ada", "Berg", "", true, iconik_seed::admin_token);
    add_user("editor", "Emil", "Krause", "editors", false, iconik_seed::editor_token);
    add_user("legal", "Lena", "Roth", "legal", false, iconik_seed::legal_token);
    add_user("viewer", "Vera", "Holm", "", false, iconik_seed::viewer_token);
    add_user("integration", "Mortise", "Integration", "integrations", false,
             iconik_seed::integration_token);
    apps_.add({{"id", iconik_seed::app_id},
               {"name", "Sandbox integration"},
               {"description", nullptr},
               {"default_user_id", iconik_seed::id("user/integration")},
               {"url", nullptr},
               {"date_created", stamp()},
               {"date_modified", stamp()}});
}

} // namespace mortise::sandbox::iconik
