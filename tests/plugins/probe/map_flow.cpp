// SPDX-License-Identifier: Apache-2.0
#include "flows.hpp"

namespace probe {

namespace json = mortise::json;

void map_flow::describe(mortise::flow_builder<map_flow>& b) {
    b.id("probe-map").version(PROBE_VERSION).title("Creates what its mapping says");
    b.config<map_settings>();
    b.role("target", "probe", "Where objects are created").uses("put");
    b.starts_on("target", "probe.order").on_request();
}

mortise::task<json::value> map_flow::run(mortise::flow_run& run, mortise::event first) {
    json::object body = settings_.fields.apply(first.data);
    json::value answer = body;
    // Time for a change of the configuration.
    if (first.data.is_object() && first.data.get_object().contains("wait"))
        co_await run.wait_event("decision", mortise::event_wait("probe.decided", "", {}));
    const json::object again = settings_.fields.apply(first.data);
    json::value input{{"body", again}};
    co_await run.call("put", "target", "put", std::move(input));
    co_return json::value{{"before", std::move(answer)}, {"after", again}};
}

} // namespace probe
