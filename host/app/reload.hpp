// SPDX-License-Identifier: Apache-2.0
// What a reload did, and what it could not do: keys that a running host does not take up.
#pragma once

#include "config/config.hpp"

#include <boost/json/fwd.hpp>

#include <string>
#include <vector>

namespace mortise::host {

struct named_changes {
    std::vector<std::string> added, changed, removed; // sorted
};

struct reload_report {
    std::string revision;
    named_changes connections, flows;
    std::vector<std::string> restart_needed; // "host.http.port"; changed since the start
    std::vector<config_problem> warnings;
};

// By what is written; secrets count by where they come from.
named_changes
changed_sections(const configuration& from, const configuration& to, std::string_view kind);
// Keys of [host], [journal], [plugins], [admin] and the like that differ and that apply at a start
// only, sorted.
std::vector<std::string> restart_needed(const configuration& started, const configuration& now);

// {"revision","changed":{"connections":{"added","changed","removed"},"flows":{..}},
//  "restart_needed","warnings"}
boost::json::object to_view(const reload_report& r);
// The refusal of a configuration: every problem as text in the message and as
// {"problems":[..]} in the details.
error refused_configuration(const std::vector<config_problem>& problems);

} // namespace mortise::host
