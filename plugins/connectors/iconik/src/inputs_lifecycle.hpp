// SPDX-License-Identifier: Apache-2.0
//
// Inputs about the life of an asset: created, versioned, archived, deleted, and what its history
// says.
#pragma once

#include "address.hpp"

#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace iconik {

struct asset_which {
    std::string asset_id;
    static auto describe() {
        return mortise::object<asset_which>("Which asset")
            .field("asset_id", &asset_which::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern);
    }
};

struct asset_create {
    std::string title;
    std::string external_id;
    std::string type = "ASSET";
    std::string collection_id;
    static auto describe() {
        return mortise::object<asset_create>("An asset without files")
            .field("title", &asset_create::title, "Title", mortise::required)
            .min(1)
            .field("external_id", &asset_create::external_id,
                   "Own mark, by which a repeated call knows the asset; empty: one is made")
            .field("type", &asset_create::type,
                   "ASSET, SEQUENCE, NLE_PROJECT, PLACEHOLDER, CUSTOM, LINK or SUBCLIP")
            .pattern("^(ASSET|SEQUENCE|NLE_PROJECT|PLACEHOLDER|CUSTOM|LINK|SUBCLIP)$")
            .field("collection_id", &asset_create::collection_id, "Put into this collection")
            .pattern(optional_id_pattern);
    }
};

struct asset_archive {
    std::string asset_id;
    std::string storage;
    bool delete_original = true;
    static auto describe() {
        return mortise::object<asset_archive>("Archive the originals of the current version")
            .field("asset_id", &asset_archive::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("storage", &asset_archive::storage,
                   "Name or id of the archive storage; empty: the tenant's own choice")
            .field("delete_original", &asset_archive::delete_original,
                   "Takes the files away from where they are now");
    }
};

struct version_create {
    std::string asset_id;
    std::int64_t after_version = 0;
    std::string source_version_id;
    bool copy_metadata = true;
    bool copy_segments = false;
    static auto describe() {
        return mortise::object<version_create>("A new version of an asset, without files")
            .field("asset_id", &version_create::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("after_version", &version_create::after_version,
                   "Highest version_number as the caller knows it (versions.list: highest). A "
                   "version above it that this connection's user made is the one wanted, so that "
                   "a repeat makes no second",
                   mortise::required)
            .min(0)
            .field("source_version_id", &version_create::source_version_id,
                   "Version to copy from; empty: the current")
            .pattern(optional_id_pattern)
            .field("copy_metadata", &version_create::copy_metadata, "With its metadata")
            .field("copy_segments", &version_create::copy_segments,
                   "With its comments and markers");
    }
};

struct version_which {
    std::string asset_id;
    std::string version_id;
    static auto describe() {
        return mortise::object<version_which>("Which version")
            .field("asset_id", &version_which::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("version_id", &version_which::version_id, "Id of the version", mortise::required)
            .pattern(id_pattern);
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

struct history_add {
    std::string asset_id;
    std::string operation = "CUSTOM";
    std::string description;
    static auto describe() {
        return mortise::object<history_add>("An entry in the history of an asset")
            .field("asset_id", &history_add::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("operation", &history_add::operation,
                   "iconik's word for what was done; CUSTOM for anything else")
            .pattern("^[A-Z_]{1,40}$")
            .field("description", &history_add::description,
                   "What people read there; a repeated call knows the entry by it",
                   mortise::required)
            .min(1);
    }
};

} // namespace iconik
