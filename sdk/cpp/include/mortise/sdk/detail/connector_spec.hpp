// SPDX-License-Identifier: Apache-2.0
//
// What connector_builder collects, without the connector's type: filled once, then const for the
// life of the process. The C descriptor points into it.
#pragma once

#include <mortise/connector.h>
#include <mortise/sdk/instance.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/sdk/trigger.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mortise::detail {

// The JSON text of a result; empty for none.
using reply_text = std::optional<std::string>;

struct operation_spec {
    std::string id, title, doc, input_schema, output_schema, lookup_operation;
    std::uint32_t flags = 0;
    std::uint32_t effect_class = MORTISE_EFFECT_CLASS_UNSAFE;
    std::function<task<reply_text>(void* self, call_context&, json::value input)> run;
};

struct event_spec {
    std::string type, title, doc, data_schema;
};

struct trigger_spec {
    std::string id, title, doc, config_schema = R"({"type":"object","additionalProperties":false})";
    std::uint32_t poll_interval_s = 0;
    std::deque<event_spec> events;
    std::function<std::shared_ptr<const void>(const json::value&)> read_config;
    std::function<task<webhook_reply>(void* self, delivery_context&, webhook)> on_webhook;
    std::function<task<void>(void* self, delivery_context&, std::string cursor)> on_poll;
    std::function<task<void>(void* self, delivery_context&, std::string cursor)> on_stream;
    std::function<task<bool>(void* self, delivery_context&, std::string position)> on_backfill;
    std::vector<mortise_event_type> c_events;
};

struct connector_spec {
    std::string id, version, title, vendor, doc;
    std::string config_schema = R"({"type":"object","additionalProperties":false})";
    std::vector<service> needs;
    std::deque<operation_spec> operations;
    std::deque<trigger_spec> triggers;
    std::function<void*(instance&, const json::value& config)> make;
    void (*destroy)(void* self) = nullptr;
    std::function<task<json::value>(void* self, call_context&)> test;

    mortise_connector c{};
    std::vector<mortise_str> c_services;
    std::vector<mortise_operation> c_operations;
    std::vector<mortise_trigger> c_triggers;
};

using create_connector_fn = mortise_status (*)(
    const mortise_host*, mortise_handle, mortise_payload, mortise_error_sink, void**);

// Checks the declarations (throws std::logic_error that names the mistake) and fills the C
// descriptor.
void finish_connector(connector_spec& spec, create_connector_fn create);

// Makes the instance behind `self`; throws.
void* create_connector(const connector_spec& spec,
                       const mortise_host* h,
                       mortise_handle instance,
                       mortise_payload config);

} // namespace mortise::detail
