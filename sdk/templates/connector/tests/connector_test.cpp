// Tests against the host in memory: no network, no waiting, a clock that only the test moves.
// Any test framework will do; this file uses none.
#include "connector.hpp"

#include <mortise/testing/fake_host.hpp>

#include <cstdlib>
#include <iostream>
#include <source_location>
#include <string>

namespace json = mortise::json;

namespace {

const std::string base = "https://@name@.example.com";

void expect(bool good, std::source_location at = std::source_location::current()) {
    if (good) return;
    std::cerr << at.file_name() << ':' << at.line() << ": not as expected\n";
    std::exit(1);
}

mortise::testing::connector_harness make(mortise::testing::fake_host& host) {
    host.set_secret("key", "k3y");
    return host.create_connector(mortise::connector<@ident@_connector::connector>(),
                                 {{"base_url", base}, {"api_key", {{"$secret", "key"}}}});
}

void an_item_is_read_with_the_key() {
    mortise::testing::fake_host host;
    auto connection = make(host);
    host.http().expect("GET", base + "/items/7").reply_json(200, {{"id", "7"}, {"title", "Seven"}});
    const auto got = connection.call("items.get", {{"id", "7"}});
    expect(got.value().at("title") == "Seven");
    expect(host.http().requests().front().header("authorization") == "Bearer k3y");
    connection.destroy();
    expect(host.violations().empty());
}

void an_item_that_is_not_there_is_not_found() {
    mortise::testing::fake_host host;
    auto connection = make(host);
    host.http().expect("GET", base + "/items/8").reply(404);
    const auto got = connection.call("items.get", {{"id", "8"}});
    expect(got.failure && got.failure->category == mortise::category::not_found);
    connection.destroy();
    expect(host.violations().empty());
}

void a_change_is_one_event_and_moves_the_cursor() {
    mortise::testing::fake_host host;
    auto connection = make(host);
    host.http()
        .expect("GET", base + "/changes*")
        .reply_json(200, {{"items", json::array{{{"id", "7"}, {"version", "2"}}}}, {"cursor", "c2"}});
    connection.poll("changes").value();
    expect(connection.events().size() == 1);
    expect(connection.events().front().id == "7@2");
    expect(connection.cursor("changes") == "c2");
    connection.close("changes");
    connection.destroy();
    expect(host.violations().empty());
}

} // namespace

int main() {
    an_item_is_read_with_the_key();
    an_item_that_is_not_there_is_not_found();
    a_change_is_one_event_and_moves_the_cursor();
}
