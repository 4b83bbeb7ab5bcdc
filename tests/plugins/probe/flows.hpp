// SPDX-License-Identifier: Apache-2.0
// Flows that do what their event says, for tests of the engine, and the one of the benchmark.
#pragma once

#include <mortise/sdk/flow.hpp>

namespace probe {

// Takes the steps of its event's {"plan":[{"do":"create","name":"a"}, ...]} one after another and
// answers {"answers":[...]}. A step with "catch":true answers its error instead of failing the run.
class steps_flow {
public:
    explicit steps_flow(mortise::instance&) {}
    static void describe(mortise::flow_builder<steps_flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event first);
};

// Creates one object named after its event: shows in which order runs went.
class order_flow {
public:
    explicit order_flow(mortise::instance&) {}
    static void describe(mortise::flow_builder<order_flow>& b);
    mortise::task<void> run(mortise::flow_run& run, mortise::event first);
};

// Waits for {"after_ms","every_ms","timeout_ms"} of its event and creates an object for each
// reminder, and one at the end.
class remind_flow {
public:
    explicit remind_flow(mortise::instance&) {}
    static void describe(mortise::flow_builder<remind_flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event first);
};

// Request, filter, 13 mapped fields, one call.
class w1_flow {
public:
    explicit w1_flow(mortise::instance&) {}
    static void describe(mortise::flow_builder<w1_flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event first);
};

} // namespace probe
