// SPDX-License-Identifier: Apache-2.0
// Connections that take no calls: broken ones by their breaker, paused ones by a person.
#include "host_fixture.hpp"

#include <future>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
using kind = mortise::test::fault::kind;

namespace {

fault refuse(int status, int times) {
    fault f;
    f.status = status;
    f.times = times;
    return f;
}

result<void> wait_for(const std::function<void(connection_gates::answer)>& ask) {
    std::promise<result<void>> promise;
    auto answer = promise.get_future();
    ask([&](const result<void>& r) { promise.set_value(r); });
    return answer.get();
}

void pause(host_fixture& f, const std::string& reason = {}) {
    REQUIRE(wait_for([&](auto done) { f.it->gates().pause("target", reason, std::move(done)); }));
}
void resume(host_fixture& f) {
    REQUIRE(wait_for([&](auto done) { f.it->gates().resume("target", std::move(done)); }));
}

gate_status gate_of(host_fixture& f) {
    return f.it->connections().at(0).gate;
}

std::string put(const std::string& name) {
    return R"({"do":"put","body":{"name":")" + name + R"("}})";
}

} // namespace

TEST_CASE("a paused connection takes webhooks and holds the steps of their runs",
          "[engine][held]") {
    host_fixture f;
    f.start();
    pause(f, "migration");
    REQUIRE(gate_of(f).paused);
    CHECK(gate_of(f).paused->reason == "migration");
    for (const std::string n : {"1", "2", "3"})
        CHECK(f.send("e" + n, plan({R"({"do":"record","value":1})", put(n)}), "probe.changed",
                     "s" + n) == 202);
    REQUIRE(f.wait_runs(run_state::waiting, 3));
    CHECK(eventually([&] { return f.it->runs().active_runs() == 0; }));
    const auto held = f.run(f.runs()[0].id);
    CHECK(held.run.held == "target");
    REQUIRE(held.steps.size() == 2);
    CHECK(held.steps[1].state == step_state::retrying);
    CHECK(held.steps[1].attempts == 0);
    REQUIRE(held.steps[1].failure);
    CHECK(held.steps[1].failure->message.find("paused") != std::string::npos);
    CHECK(f.target.requests("put") == 0);

    SECTION("until it is resumed, which wakes them at once") {
        resume(f);
        REQUIRE(f.wait_runs(run_state::succeeded, 3));
        CHECK(f.target.effects("put").size() == 3);
        for (const auto& r : f.runs()) {
            const auto run = f.run(r.id);
            CHECK(run.steps[1].attempts == 1);
            CHECK_FALSE(run.steps[1].failure);
        }
    }
    SECTION("also over a restart") {
        f.restart();
        REQUIRE(gate_of(f).paused);
        CHECK(gate_of(f).paused->reason == "migration");
        CHECK(f.send("e4", plan({put("4")}), "probe.changed", "s4") == 202);
        REQUIRE(f.wait_runs(run_state::waiting, 4));
        CHECK(f.target.requests("put") == 0);
        resume(f);
        REQUIRE(f.wait_runs(run_state::succeeded, 4));
        f.restart();
        CHECK_FALSE(gate_of(f).paused);
    }
    SECTION("also over a reload") {
        f.setup.connection = "label = \"renewed\"";
        f.write_config();
        REQUIRE(f.it->reload());
        CHECK(gate_of(f).paused);
        CHECK(f.runs(run_state::waiting).size() == 3);
        resume(f);
        REQUIRE(f.wait_runs(run_state::succeeded, 3));
        CHECK(f.target.effects("put").at(0).label == "renewed");
    }
}

TEST_CASE("a step held beside one that goes on in memory is let go with the connection",
          "[engine][held]") {
    host_fixture f;
    f.start();
    f.target.next("objects/slow", [] {
        fault h;
        h.what = kind::hold_before;
        return h;
    }());
    f.target.hold_object("slow", R"({"is":"there"})");
    f.send("e1", plan({R"({"do":"all","steps":[{"do":"get","id":"slow"},)" + put("a") + "]}"}));
    REQUIRE(eventually([&] { return f.target.count("put", "a") == 1; }));
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    pause(f);
    f.send("e2", plan({put("b")}), "probe.changed", "other");
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(f.target.count("put", "b") == 0);
    // What was in flight at the pause ends as it would have.
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    resume(f);
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    CHECK(f.target.count("put", "b") == 1);
}

TEST_CASE("a paused connection is not polled", "[engine][held]") {
    host_setup s;
    s.poll = "20ms";
    host_fixture f(s);
    f.start();
    REQUIRE(eventually([&] { return f.target.requests("changes") >= 2; }));
    pause(f);
    // One may have been on its way; two polls later there would be more.
    const auto before = f.target.requests("changes");
    f.target.publish(R"({"id":"p1","type":"probe.changed","data":{}})");
    CHECK(f.send("w1", plan({R"({"do":"record","value":1})"})) == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(f.target.requests("changes") <= before + 1);
    resume(f);
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
}

TEST_CASE("only a configured connection can be paused", "[engine][held]") {
    host_fixture f;
    f.start();
    const auto r =
        wait_for([&](auto done) { f.it->gates().pause("tarkget", "", std::move(done)); });
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::not_found);
    CHECK_FALSE(wait_for([&](auto done) { f.it->gates().resume("tarkget", std::move(done)); }));
    // Resuming what is not paused changes nothing.
    resume(f);
    CHECK_FALSE(gate_of(f).paused);
}

TEST_CASE("a held run that is cancelled does not wait for its connection", "[engine][held]") {
    host_setup s;
    s.flow = "deadline = \"1s\"";
    host_fixture f(s);
    f.start();
    pause(f);
    f.send("e1", plan({put("a")}));
    const auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->code == "run.deadline");
    resume(f);
    CHECK(f.target.requests("put") == 0);
}

TEST_CASE("a system that only fails is left alone, and what was held goes on when it answers",
          "[engine][held]") {
    host_setup s;
    s.connection = "breaker = { failures = 3, open_for = \"300ms\", max_open_for = \"1s\" }";
    s.retry = "first_delay = \"10ms\"\nmax_delay = \"20ms\"\nmax_attempts = 8\njitter = 0";
    host_fixture f(s);
    f.start();
    // The first poll is over: its answer does not come in between.
    REQUIRE(eventually([&] {
        std::string cursor;
        f.it->store().read([&](journal_reader& r) { cursor = r.cursor("target", "changes"); });
        return !cursor.empty();
    }));
    // Three in a row open it, and the first probe fails, too.
    f.target.next("put", refuse(503, 4));
    f.send("e1", plan({put("1")}), "probe.changed", "s1");
    REQUIRE(eventually([&] { return gate_of(f).breaker != breaker_state::closed; }));
    for (const std::string n : {"2", "3", "4"})
        f.send("e" + n, plan({put(n)}), "probe.changed", "s" + n);
    REQUIRE(f.wait_runs(run_state::succeeded, 4));
    CHECK(f.target.requests("put") == 8);
    CHECK(gate_of(f).breaker == breaker_state::closed);
    CHECK(f.metric("mortise_connection_breaker_openings_total{connection=\"target\"}") == 2);
    std::uint32_t attempts = 0;
    for (const auto& r : f.runs())
        attempts += f.run(r.id).steps.at(0).attempts;
    CHECK(attempts == 8); // being held costs none
}

TEST_CASE("what the input is to blame for does not open a breaker", "[engine][held]") {
    host_setup s;
    s.connection = "breaker = { failures = 2 }";
    host_fixture f(s);
    f.start();
    f.target.next("put", refuse(422, 5));
    for (const std::string n : {"1", "2", "3", "4", "5"})
        f.send("e" + n, plan({put(n)}), "probe.changed", "s" + n);
    REQUIRE(f.wait_runs(run_state::failed, 5));
    CHECK(gate_of(f).breaker == breaker_state::closed);
}

TEST_CASE("a breaker that is off lets every attempt through", "[engine][held]") {
    host_setup s;
    s.connection = "breaker = { enabled = false, failures = 1 }";
    host_fixture f(s);
    f.start();
    f.target.next("put", refuse(503, 3));
    f.send("e1", plan({put("a")}));
    CHECK(f.ended().run.state == run_state::succeeded);
    CHECK(f.target.requests("put") == 4);
}

TEST_CASE("an operation's own words come before its connection's, and the flow's before both",
          "[engine][policy]") {
    host_setup s;
    s.connection = "[connections.target.operations.put.retry]\nmax_attempts = 2\n"
                   "[connections.target.operations.slow]\ntimeout = \"200ms\"\n"
                   "retry = { max_attempts = 1 }\n";
    host_fixture f(s);
    SECTION("fewer attempts for one operation") {
        f.start();
        f.target.next("put", refuse(503, 2));
        f.target.next("objects/x", refuse(503, 3));
        f.target.hold_object("x", "{}");
        f.send("e1", plan({R"({"do":"get","id":"x"})", put("a")}));
        const auto run = f.ended();
        CHECK(run.run.state == run_state::failed);
        CHECK(f.target.requests("objects/x") == 4);
        CHECK(f.target.requests("put") == 2);
    }
    SECTION("the flow's, key by key") {
        f.setup.flow = "retry = { max_attempts = 3 }";
        f.start();
        f.target.next("put", refuse(503, 3));
        f.send("e1", plan({put("a")}));
        const auto run = f.ended();
        CHECK(run.run.state == run_state::failed);
        CHECK(f.target.requests("put") == 3);
    }
    SECTION("a time-out of its own") {
        f.start();
        f.send("e1", plan({R"({"do":"slow"})"}));
        const auto run = f.ended();
        CHECK(run.run.state == run_state::failed);
        REQUIRE(run.run.failure);
        CHECK(run.run.failure->category == category::timeout);
    }
}

TEST_CASE("no more runs are in memory than the configuration allows", "[engine][policy]") {
    host_setup s;
    s.host = "max_active_runs = 2";
    host_fixture f(s);
    f.start();
    fault h;
    h.what = kind::hold_before;
    h.times = 5;
    f.target.next("put", h);
    for (const std::string n : {"1", "2", "3", "4", "5"})
        f.send("e" + n, plan({put(n)}), "probe.changed", "s" + n);
    REQUIRE(eventually([&] { return f.target.holding() == 2; }));
    CHECK(f.it->runs().active_runs() == 2);
    CHECK(f.runs(run_state::ready).size() == 3);
    f.target.release();
    REQUIRE(f.wait_runs(run_state::succeeded, 5));
}
