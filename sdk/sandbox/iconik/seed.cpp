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

    seed_people();
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

} // namespace iconik
} // namespace mortise::sandbox
