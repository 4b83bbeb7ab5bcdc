// SPDX-License-Identifier: Apache-2.0
#include "plugin/inspect.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace mortise::host {

namespace json = boost::json;

namespace {

// Schemas were parsed once when the plugin was checked; an empty one means anything goes.
json::value schema(const std::string& text) {
    return text.empty() ? json::value(json::object()) : json::parse(text);
}

json::array texts(const std::vector<std::string>& all) {
    json::array out;
    for (const auto& t : all)
        out.emplace_back(t);
    return out;
}

json::object operation(const operation_descriptor& o) {
    json::object out{{"id", o.id},
                     {"title", o.title},
                     {"doc", o.doc},
                     {"effect_class", to_string(o.repeat)},
                     {"blocking", o.blocking()},
                     {"concurrent", o.concurrent()}};
    if (!o.lookup_operation.empty()) out["lookup_operation"] = o.lookup_operation;
    out["input_schema"] = schema(o.input_schema);
    out["output_schema"] = schema(o.output_schema);
    return out;
}

json::object trigger(const trigger_descriptor& t) {
    json::array kinds;
    if (t.polls()) kinds.emplace_back("poll");
    if (t.takes_webhooks()) kinds.emplace_back("webhook");
    if (t.streams()) kinds.emplace_back("stream");
    if (t.backfills()) kinds.emplace_back("backfill");
    json::array events;
    for (const auto& e : t.events) {
        events.push_back(json::object{{"type", e.type},
                                      {"title", e.title},
                                      {"doc", e.doc},
                                      {"data_schema", schema(e.data_schema)}});
    }
    return {{"id", t.id},
            {"title", t.title},
            {"doc", t.doc},
            {"kinds", std::move(kinds)},
            {"default_poll_interval_s", t.default_poll_interval_s},
            {"config_schema", schema(t.config_schema)},
            {"events", std::move(events)}};
}

json::object connector(const connector_descriptor& c) {
    json::array operations;
    for (const auto& o : c.operations)
        operations.push_back(operation(o));
    json::array triggers;
    for (const auto& t : c.triggers)
        triggers.push_back(trigger(t));
    return {{"id", c.id},
            {"version", c.version},
            {"title", c.title},
            {"vendor", c.vendor},
            {"doc", c.doc},
            {"requires_services", texts(c.requires_services)},
            {"config_schema", schema(c.config_schema)},
            {"operations", std::move(operations)},
            {"triggers", std::move(triggers)}};
}

json::object flow(const flow_descriptor& f) {
    json::array roles;
    for (const auto& r : f.roles) {
        roles.push_back(json::object{{"name", r.name},
                                     {"connectors", texts(r.connectors)},
                                     {"doc", r.doc},
                                     {"operations", texts(r.operations)}});
    }
    json::array subscriptions;
    for (const auto& s : f.subscriptions)
        subscriptions.push_back(json::object{{"role", s.role}, {"event_type", s.event_type}});
    return {{"id", f.id},
            {"version", f.version},
            {"title", f.title},
            {"doc", f.doc},
            {"config_schema", schema(f.config_schema)},
            {"roles", std::move(roles)},
            {"subscriptions", std::move(subscriptions)}};
}

} // namespace

std::string manifest_json(const plugin_descriptor& plugin) {
    json::array connectors;
    for (const auto& c : plugin.connectors)
        connectors.push_back(connector(c));
    json::array flows;
    for (const auto& f : plugin.flows)
        flows.push_back(flow(f));
    const json::object out{
        {"file", plugin.file.string()},
        {"sha256", plugin.sha256},
        {"id", plugin.id},
        {"version", plugin.version},
        {"sdk", plugin.sdk},
        {"abi", std::to_string(plugin.abi_major) + "." + std::to_string(plugin.abi_minor)},
        {"connectors", std::move(connectors)},
        {"flows", std::move(flows)}};
    return json::serialize(out);
}

} // namespace mortise::host
