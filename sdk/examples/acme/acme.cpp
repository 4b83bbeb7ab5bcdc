// SPDX-License-Identifier: Apache-2.0
#include "acme.hpp"

#include <mortise/sdk/url.hpp>

namespace acme {

using mortise::category;
using mortise::delivery_context;
using mortise::task;
namespace json = mortise::json;

connector::connector(mortise::instance& in, settings s)
    : in_(in), settings_(std::move(s)), session_([this] { return log_in(); }) {}

void connector::describe(mortise::connector_builder<connector>& b) {
    using mortise::service;
    b.id("acme").version("1.0.0").title("Acme address book").vendor("Example");
    b.doc("Reads and writes contacts.").needs({service::http, service::secret});
    b.config<settings>();
    b.operation("contact.get", &connector::get).title("Read a contact").reads();
    b.operation("contact.find", &connector::find).title("Find a contact by mail").reads();
    b.operation("contact.create", &connector::create)
        .title("Create a contact")
        .lookup_first("contact.find");
    b.trigger("changes")
        .title("Changed contacts")
        .webhook(&connector::on_webhook)
        .poll(&connector::on_poll, std::chrono::seconds(60))
        .backfill(&connector::on_backfill)
        .event<contact>("acme.contact.changed", "A contact was created or changed.");
    b.test_connection(&connector::test);
}

task<std::string> connector::log_in() {
    mortise::url address(settings_.base_url);
    json::value body{{"key", in_.secrets().read(settings_.api_key)}};
    auto request = mortise::http_request::post(address.path("token").str()).json(body);
    auto response = co_await in_.http().send(std::move(request));
    response.require_ok("acme.login");
    co_return mortise::require_string(response.json(), "token");
}

task<mortise::http_response>
connector::send(mortise::call_context& c, std::string method, std::string url, json::value body) {
    for (int round = 1;; ++round) {
        const std::string token = co_await session_.get(c);
        mortise::http_request request(method, url);
        request.bearer(token);
        if (!body.is_null()) request.json(body);
        auto response = co_await c.http().send(std::move(request));
        if (response.status != 401 || round == 2) co_return std::move(response);
        session_.invalidate(token);
    }
}

task<contact> connector::get(mortise::call_context& c, contact_get in) {
    mortise::url address(settings_.base_url);
    address.path("contacts").segment(in.id);
    auto response = co_await send(c, "GET", address.str(), nullptr);
    response.require_ok("acme.contact");
    co_return mortise::from_json<contact>(response.json(), category::remote_protocol);
}

task<contact_lookup> connector::find(mortise::call_context& c, contact_create in) {
    mortise::url address(settings_.base_url);
    address.path("contacts").query("email", in.email);
    auto response = co_await send(c, "GET", address.str(), nullptr);
    response.require_ok("acme.contact");
    const auto answer = response.json();
    contact_lookup out;
    for (const auto& item : mortise::require_array(answer, "items")) {
        out.found = true;
        out.result = mortise::from_json<contact>(item, category::remote_protocol);
    }
    co_return out;
}

task<contact> connector::create(mortise::call_context& c, contact_create in) {
    mortise::url address(settings_.base_url);
    auto response = co_await send(c, "POST", address.path("contacts").str(), mortise::to_json(in));
    response.require_ok("acme.contact");
    co_return mortise::from_json<contact>(response.json(), category::remote_protocol);
}

static mortise::event changed(const json::value& item) {
    const std::string id = mortise::require_id(item, "id");
    // The same change by webhook and by poll is one event.
    const std::string version = mortise::require_id(item, "version");
    auto data = mortise::to_json(mortise::from_json<contact>(item, category::remote_protocol));
    return {"acme.contact.changed", id + "@" + version, "contacts/" + id, std::move(data)};
}

task<mortise::webhook_reply> connector::on_webhook(delivery_context& c, mortise::webhook w) {
    const std::string key = in_.secrets().read(settings_.api_key);
    if (!mortise::constant_time_equal(w.header("x-acme-key"), key)) {
        throw mortise::error(category::auth, "acme.webhook.key", "The webhook's key is wrong.");
    }
    mortise::event one = changed(w.json());
    co_await c.emit(std::move(one));
    co_return mortise::webhook_reply(202);
}

task<void> connector::on_poll(delivery_context& c, std::string cursor) {
    for (bool more = true; more;) {
        mortise::url address(settings_.base_url);
        address.path("changes").query("since", cursor);
        address.query("limit", std::to_string(settings_.page_size));
        auto response = co_await send(c, "GET", address.str(), nullptr);
        response.require_ok("acme.changes");
        const auto page = response.json();
        std::vector<mortise::event> events;
        for (const auto& item : mortise::require_array(page, "items")) {
            events.push_back(changed(item));
        }
        more = mortise::optional_bool(page, "more").value_or(false);
        cursor = mortise::require_string(page, "cursor");
        co_await c.emit(std::move(events), cursor);
    }
}

// The position is the id of the last contact of the page: it stays right when others come or go.
task<bool> connector::on_backfill(delivery_context& c, std::string position) {
    mortise::url address(settings_.base_url);
    address.path("contacts").query("after", position);
    address.query("limit", std::to_string(settings_.page_size));
    auto response = co_await send(c, "GET", address.str(), nullptr);
    response.require_ok("acme.contact");
    const auto page = response.json();
    std::vector<mortise::event> events;
    for (const auto& item : mortise::require_array(page, "items")) {
        events.push_back(changed(item));
        position = mortise::require_id(item, "id");
    }
    if (events.empty()) co_return true;
    co_await c.emit(std::move(events), position);
    co_return false;
}

task<mortise::connection_report> connector::test(mortise::call_context& c) {
    mortise::url address(settings_.base_url);
    auto response = co_await send(c, "GET", address.path("me").str(), nullptr);
    response.require_ok("acme.login");
    mortise::connection_report report;
    report.summary = "Connected as " + mortise::require_string(response.json(), "name");
    co_return report;
}

} // namespace acme
