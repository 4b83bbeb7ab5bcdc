// SPDX-License-Identifier: Apache-2.0
//
// What the operations take. What they give is mostly iconik's own documents, passed on as they come
// (new fields appear there without notice), with a few fields added; see README.md.
#pragma once

#include "address.hpp"

#include <mortise/sdk/schema.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace iconik {

enum class object_kind { assets, collections, segments };
enum class set_mode { overwrite, append, remove };
enum class vote_status { approved, not_approved };

struct nothing {
    static auto describe() { return mortise::object<nothing>("No input"); }
};

struct asset_get {
    std::string asset_id;
    bool include_collections = false;
    static auto describe() {
        return mortise::object<asset_get>("Which asset")
            .field("asset_id", &asset_get::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("include_collections", &asset_get::include_collections,
                   "With the ids of the collections it is in");
    }
};

struct asset_find {
    std::string external_id;
    std::string title;
    std::int64_t limit = 20;
    static auto describe() {
        return mortise::object<asset_find>("Exactly this external id or title; neither is unique")
            .field("external_id", &asset_find::external_id, "External id")
            .field("title", &asset_find::title, "Title")
            .field("limit", &asset_find::limit, "At most this many")
            .min(1)
            .max(1000);
    }
};

struct asset_update {
    std::string asset_id;
    mortise::json::object fields;
    static auto describe() {
        return mortise::object<asset_update>("Fields of an asset to change")
            .field("asset_id", &asset_update::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("fields", &asset_update::fields,
                   "Such as title, external_id, external_link, category, is_blocked, warning",
                   mortise::required);
    }
};

struct collection_get {
    std::string collection_id;
    static auto describe() {
        return mortise::object<collection_get>("Which collection")
            .field("collection_id", &collection_get::collection_id, "Id of the collection",
                   mortise::required)
            .pattern(id_pattern);
    }
};

struct collection_list {
    std::string collection_id;
    std::vector<object_kind> object_types;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<collection_list>("What is directly in a collection")
            .field("collection_id", &collection_list::collection_id, "Id of the collection",
                   mortise::required)
            .pattern(id_pattern)
            .field("object_types", &collection_list::object_types,
                   "assets, collections; empty: both")
            .field("limit", &collection_list::limit, "At most this many")
            .min(1)
            .max(100000);
    }
};

struct collections_of_asset {
    std::string asset_id;
    std::string view;
    static auto describe() {
        return mortise::object<collections_of_asset>("The collections an asset is in")
            .field("asset_id", &collections_of_asset::asset_id, "Id of the asset",
                   mortise::required)
            .pattern(id_pattern)
            .field("view", &collections_of_asset::view,
                   "With each collection's values in this metadata view (id or name)");
    }
};

struct metadata_get {
    object_kind object_type = object_kind::assets;
    std::string object_id;
    std::string view;
    static auto describe() {
        return mortise::object<metadata_get>("Values of one object in one view")
            .field("object_type", &metadata_get::object_type, "Kind of the object")
            .field("object_id", &metadata_get::object_id, "Id of the object", mortise::required)
            .pattern(id_pattern)
            .field("view", &metadata_get::view, "Id or name of the metadata view",
                   mortise::required)
            .min(1);
    }
};

struct metadata_set {
    object_kind object_type = object_kind::assets;
    std::string object_id;
    std::string view;
    mortise::json::object values;
    set_mode mode = set_mode::overwrite;
    static auto describe() {
        return mortise::object<metadata_set>("Values to set")
            .field("object_type", &metadata_set::object_type, "Kind of the object")
            .field("object_id", &metadata_set::object_id, "Id of the object", mortise::required)
            .pattern(id_pattern)
            .field("view", &metadata_set::view, "Id or name of the metadata view",
                   mortise::required)
            .min(1)
            .field("values", &metadata_set::values,
                   "Field name to a list of values; a single value stands for a list of one, [] "
                   "or null empties the field",
                   mortise::required)
            .field("mode", &metadata_set::mode,
                   "overwrite the fields, append what is missing, or delete these values");
    }
};

struct asset_search {
    std::string query;
    std::optional<mortise::json::object> filter;
    mortise::json::array sort;
    std::vector<std::string> fields;
    std::int64_t limit = 100;
    static auto describe() {
        return mortise::object<asset_search>("A search in iconik's index, which lags by seconds")
            .field("query", &asset_search::query, "Text in Lucene syntax; empty: all")
            .field("filter", &asset_search::filter,
                   "iconik's filter: {operator, terms: [{name, value|value_in|range|exists}], "
                   "filters}")
            .field("sort", &asset_search::sort,
                   "[{name, order}]; by date_created, newest first, when empty")
            .field("fields", &asset_search::fields, "Only these fields of each asset")
            .field("limit", &asset_search::limit, "At most this many")
            .min(1)
            .max(100000);
    }
};

struct approval_get {
    std::string asset_id;
    std::string version_id;
    static auto describe() {
        return mortise::object<approval_get>("Approval of an asset")
            .field("asset_id", &approval_get::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("version_id", &approval_get::version_id, "Of this version; empty: the current")
            .pattern("^[A-Za-z0-9_-]{0,128}$");
    }
};

struct approval_request {
    std::string asset_id;
    std::vector<std::string> users;
    std::vector<std::string> groups;
    std::int64_t min_number = 1;
    static auto describe() {
        return mortise::object<approval_request>("Ask for approval of the current version")
            .field("asset_id", &approval_request::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("users", &approval_request::users, "Ids of the reviewers")
            .field("groups", &approval_request::groups, "Ids of groups of reviewers")
            .field("min_number", &approval_request::min_number, "Approvals needed")
            .min(1);
    }
};

struct approval_vote {
    std::string asset_id;
    vote_status status = vote_status::approved;
    static auto describe() {
        return mortise::object<approval_vote>("The connection's own vote")
            .field("asset_id", &approval_vote::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("status", &approval_vote::status, "The vote", mortise::required);
    }
};

struct parts_list {
    std::string asset_id;
    bool download_urls = false;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<parts_list>("Parts of an asset")
            .field("asset_id", &parts_list::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("download_urls", &parts_list::download_urls,
                   "Also asks, one by one, for links with the proper file name (download_url); "
                   "files and proxies only")
            .field("limit", &parts_list::limit, "At most this many")
            .min(1)
            .max(10000);
    }
};

struct comment_add {
    std::string asset_id;
    std::string text;
    std::optional<std::int64_t> time_start_ms;
    std::optional<std::int64_t> time_end_ms;
    std::string parent_id;
    std::string external_id;
    static auto describe() {
        return mortise::object<comment_add>("A comment on an asset")
            .field("asset_id", &comment_add::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("text", &comment_add::text, "The comment", mortise::required)
            .min(1)
            .field("time_start_ms", &comment_add::time_start_ms, "Where in the media it begins")
            .min(0)
            .field("time_end_ms", &comment_add::time_end_ms, "Where it ends")
            .min(0)
            .field("parent_id", &comment_add::parent_id, "The comment this one replies to")
            .field("external_id", &comment_add::external_id,
                   "Own mark, by which a repeated call knows the comment; else text and time");
    }
};

struct webhooks_ensure {
    std::string url;
    std::vector<std::string> event_types{"assets", "collections"};
    std::string name = "Mortise";
    static auto describe() {
        return mortise::object<webhooks_ensure>("Webhooks that should be there")
            .field("url", &webhooks_ensure::url,
                   "Where iconik reaches this connection: https://HOST/hooks/CONNECTION",
                   mortise::required)
            .uri()
            .field("event_types", &webhooks_ensure::event_types, "One webhook for each")
            .min(1)
            .field("name", &webhooks_ensure::name, "Name shown in iconik");
    }
};

struct history_list {
    std::string asset_id;
    std::vector<std::string> operation_types;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<history_list>("History of an asset")
            .field("asset_id", &history_list::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("operation_types", &history_list::operation_types,
                   "Only these, such as APPROVE, REJECT, VERSION_CREATE, DOWNLOAD")
            .field("limit", &history_list::limit, "At most this many")
            .min(1)
            .max(100000);
    }
};

} // namespace iconik

template <>
struct mortise::enum_names<iconik::object_kind> {
    static constexpr std::array values{
        std::pair{iconik::object_kind::assets, std::string_view("assets")},
        std::pair{iconik::object_kind::collections, std::string_view("collections")},
        std::pair{iconik::object_kind::segments, std::string_view("segments")}};
};
template <>
struct mortise::enum_names<iconik::set_mode> {
    static constexpr std::array values{
        std::pair{iconik::set_mode::overwrite, std::string_view("overwrite")},
        std::pair{iconik::set_mode::append, std::string_view("append")},
        std::pair{iconik::set_mode::remove, std::string_view("delete")}};
};
template <>
struct mortise::enum_names<iconik::vote_status> {
    static constexpr std::array values{
        std::pair{iconik::vote_status::approved, std::string_view("APPROVED")},
        std::pair{iconik::vote_status::not_approved, std::string_view("NOT_APPROVED")}};
};
