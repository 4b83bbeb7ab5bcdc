// SPDX-License-Identifier: Apache-2.0
// The emulator's class. Each area of the API lives in a source file of its own and adds its routes
// in <area>_routes(); what several areas need is declared here. Internal.
#pragma once

#include "iconik/iconik.hpp"
#include "iconik/store.hpp"
#include "kit/rate_limiter.hpp"
#include "kit/tokens.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mortise::sandbox::iconik {

// Values of one object (of one version, for assets): the documents of the metadata service.
struct metadata_record {
    std::string date_created;
    std::string date_modified;
    boost::json::object values; // field -> {"date_created", "field_values": [{"value"}]}
};

struct approval_record {
    boost::json::object request;
    std::vector<boost::json::object> votes;
};

struct acl_record {
    std::map<std::string, std::set<std::string>> users;
    std::map<std::string, std::set<std::string>> groups;
};

struct content_entry {
    std::string object_type; // "assets" or "collections"
    std::string object_id;
};

struct stored_content {
    blob bytes;
    std::string type;
    std::string etag; // with quotes
};

// Where B2 takes bytes: for one file, or the parts of a large one.
struct b2_place {
    std::string key;
    std::map<int, blob> parts;
    bool large = false;
    std::string file_id; // of the large file
};

struct multipart_upload {
    std::string key;
    std::map<int, stored_content> parts;
};

class iconik_system final : public emulator {
public:
    explicit iconik_system(emulator_options options);

protected:
    void seed() override;
    boost::json::value state() const override;
    std::optional<reply> before(const request& r) override;
    void after(const request& r, reply& a) override;
    reply error_reply(const request& r, unsigned status, const std::string& message) override;

private:
    using doc = boost::json::object;

    // Areas.
    void auth_routes();
    void user_routes();
    void asset_routes();
    void version_routes();
    void delete_queue_routes();
    void history_routes();
    void relation_routes();
    void segment_routes();
    void collection_routes();
    void metadata_field_routes();
    void metadata_value_routes();
    void search_routes();
    void approval_routes();
    void share_routes();
    void acl_routes();
    void storage_routes();
    void file_routes();
    void upload_routes();
    void proxy_routes();
    void storage_content_routes();
    void job_routes();
    void webhook_routes();
    void custom_action_routes();
    void archive_routes();
    void other_storage_routes();
    void people(); // actions of the control API
    void people_in_review();

    // Routes and answers. role: "" when none is needed.
    void on(const char* method, const char* path, const char* role, handler h);
    reply page(const request& r, std::vector<doc> objects, doc extra = {});
    // Cursor by last id, or pages when no last_id is given.
    reply cursor(const request& r,
                 std::vector<doc> objects,
                 std::string_view key = "id",
                 std::string_view parameter = "last_id",
                 std::size_t default_size = 10);
    std::string stamp() const { return iso_micros(now()); }

    // Who is asking.
    struct caller {
        std::string user_id;
        std::string app_id;
        std::string request_id;
    };
    bool is_admin(const std::string& user_id);
    std::set<std::string> roles_of(const std::string& user_id);
    boost::json::value user_info(const std::string& user_id);
    // Runs fn as that user, for the control API's people.
    template <class Fn>
    auto as_user(const std::string& user_id, Fn fn);
    doc issue_token(const std::string& user_id, const std::string& app_id, bool show);

    // Object rights.
    bool may(const std::string& permission, const std::string& type, const std::string& id);
    void check(const std::string& permission, const std::string& type, const std::string& id);
    void give_default_acl(const std::string& type, const std::string& id);
    // body.permissions instead of what the group had; none: its entry goes.
    void set_group_rights(const std::string& type,
                          const std::string& id,
                          const std::string& group,
                          const doc& body);

    // Assets and collections.
    doc& asset(const std::string& id, const char* permission); // 404, 403
    doc& collection(const std::string& id, const char* permission);
    // What an approval, share or metadata call names: assets, collections, segments...
    void object(const std::string& type, const std::string& id, const char* permission);
    doc& create_asset(const doc& body);
    void delete_asset(const std::string& id);
    void purge_asset(const std::string& id);
    doc& add_version(const std::string& asset_id, const doc& body);
    doc* version_of(doc& asset_doc, std::string_view version_id);
    std::string current_version(const std::string& asset_id);
    doc& create_collection(const doc& body);
    void
    add_content(const std::string& collection_id, const std::string& type, const std::string& id);
    bool remove_content(const std::string& collection_id,
                        const std::string& type,
                        const std::string& id);
    std::vector<std::string> parents_of(const std::string& type, const std::string& id) const;
    std::vector<std::string> ancestors_of(const std::string& type, const std::string& id) const;
    void add_history(const std::string& asset_id,
                     const std::string& operation,
                     const std::string& description);
    void bump(doc& d); // date_modified and updated_by_user

    // Metadata.
    static std::string
    metadata_key(const std::string& type, const std::string& id, const std::string& version);
    metadata_record*
    metadata_of(const std::string& type, const std::string& id, const std::string& version = {});
    // view null: no validation.
    void put_metadata(const std::string& type,
                      const std::string& id,
                      const std::string& version,
                      const doc& values,
                      const doc* view);
    doc metadata_answer(const std::string& type,
                        const std::string& id,
                        const std::string& version,
                        const metadata_record& record,
                        const doc* view);
    void validate_value(const doc& field,
                        const doc& view_field,
                        const std::string& name,
                        const boost::json::array& values);
    doc flat_metadata(const std::string& type, const std::string& id);
    void seed_metadata();
    void seed_people();

    // Search index: documents as lists and search see them, some time after the change.
    void touch(const std::string& type, const std::string& id);
    void index_now(const std::string& type, const std::string& id);
    doc asset_document(const doc& a);
    static doc relation_document(const doc& relation);
    doc collection_document(const doc& c);
    std::vector<doc> indexed(const std::string& type); // readable by the caller
    reply run_search(const request& r, const doc& criteria);
    void sign_urls(doc& document);

    // Approvals.
    approval_record*
    approval_of(const std::string& type, const std::string& id, const std::string& version);
    std::string version_for(const std::string& type, const std::string& id);
    void request_approval(const std::string& type, const std::string& id, const doc& body);
    doc vote(const std::string& type, const std::string& id, const doc& body);
    void update_approval_status(approval_record& a);
    doc approval_answer(const approval_record& a);

    doc withdraw_approval(const std::string& type, const std::string& id); // 404 without one
    doc& create_segment(const std::string& asset_id, const doc& body);

    // Archive.
    void move_format(const std::string& format_id,
                     const std::string& from,
                     const std::string& to,
                     bool keep_bytes,
                     bool archived);
    void set_archive_status(const std::string& format_id, const char* status);

    // Files.
    static std::string key_of_file(const doc& file);
    std::string signed_url(const std::string& verb,
                           const std::string& storage_id,
                           const std::string& key,
                           const std::string& filename = {});
    std::optional<reply> refuse_signature(const request& r, const std::string& verb);
    std::vector<doc> of_asset(table& t, const std::string& asset_id, const request& r);
    doc& create_format(const std::string& asset_id, const doc& body);
    doc& create_file_set(const std::string& asset_id, const doc& body);
    doc& create_file(const std::string& asset_id, const doc& body);
    void close_file(doc& file);
    void add_upload_links(const doc& file, doc& out);
    reply begin_gcs_session(const request& r);
    static stored_content stored(blob bytes, const std::string& type, std::string etag = {});
    doc file_answer(const doc& file, bool with_upload, bool with_url);
    doc proxy_answer(const doc& proxy, bool with_upload, bool with_url);
    std::string storage_for(std::string_view purpose);
    std::string start_transcode(const std::string& asset_id, const std::string& version_id);
    void make_proxies(const std::string& asset_id, const std::string& version_id);
    // Format, file set, file and bytes in one go, as an import does.
    // checksum: MD5 where it is known already.
    void put_original(const std::string& asset_id,
                      const std::string& name,
                      blob bytes,
                      const std::string& type,
                      const std::string& checksum = {});

    // Jobs.
    doc& create_job(const std::string& type,
                    const std::string& title,
                    const std::string& object_type,
                    const std::string& object_id);
    // READY -> STARTED -> (work) FINISHED, by the clock.
    void run_job(const std::string& job_id, std::function<void()> work);

    // An id or a story name ("hero-film") of a play's input; 400 when it is missing.
    static std::string story_id(const doc& o,
                                const char* key,
                                const std::string& kind,
                                const std::string& otherwise = {});

    // Webhooks.
    void emit(const std::string& event_type,
              const std::string& object_id,
              const std::string& realm,
              const std::string& operation,
              doc data);
    void deliver(const std::string& hook_id, const std::string& payload, int attempt);
    void run_custom_action(const doc& action, const doc& selection, const std::string& user_id);

    caller caller_;
    std::size_t remaining_ = 0;
    rate_limiter limiter_;
    token_store tokens_;
    std::string system_domain_;
    milliseconds index_delay_;
    milliseconds job_delay_;
    milliseconds retry_delay_;
    milliseconds url_life_;
    int give_up_after_;

    table users_{"User"}, groups_{"Group"}, apps_{"App"};
    table assets_{"Asset"}, collections_{"Collection"}, segments_{"Segment"};
    table history_{"History entry"}, relations_{"Relation"}, relation_types_{"Relation type"};
    table fields_{"Metadata field"}, views_{"Metadata view"};
    table storages_{"Storage"}, formats_{"Format"}, file_sets_{"File set"}, files_{"File"};
    table proxies_{"Proxy"}, keyframes_{"Keyframe"};
    table jobs_{"Job"}, webhooks_{"Webhook"}, custom_actions_{"Custom action"}, shares_{"Share"};
    table saved_searches_{"Saved search"};
    std::map<std::string, std::vector<content_entry>> contents_; // by collection
    std::map<std::string, metadata_record> metadata_;
    std::map<std::string, approval_record> approvals_;
    std::map<std::string, acl_record> acls_;
    std::map<std::string, stored_content> content_; // "storage/key"
    std::map<std::string, multipart_upload> uploads_;
    std::map<std::string, b2_place> b2_places_;                        // by token
    std::map<std::string, std::pair<std::string, blob>> gcs_sessions_; // key and bytes by id
    std::map<std::string, std::map<std::string, doc>> index_;          // type -> id -> document
    std::set<std::string> index_pending_;
    std::map<std::string, std::pair<std::vector<doc>, std::size_t>> scrolls_;
    std::set<std::string> archive_failures_;
    std::map<std::string, int> failures_; // webhook id -> failed deliveries in a row
};

template <class Fn>
auto iconik_system::as_user(const std::string& user_id, Fn fn) {
    struct restore {
        iconik_system& self;
        caller saved;
        ~restore() { self.caller_ = saved; }
    };
    const restore guard{*this, caller_};
    caller_ = {user_id, iconik_seed::app_id, ids().hex(32)};
    return fn();
}

} // namespace mortise::sandbox::iconik
