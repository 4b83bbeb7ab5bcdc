// SPDX-License-Identifier: Apache-2.0
//
// What flow_builder collects, without the flow's type; see connector_spec.hpp.
#pragma once

#include <mortise/flow.h>
#include <mortise/sdk/event.hpp>
#include <mortise/sdk/flow_run.hpp>
#include <mortise/sdk/instance.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mortise::detail {

struct role_spec {
    std::string name, connector, doc;
    std::vector<std::string> operations;
    std::vector<mortise_str> c_operations;
};

struct subscription_spec {
    std::string role, event_type;
};

struct flow_spec {
    std::string id, version, title, doc;
    std::string config_schema = R"({"type":"object","additionalProperties":false})";
    std::deque<role_spec> roles;
    std::deque<subscription_spec> subscriptions;
    std::function<void*(instance&, const json::value& config)> make;
    void (*destroy)(void* self) = nullptr;
    std::function<task<std::optional<std::string>>(void* self, flow_run&, event)> run;

    mortise_flow c{};
    std::vector<mortise_role> c_roles;
    std::vector<mortise_subscription> c_subscriptions;
};

using create_flow_fn = mortise_status (*)(
    const mortise_host*, mortise_handle, mortise_payload, mortise_error_sink, void**);

// Checks the declarations (throws std::logic_error that names the mistake) and fills the C
// descriptor.
void finish_flow(flow_spec& spec, create_flow_fn create);
// Makes the instance behind `self`; throws.
void* create_flow(const flow_spec& spec,
                  const mortise_host* h,
                  mortise_handle instance,
                  mortise_payload config);

} // namespace mortise::detail
