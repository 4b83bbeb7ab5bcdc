// SPDX-License-Identifier: Apache-2.0
//
// The connector to iconik. Each area of its operations lives in a source file of its own.
#pragma once

#include "client.hpp"
#include "facts.hpp"
#include "hook.hpp"
#include "inputs.hpp"
#include "settings.hpp"
#include "storage_dialect.hpp"
#include "upload_state.hpp"

#include <mortise/sdk/connector.hpp>
#include <mortise/sdk/services.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace iconik {

class connector {
public:
    using object = mortise::json::object;
    template <class T>
    using task = mortise::task<T>;
    using context = mortise::call_context;

    connector(mortise::instance& in, settings s);
    static void describe(mortise::connector_builder<connector>& b);
    static void describe_operations(mortise::connector_builder<connector>& b);

    task<object> get_asset(context& c, asset_get in);
    task<object> find_assets(context& c, asset_find in);
    task<object> update_asset(context& c, asset_update in);
    task<object> get_collection(context& c, collection_get in);
    task<object> list_collection(context& c, collection_list in);
    task<object> list_collections_of(context& c, collections_of_asset in);
    task<object> list_views(context& c, nothing in);
    task<object> get_metadata(context& c, metadata_get in);
    task<object> set_metadata(context& c, metadata_set in);
    task<object> search_assets(context& c, asset_search in);
    task<object> get_approval(context& c, approval_get in);
    task<object> request_approval(context& c, approval_request in);
    task<object> vote(context& c, approval_vote in);
    task<object> list_files(context& c, parts_list in);
    task<object> list_proxies(context& c, parts_list in);
    task<object> list_keyframes(context& c, parts_list in);
    task<object> add_comment(context& c, comment_add in);
    task<object> find_comment(context& c, comment_add in);
    task<object> current_user(context& c, nothing in);
    task<object> list_webhooks(context& c, nothing in);
    task<object> ensure_webhooks(context& c, webhooks_ensure in);
    task<object> list_history(context& c, history_list in);
    task<object> download_file(context& c, file_download in);
    task<object> download_keyframe(context& c, keyframe_download in);
    task<file_uploaded> answer_upload(context& c, file_upload in);
    task<object> upload_file(context& c, file_upload in);

    // Life of an asset.
    task<object> create_asset(context& c, asset_create in);
    task<object> delete_asset(context& c, asset_which in);
    task<object> archive_asset(context& c, asset_archive in);
    task<object> restore_asset(context& c, asset_which in);
    task<object> archive_status(context& c, asset_which in);
    task<object> list_versions(context& c, asset_which in);
    task<object> create_version(context& c, version_create in);
    task<object> promote_version(context& c, version_which in);
    task<object> add_history(context& c, history_add in);
    task<object> find_history(context& c, history_add in);

    // Collections, metadata.
    task<object> find_collection(context& c, collection_find in);
    task<object> create_collection(context& c, collection_create in);
    task<object> add_to_collection(context& c, collection_member in);
    task<object> remove_from_collection(context& c, collection_member in);
    task<object> list_fields(context& c, nothing in);

    // Review.
    task<object> withdraw_approval(context& c, approval_withdraw in);
    task<object> list_comments(context& c, comment_list in);
    task<object> update_comment(context& c, comment_update in);
    task<object> delete_comment(context& c, comment_which in);
    task<object> add_segment(context& c, segment_add in);
    task<object> find_segment(context& c, segment_add in);
    task<object> list_segments(context& c, segment_list in);
    task<object> delete_segment(context& c, comment_which in);

    // Rights, shares, relations.
    task<object> get_acl(context& c, acl_get in);
    task<object> set_acl(context& c, acl_set in);
    task<object> create_share(context& c, share_create in);
    task<object> find_share(context& c, share_create in);
    task<object> list_shares(context& c, share_list in);
    task<object> revoke_share(context& c, share_revoke in);
    task<object> list_relations(context& c, relation_list in);
    task<object> ensure_relation(context& c, relation_which in);
    task<object> remove_relation(context& c, relation_which in);

    // The tenant.
    task<object> find_user(context& c, user_find in);
    task<object> list_users(context& c, list_all in);
    task<object> find_group(context& c, group_find in);
    task<object> list_groups(context& c, list_all in);
    task<object> get_job(context& c, job_get in);
    task<object> list_jobs(context& c, job_list in);
    task<object> list_names(context& c, names_list in);
    task<object> check_rights(context& c, rights_check in);
    task<object> ensure_custom_action(context& c, custom_action_ensure in);

    task<mortise::webhook_reply> on_webhook(mortise::delivery_context& c, mortise::webhook w);
    task<void> on_poll(mortise::delivery_context& c, std::string cursor);
    task<bool> on_backfill(mortise::delivery_context& c, std::string position);
    task<mortise::connection_report> test(context& c);

private:
    // A change to the state, applied only when nobody else changed it meanwhile.
    struct state_change {
        std::string key;
        mortise::json::value value;
        std::uint64_t expected;
    };
    struct examined {
        std::vector<mortise::event> events;
        std::vector<state_change> changes;
    };
    struct poll_position;
    struct creation {
        bool begun = false; // a request for it was sent by this call
        std::string id;     // when its answer came
    };

    // Shared reading.
    task<object> read_asset(context& c, std::string id, bool include_collections);
    // The approval request as iconik answers it, of the current version when version is empty;
    // nothing when there is none.
    task<std::optional<mortise::json::value>>
    read_approval(context& c, std::string asset_id, std::string version);
    task<object> read_metadata(context& c, std::string type, std::string id, std::string view_id);
    task<mortise::json::array> all_views(context& c);
    // A view by id or name; INPUT with the names there are when it is unknown.
    task<std::string> view_id(context& c, std::string view, enum mortise::category blame);
    task<mortise::json::array> search(context& c, object criteria, std::size_t limit);
    task<object> list_parts(context& c, parts_list in, std::string kind, std::string word);

    task<mortise::json::array> read_segments(
        context& c, std::string asset_id, std::string type, std::string version, std::size_t limit);
    task<bool> is_in_collection(context& c, collection_member in);
    task<mortise::json::value> original_format(context& c, std::string asset_id);
    task<object> archive_state(context& c, std::string asset_id);
    task<mortise::json::value> read_acl(context& c, std::string object_type, std::string object_id);
    task<mortise::json::array> all_fields(context& c);
    task<mortise::json::array> all_custom_actions(context& c);
    task<mortise::json::array> names_of_fields(context& c, std::string view);
    task<mortise::json::array> names_of_values(context& c, std::string field);

    // People; an unknown name is an INPUT error.
    task<std::string> own_id(context& c);
    task<mortise::json::array> all_groups(context& c, std::size_t limit);
    task<std::map<std::string, object>> known_groups(context& c);
    task<std::map<std::string, object>> known_users(context& c, std::set<std::string> ids);
    task<std::optional<mortise::json::value>> user_by_email(context& c, std::string email);
    task<std::string> user_id(context& c, std::string wanted);
    task<std::string> group_id(context& c, std::string wanted);
    task<std::string> storage_id(context& c, std::string wanted);

    // Creations: see creations.cpp. The mark a new object carries, from the call's key when none
    // is given.
    static std::string creation_mark(context& c, const std::string& given);
    task<void> note_creation(context& c, std::string kind, std::string id);
    // Throws UNAVAILABLE while the index may not show the object yet.
    task<creation> creation_of(context& c, std::string kind);
    // Removes what the state keeps of calls that began a month ago.
    task<void> forget_old_calls(std::string of);
    task<mortise::json::array>
    with_external_id(context& c, std::string doc_type, std::string wanted);
    // {found, result}: what an earlier attempt of the call made.
    task<object> find_created_asset(context& c, asset_create in);
    task<std::string> created_collection(context& c, collection_create in); // its id, or empty
    task<object> finished_collection(context& c, std::string id, collection_create in);

    // Content: see downloads.cpp, uploads.cpp, upload_s3.cpp, upload_others.cpp.
    task<object>
    give_content(context& c, std::string url, std::uint64_t offset, object about, std::string what);
    task<mortise::json::array>
    parts_of_version(context& c, std::string asset_id, std::string version_id, std::string kind);
    task<upload_state> read_upload(context& c);
    task<void> keep_upload(context& c, upload_state at);
    task<upload_state> upload_target(context& c, upload_state at, file_upload in);
    task<upload_state> upload_place(context& c, upload_state at, file_upload in);
    task<mortise::json::value> new_file_entry(context& c, upload_state at, file_upload in);
    task<upload_state> send_to_s3(context& c, upload_state at, file_upload in);
    task<upload_state> send_to_gcs(context& c, upload_state at, file_upload in);
    task<upload_state> send_to_b2(context& c, upload_state at, file_upload in);
    task<std::map<int, std::string>> s3_part_urls(context& c, upload_state at, int n, int count);
    task<std::string> storage_call(
        context& c, std::string method, std::string url, std::string body, std::string what);
    task<std::string> transcode_of(context& c, upload_state at, std::string file_created);
    task<bool> bytes_are_there(context& c, upload_state at);
    task<std::map<int, stored_part>>
    s3_parts(context& c, mortise::json::value links, upload_state at);
    task<mortise::json::value> close_upload(context& c, upload_state at);

    // Webhooks: the definition as it should be, POSTed or, with an id, PUT.
    task<mortise::json::value> save_webhook(
        context& c, std::string id, std::string url, std::string event_type, std::string name);
    // Enables again what iconik gave up on; a failure is logged.
    task<void> look_after_webhooks(context& c);
    task<void> mend_webhooks(context& c);
    task<void> take_click(mortise::delivery_context& c, click what);

    // Changes.
    task<asset_facts> read_asset_facts(context& c, std::string id, bool comments);
    task<collection_facts> read_collection_facts(context& c, std::string id);
    task<std::vector<std::string>> watched_views(context& c);
    task<std::map<std::string, std::string>>
    metadata_dates(context& c, std::string type, std::string id);
    task<examined> examine_asset(context& c, std::string id, std::int64_t since, hint h);
    task<examined> examine_collection(context& c, std::string id, std::int64_t since, hint h);
    // Writes the changes; false when another examination was faster somewhere.
    task<bool> keep(std::vector<state_change> changes);
    // Examines, emits, keeps; again when another was faster.
    task<void>
    settle(mortise::delivery_context& c, bool is_asset, std::string id, std::int64_t since, hint h);
    task<std::int64_t> webhook_baseline();

    task<void> poll_changed(mortise::delivery_context& c, poll_position& at, std::string doc_type);
    task<void> poll_collections(mortise::delivery_context& c, poll_position& at);
    task<void> poll_contents(mortise::delivery_context& c, poll_position& at, std::string id);
    // since: what was deleted before (microseconds) has been seen.
    task<void> poll_deleted(mortise::delivery_context& c, poll_position& at, std::int64_t since);
    task<void> poll_again(mortise::delivery_context& c, poll_position& at);
    // Every fact about an asset as events; nothing when it is deleted or cannot be read.
    task<std::vector<mortise::event>> history_of(context& c, std::string id);
    // As settle, but what stays wrong with one object does not stop the others.
    task<void> settle_or_skip(
        mortise::delivery_context& c, bool is_asset, std::string id, std::int64_t since, hint h);

    mortise::instance& in_;
    settings settings_;
    client client_;
    std::map<std::string, std::string, std::less<>> view_ids_; // by name
    std::vector<std::string> watched_views_;
    std::string own_id_;
    std::map<std::string, std::string, std::less<>> action_titles_; // of custom actions, by id
    std::optional<mortise::time_point> webhooks_seen_;
    mortise::metric webhooks_mended_;
};

// "N/A" fields and all: {status, version_id, change_date, ...} of an approval request, for people
// and flows; an empty request reads {"status": "N/A"}.
mortise::json::object approval_summary(const mortise::json::value* request);

// The ids in a list of documents or of ids.
std::vector<std::string> ids_in(const mortise::json::value& from, std::string_view key);

// A segment as comments.list gives it.
mortise::json::object comment_summary(const mortise::json::value& segment);

// {field: [values]} of an answer or payload that wraps each value in an object.
mortise::json::object plain_metadata(const mortise::json::value& answer);

// The values a metadata field allows; empty when it has no list of them.
mortise::json::array options_of(const mortise::json::value& field);

asset_facts facts_of(const mortise::json::object& asset);

} // namespace iconik
