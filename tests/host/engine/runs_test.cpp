// SPDX-License-Identifier: Apache-2.0
// Order, determinism, bindings, and what else a run may do.
#include "host_fixture.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

host_setup with_orders() {
    host_setup s;
    s.extra = "[flows.orders]\nflow = \"probe-order\"\n[flows.orders.connections]\n"
              "target = \"target\"\n";
    return s;
}

} // namespace

TEST_CASE("events of one key go one after another, other keys do not wait", "[engine][runs]") {
    host_fixture f(with_orders());
    f.start();
    fault held;
    held.what = fault::kind::hold_before;
    f.target.next("create", held);
    CHECK(f.send("a1", "{}", "probe.order", "a") == 202);
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    CHECK(f.send("a2", "{}", "probe.order", "a") == 202);
    CHECK(f.send("a3", "{}", "probe.order", "a") == 202);
    CHECK(f.send("b1", "{}", "probe.order", "b") == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1, "orders"));
    CHECK(f.target.count("create", "b1") == 1);
    CHECK(f.target.requests("create") == 2);
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 4, "orders"));
    std::vector<std::string> order;
    for (const auto& e : f.target.effects("create"))
        order.push_back(e.name);
    CHECK(order == std::vector<std::string>{"b1", "a1", "a2", "a3"});
}

TEST_CASE("a key stays in order over many events", "[engine][runs]") {
    host_fixture f(with_orders());
    f.start();
    std::string events;
    for (int i = 100; i < 200; ++i) {
        events += (events.empty() ? R"({"id":"k)" : R"(,{"id":"k)") + std::to_string(i) +
                  R"(","type":"probe.order","subject":"k"})";
    }
    CHECK(f.post("/hooks/target", R"({"events":[)" + events + "]}").status == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 100, "orders"));
    const auto seen = f.target.effects("create");
    REQUIRE(seen.size() == 100);
    for (std::size_t i = 0; i < seen.size(); ++i)
        CHECK(seen[i].name == "k" + std::to_string(100 + i));
}

TEST_CASE("a flow that takes other steps on replay is stopped", "[engine][runs]") {
    host_fixture f;
    f.start();
    f.target.hold_object("one", "{}");
    f.send("e1", plan({R"({"do":"fickle"})", R"({"do":"sleep","ms":50})",
                       R"({"do":"create","name":"never"})"}));
    const auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->code == "run.nondeterministic-flow");
    CHECK(run.run.failure->message.find("target:get") != std::string::npos);
    CHECK(run.run.failure->message.find("target:put") != std::string::npos);
    CHECK(run.run.failed_step == "s0");
    // Both sequences, for whoever mends the flow.
    CHECK(run.run.failure->details.find(R"("journal":[{"step":"s0")") != std::string::npos);
    CHECK(run.run.failure->details.find(R"("replay":[{"step":"s0")") != std::string::npos);
    CHECK(f.target.count("create", "never") == 0);
    CHECK(f.target.effects("put").size() <= 1);
}

TEST_CASE("a flow that leaves out a step on replay is stopped", "[engine][runs]") {
    host_fixture f;
    f.start();
    f.send("e1",
           plan({R"({"do":"forgetful"})", R"({"do":"wait","type":"probe.decided","key":"d"})"}));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    REQUIRE(eventually([&] { return f.it->runs().active_runs() == 0; }));
    f.send("d", "{}", "probe.decided");
    const auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->code == "run.nondeterministic-flow");
    CHECK(run.run.failure->details.find(R"("missing":["s0"])") != std::string::npos);
}

TEST_CASE("calls outside a flow's declaration are refused with what to do", "[engine][runs]") {
    host_fixture f;
    f.start();
    SECTION("an operation that is not declared") {
        f.send("e1", plan({R"({"do":"find","name":"x"})"}));
        const auto run = f.ended();
        CHECK(run.run.state == run_state::failed);
        CHECK(run.run.failure->message ==
              "the flow does not declare operation \"find\" for role \"target\"");
    }
    SECTION("a role that it does not have") {
        f.send("e1", plan({R"({"do":"get","id":"x","role":"other"})"}));
        const auto run = f.ended();
        CHECK(run.run.state == run_state::failed);
        CHECK(run.run.failure->message == "the flow has no role \"other\"");
    }
}

TEST_CASE("links and state are kept between runs", "[engine][runs]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"link","relation":"r","a":"x:1","b":"y:1"})",
                       R"({"do":"state_put","name":"n","value":{"v":1}})",
                       R"({"do":"record","value":[1,2]})"}));
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    f.restart();
    f.send("e2", plan({R"({"do":"find_link","relation":"r","a":"x:*"})",
                       R"({"do":"state_get","name":"n"})",
                       R"({"do":"link","relation":"r","a":"x:2","b":"y:1","catch":true})"}));
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    const auto newest = f.runs().front();
    CHECK(
        newest.result ==
        R"({"answers":[["y:1"],{"v":1},{"error":"journal.link-conflict","category":"conflict"}]})");
}

TEST_CASE("random numbers of a run are the same on replay", "[engine][runs]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"random"})", R"({"do":"record","value":0})",
                       R"({"do":"sleep","ms":50})", R"({"do":"random"})"}));
    const auto run = f.ended();
    REQUIRE(run.run.state == run_state::succeeded);
    CHECK(run.run.starts == 2);
    CHECK(run.run.result.size() > 20);
}

TEST_CASE("a flow that fails says so in its run", "[engine][runs]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"fail","category":"conflict","message":"two of them"})"}));
    const auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    CHECK(run.run.failure->message == "two of them");
    CHECK(run.run.failure->category == category::conflict);
}

TEST_CASE("an event no flow can read by its expression is kept as a dead letter",
          "[engine][runs]") {
    host_setup s;
    s.flow = "when = '.data.plan | error'";
    host_fixture f(s);
    f.start();
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    const auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    CHECK(f.target.effects().empty());
    CHECK(f.it->runs().backlog() == 0);
}

TEST_CASE("a flow that is gone leaves its runs to a person", "[engine][runs]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"sleep","ms":100})"}));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    f.stop();
    f.setup.flow = "enabled = false";
    f.start();
    const auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    CHECK(run.run.failure->code == "flow.not-configured");
    f.stop();
    f.setup.flow.clear();
    f.start();
    CHECK(f.admin("POST", "/api/v1/runs/" + run.run.id.str() + "/retry").status == 200);
    CHECK(f.wait_runs(run_state::succeeded, 1));
}
