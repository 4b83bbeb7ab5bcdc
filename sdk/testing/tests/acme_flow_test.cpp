// SPDX-License-Identifier: Apache-2.0
#include "copy_flow.hpp"
#include "support/catch.hpp"

#include <mortise/plugin.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

event changed(const std::string& id) {
    return {"acme.contact.changed", id + "@1", "contacts/" + id, json::value{{"id", id}}};
}

flow_harness make(fake_host& host) {
    auto flow = host.create_flow(mortise::flow<acme::copy_flow>(), {{"pause", "30s"}});
    flow.answer("from", "contact.get", {{"id", "7"}, {"email", "a@example.com"}, {"name", "Ann"}});
    flow.on("to", "contact.create", [](const json::value& in) -> json::value {
        return {{"id", "copy-" + require_string(in, "email")}};
    });
    return flow;
}

} // namespace

TEST_CASE("the flow copies once, after the pause, and links the two", "[sdk][flow]") {
    fake_host host;
    auto flow = make(host);
    auto run = flow.start(changed("7"));
    CHECK_FALSE(run.finished());
    host.advance(29s);
    CHECK_FALSE(run.finished());
    host.advance(1s);
    CHECK(run.result() == parse_json(R"({"copied":true,"copy":"copy-a@example.com"})"));
    CHECK(run.steps().size() == 5);
    auto again = flow.start(changed("7"));
    CHECK(again.result().at("copied") == false);
    flow.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("a replay meets every step again and has no new effect", "[sdk][flow]") {
    fake_host host(GENERATE(0, range(1, 6)));
    auto flow = make(host);
    auto run = flow.start(changed("7"));
    host.advance(30s);
    const json::value result = run.result();
    const std::size_t effects = run.effects();
    run.replay();
    CHECK(run.result() == result);
    CHECK(run.effects() == effects);
    CHECK(host.violations().empty());
}

TEST_CASE("a run dropped while it waits goes on where it was", "[sdk][flow]") {
    fake_host host;
    auto flow = make(host);
    auto run = flow.start(changed("7"));
    run.drop();
    host.advance(60s);
    CHECK_FALSE(run.finished());
    run.replay();
    host.advance(0s);
    CHECK(run.result().at("copied") == true);
    flow.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("an error of a step ends the run with that error", "[sdk][flow]") {
    fake_host host;
    auto flow = make(host);
    flow.fail("to", "contact.create", error(category::denied, "acme.contact.denied", "No."));
    auto run = flow.start(changed("7"));
    host.advance(30s);
    REQUIRE(run.finished());
    CHECK(run.outcome().failure->code == "acme.contact.denied");
    CHECK(host.violations().empty());
}

TEST_CASE("an event without the needed data ends the run as wrong input", "[sdk][flow]") {
    fake_host host;
    auto flow = make(host);
    event e = changed("7");
    e.data = json::object();
    auto run = flow.start(e);
    REQUIRE(run.finished());
    CHECK(run.outcome().failure->category == category::input);
}

TEST_CASE("a cancelled run ends as cancelled", "[sdk][flow]") {
    fake_host host;
    auto flow = make(host);
    auto run = flow.start(changed("7"));
    run.cancel();
    REQUIRE(run.finished());
    CHECK(run.outcome().failure->category == category::cancelled);
    flow.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("the plugin's entry lists its factories and nothing else", "[sdk][plugin]") {
    const mortise_entry* e = mortise_plugin_entry_v1();
    CHECK(e == mortise_plugin_entry_v1());
    CHECK(e->magic == MORTISE_ABI_MAGIC);
    CHECK(view(e->id) == "com.example.acme");
    CHECK(e->init(nullptr, {}) == MORTISE_OK);
    const auto* c = static_cast<const mortise_connector*>(
        e->get_factory(c_str_of(MORTISE_FACTORY_CONNECTOR), 0));
    REQUIRE(c);
    CHECK(c == e->get_factory(c_str_of(MORTISE_FACTORY_CONNECTOR), 0));
    CHECK(c->operation_count == 3);
    CHECK(view(c->operations[2].lookup_operation) == "contact.find");
    CHECK(c->triggers[0].kinds ==
          (MORTISE_TRIGGER_POLL | MORTISE_TRIGGER_WEBHOOK | MORTISE_TRIGGER_BACKFILL));
    CHECK(e->get_factory(c_str_of(MORTISE_FACTORY_CONNECTOR), 1) == nullptr);
    const auto* f =
        static_cast<const mortise_flow*>(e->get_factory(c_str_of(MORTISE_FACTORY_FLOW), 0));
    REQUIRE(f);
    CHECK(f->role_count == 2);
    CHECK(f->subscription_count == 2);
    CHECK(e->get_factory(c_str_of("mortise.flow-factory/1x"), 0) == nullptr);
    CHECK(e->get_factory(c_str_of(""), 0) == nullptr);
}
