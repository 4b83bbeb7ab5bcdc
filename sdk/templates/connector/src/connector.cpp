#include "connector.hpp"

#include <mortise/sdk/url.hpp>

namespace @ident@_connector {

using mortise::category;
using mortise::task;

connector::connector(mortise::instance& in, settings s) : in_(in), settings_(std::move(s)) {}

void connector::describe(mortise::connector_builder<connector>& b) {
    using mortise::service;
    b.id("@name@").version(PLUGIN_VERSION).title("@title@").vendor("Example");
    b.doc("Reads items and reports changed ones.").needs({service::http, service::secret});
    b.config<settings>();
    // Say what a repeat does: reads(), idempotent(), lookup_first("...") or unsafe().
    b.operation("items.get", &connector::get).title("Read an item").reads();
    b.trigger("changes")
        .title("Changed items")
        .poll(&connector::on_poll, std::chrono::seconds(60))
        .event<item>("@name@.item.changed", "An item was created or changed.");
    b.test_connection(&connector::test);
}

mortise::http_request connector::request(std::string method, std::string url) const {
    mortise::http_request out(std::move(method), std::move(url));
    out.bearer(in_.secrets().read(settings_.api_key)); // read anew: it may have been rotated
    return out;
}

task<item> connector::get(mortise::call_context& c, item_get in) {
    mortise::url address(settings_.base_url);
    address.path("items").segment(in.id);
    auto ask = request("GET", address.str());
    auto response = co_await c.http().send(std::move(ask));
    response.require_ok("@name@.item"); // 404 becomes NOT_FOUND, 429 RATE_LIMIT, and so on
    co_return mortise::from_json<item>(response.json(), category::remote_protocol);
}

task<void> connector::on_poll(mortise::delivery_context& c, std::string cursor) {
    mortise::url address(settings_.base_url);
    address.path("changes").query("since", cursor);
    auto ask = request("GET", address.str());
    auto response = co_await c.http().send(std::move(ask));
    response.require_ok("@name@.changes");
    const auto page = response.json();
    std::vector<mortise::event> events;
    for (const auto& value : mortise::require_array(page, "items")) {
        const auto one = mortise::from_json<item>(value, category::remote_protocol);
        // The id comes from facts, so that the same change seen twice is one event.
        events.emplace_back("@name@.item.changed", one.id + "@" + one.version, "items/" + one.id,
                            mortise::to_json(one));
    }
    std::string next = mortise::require_string(page, "cursor");
    co_await c.emit(std::move(events), std::move(next));
}

task<mortise::connection_report> connector::test(mortise::call_context& c) {
    mortise::url address(settings_.base_url);
    auto ask = request("GET", address.path("me").str());
    auto response = co_await c.http().send(std::move(ask));
    response.require_ok("@name@.login");
    mortise::connection_report report;
    report.summary = "Connected as " + mortise::require_string(response.json(), "name");
    co_return report;
}

} // namespace @ident@_connector
