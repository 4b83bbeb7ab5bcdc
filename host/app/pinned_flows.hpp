// SPDX-License-Identifier: Apache-2.0
//
// Flow instances that are not the current ones any more, for runs that began on another version of
// the plugin or with other settings and come back after a wait or a restart. Made when such a run
// is taken up, closed when none is left in memory. All functions [control].
#pragma once

#include "engine/flow_instance.hpp"
#include "engine/flow_revision.hpp"
#include "journal/journal.hpp"
#include "plugin/catalog.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mortise::host {

class pinned_flows {
public:
    using maker = std::function<result<std::shared_ptr<flow_instance>>(const flow_revision&,
                                                                       const flow_descriptor&)>;
    pinned_flows(journal& store, const plugin_catalog& plugins, maker make)
        : store_(store), plugins_(plugins), make_(std::move(make)) {}

    // Makes a revision known before a run may refer to it. Errors: unavailable (journal).
    result<void> remember(const std::vector<flow_revision>& revisions);
    // The instance the run began on. Errors (category config): its plugin version or its settings
    // are not there any more; says what brings the run on.
    result<std::shared_ptr<flow_instance>> instance_of(const run_record& run);
    // Hands out those without a run in memory, to be closed; all: every one.
    std::vector<std::shared_ptr<flow_instance>> take(bool all);

private:
    journal& store_;
    const plugin_catalog& plugins_;
    maker make_;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<flow_instance>>
        live_; // by instance name and revision
};

} // namespace mortise::host
