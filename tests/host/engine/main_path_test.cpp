// SPDX-License-Identifier: Apache-2.0
// An event comes in, a run of it reaches the other system: once.
#include "host_fixture.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

TEST_CASE("a webhook's event becomes a run that reaches the target", "[engine]") {
    host_fixture f;
    f.start();
    f.target.hold_object("one", R"({"colour":"red"})");
    CHECK(f.send("e1", plan({R"({"do":"get","id":"one"})", R"({"do":"create","name":"a"})"})) ==
          202);
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.result == R"({"answers":[{"colour":"red"},{"name":"a","n":0}]})");
    REQUIRE(run.steps.size() == 2);
    CHECK(run.steps[0].target == "target:get");
    CHECK(run.steps[1].target == "target:create");
    CHECK(run.steps[1].state == step_state::done);
    CHECK(f.target.count("create", "a") == 1);
    CHECK(f.target.effects("create").front().key == run.run.id.str() + "/s1");
    CHECK(eventually([&] { return f.it->runs().active_runs() == 0; }));
    CHECK(f.it->runs().backlog() == 0);
}

TEST_CASE("an event that comes twice is one run", "[engine]") {
    host_fixture f;
    f.start();
    const auto steps = plan({R"({"do":"create","name":"a"})"});
    CHECK(f.send("e1", steps) == 202);
    CHECK(f.send("e1", steps) == 202);
    CHECK(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.runs().size() == 1);
    CHECK(f.target.count("create", "a") == 1);
    CHECK(f.metric("mortise_events_duplicate_total") == 1);
}

TEST_CASE("a change is found by poll, and by webhook and poll it is one event", "[engine]") {
    host_setup s;
    s.poll = "50ms";
    host_fixture f(s);
    f.start();
    f.target.publish(
        R"({"id":"p1","type":"probe.changed","data":{"plan":[{"do":"create","name":"polled"}]}})");
    CHECK(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.count("create", "polled") == 1);
    CHECK(f.send("p2", plan({R"({"do":"create","name":"both"})"})) == 202);
    f.target.publish(
        R"({"id":"p2","type":"probe.changed","data":{"plan":[{"do":"create","name":"both"}]}})");
    const auto before = f.target.requests("changes");
    REQUIRE(eventually([&] { return f.target.requests("changes") > before + 2; }));
    CHECK(f.wait_runs(run_state::succeeded, 2));
    CHECK(f.target.count("create", "both") == 1);
    CHECK(f.metric("mortise_events_found_by_poll_total") == 1);
    std::string cursor;
    f.it->store().read([&](journal_reader& r) { cursor = r.cursor("target", "changes"); });
    CHECK(cursor == "2");
    // From the durable cursor on.
    f.restart();
    const auto polled = f.target.requests("changes");
    REQUIRE(eventually([&] { return f.target.requests("changes") > polled + 1; }));
    CHECK(f.runs().size() == 2);
}
