// SPDX-License-Identifier: Apache-2.0
//
// From facts to events, without any I/O: what the API says about an asset or collection now, what
// the connector knew of it before (its record), and the events that follow. Webhook and poll both
// go through here, so the same change gets the same event id whichever sees it first.
#pragma once

#include <mortise/sdk/event.hpp>
#include <mortise/sdk/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace iconik {

struct version_fact {
    std::string id;
    std::string date_created;
    std::int64_t number = 0; // 0: not told
};

struct approval_fact {
    std::string version_id;
    std::string status; // N/A, REQUESTED, APPROVED, NOT_APPROVED, MIXED
    std::string date;   // of the last change, else of the request
};

struct comment_fact {
    std::string id;
    std::string text;
    std::string user;
    std::string version_id;
    std::string date;
    std::string parent_id;
    std::optional<std::int64_t> time_start_ms;
};

struct asset_facts {
    std::string id;
    bool gone = false; // 404: purged
    std::string title;
    std::string status; // ACTIVE or DELETED
    std::string date_created;
    std::string date_modified;
    std::string date_deleted;
    std::string created_by;
    std::string updated_by;
    std::vector<version_fact> versions;
    std::optional<approval_fact> approval;
    std::vector<std::string> collections;
    std::map<std::string, std::string> metadata;       // view id -> date of the values
    std::optional<std::vector<comment_fact>> comments; // nothing: not asked for
};

// The version an asset shows: the highest number where there are numbers, else the first.
std::string current_version(const std::vector<version_fact>& versions);

// How often an asset was put into a collection, and whether it is there: iconik does not date it,
// so the count makes each time one event of its own.
struct membership {
    std::int64_t times = 0;
    bool inside = false;
};

struct asset_record {
    bool known = false;
    std::string modified;
    std::string deleted;
    std::string approval;        // id of the last approval event, without its kind
    std::string approved_status; // its status
    std::vector<std::string> versions;
    std::vector<std::string> collections;
    std::map<std::string, std::string> metadata;
    std::string comments; // date of the newest one told
};
asset_record read_asset_record(const mortise::json::value& stored);
mortise::json::value to_value(const asset_record& r);
membership read_membership(const mortise::json::value& stored);
mortise::json::value to_value(const membership& m);

// What a webhook claims to have happened. Its fact is reported even when it is known already: the
// record may have been made silently, and the host drops what it has seen.
enum class claim {
    none,
    created,
    updated,
    metadata,
    version,
    approval,
    deleted,
    contents,
    comment
};

struct hint {
    claim what = claim::none;
    std::string version_id;    // for version
    std::string collection_id; // for contents
    std::string comment_id;    // for comment
    std::string user_id;
};

struct asset_outcome {
    std::vector<mortise::event> events;
    asset_record record;
    std::map<std::string, membership> memberships; // only those that changed
};

// since: for an asset without a record, facts older than this (microseconds) are history.
// memberships: by collection, for those in now.collections, the record's and the hint's.
asset_outcome derive(const asset_facts& now,
                     const asset_record& before,
                     const std::map<std::string, membership>& memberships,
                     std::int64_t since,
                     const hint& h);

struct collection_facts {
    std::string id;
    std::string title;
    std::map<std::string, std::string> metadata; // view id -> date of the values
};
struct collection_record {
    bool known = false;
    bool listed = false; // its contents were compared once
    std::map<std::string, std::string> metadata;
};
collection_record read_collection_record(const mortise::json::value& stored);
mortise::json::value to_value(const collection_record& r);

struct collection_outcome {
    std::vector<mortise::event> events;
    collection_record record;
};
collection_outcome derive(const collection_facts& now,
                          const collection_record& before,
                          std::int64_t since,
                          const hint& h);

} // namespace iconik
