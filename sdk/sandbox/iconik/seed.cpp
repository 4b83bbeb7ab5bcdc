// SPDX-License-Identifier: Apache-2.0
// The start state. One story with the other emulators: campaigns C-1001 and C-1002 (external system
// "MRM"), account A-2001 "Nordlicht GmbH", project P-3001.
#include "iconik/system.hpp"

#include <map>
#include <mutex>

namespace json = boost::json;

namespace mortise::sandbox {

std::string iconik_seed::id(const std::string& story_name) {
    return id_source::named_uuid("iconik/" + story_name);
}

std::unique_ptr<emulator> make_iconik(emulator_options options) {
    return make_emulator<iconik::iconik_system>(std::move(options));
}

system_entry describe_iconik() {
    return {"iconik",
            "iconik media asset management",
            1,
            "",
            {{"app_id", iconik_seed::app_id}, {"auth_token", iconik_seed::integration_token}},
            [](emulator_options o) { return make_iconik(std::move(o)); }};
}

namespace iconik {

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

struct field_seed {
    const char* name;
    const char* label;
    const char* type;
    bool multi;
    std::vector<const char*> options;
};

const std::vector<field_seed> field_seeds{
    {"campaign_id", "Campaign", "string_exact", true, {}},
    {"account_id", "Account", "string_exact", false, {}},
    {"project_id", "Project", "string_exact", false, {}},
    {"product_type",
     "Product type",
     "drop_down",
     false,
     {"Campaign", "Packshot", "Brand", "Social"}},
    {"territories", "Territories", "drop_down", true, {"DE", "AT", "CH", "SE", "US", "WORLD"}},
    {"usage_rights",
     "Usage rights",
     "drop_down",
     false,
     {"Unrestricted", "Restricted", "Expired", "Unknown"}},
    {"expiry_date", "Rights expire on", "date", false, {}},
    {"rights_status",
     "Rights status",
     "drop_down",
     false,
     {"Cleared", "Pending", "Restricted", "Expired", "Revoked"}},
    {"approval_status",
     "Approval",
     "drop_down",
     false,
     {"Draft", "In Review", "Approved", "Rejected"}},
    {"workspace_status", "Workspace status", "string", false, {}},
    {"workspace_id", "Business workspace", "string_exact", false, {}},
    {"archive_state", "Archive", "drop_down", false, {"None", "Requested", "Archived"}},
    {"description", "Description", "text", false, {}},
    {"keywords", "Keywords", "tag_cloud", true, {}},
    {"legal_note", "Legal note", "text", false, {}},
    {"document_url", "Document", "url", false, {}},
    {"budget", "Budget", "integer", false, {}},
    {"talent_release", "Talent release on file", "boolean", false, {}},
    {"media_kind",
     "Kind of media",
     "drop_down",
     false,
     {"Demo", "Testimonial", "Recording", "Webinar", "Training", "Executive Message"}},
    {"program_id", "Program", "string_exact", true, {}},
    {"governance_status", "Governance", "string", false, {}},
    {"governance_open", "Still open", "string", true, {}},
    {"publish_ready", "May be published", "boolean", false, {}},
    {"approval_record", "Approval record", "text", false, {}},
    {"vendor_id", "Vendor", "string_exact", false, {}},
    {"retention_date", "Retained until", "date", false, {}},
    {"business_record", "Business record", "url", false, {}},
    {"signoff_documents", "Sign-off documents", "string", true, {}},
    {"milestone", "Milestone", "string", false, {}},
    {"milestones", "Milestones", "string", true, {}},
    {"deadline", "Deadline", "date", false, {}},
    {"production_status", "Production", "string", false, {}},
    {"change_requests", "Change requests", "string", true, {}},
    {"vendor_feedback", "Feedback to the vendor", "text", false, {}},
    {"invoice_status", "Invoice", "drop_down", false, {"None", "Received", "Approved", "Paid"}},
};

struct asset_seed {
    const char* story;
    const char* title;
    const char* collection;
    const char* file;
    const char* type;
    std::size_t size;
    std::vector<const char*> campaigns;
    const char* product;
    const char* rights;
    const char* expires;
    const char* approval;
};

const std::vector<asset_seed> asset_seeds{
    {"hero-film",
     "Spring Launch Hero Film",
     "spring-launch",
     "hero_film.mp4",
     "video/mp4",
     3'000'000,
     {"C-1001"},
     "Campaign",
     "Restricted",
     "2027-03-31",
     "In Review"},
    {"social-cut",
     "Spring Launch Social Cut 15s",
     "spring-launch",
     "social_cut_15s.mp4",
     "video/mp4",
     700'000,
     {"C-1001"},
     "Social",
     "Restricted",
     "2027-03-31",
     "Draft"},
    {"packshot-front",
     "Packshot Lumen One Front",
     "spring-launch",
     "packshot_front.png",
     "image/png",
     240'000,
     {"C-1001"},
     "Packshot",
     "Unrestricted",
     "",
     "Approved"},
    {"packshot-side",
     "Packshot Lumen One Side",
     "spring-launch",
     "packshot_side.png",
     "image/png",
     230'000,
     {"C-1001"},
     "Packshot",
     "Unrestricted",
     "",
     "Approved"},
    {"key-visual",
     "Key Visual Spring",
     "spring-launch",
     "key_visual.psd",
     "image/vnd.adobe.photoshop",
     900'000,
     {"C-1001", "C-1002"},
     "Campaign",
     "Restricted",
     "2026-12-31",
     "In Review"},
    {"radio-spot",
     "Radio Spot 30s",
     "spring-launch",
     "radio_spot_30s.wav",
     "audio/wav",
     500'000,
     {"C-1001"},
     "Campaign",
     "Restricted",
     "2026-09-30",
     "Draft"},
    {"teaser",
     "Autumn Teaser",
     "autumn-teaser",
     "autumn_teaser.mov",
     "video/quicktime",
     1'500'000,
     {"C-1002"},
     "Campaign",
     "Restricted",
     "2026-11-30",
     "Draft"},
    {"teaser-still",
     "Autumn Teaser Still",
     "autumn-teaser",
     "teaser_still.jpg",
     "image/jpeg",
     180'000,
     {"C-1002"},
     "Campaign",
     "Unknown",
     "",
     "Draft"},
    {"interview",
     "Interview A",
     "autumn-teaser",
     "interview_a.mxf",
     "application/mxf",
     1'200'000,
     {"C-1002"},
     "Campaign",
     "Restricted",
     "2026-10-15",
     "Draft"},
    {"logo",
     "Nordlicht Logo",
     "brand",
     "nordlicht_logo.png",
     "image/png",
     60'000,
     {},
     "Brand",
     "Unrestricted",
     "",
     "Approved"},
    {"brand-guide",
     "Brand Guide 2026",
     "brand",
     "brand_guide_2026.pdf",
     "application/pdf",
     400'000,
     {},
     "Brand",
     "Unrestricted",
     "",
     "Approved"},
    {"old-spot",
     "Winter Spot 2024",
     "brand",
     "winter_spot_2024.mp4",
     "video/mp4",
     600'000,
     {},
     "Campaign",
     "Expired",
     "2025-01-31",
     "Approved"},
};

json::object one(const json::value& v) {
    return {{"field_values", json::array{json::object{{"value", v}}}}};
}

template <class List>
json::object several(const List& list) {
    json::array out;
    for (const char* v : list)
        out.push_back(json::object{{"value", v}});
    return {{"field_values", std::move(out)}};
}

// Bytes that differ from asset to asset and are the same in every run.
struct seeded_file {
    blob bytes;
    std::string checksum;
};

// The same in every emulator, so it is made once: tests make emulators by the hundred.
seeded_file seed_content(const std::string& name, std::size_t size) {
    static std::mutex mutex;
    static std::map<std::pair<std::string, std::size_t>, seeded_file> made;
    const std::lock_guard lock(mutex);
    seeded_file& f = made[{name, size}];
    if (!f.checksum.empty()) return f;
    std::string out = "sandbox content of " + name + "\n";
    std::uint64_t x = std::hash<std::size_t>{}(size) | 1;
    out.reserve(size);
    while (out.size() < size) {
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        out += static_cast<char>(x >> 56);
    }
    out.resize(size);
    f.bytes = blob(std::move(out));
    f.checksum = md5_hex(f.bytes);
    return f;
}

} // namespace

void iconik_system::seed() {
    for (table* t : {&users_,    &groups_,        &apps_,      &assets_,         &collections_,
                     &segments_, &history_,       &relations_, &relation_types_, &fields_,
                     &views_,    &storages_,      &formats_,   &file_sets_,      &files_,
                     &proxies_,  &keyframes_,     &jobs_,      &webhooks_,       &custom_actions_,
                     &shares_,   &saved_searches_})
        t->clear();
    contents_.clear();
    metadata_.clear();
    approvals_.clear();
    acls_.clear();
    content_.clear();
    uploads_.clear();
    b2_places_.clear();
    gcs_sessions_.clear();
    index_.clear();
    index_pending_.clear();
    scrolls_.clear();
    failures_.clear();
    archive_failures_.clear();
    tokens_.clear();
    limiter_.set(options().rate_limit == 0 ? 1000 : options().rate_limit, std::chrono::seconds(20));
    limiter_.reset();
    system_domain_ = iconik_seed::id("system-domain");

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

    for (const char* purpose : {"FILES", "PROXIES", "KEYFRAMES", "ARCHIVE"}) {
        const bool files = std::string(purpose) == "FILES";
        storages_.add(
            {{"id", iconik_seed::id(files ? "storage/s3" : std::string("storage/") + purpose)},
             {"name", files ? "S3" : std::string("iconik ") + purpose},
             {"method", "S3"},
             {"purpose", purpose},
             {"settings", doc{{"bucket", "sandbox"}, {"region", "eu-central-1"}}},
             {"status", "ACTIVE"},
             {"status_message", nullptr},
             {"scanner_status", nullptr},
             {"last_scanned", nullptr},
             {"description", nullptr},
             {"default", true},
             {"version", "1"}});
    }
    for (const char* method : {"GCS", "B2"}) {
        doc other = *storages_.find(iconik_seed::id("storage/s3"));
        other["id"] = iconik_seed::id(std::string("storage/") + method);
        other["name"] = method;
        other["method"] = method;
        other["settings"] = doc{{"bucket", "sandbox"}};
        other["default"] = false;
        storages_.add(std::move(other));
    }
    for (const auto& [name, label] : {std::pair{"derived_from", "is derived from"},
                                      {"related", "is related to"},
                                      {"contains_element", "contains"}})
        relation_types_.add({{"id", name},
                             {"name", name},
                             {"source_label", label},
                             {"destination_label", label},
                             {"is_directional", true},
                             {"is_system", false},
                             {"description", nullptr}});

    seed_metadata();

    // The rest is done by people, so that history, rights and events come out as usual.
    caller_ = {iconik_seed::id("user/editor"), iconik_seed::app_id, ids().hex(32)};
    const auto add_collection = [this](const char* story, const char* title, const char* parent) {
        doc body{{"id", iconik_seed::id(std::string("collection/") + story)}, {"title", title}};
        if (*parent) body["parent_id"] = iconik_seed::id(std::string("collection/") + parent);
        create_collection(body);
    };
    add_collection("campaigns", "Campaigns", "");
    add_collection("spring-launch", "Spring Launch 2026", "campaigns");
    add_collection("autumn-teaser", "Autumn Teaser", "campaigns");
    add_collection("brand", "Brand", "");
    const auto collection_values = [this](const char* story, const doc& values) {
        put_metadata("collections", iconik_seed::id(std::string("collection/") + story), {}, values,
                     nullptr);
    };
    collection_values("spring-launch",
                      {{"campaign_id", one("C-1001")},
                       {"account_id", one("A-2001")},
                       {"project_id", one("P-3001")},
                       {"budget", one(250'000)},
                       {"territories", several(std::vector<const char*>{"DE", "AT", "CH"})}});
    collection_values("autumn-teaser",
                      {{"campaign_id", one("C-1002")}, {"account_id", one("A-2001")}});

    for (const asset_seed& s : asset_seeds) {
        const std::string id = iconik_seed::id(std::string("asset/") + s.story);
        create_asset(
            {{"id", id}, {"title", s.title}, {"external_id", std::string("NL-") + s.story}});
        add_content(iconik_seed::id(std::string("collection/") + s.collection), "assets", id);
        const seeded_file original = seed_content(s.file, s.size);
        put_original(id, s.file, original.bytes, s.type, original.checksum);
        doc values{{"product_type", one(s.product)},
                   {"usage_rights", one(s.rights)},
                   {"approval_status", one(s.approval)},
                   {"account_id", one("A-2001")},
                   {"territories", several(std::vector<const char*>{"DE", "AT"})}};
        if (!s.campaigns.empty()) values["campaign_id"] = several(s.campaigns);
        if (*s.expires) values["expiry_date"] = one(s.expires);
        put_metadata("assets", id, {}, values, &views_.need(iconik_seed::id("view/marketing")));
        make_proxies(id, current_version(id));
    }
    // A second version, an open approval, a comment, a relation.
    const std::string hero = iconik_seed::id("asset/hero-film");
    add_version(hero, {});
    const seeded_file second = seed_content("hero_film_v2.mp4", 3'100'000);
    put_original(hero, "hero_film_v2.mp4", second.bytes, "video/mp4", second.checksum);
    make_proxies(hero, current_version(hero));
    request_approval("assets", hero,
                     {{"users", json::array{json::value(iconik_seed::id("user/legal"))}}});
    const std::string comment = iconik_seed::id("segment/first-comment");
    segments_.add({{"id", comment},
                   {"asset_id", hero},
                   {"version_id", current_version(hero)},
                   {"segment_type", "COMMENT"},
                   {"segment_text", "The logo comes two frames early."},
                   {"segment_checked", false},
                   {"time_start_milliseconds", 4200},
                   {"time_end_milliseconds", 6000},
                   {"status", "ACTIVE"},
                   {"parent_id", nullptr},
                   {"top_level", true},
                   {"path", comment},
                   {"user_id", caller_.user_id},
                   {"user_info", user_info(caller_.user_id)},
                   {"metadata", doc{}},
                   {"has_drawing", false},
                   {"date_created", stamp()},
                   {"date_modified", stamp()}});
    relations_.add({{"id", iconik_seed::id("relation/social-hero")},
                    {"asset_id", iconik_seed::id("asset/social-cut")},
                    {"related_to_asset_id", hero},
                    {"relation_type", "derived_from"},
                    {"description", nullptr},
                    {"date_created", stamp()},
                    {"date_modified", stamp()}});
    if (!options().webhook_target.empty())
        for (const char* type : {"assets", "collections"})
            webhooks_.add({{"id", iconik_seed::id(std::string("webhook/") + type)},
                           {"url", options().webhook_target},
                           {"event_type", type},
                           {"status", "ENABLED"},
                           {"name", std::string("Sandbox ") + type},
                           {"description", nullptr},
                           {"object_id", nullptr},
                           {"realm", nullptr},
                           {"operation", nullptr},
                           {"query", nullptr},
                           {"headers", doc{}},
                           {"date_created", stamp()},
                           {"date_modified", stamp()},
                           {"first_failed_at", nullptr},
                           {"last_error", nullptr},
                           {"last_payload", nullptr},
                           {"deleted_at", nullptr}});
    caller_ = {};
    for (const std::string& id : assets_.ids())
        index_now("assets", id);
    for (const std::string& id : collections_.ids())
        index_now("collections", id);
    for (const std::string& id : segments_.ids())
        index_now("segments", id);
}

void iconik_system::seed_metadata() {
    json::array view_fields;
    for (const field_seed& f : field_seeds) {
        json::array options;
        for (const char* o : f.options)
            options.push_back(doc{{"label", o}, {"value", o}});
        fields_.add({{"id", f.name},
                     {"name", f.name},
                     {"label", f.label},
                     {"field_type", f.type},
                     {"description", nullptr},
                     {"multi", f.multi},
                     {"options", std::move(options)},
                     {"source_url", nullptr},
                     {"min_value", nullptr},
                     {"max_value", nullptr},
                     {"required", false},
                     {"read_only", false},
                     {"auto_set", false},
                     {"hide_if_not_set", false},
                     {"sortable", true},
                     {"use_as_facet", !f.options.empty()},
                     {"representative", false},
                     {"is_block_field", false},
                     {"is_warning_field", false},
                     {"external_id", nullptr},
                     {"mapped_field_name", nullptr},
                     {"date_created", stamp()},
                     {"date_modified", stamp()}});
        view_fields.push_back(
            doc{{"name", f.name}, {"label", nullptr}, {"required", false}, {"read_only", false}});
    }
    views_.add({{"id", iconik_seed::id("view/marketing")},
                {"name", "Marketing"},
                {"description", "Campaign, rights and approval of an asset"},
                {"view_fields", std::move(view_fields)},
                {"date_created", stamp()},
                {"date_modified", stamp()}});
    json::array rights;
    for (const char* name :
         {"usage_rights", "expiry_date", "territories", "rights_status", "legal_note"})
        rights.push_back(doc{{"name", name},
                             {"label", nullptr},
                             {"required", std::string(name) == "usage_rights"},
                             {"read_only", false}});
    views_.add({{"id", iconik_seed::id("view/rights")},
                {"name", "Rights"},
                {"description", "Usage rights"},
                {"view_fields", std::move(rights)},
                {"date_created", stamp()},
                {"date_modified", stamp()}});
}

} // namespace iconik
} // namespace mortise::sandbox
