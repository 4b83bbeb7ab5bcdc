// SPDX-License-Identifier: Apache-2.0
// Flows that do what their event says, for tests of the engine, and the one of the benchmark.
#pragma once

#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/mapping.hpp>

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

// Creates an object from its event's data as the settings say.
struct map_settings {
    std::string category;
    mortise::mapping fields = mortise::mapping({{"name", "asset.title"}});
    mortise::mapping more;
    static auto describe() {
        return mortise::object<map_settings>("What is created")
            .field("category", &map_settings::category, "Category that the fields are in")
            .names("target", "category")
            .field("fields", &map_settings::fields, "Attribute to field")
            .key_names("target", "attribute", "category")
            .field("more", &map_settings::more, "Further ones");
    }
};

class map_flow {
public:
    map_flow(mortise::instance&, map_settings s) : settings_(std::move(s)) {}
    static void describe(mortise::flow_builder<map_flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event first);

private:
    map_settings settings_;
};

// Request, filter, 13 mapped fields, one call.
class w1_flow {
public:
    explicit w1_flow(mortise::instance&) {}
    static void describe(mortise::flow_builder<w1_flow>& b);
    mortise::task<mortise::json::value> run(mortise::flow_run& run, mortise::event first);
};

} // namespace probe
