// SPDX-License-Identifier: Apache-2.0
//
// What the poll keeps between its runs: its position (the cursor) and what it knows of each watched
// object (in the instance's state). Event ids come from the system's facts alone, so a poll that is
// repeated makes the same events.
#pragma once

#include <mortise/sdk/event.hpp>
#include <mortise/sdk/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xecm_workspaces {

struct business_object {
    std::string ext_system_id;
    std::string bo_type;
    std::string bo_id;
    bool operator==(const business_object&) const = default;
};

// Dates are plain (see plain_date) and of the server's clock.
struct position {
    bool started = false;       // false: this poll only takes stock
    std::string since;          // newest change of a workspace seen
    std::string baseline;       // the same at the first poll: what is created later is new
    std::string after;          // key of the item looked at last
    std::int64_t deep_page = 2; // page of the item search to read next, besides the first ones
    bool items_started = false;
    std::vector<std::int64_t> maps; // workflow maps whose stock was taken
    std::string documents_since;    // newest change of a document seen; empty: not started
    std::string documents_baseline; // what came before it is no news

    std::string text() const;
    // The start for text that is no position.
    static position from_text(std::string_view text);
};

struct known_object {
    std::string changed_at;     // plain date
    std::string facts;          // fingerprint; empty: not looked at yet
    std::int64_t reads = 0;     // see count_read()
    std::int64_t read_at = 0;   // when it was first read at that date, in milliseconds
    mortise::json::object data; // of the event

    mortise::json::value to_json() const;
    static known_object from_json(const mortise::json::value& from);
};

// A change within the same second as the last look would go unseen, so each date is read twice, the
// second time when that second is surely over.
inline constexpr std::int64_t enough_reads = 2;
// before: what was known at this date; nullptr when it was not.
void count_read(known_object& now, const known_object* before, mortise::time_point at);

std::string workspace_key(std::int64_t id);
std::string node_key(std::int64_t id); // sorts by number
std::string process_key(std::int64_t id);
std::string document_key(std::int64_t id);
std::int64_t id_of_key(std::string_view key);

// kind: "workspace-created", ...; facts: what makes it one change, e.g. "<date>#<fingerprint>".
mortise::event make_event(std::string type,
                          std::string_view kind,
                          std::int64_t id,
                          std::string_view facts,
                          mortise::json::object data);

} // namespace xecm_workspaces
