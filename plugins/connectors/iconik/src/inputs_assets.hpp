// SPDX-License-Identifier: Apache-2.0
//
// Inputs about assets, their parts, and the search.
#pragma once

#include "address.hpp"

#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace iconik {

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

struct asset_search {
    std::string query;
    std::optional<mortise::json::object> filter;
    mortise::json::array sort;
    std::vector<std::string> fields;
    mortise::json::array after;
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
            .field("after", &asset_search::after,
                   "Where the last answer ended (its next), with the same query, filter and sort")
            .field("limit", &asset_search::limit, "At most this many")
            .min(1)
            .max(100000);
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

} // namespace iconik
