// SPDX-License-Identifier: Apache-2.0
// Plugins built against the frozen headers of each released minor, at work in today's host of the
// testing kit.
#include "support/catch.hpp"

#include <mortise/plugin.h>
#include <mortise/run.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/testing/fake_host.hpp>

#include <dlfcn.h>

using namespace mortise;
using namespace mortise::testing;

namespace {

// Loaded for good, as in a host.
const mortise_entry& entry_of(const std::string& name) {
    const std::string file = std::string(MORTISE_BINARY_DIR) + "/tests/abi/" + name + ".so";
    void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    void* const symbol = dlsym(library, "mortise_plugin_entry_v1");
    if (symbol == nullptr) throw std::runtime_error(dlerror());
    return *reinterpret_cast<const mortise_entry* (*)()>(symbol)();
}

const mortise_connector& connector_of(const std::string& name) {
    return *static_cast<const mortise_connector*>(
        entry_of(name).get_factory(c_str_of(MORTISE_FACTORY_CONNECTOR), 0));
}

const mortise_flow& flow_of(const std::string& name) {
    return *static_cast<const mortise_flow*>(
        entry_of(name).get_factory(c_str_of(MORTISE_FACTORY_FLOW), 0));
}

event manual(json::value data) {
    return {"frozen.tick", "t-1", "1", std::move(data)};
}

} // namespace

TEST_CASE("plugins of every released minor say which one they were built for", "[abi]") {
    CHECK(entry_of("frozen_1_0").abi_minor == 0);
    CHECK(entry_of("frozen_1_1").abi_minor == 1);
    CHECK(entry_of("frozen_1_2").abi_minor == 2);
    CHECK(entry_of("frozen_1_2").abi_minor <= MORTISE_ABI_MINOR);
}

TEST_CASE("a connector of any released minor answers calls and polls", "[abi]") {
    const auto name = GENERATE(as<std::string>(), "frozen_1_0", "frozen_1_1", "frozen_1_2");
    INFO(name);
    fake_host host;
    auto made = host.create_connector(connector_of(name));
    CHECK(made.call("echo", {{"a", 1}}).value() == parse_json(R"({"a":1})"));
    CHECK_FALSE(made.poll("ticks").failure);
    CHECK(made.close("ticks"));
    made.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("a flow of 1.0 ends as it did", "[abi]") {
    fake_host host;
    auto flow = host.create_flow(flow_of("frozen_1_0"));
    CHECK(flow.start(manual({{"a", 1}})).result() == parse_json(R"({"a":1})"));
    flow.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("a connector of 1.1 is asked for its backfill", "[abi]") {
    fake_host host;
    auto made = host.create_connector(connector_of("frozen_1_1"));
    CHECK(made.backfill_all("ticks") == 2);
    REQUIRE(made.events().size() == 1);
    CHECK(made.events()[0].id == "tick-1");
    CHECK(made.backfill_position("ticks") == "1");
    CHECK_FALSE(made.cursor("ticks"));
    CHECK(made.close("ticks"));
    made.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("a flow of 1.1 starts its child and ends with its result", "[abi]") {
    fake_host host;
    auto flow = host.create_flow(flow_of("frozen_1_1"));
    flow.on_child("", [](const child_run& c) { return c.data; });
    auto run = flow.start(manual({{"a", 1}}));
    CHECK(run.result() == parse_json(R"({"a":1})"));
    REQUIRE(flow.children().size() == 1);
    CHECK(flow.children()[0].event_type == "mortise.child");
    CHECK(flow.children()[0].key == "one");
    flow.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("a flow of 1.1 sees where the table of a host of 1.0 ends", "[abi]") {
    fake_host host;
    host.cut_table(MORTISE_SVC_FLOW, offsetof(mortise_svc_flow, spawn));
    auto flow = host.create_flow(flow_of("frozen_1_1"));
    auto run = flow.start(manual(json::object()));
    REQUIRE(run.finished());
    CHECK(run.outcome().failure);
    CHECK(flow.children().empty());
    flow.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("a flow of 1.2 maps what came and moves content by it", "[abi]") {
    fake_host host;
    auto flow = host.create_flow(flow_of("frozen_1_2"));
    flow.on("source", "echo", [](const json::value&) { return json::value{{"size", 3}}; });
    flow.on("source", "echo.twice", [](const json::value& in) { return in; });
    auto run = flow.start(manual({{"a", "film"}}));
    CHECK(run.result().at_pointer("/target/name") == "film");
    flow.destroy();
    CHECK(host.violations().empty());
}

TEST_CASE("a flow of 1.2 sees where the table of a host of 1.1 ends", "[abi]") {
    fake_host host;
    host.cut_table(MORTISE_SVC_FLOW, offsetof(mortise_svc_flow, transfer));
    auto flow = host.create_flow(flow_of("frozen_1_2"));
    auto run = flow.start(manual({{"a", "film"}}));
    REQUIRE(run.finished());
    CHECK(run.outcome().failure);
    flow.destroy();
    CHECK(host.violations().empty());
}
