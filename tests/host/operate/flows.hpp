// SPDX-License-Identifier: Apache-2.0
// A flow bound to a connector, made by hand: what edits and advice are checked against.
#pragma once

#include "journal/records.hpp"
#include "operate/flow_directory.hpp"

#include <memory>
#include <string>

namespace mortise::host::testing {

struct made_flow {
    std::unique_ptr<connector_descriptor> connector = std::make_unique<connector_descriptor>();
    std::unique_ptr<flow_descriptor> descriptor = std::make_unique<flow_descriptor>();
    flow_entry entry;

    made_flow() {
        connector->id = "crm";
        add("get", effect_class::read, R"({"type":"object"})");
        add("put", effect_class::idempotent,
            R"({"type":"object","required":["id"],"properties":{"id":{"type":"string"},"n":{"type":"integer","minimum":1}}})");
        add("create", effect_class::lookup_first, R"({"type":"object"})").lookup_operation = "get";
        add("fire", effect_class::unsafe, R"({"type":"object"})").title = "Send the letter";
        trigger_descriptor trigger;
        trigger.id = "changes";
        event_descriptor event;
        event.type = "crm.changed";
        event.data_schema =
            R"({"type":"object","required":["id"],"properties":{"id":{"type":"string"}}})";
        trigger.events.push_back(std::move(event));
        connector->triggers.push_back(std::move(trigger));
        entry.name = "sync";
        entry.flow = "acme-sync";
        entry.version = "1.0.0";
        entry.descriptor = descriptor.get();
        bound_role role{"target", "crm-prod", "crm", connector.get(), {}};
        entry.roles.push_back(std::move(role));
    }

    operation_descriptor& add(const char* id, effect_class c, const char* schema) {
        operation_descriptor o;
        o.id = id;
        o.repeat = c;
        o.input_schema = schema;
        connector->operations.push_back(std::move(o));
        return connector->operations.back();
    }
    // The role declares the operation.
    void uses(const char* id) {
        auto& role = entry.roles.front();
        role.operations.push_back({role.name, role.connection, id, connector->operation(id)});
    }
};

// A run that failed at a call of "put".
inline claimed_run failed_run() {
    claimed_run run;
    run.run.id = run_id("0190d3c5-5f0a-7cc0-8000-000000000001");
    run.run.instance = "sync";
    run.run.state = run_state::failed;
    run.run.failed_step = "store";
    run.run.failure = error{category::input, "crm.refused", "no such field"};
    run.event.type = "crm.changed";
    run.event.source = "/connections/crm-prod";
    run.event.data = R"({"id":"4711"})";
    step_record first;
    first.key = "read";
    first.target = "target:get";
    first.state = step_state::done;
    step_record second;
    second.key = "store";
    second.target = "target:put";
    second.state = step_state::failed;
    second.input = R"({"id":"4711","n":1,"keep":true})";
    step_record third;
    third.key = "pause";
    third.kind = step_kind::sleep;
    third.target = "sleep";
    run.steps = {first, second, third};
    return run;
}

} // namespace mortise::host::testing
