// SPDX-License-Identifier: Apache-2.0
// Runs that are called off.
#include "host_fixture.hpp"

#include <future>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

result<cancelled_runs> cancel(host_fixture& f, const run_id& run) {
    std::promise<result<cancelled_runs>> promise;
    auto outcome = promise.get_future();
    f.it->runs().cancel(run, "tester", "not wanted any more",
                        [&](result<cancelled_runs> r) { promise.set_value(std::move(r)); });
    return outcome.get();
}

const auto wait_and_create = plan(
    {R"({"do":"wait","type":"probe.decided","key":"d"})", R"({"do":"create","name":"after"})"});

} // namespace

TEST_CASE("a waiting run can be cancelled, also over a restart", "[engine][cancel]") {
    host_fixture f;
    f.start();
    f.send("e1", wait_and_create);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    REQUIRE(cancel(f, f.runs().front().id).has_value());
    if (GENERATE(false, true)) f.restart();
    const auto run = f.ended();
    CHECK(run.run.state == run_state::cancelled);
    CHECK(run.run.failure->message.find("not wanted any more") != std::string::npos);
    CHECK(f.target.count("create", "after") == 0);
}

TEST_CASE("a run under way can be cancelled; what it has begun is let go", "[engine][cancel]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"slow"})", R"({"do":"create","name":"after"})"}));
    REQUIRE(f.wait_runs(run_state::active, 1));
    const auto done = cancel(f, f.runs().front().id);
    REQUIRE(done.has_value());
    CHECK(done->active.size() == 1);
    const auto run = f.ended();
    CHECK(run.run.state == run_state::cancelled);
    CHECK(f.target.count("create", "after") == 0);
}

TEST_CASE("a flow may clean up after a cancel", "[engine][cancel]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"wait","type":"probe.decided","key":"d","catch":true})",
                       R"({"do":"record","value":1})"}));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    REQUIRE(cancel(f, f.runs().front().id).has_value());
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded); // it has caught the cancel and ended by itself
}

TEST_CASE("a run that has not begun is gone at once and the next one goes on", "[engine][cancel]") {
    host_setup s;
    s.flow = "key = '\"one\"'";
    host_fixture f(s);
    f.start();
    f.send("e1", wait_and_create);
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    f.send("e2", plan({R"({"do":"create","name":"two"})"}));
    f.send("e3", plan({R"({"do":"create","name":"three"})"}));
    run_id second;
    for (const auto& r : f.runs(run_state::ready)) {
        if (second.empty() || r.id < second) second = r.id;
    }
    const auto done = cancel(f, second);
    REQUIRE(done.has_value());
    CHECK(done->ended == std::vector{second});
    f.send("d", "{}", "probe.decided", "d");
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    CHECK(f.target.count("create", "two") == 0);
    CHECK(f.target.count("create", "three") == 1);
    CHECK(f.it->runs().backlog() == 0);
}

TEST_CASE("what has ended cannot be cancelled", "[engine][cancel]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    const auto late = cancel(f, f.runs().front().id);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().category == category::conflict);
    const auto unknown = cancel(f, run_id("01890000-0000-7000-8000-000000000000"));
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().category == category::not_found);
}
