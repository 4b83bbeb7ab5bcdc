// SPDX-License-Identifier: Apache-2.0
// The probe's flow (steps as told by its event) in the test's own process, with somebody looking
// when its runs begin and are dropped.
#pragma once

#include "plugin/descriptors.hpp"

#include <string>
#include <string_view>

namespace mortise::host::testing {

class sim_flow_observer {
public:
    virtual ~sim_flow_observer() = default;
    virtual void
    run_began(const std::string& instance, mortise_handle run, const std::string& event) = 0;
    virtual void run_left(mortise_handle run) = 0; // it has finished or was dropped
};

// Instances tell the observer that was set when they were made; their configuration is their name
// as a JSON string.
const flow_descriptor& sim_flow();
void watch_flows(sim_flow_observer* observer); // of this thread; null: nobody

} // namespace mortise::host::testing
