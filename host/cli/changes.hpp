// SPDX-License-Identifier: Apache-2.0
// What `mortise runs` and `mortise dead-letters` have in common.
#pragma once

#include "cli/command.hpp"
#include "operate/flow_directory.hpp"

#include <memory>
#include <string>

namespace mortise::host::cli {

// retry and discard as sub-commands; bulk: they take --group, --flow and --all too.
void add_retry(CLI::App& group, common& c, action& chosen, bool bulk);
void add_discard(CLI::App& group, common& c, action& chosen, bool bulk);

int show_run(const common& c, const std::string& id);

// The flows as configured, for advice; empty (and silent) when the configuration cannot be used, as
// reading the journal must not depend on it.
struct readable_flows {
    std::shared_ptr<void> kept; // what the directory points into
    std::shared_ptr<const flow_directory> directory;
};
readable_flows flows_for_reading(const common& c);

} // namespace mortise::host::cli
