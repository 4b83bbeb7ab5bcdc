// SPDX-License-Identifier: Apache-2.0
//
// Inputs of the operations that give or take content, and what an upload answers.
#pragma once

#include "address.hpp"

#include <mortise/sdk/schema.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace iconik {

struct file_download {
    std::string asset_id;
    std::string file_id;
    std::string what = "original";
    std::string version_id;
    std::uint64_t offset = 0;
    static auto describe() {
        return mortise::object<file_download>("Which bytes of an asset")
            .field("asset_id", &file_download::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("file_id", &file_download::file_id,
                   "Id of the file or proxy; needed when there are several")
            .pattern(optional_id_pattern)
            .field("what", &file_download::what, "original or proxy")
            .pattern("^(original|proxy)$")
            .field("version_id", &file_download::version_id, "Of this version; empty: the current")
            .pattern(optional_id_pattern)
            .field("offset", &file_download::offset, "Begin at this byte");
    }
};

struct keyframe_download {
    std::string asset_id;
    std::string keyframe_id;
    std::uint64_t offset = 0;
    static auto describe() {
        return mortise::object<keyframe_download>("A still of an asset")
            .field("asset_id", &keyframe_download::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("keyframe_id", &keyframe_download::keyframe_id,
                   "Id of the keyframe; empty: the poster, else the first still")
            .pattern(optional_id_pattern)
            .field("offset", &keyframe_download::offset, "Begin at this byte");
    }
};

struct file_upload {
    std::string asset_id;
    std::string title;
    std::string external_id;
    std::string collection_id;
    std::string name;
    std::optional<std::uint64_t> size;
    std::string media_type;
    std::string version = "current";
    std::string storage;
    std::string directory;
    bool transcode = true;
    static auto describe() {
        return mortise::object<file_upload>("Originals of an asset, from the call's content")
            .field("asset_id", &file_upload::asset_id, "Id of the asset; or give title")
            .pattern(optional_id_pattern)
            .field("title", &file_upload::title, "Makes a new asset with this title")
            .field("external_id", &file_upload::external_id, "External id of the new asset")
            .field("collection_id", &file_upload::collection_id, "Puts the new asset there")
            .pattern(optional_id_pattern)
            .field("name", &file_upload::name, "Name of the file", mortise::required)
            .min(1)
            .max(255)
            .field("size", &file_upload::size,
                   "Size in bytes; needed when the content does not tell its length")
            .field("media_type", &file_upload::media_type, "Such as video/mp4")
            .field("version", &file_upload::version,
                   "new: a new version of the asset; current: the one there is, which must have "
                   "no originals yet")
            .pattern("^(new|current)$")
            .field("storage", &file_upload::storage,
                   "Name or id of the storage; empty: the one iconik chooses")
            .field("directory", &file_upload::directory, "Folder on the storage")
            .field("transcode", &file_upload::transcode,
                   "Have proxy and keyframes made when the file is there");
    }
};

// The one iconik computes. Named in the schema, so that a transfer computes it as well.
enum class checksum_algorithm { md5 };

} // namespace iconik

template <>
struct mortise::enum_names<iconik::checksum_algorithm> {
    static constexpr std::array values{std::pair{iconik::checksum_algorithm::md5, "md5"}};
};

namespace iconik {

struct file_checksum {
    checksum_algorithm algorithm = checksum_algorithm::md5;
    std::string value;
    static auto describe() {
        return mortise::object<file_checksum>("Checksum")
            .field("algorithm", &file_checksum::algorithm, "Which", mortise::required)
            .field("value", &file_checksum::value, "Hexadecimal digits", mortise::required);
    }
};

struct file_uploaded {
    std::string asset_id;
    std::string version_id;
    std::string format_id;
    std::string file_set_id;
    std::string file_id;
    std::string name;
    std::uint64_t size = 0;
    std::optional<file_checksum> checksum;
    std::string web_url;
    std::optional<std::string> job_id;
    static auto describe() {
        return mortise::object<file_uploaded>("The file in iconik")
            .field("asset_id", &file_uploaded::asset_id, "Its asset", mortise::required)
            .field("version_id", &file_uploaded::version_id, "Its version", mortise::required)
            .field("format_id", &file_uploaded::format_id, "Its format", mortise::required)
            .field("file_set_id", &file_uploaded::file_set_id, "Its file set", mortise::required)
            .field("file_id", &file_uploaded::file_id, "Its id", mortise::required)
            .field("name", &file_uploaded::name, "Its name", mortise::required)
            .field("size", &file_uploaded::size, "Bytes", mortise::required)
            .field("checksum", &file_uploaded::checksum, "What iconik computed; not for all files")
            .field("web_url", &file_uploaded::web_url, "The asset in a browser")
            .field("job_id", &file_uploaded::job_id, "Of the job that makes the proxies");
    }
};

} // namespace iconik
