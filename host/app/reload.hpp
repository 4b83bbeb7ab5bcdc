// SPDX-License-Identifier: Apache-2.0
// What a reload did, and what it could not do: keys that a running host does not take up.
#pragma once

#include "config/config.hpp"
#include "journal/records.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mortise::host {

class journal;

struct named_changes {
    std::vector<std::string> added, changed, removed; // sorted
};

// Unfinished runs of a flow that is not configured any more, or not enabled. They become dead
// letters when they want to go on.
struct stranded_flow {
    std::string flow;
    std::uint64_t under_way = 0, waiting = 0;
    std::vector<run_id> runs; // the newest of them
};

struct reload_report {
    std::string revision;
    named_changes connections, flows;
    std::vector<stranded_flow> stranded;
    std::vector<std::string> restart_needed; // "host.http.port"; changed since the start
    std::vector<config_problem> warnings;
};

// By what is written; secrets count by where they come from.
named_changes
changed_sections(const configuration& from, const configuration& to, std::string_view kind);
// Keys of [host], [journal], [plugins], [admin] and the like that differ and that apply at a start
// only, sorted.
std::vector<std::string> restart_needed(const configuration& started, const configuration& now);

// What the flows of a configuration leave behind, by name. [any-thread]; errors: of the journal.
result<std::vector<stranded_flow>> stranded_flows(journal& store, const configuration& next);
// A secret of [alerts] or [host.tracing] that cannot be read: it would be missed first when
// something is to be told.
result<void> read_receivers_secrets(const configuration& next);

// {"revision","changed":{"connections":{"added","changed","removed"},"flows":{..}},
//  "restart_needed","warnings","stranded":[{"flow","under_way","waiting","runs":[id]}]}
boost::json::object to_view(const reload_report& r);
// The refusal of a configuration: every problem as text in the message and as
// {"problems":[..]} in the details.
error refused_configuration(const std::vector<config_problem>& problems);

} // namespace mortise::host
