// SPDX-License-Identifier: Apache-2.0
#include "flows.hpp"

namespace probe {

void order_flow::describe(mortise::flow_builder<order_flow>& b) {
    b.id("probe-order").version(PROBE_VERSION).title("Events in order");
    b.role("target", "probe", "Where objects are created").uses("create");
    b.starts_on("target", "probe.order").on_schedule();
}

mortise::task<void> order_flow::run(mortise::flow_run& run, mortise::event first) {
    mortise::json::value input{{"name", first.id}};
    co_await run.call("create", "target", "create", std::move(input));
}

} // namespace probe
