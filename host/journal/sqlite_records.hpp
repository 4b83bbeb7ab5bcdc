// SPDX-License-Identifier: Apache-2.0
// Rows to records: the column lists of the queries that read them, and the functions that take them
// up. Shared by the writer's transaction and the readers.
#pragma once

#include "journal/records.hpp"
#include "journal/sqlite_db.hpp"
#include "journal/sqlite_names.hpp"

#include <vector>

namespace mortise::host {

// Of "run r CROSS JOIN event e ON e.seq=r.event".
#define MORTISE_RUN_COLUMNS                                                                        \
    "r.id,r.instance,r.key,r.flow,r.flow_version,r.config_revision,r.state,r.created_at,"          \
    "r.updated_at,r.wake_at,r.starts,r.result,r.failure,r.failed_step,e.ref,e.type,e.subject,"     \
    "r.parent_step,r.cancel_reason,r.held,r.fingerprint,r.edited_data,"                            \
    "(SELECT p.id FROM run p WHERE p.seq=r.parent)"
inline constexpr int run_column_count = 23;
#define MORTISE_EVENT_COLUMNS                                                                      \
    "e.ref,e.id,e.source,e.type,e.subject,e.partition_key,e.trace_parent,e.time,e.accepted_at,"    \
    "e.via,e.data"

run_record run_of(const sqlite_rows& rows, sqlite_names& names, int first = 0);
event_record event_of(const sqlite_rows& rows, sqlite_names& names, int first = 0);
// Both of one query's row: the event has the data a person has put in, if any.
claimed_run claimed_of(const sqlite_rows& rows, sqlite_names& names);
std::vector<step_record> steps_of(sqlite_db& db, std::int64_t run_seq); // in ordinal order
// Of steps that have some.
void add_tries(sqlite_db& db, std::int64_t run_seq, std::vector<step_record>& steps);
// Where the runs of this event and of later ones begin in table run.
std::int64_t first_run_of(sqlite_db& db, std::int64_t event_seq);
// The runs that were stored with an event, in that order.
std::vector<run_record> runs_of_event(sqlite_db& db, sqlite_names& names, std::int64_t event_seq);
std::vector<link_record>
find_links(sqlite_db& db, std::string_view relation, std::string_view a, std::string_view b);
state_value find_state(sqlite_db& db, std::string_view scope, std::string_view key);
// The smallest text greater than every text with this prefix; empty: there is none.
std::string past_prefix(std::string_view prefix);

} // namespace mortise::host
