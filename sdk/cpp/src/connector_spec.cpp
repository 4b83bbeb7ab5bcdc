// SPDX-License-Identifier: Apache-2.0
#include "connector_entries.hpp"
#include "tables.hpp"

#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/connector.hpp>

#include <set>
#include <stdexcept>

namespace mortise {

operation_builder& operation_builder::title(std::string text) {
    spec_.title = std::move(text);
    return *this;
}
operation_builder& operation_builder::doc(std::string text) {
    spec_.doc = std::move(text);
    return *this;
}
operation_builder& operation_builder::reads() {
    spec_.effect_class = MORTISE_EFFECT_CLASS_READ;
    return *this;
}
operation_builder& operation_builder::idempotent() {
    spec_.effect_class = MORTISE_EFFECT_CLASS_IDEMPOTENT;
    return *this;
}
operation_builder& operation_builder::lookup_first(std::string operation) {
    spec_.effect_class = MORTISE_EFFECT_CLASS_LOOKUP_FIRST;
    spec_.lookup_operation = std::move(operation);
    return *this;
}
operation_builder& operation_builder::unsafe() {
    spec_.effect_class = MORTISE_EFFECT_CLASS_UNSAFE;
    return *this;
}
operation_builder& operation_builder::blocking(bool concurrent) {
    spec_.flags |= MORTISE_OP_BLOCKING;
    if (concurrent) spec_.flags |= MORTISE_OP_CONCURRENT;
    return *this;
}

namespace detail {
namespace {

[[noreturn]] void wrong(const connector_spec& s, const std::string& what) {
    throw std::logic_error("describe() of connector \"" + s.id + "\": " + what);
}

void check(const connector_spec& s) {
    if (s.id.empty()) wrong(s, "b.id(...) is missing");
    if (s.version.empty()) wrong(s, "b.version(...) is missing");
    if (!s.make) {
        wrong(s, "the class has no constructor (instance&); declare its settings with "
                 "b.config<S>() and give it a constructor (instance&, S)");
    }
    std::set<std::string> ids;
    for (const auto& op : s.operations) {
        if (op.id.empty()) wrong(s, "an operation has an empty id");
        if (!ids.insert(op.id).second) wrong(s, "operation \"" + op.id + "\" is declared twice");
    }
    for (const auto& op : s.operations) {
        if (!op.lookup_operation.empty() && !ids.contains(op.lookup_operation)) {
            wrong(s, "operation \"" + op.id + "\" names the lookup \"" + op.lookup_operation +
                         "\", which is not declared");
        }
        if (op.lookup_operation == op.id) {
            wrong(s, "operation \"" + op.id + "\" names itself as its lookup");
        }
    }
    ids.clear();
    for (const auto& t : s.triggers) {
        if (!ids.insert(t.id).second) wrong(s, "trigger \"" + t.id + "\" is declared twice");
        if (!t.on_poll && !t.on_webhook && !t.on_stream && !t.on_backfill) {
            wrong(s, "trigger \"" + t.id +
                         "\" has no handler; add .poll, .webhook, .stream or .backfill");
        }
        if (t.events.empty()) wrong(s, "trigger \"" + t.id + "\" declares no event");
    }
}

std::string_view id_of(service s) noexcept {
    switch (s) {
    case service::http:
        return MORTISE_SVC_HTTP;
    case service::secret:
        return MORTISE_SVC_SECRET;
    case service::state:
        return MORTISE_SVC_STATE;
    case service::metric:
        return MORTISE_SVC_METRIC;
    case service::content:
        return MORTISE_SVC_CONTENT;
    }
    return {};
}

void fill_operations(connector_spec& s) {
    s.c_operations.reserve(s.operations.size());
    for (const auto& op : s.operations) {
        mortise_operation c{};
        c.struct_size = sizeof(c);
        c.flags = op.flags;
        c.effect_class = op.effect_class;
        c.id = c_str_of(op.id);
        c.title = c_str_of(op.title);
        c.doc = c_str_of(op.doc);
        c.input_schema = c_str_of(op.input_schema);
        c.output_schema = c_str_of(op.output_schema);
        c.lookup_operation = c_str_of(op.lookup_operation);
        s.c_operations.push_back(c);
    }
}

void fill_triggers(connector_spec& s) {
    s.c_triggers.reserve(s.triggers.size());
    for (auto& t : s.triggers) {
        for (const auto& e : t.events) {
            mortise_event_type c{};
            c.struct_size = sizeof(c);
            c.type = c_str_of(e.type);
            c.title = c_str_of(e.title);
            c.doc = c_str_of(e.doc);
            c.data_schema = c_str_of(e.data_schema);
            t.c_events.push_back(c);
        }
        mortise_trigger c{};
        c.struct_size = sizeof(c);
        if (t.on_poll) c.kinds |= MORTISE_TRIGGER_POLL;
        if (t.on_webhook) c.kinds |= MORTISE_TRIGGER_WEBHOOK;
        if (t.on_stream) c.kinds |= MORTISE_TRIGGER_STREAM;
        if (t.on_backfill) c.kinds |= MORTISE_TRIGGER_BACKFILL;
        c.id = c_str_of(t.id);
        c.title = c_str_of(t.title);
        c.doc = c_str_of(t.doc);
        c.config_schema = c_str_of(t.config_schema);
        c.events = t.c_events.data();
        c.event_count = t.c_events.size();
        c.event_stride = sizeof(mortise_event_type);
        c.default_poll_interval_s = t.poll_interval_s;
        s.c_triggers.push_back(c);
    }
}

} // namespace

void finish_connector(connector_spec& s, create_connector_fn create) {
    check(s);
    fill_operations(s);
    fill_triggers(s);
    s.c_services = {c_str_of(MORTISE_SVC_CALL), c_str_of(MORTISE_SVC_LOG),
                    c_str_of(MORTISE_SVC_TIME)};
    if (!s.triggers.empty()) s.c_services.push_back(c_str_of(MORTISE_SVC_TRIGGER));
    for (const auto needed_service : s.needs) {
        s.c_services.push_back(c_str_of(id_of(needed_service)));
    }
    mortise_connector& c = s.c;
    c.struct_size = sizeof(c);
    c.id = c_str_of(s.id);
    c.version = c_str_of(s.version);
    c.title = c_str_of(s.title);
    c.vendor = c_str_of(s.vendor);
    c.doc = c_str_of(s.doc);
    c.config_schema = c_str_of(s.config_schema);
    c.requires_services = s.c_services.data();
    c.requires_count = s.c_services.size();
    c.operations = s.c_operations.data();
    c.operation_count = s.c_operations.size();
    c.operation_stride = sizeof(mortise_operation);
    c.triggers = s.c_triggers.data();
    c.trigger_count = s.c_triggers.size();
    c.trigger_stride = sizeof(mortise_trigger);
    c.create = create;
    set_connector_entries(c);
}

} // namespace detail
} // namespace mortise
