// SPDX-License-Identifier: Apache-2.0
// Which flow instances an event starts. Immutable once made, so it is read without a lock and
// replaced as a whole on reload.
#pragma once

#include "config/jq.hpp"
#include "journal/records.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct route {
    std::string source; // "/connections/<name>", or "/host" for requests, schedules, manual starts
    std::string event_type;
    std::string instance; // flow instance
    std::string flow, flow_version, config_revision;
    std::optional<jq_program> when;
    std::optional<jq_program> key;
};

// A run to be made; failure is set when the filter or key expression failed on this event: the run
// is then stored as a dead letter at once, so that nothing is dropped in silence.
struct routed {
    run_seed seed;
    std::optional<error> failure;
};

class router {
public:
    explicit router(std::vector<route> routes) : routes_(std::move(routes)) {}
    // [any-thread] now is for the run ids.
    std::vector<routed> find(const event_record& e, unix_ms now) const;
    const route* of_instance(std::string_view instance) const;

private:
    std::vector<route> routes_;
};

} // namespace mortise::host
