// SPDX-License-Identifier: Apache-2.0
//
// How far one call's upload has come, kept in the connection's state under the call's idempotency
// key: after a fault or a crash the next attempt goes on from here and asks for the rest of the
// content only.
#pragma once

#include <mortise/sdk/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace iconik {

struct upload_state {
    std::int64_t at = 0; // when it began, microseconds
    std::string asset_id;
    std::int64_t after_version = -1; // highest number before ours; -1: not asked yet
    std::string version_id;
    std::string storage_id;
    std::string method; // the storage's: S3, B2, GCS
    std::string format_id;
    std::string file_set_id;
    std::string file_id;
    std::uint64_t size = 0;
    std::uint64_t part_size = 0;
    std::string upload_id;                       // S3: the multipart upload; B2: the large file
    std::string session_url;                     // GCS: where the bytes go
    bool all_sent = false;                       // S3: the last bytes, or the completion, were sent
    bool completing = false;                     // the file is there, to be closed in iconik
    bool transcoding = false;                    // proxies were asked for
    std::optional<mortise::json::object> answer; // done

    static upload_state read(const mortise::json::value& stored);
    mortise::json::value to_value() const;
};

} // namespace iconik
