// SPDX-License-Identifier: Apache-2.0
//
// Two-way sync of field values as steps of a run. It reads both sides, merges with what they had in
// common last (kept with the link of the two objects), writes on each side only what differs, and
// keeps the new common values. An echo of our own write finds both sides equal and writes nothing.
// Events are hints only: current values are read, so late, doubled or lost events do no harm.
//
//     two_way_sync sync("asset-rights", settings.fields);                 // in the constructor
//     two_way_sync::sides sides{...};                                     // how to read and write
//     const sync_report done = co_await sync.run(run.scope("sync"), {asset_key, node_key}, sides);
//     ...
//     done.check();                                                       // last: unreadable
//     values
//
// docs/two-way-sync.md says what is decided when, and what is promised.
#pragma once

#include <mortise/sdk/flow_run.hpp>
#include <mortise/sdk/sync_merge.hpp>
#include <mortise/sdk/turn.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace mortise {

struct sync_limits {
    // Loop budget: a field of a link is written at most this often within the window; then the run
    // ends with CONFLICT "sync.flapping" that names the field and both values.
    std::size_t writes = 10;
    std::chrono::milliseconds window = std::chrono::minutes(10);
    turn_options turn;

    static auto describe() {
        return object<sync_limits>("Loop budget of each pair of objects")
            .field("writes", &sync_limits::writes,
                   "How often one field of a pair may be written within the window before the run "
                   "becomes a dead letter")
            .min(1)
            .field("window", &sync_limits::window, "Length of the window");
    }
};

// The two objects, as the link records them: "iconik:asset/<id>", "xecm:node/<id>".
struct sync_ends {
    std::string a;
    std::string b;
};

struct sync_conflict {
    std::string field;
    json::value base, a, b; // by a's words
    sync_side winner = sync_side::a;
    std::string reason;
};

struct sync_report {
    json::object a, b;                         // what the sides show now, by their field names
    std::vector<std::string> wrote_a, wrote_b; // names of the fields
    std::vector<sync_conflict> conflicts;
    std::vector<sync_problem> problems;

    bool changed() const noexcept { return !wrote_a.empty() || !wrote_b.empty(); }
    // Throws INPUT "sync.value.unreadable" that names every field that was left as it is.
    void check() const;
    json::object to_json() const;
};

class two_way_sync {
public:
    // Reads what a side shows now. It is asked once a sync.
    using reader = std::function<task<sync_view>(flow_run)>;
    // Writes these fields (the side's own names). Answers null, or an object with the values that
    // the write replaced: then a change that was made between reading and writing is seen, and
    // settled like any other instead of being lost.
    using writer = std::function<task<json::value>(flow_run, json::object)>;
    struct sides {
        reader read_a, read_b;
        writer write_a, write_b;
    };

    // relation: of the links. Throws CONFIG as sync_rules does.
    two_way_sync(std::string relation, std::vector<sync_field> fields, sync_limits limits = {});

    // [strand] of the run. One pair at a time, in turn with other runs of this flow instance.
    // Errors of the sides pass through; what was already written is then remembered with the link.
    task<sync_report> run(flow_run run, sync_ends ends, sides how) const;

private:
    task<json::value> in_turn(flow_run run, sync_ends ends, sides how, sync_report* report) const;

    std::string relation_;
    sync_rules rules_;
    sync_limits limits_;
};

} // namespace mortise
