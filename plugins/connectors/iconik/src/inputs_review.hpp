// SPDX-License-Identifier: Apache-2.0
//
// Inputs about approvals, comments and other segments.
#pragma once

#include "address.hpp"

#include <mortise/sdk/schema.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iconik {

enum class vote_status { approved, not_approved };

struct approval_get {
    std::string asset_id;
    std::string version_id;
    static auto describe() {
        return mortise::object<approval_get>("Approval of an asset")
            .field("asset_id", &approval_get::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("version_id", &approval_get::version_id, "Of this version; empty: the current")
            .pattern(optional_id_pattern);
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

struct approval_withdraw {
    std::string asset_id;
    static auto describe() {
        return mortise::object<approval_withdraw>("Cancel the request on the current version")
            .field("asset_id", &approval_withdraw::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern);
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

struct comment_list {
    std::string asset_id;
    std::string version_id;
    bool all_versions = false;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<comment_list>("Comments on an asset, oldest first")
            .field("asset_id", &comment_list::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("version_id", &comment_list::version_id, "Of this version; empty: the current")
            .pattern(optional_id_pattern)
            .field("all_versions", &comment_list::all_versions, "Of all versions instead")
            .field("limit", &comment_list::limit, "At most this many")
            .min(1)
            .max(100000);
    }
};

struct comment_update {
    std::string asset_id;
    std::string comment_id;
    std::optional<std::string> text;
    std::optional<bool> done;
    static auto describe() {
        return mortise::object<comment_update>("A change of a comment")
            .field("asset_id", &comment_update::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("comment_id", &comment_update::comment_id, "Id of the comment",
                   mortise::required)
            .pattern(id_pattern)
            .field("text", &comment_update::text, "New text")
            .field("done", &comment_update::done, "Whether it is dealt with");
    }
};

struct comment_which {
    std::string asset_id;
    std::string comment_id;
    static auto describe() {
        return mortise::object<comment_which>("Which comment or segment")
            .field("asset_id", &comment_which::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("comment_id", &comment_which::comment_id, "Id of the comment or segment",
                   mortise::required)
            .pattern(id_pattern);
    }
};

struct segment_add {
    std::string asset_id;
    std::string type;
    std::string text;
    std::optional<std::int64_t> time_start_ms;
    std::optional<std::int64_t> time_end_ms;
    std::string external_id;
    static auto describe() {
        return mortise::object<segment_add>("A segment of the media")
            .field("asset_id", &segment_add::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("type", &segment_add::type, "MARKER, QC, GENERIC, TAG or SCENE",
                   mortise::required)
            .pattern("^(MARKER|QC|GENERIC|TAG|SCENE)$")
            .field("text", &segment_add::text, "Its text")
            .field("time_start_ms", &segment_add::time_start_ms, "Where it begins")
            .min(0)
            .field("time_end_ms", &segment_add::time_end_ms, "Where it ends")
            .min(0)
            .field("external_id", &segment_add::external_id,
                   "Own mark, by which a repeated call knows the segment; else text and time");
    }
};

struct segment_list {
    std::string asset_id;
    std::string type;
    std::string version_id;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<segment_list>("Segments of an asset")
            .field("asset_id", &segment_list::asset_id, "Id of the asset", mortise::required)
            .pattern(id_pattern)
            .field("type", &segment_list::type, "Only of this type; empty: all")
            .pattern("^[A-Z]{0,20}$")
            .field("version_id", &segment_list::version_id, "Of this version; empty: the current")
            .pattern(optional_id_pattern)
            .field("limit", &segment_list::limit, "At most this many")
            .min(1)
            .max(100000);
    }
};

} // namespace iconik

template <>
struct mortise::enum_names<iconik::vote_status> {
    static constexpr std::array values{
        std::pair{iconik::vote_status::approved, std::string_view("APPROVED")},
        std::pair{iconik::vote_status::not_approved, std::string_view("NOT_APPROVED")}};
};
