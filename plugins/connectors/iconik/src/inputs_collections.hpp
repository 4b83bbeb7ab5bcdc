// SPDX-License-Identifier: Apache-2.0
//
// Inputs about collections and metadata.
#pragma once

#include "address.hpp"

#include <mortise/sdk/schema.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iconik {

enum class object_kind { assets, collections, segments };

enum class set_mode { overwrite, append, remove };

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

struct collection_find {
    std::string title;
    std::string parent_id;
    std::string external_id;
    static auto describe() {
        return mortise::object<collection_find>("Exactly this title or external id")
            .field("title", &collection_find::title, "Title")
            .field("parent_id", &collection_find::parent_id,
                   "Directly in this collection; empty: anywhere")
            .pattern(optional_id_pattern)
            .field("external_id", &collection_find::external_id, "External id");
    }
};

struct collection_create {
    std::string title;
    std::string parent_id;
    std::string external_id;
    std::string view;
    mortise::json::object metadata;
    static auto describe() {
        return mortise::object<collection_create>("A collection")
            .field("title", &collection_create::title, "Title", mortise::required)
            .min(1)
            .field("parent_id", &collection_create::parent_id,
                   "In this collection; empty: at the top")
            .pattern(optional_id_pattern)
            .field("external_id", &collection_create::external_id,
                   "Own mark, by which a repeated call knows the collection; empty: one is made")
            .field("view", &collection_create::view,
                   "Metadata view (id or name) to fill in; needed with metadata")
            .field("metadata", &collection_create::metadata,
                   "Values in that view, as metadata.set takes them");
    }
};

struct collection_member {
    std::string collection_id;
    std::string object_id;
    object_kind object_type = object_kind::assets;
    static auto describe() {
        return mortise::object<collection_member>("An object and a collection")
            .field("collection_id", &collection_member::collection_id, "Id of the collection",
                   mortise::required)
            .pattern(id_pattern)
            .field("object_id", &collection_member::object_id, "Id of the object",
                   mortise::required)
            .pattern(id_pattern)
            .field("object_type", &collection_member::object_type, "assets or collections");
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
