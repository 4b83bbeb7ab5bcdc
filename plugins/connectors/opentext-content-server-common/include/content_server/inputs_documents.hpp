// SPDX-License-Identifier: Apache-2.0
//
// What the operations on documents, copies and paths take and answer.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace content_server {

namespace json = mortise::json;

struct version_add {
    json::value id;
    std::string name;
    std::optional<std::string> text;
    std::optional<std::string> media_type;
    std::optional<std::uint64_t> size;
    std::string description;
    static auto describe() {
        return mortise::object<version_add>("A new version; from text or from the call's content")
            .field("id", &version_add::id, "Id of the document", mortise::required)
            .field("name", &version_add::name, "File name; empty: the document's name")
            .field("text", &version_add::text, "Content, when the call brings none")
            .field("media_type", &version_add::media_type,
                   "Media type; without it text/plain for text, else that of the content")
            .field("size", &version_add::size, "Length of the content, where it is known")
            .field("description", &version_add::description,
                   "Description of the version; one that no other version has makes a repeat safe "
                   "to recognise")
            .max(255);
    }
};

// Also takes the input of versions.add, before which it looks.
struct version_find {
    json::value id;
    std::string name;
    std::optional<std::string> text;
    std::optional<std::uint64_t> size;
    std::string description;
    static auto describe() {
        return mortise::object<version_find>("A version as it would have been added")
            .field("id", &version_find::id, "Id of the document", mortise::required)
            .field("name", &version_find::name, "Its file name")
            .field("text", &version_find::text, "Exactly this content")
            .field("size", &version_find::size, "Exactly this length")
            .field("description", &version_find::description, "Exactly this description")
            .allow_unknown();
    }
};

struct version_get {
    json::value id;
    std::optional<std::int64_t> version;
    static auto describe() {
        return mortise::object<version_get>("A version")
            .field("id", &version_get::id, "Id of the document", mortise::required)
            .field("version", &version_get::version, "Its number; without it the newest")
            .min(1);
    }
};

struct version_info {
    std::int64_t id = 0;
    std::int64_t version = 0;
    std::string name;
    std::string media_type;
    std::uint64_t size = 0;
    std::string description;
    std::string create_date;
    std::int64_t owner_id = 0;
    static auto describe() {
        return mortise::object<version_info>("A version of a document")
            .field("id", &version_info::id, "Id of the document", mortise::required)
            .field("version", &version_info::version, "Number", mortise::required)
            .field("name", &version_info::name, "File name", mortise::required)
            .field("media_type", &version_info::media_type, "Media type", mortise::required)
            .field("size", &version_info::size, "Bytes", mortise::required)
            .field("description", &version_info::description, "Description", mortise::required)
            .field("create_date", &version_info::create_date, "When it was added",
                   mortise::required)
            .field("owner_id", &version_info::owner_id, "Who added it", mortise::required);
    }
};

struct version_found {
    bool found = false;
    std::optional<version_info> result;
    static auto describe() {
        return mortise::object<version_found>("Was it found?")
            .field("found", &version_found::found, "Is there one?", mortise::required)
            .field("result", &version_found::result, "The newest such version");
    }
};

struct node_download {
    json::value id;
    std::optional<std::int64_t> version;
    std::uint64_t offset = 0;
    static auto describe() {
        return mortise::object<node_download>("The content of a document")
            .field("id", &node_download::id, "Id of the document", mortise::required)
            .field("version", &node_download::version, "Number; without it the newest")
            .min(1)
            .field("offset", &node_download::offset, "First byte wanted");
    }
};

struct node_content {
    std::int64_t id = 0;
    std::int64_t version = 0;
    std::string name;
    std::string media_type;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
    static auto describe() {
        return mortise::object<node_content>("What comes as the call's content")
            .field("id", &node_content::id, "Id of the document", mortise::required)
            .field("version", &node_content::version, "Number of the version", mortise::required)
            .field("name", &node_content::name, "Name of the document", mortise::required)
            .field("media_type", &node_content::media_type, "Media type", mortise::required)
            .field("size", &node_content::size, "Bytes in all", mortise::required)
            .field("offset", &node_content::offset, "Where the content begins", mortise::required);
    }
};

struct node_copy {
    json::value id;
    json::value parent_id;
    std::string name;
    static auto describe() {
        return mortise::object<node_copy>("A copy of an item")
            .field("id", &node_copy::id, "Id of the item", mortise::required)
            .field("parent_id", &node_copy::parent_id, "Where the copy goes", mortise::required)
            .field("name", &node_copy::name, "Name of the copy, unique there", mortise::required)
            .min(1);
    }
};

struct node_create_shortcut {
    json::value parent_id;
    std::string name;
    json::value original_id;
    static auto describe() {
        return mortise::object<node_create_shortcut>("A shortcut to an item")
            .field("parent_id", &node_create_shortcut::parent_id, "Id of the container",
                   mortise::required)
            .field("name", &node_create_shortcut::name, "Name, unique in the container",
                   mortise::required)
            .min(1)
            .field("original_id", &node_create_shortcut::original_id, "Id of the item it leads to",
                   mortise::required);
    }
};

struct node_path_find {
    json::value parent_id;
    std::vector<std::string> path;
    static auto describe() {
        return mortise::object<node_path_find>("A path of names")
            .field("parent_id", &node_path_find::parent_id, "Where the path begins",
                   mortise::required)
            .field("path", &node_path_find::path, "Names, outermost first", mortise::required)
            .min(1)
            .max(50);
    }
};

} // namespace content_server
