// SPDX-License-Identifier: Apache-2.0
#include "connector.hpp"

#include <mortise/sdk/body_stream.hpp>
#include <mortise/sdk/url.hpp>

#include <algorithm>
#include <charconv>

namespace probe {

using mortise::category;
using mortise::delivery_context;
using mortise::task;
namespace json = mortise::json;

connector::connector(mortise::instance& in, settings s)
    : in_(in), settings_(std::move(s)),
      answers_(in.metrics().counter("answers", "What the system answered")) {
    // Nothing that a schema could have said.
    if (settings_.label == "refused")
        throw mortise::error(category::config, "probe.label", "This label is refused.");
}

void connector::describe(mortise::connector_builder<connector>& b) {
    using mortise::service;
    b.id("probe").version(PROBE_VERSION).title("Probe").vendor("Mortise");
    b.doc("Reaches a recording target in tests.")
        .needs({service::http, service::state, service::content});
    b.config<settings>();
    b.operation("get", &connector::get).title("Read an object").reads();
    b.operation("put", &connector::put).title("Write by idempotency key").idempotent();
    b.operation("store", &connector::store).title("Write what a schema describes").idempotent();
    b.operation("find", &connector::find).title("Look for a created object").reads();
    b.operation("create", &connector::create).title("Create").lookup_first("find");
    b.operation("fire", &connector::fire).title("Do what cannot be checked").unsafe();
    b.operation("slow", &connector::slow).title("Answer only a cancel").reads();
    b.operation("names.list", &connector::names).title("List what has a name").reads();
    b.operation("rights.check", &connector::rights).title("Say what may be done").reads();
    b.operation("fetch", &connector::fetch).title("Give a file").reads();
    b.operation("fetch_once", &connector::fetch_once).title("Give a file").reads();
    b.operation("upload", &connector::upload).title("Take a file").idempotent();
    b.operation("upload_parts", &connector::upload_parts).title("Take a file").idempotent();
    b.trigger("changes")
        .title("Changes of the target")
        .webhook(&connector::on_webhook)
        .poll(&connector::on_poll, std::chrono::seconds(3600))
        .backfill(&connector::on_backfill)
        .event(
            "probe.changed",
            R"({"type":"object","properties":{"plan":{"type":"array","items":{"type":"object"}}}})",
            "Something changed.")
        .event("probe.order", R"({"type":"object"})", "One of a row of events.")
        .event("probe.decided", R"({"type":"object"})", "A person decided.");
    b.test_connection(&connector::test);
}

task<mortise::http_response>
connector::send(mortise::call_context& c, std::string method, std::string path, json::object body) {
    mortise::http_request request(method, settings_.base_url + "/" + path);
    if (!settings_.label.empty()) request.header("x-probe-label", settings_.label);
    if (!c.idempotency_key().empty()) request.header("idempotency-key", c.idempotency_key());
    if (method != "GET") request.json(std::move(body));
    auto response = co_await c.http().send(std::move(request));
    in_.log().debug("the system answered");
    answers_.add(1);
    response.require_ok("probe.target");
    co_return std::move(response);
}

task<json::value> connector::get(mortise::call_context& c, json::object in) {
    const std::string id = mortise::require_string(in, "id", category::input);
    auto response = co_await send(c, "GET", "objects/" + id, {});
    co_return response.json();
}

task<json::value> connector::put(mortise::call_context& c, json::object in) {
    const auto path = mortise::optional_string(in, "path", category::input).value_or("put");
    mortise::require_object(in, "body", category::input);
    json::object body = std::move(in["body"].as_object());
    auto response = co_await send(c, "POST", path, std::move(body));
    json::value out{{"status", response.status}};
    co_return out;
}

task<json::value> connector::store(mortise::call_context& c, stored in) {
    json::object body{{"name", in.name}, {"count", in.count}};
    auto response = co_await send(c, "POST", "store", std::move(body));
    json::value out{{"status", response.status}};
    co_return out;
}

task<json::value> connector::find(mortise::call_context& c, json::object in) {
    const std::string name = mortise::require_string(in, "name", category::input);
    auto response = co_await send(c, "GET", "find?name=" + name, {});
    co_return response.json();
}

task<json::value> connector::create(mortise::call_context& c, json::object in) {
    auto response = co_await send(c, "POST", "create", std::move(in));
    co_return response.json();
}

task<json::value> connector::fire(mortise::call_context& c, json::object in) {
    auto response = co_await send(c, "POST", "fire", std::move(in));
    co_return response.json();
}

task<json::value> connector::slow(mortise::call_context& c, json::object) {
    co_await c.sleep(std::chrono::hours(24));
    co_return nullptr;
}

// What a test has put there as "names-<kind>" or "names-<kind>-<of>".
task<json::value> connector::names(mortise::call_context& c, names_query in) {
    std::string path = "objects/names-" + in.kind + (in.of.empty() ? "" : "-" + in.of);
    auto response = co_await send(c, "GET", std::move(path), {});
    co_return response.json();
}

task<json::value> connector::rights(mortise::call_context& c, json::object) {
    auto response = co_await send(c, "GET", "objects/rights", {});
    co_return response.json();
}

task<json::value> connector::fetch(mortise::call_context& c, file_range in) {
    auto request = mortise::http_request::get(settings_.base_url + "/files/" + in.name);
    if (in.offset > 0) request.header("Range", "bytes=" + std::to_string(in.offset) + "-");
    request.stream_response = true;
    auto response = co_await c.http().send(std::move(request));
    response.require_ok("probe.file");
    json::object out{{"name", in.name},
                     {"media_type", std::string(response.header("content-type"))}};
    const auto size = response.header("x-size");
    std::uint64_t bytes = 0;
    std::from_chars(size.data(), size.data() + size.size(), bytes);
    out["size"] = bytes;
    const std::string checksum(response.header("x-checksum"));
    if (const auto colon = checksum.find(':'); colon != std::string::npos) {
        out["checksum"] = json::object{{"algorithm", checksum.substr(0, colon)},
                                       {"value", checksum.substr(colon + 1)}};
    }
    c.answer_content(std::move(response.content));
    co_return json::value(std::move(out));
}

task<json::value> connector::fetch_once(mortise::call_context& c, json::object in) {
    file_range whole;
    whole.name = mortise::require_string(in, "name", category::input);
    co_return co_await fetch(c, std::move(whole));
}

task<json::value> connector::upload(mortise::call_context& c, file_taken in) {
    auto request = mortise::http_request::put(settings_.base_url + "/whole/" + in.name);
    request.content = std::move(c.content());
    auto response = co_await c.http().send(std::move(request));
    response.require_ok("probe.file");
    co_return response.json();
}

task<json::value> connector::upload_parts(mortise::call_context& c, file_taken in) {
    const std::string key = "upload:" + c.idempotency_key();
    const auto known = co_await in_.state().get(key);
    std::uint64_t at = 0;
    if (known) at = known->value.to_number<std::uint64_t>();
    if (at > 0) co_await c.content().seek(at);
    const std::uint64_t size = in.size.value_or(c.content().info().length.value_or(0));
    json::value last;
    while (at < size || last.is_null()) {
        const auto bytes = std::min(in.part, size - at);
        auto request = mortise::http_request::put(settings_.base_url + "/session/" + in.name +
                                                  "?at=" + std::to_string(at));
        mortise::content_piece piece(bytes);
        auto response =
            co_await mortise::send_content(c, std::move(request), c.content(), std::move(piece));
        response.require_ok("probe.part");
        at += bytes;
        last = response.json();
        json::value reached(at);
        co_await in_.state().put(key, std::move(reached));
    }
    co_await in_.state().remove(key);
    co_return last;
}

static mortise::event event_from(const json::value& item) {
    const auto* data = mortise::find_json(item, "data");
    mortise::event out{mortise::require_string(item, "type", category::input),
                       mortise::require_string(item, "id", category::input),
                       mortise::optional_string(item, "subject", category::input).value_or(""),
                       data != nullptr ? *data : json::value(json::object())};
    out.partition_key = mortise::optional_string(item, "key", category::input).value_or("");
    out.trace_parent = mortise::optional_string(item, "traceparent", category::input).value_or("");
    return out;
}

static std::vector<mortise::event> events_from(const json::value& page) {
    std::vector<mortise::event> out;
    for (const auto& item : mortise::require_array(page, "events", category::input))
        out.push_back(event_from(item));
    return out;
}

task<mortise::webhook_reply> connector::on_webhook(delivery_context& c, mortise::webhook w) {
    if (settings_.secret) {
        const std::string secret = in_.secrets().read(*settings_.secret);
        if (!mortise::constant_time_equal(w.header("x-probe-secret"), secret))
            throw mortise::error(category::auth, "probe.webhook.secret", "The secret is wrong.");
        // The host must keep it out of the log whatever a plugin writes.
        in_.log().info("webhook came with the secret " + secret);
    }
    auto events = events_from(w.json());
    co_await c.emit(std::move(events));
    co_return mortise::webhook_reply(202);
}

task<void> connector::on_poll(delivery_context& c, std::string cursor) {
    auto response = co_await send(c, "GET", "changes?since=" + cursor, {});
    const auto page = response.json();
    auto events = events_from(page);
    std::string next = mortise::require_string(page, "cursor");
    if (!events.empty() || next != cursor) co_await c.emit(std::move(events), std::move(next));
}

task<bool> connector::on_backfill(delivery_context& c, std::string position) {
    if (position.empty()) position = "0";
    std::string path = "all/" + position;
    auto response = co_await send(c, "GET", std::move(path), {});
    const auto page = response.json();
    auto events = events_from(page);
    std::string next = mortise::require_string(page, "next");
    co_await c.emit(std::move(events), std::move(next));
    co_return mortise::require_bool(page, "last");
}

task<mortise::connection_report> connector::test(mortise::call_context& c) {
    auto response = co_await send(c, "GET", "me", {});
    mortise::connection_report report;
    report.summary = "Connected as " + mortise::require_string(response.json(), "name");
    co_return report;
}

} // namespace probe
