// SPDX-License-Identifier: Apache-2.0
#include "observe/span.hpp"

#include "base/log.hpp"
#include "base/trace_context.hpp"

#include <boost/json.hpp>

#include <unistd.h>

namespace json = boost::json;

namespace mortise::host {
namespace {

constexpr std::size_t most_text = 2048;

std::string fit(std::string_view text) {
    auto out = redacted(text);
    if (out.size() <= most_text) return out;
    auto end = most_text;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80)
        --end; // not within a character
    out.resize(end);
    return out;
}

void put(span& s, const char* name, std::string_view text) {
    if (!text.empty()) s.attributes.emplace_back(name, fit(text));
}

void fail(span& s, const error& e) {
    s.failed = span::failure{e.code, fit(e.message)};
    put(s, "error.type", e.code);
    put(s, "mortise.error.category", to_string(e.category));
}

json::object attribute(std::string_view name, const span::value& v) {
    json::object value;
    if (const auto* text = std::get_if<std::string>(&v))
        value["stringValue"] = *text;
    else if (const auto* number = std::get_if<std::int64_t>(&v))
        value["intValue"] = std::to_string(*number);
    else
        value["boolValue"] = std::get<bool>(v);
    return {{"key", name}, {"value", std::move(value)}};
}

std::string nanos(std::int64_t us) {
    return std::to_string(us * 1000);
}

json::object to_json(const span& s) {
    json::object o{{"traceId", s.trace_id},
                   {"spanId", s.span_id},
                   {"name", s.name},
                   {"kind", static_cast<int>(s.what)},
                   {"startTimeUnixNano", nanos(s.began_us)},
                   {"endTimeUnixNano", nanos(s.ended_us)}};
    if (!s.parent_id.empty()) o["parentSpanId"] = s.parent_id;
    json::array attributes;
    for (const auto& [name, value] : s.attributes)
        attributes.push_back(attribute(name, value));
    o["attributes"] = std::move(attributes);
    if (s.failed) {
        json::array of_event{attribute("exception.type", s.failed->type),
                             attribute("exception.message", s.failed->message)};
        o["events"] = json::array{json::object{{"timeUnixNano", nanos(s.ended_us)},
                                               {"name", "exception"},
                                               {"attributes", std::move(of_event)}}};
        o["status"] = {{"code", 2}, {"message", s.failed->message}}; // STATUS_CODE_ERROR
    }
    return o;
}

} // namespace

span span_of_run(const run_record& run, const event_record& event, unix_ms ended) {
    const auto above = trace_of_run(event.trace_parent, run.id);
    span s;
    s.trace_id = above.trace_id;
    s.parent_id = above.span_id;
    s.span_id = run_span_id(run.id);
    s.name = "run " + run.instance;
    // A caller waits for a request; what else starts a run is done with once it is taken.
    s.what = event.via == "request" ? span::kind::server : span::kind::consumer;
    s.began_us = run.created_at * 1000;
    s.ended_us = std::max(ended, run.created_at) * 1000;
    put(s, "mortise.run.id", run.id.str());
    put(s, "mortise.flow.name", run.instance);
    put(s, "mortise.flow.id", run.flow);
    put(s, "mortise.flow.version", run.flow_version);
    put(s, "mortise.run.state", to_string(run.state));
    put(s, "mortise.run.parent", run.parent.str());
    put(s, "mortise.run.failed_step", run.failed_step);
    put(s, "mortise.event.via", event.via);
    put(s, "cloudevents.event_id", event.id);
    put(s, "cloudevents.event_source", event.source);
    put(s, "cloudevents.event_type", event.type);
    put(s, "cloudevents.event_subject", event.subject);
    s.attributes.emplace_back("mortise.run.starts", static_cast<std::int64_t>(run.starts));
    if (run.failure && is_dead(run.state)) fail(s, *run.failure);
    return s;
}

span span_of_attempt(const attempt_seen& a) {
    const auto above = trace_of_run(a.event.trace_parent, a.run.id);
    span s;
    s.trace_id = above.trace_id;
    s.parent_id = run_span_id(a.run.id);
    s.span_id = a.span_id;
    const bool outside = a.kind == step_kind::call || a.kind == step_kind::transfer;
    // The key may hold ids; the target is the same for all runs, as a span's name should be.
    s.name = outside ? std::string(a.target)
                     : std::string(to_string(a.kind)) + ' ' + std::string(a.target);
    s.what = outside ? span::kind::client : span::kind::internal;
    s.began_us = a.began_unix_us;
    s.ended_us = std::max(a.ended_unix_us, a.began_unix_us);
    put(s, "mortise.run.id", a.run.id.str());
    put(s, "mortise.flow.name", a.run.instance);
    put(s, "mortise.step.key", a.step);
    put(s, "mortise.step.kind", to_string(a.kind));
    put(s, "mortise.connection", a.connection);
    put(s, "mortise.source_connection", a.source_connection);
    put(s, "mortise.outcome", to_string(a.outcome));
    s.attributes.emplace_back("mortise.attempt", static_cast<std::int64_t>(a.attempt));
    if (a.failure != nullptr && a.outcome != attempt_seen::end::cancelled) fail(s, *a.failure);
    return s;
}

std::string to_otlp_json(const std::vector<span>& spans, const trace_resource& from) {
    json::array resource{attribute("service.name", from.service_name),
                         attribute("service.version", from.version),
                         attribute("service.instance.id", from.instance),
                         attribute("process.pid", static_cast<std::int64_t>(::getpid()))};
    json::array list;
    list.reserve(spans.size());
    for (const auto& s : spans)
        list.push_back(to_json(s));
    json::object scope{{"name", "mortise"}, {"version", from.version}};
    json::object scoped{{"scope", std::move(scope)}, {"spans", std::move(list)}};
    json::object of_resource;
    of_resource["resource"] = json::object{{"attributes", std::move(resource)}};
    of_resource["scopeSpans"] = json::array{std::move(scoped)};
    return json::serialize(json::object{{"resourceSpans", json::array{std::move(of_resource)}}});
}

} // namespace mortise::host
