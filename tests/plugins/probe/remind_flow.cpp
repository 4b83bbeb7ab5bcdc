// SPDX-License-Identifier: Apache-2.0
#include "flows.hpp"

namespace probe {

using mortise::task;

namespace {

std::chrono::milliseconds milliseconds(const mortise::json::value& data, std::string_view name) {
    return std::chrono::milliseconds(mortise::optional_int(data, name).value_or(0));
}

task<void> create(mortise::flow_run run, std::string name) {
    mortise::json::value input{{"name", name}};
    co_await run.call("create-" + name, "target", "create", std::move(input));
}

} // namespace

void remind_flow::describe(mortise::flow_builder<remind_flow>& b) {
    b.id("probe-remind").version(PROBE_VERSION).title("Reminds until it is decided");
    b.role("target", "probe", "Where objects are created").uses("create");
    b.starts_on("target", "probe.order");
}

task<mortise::json::value> remind_flow::run(mortise::flow_run& run, mortise::event first) {
    mortise::event_wait decision("probe.decided", first.id, milliseconds(first.data, "timeout_ms"));
    decision.remind_after = milliseconds(first.data, "after_ms");
    decision.remind_every = milliseconds(first.data, "every_ms");
    decision.remind = [&run](int n) { return create(run, "reminder-" + std::to_string(n)); };
    const mortise::event decided = co_await run.wait_event("decision", std::move(decision));
    co_await create(run, "decided");
    co_return mortise::json::value(decided.id);
}

} // namespace probe
