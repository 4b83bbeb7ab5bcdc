// SPDX-License-Identifier: Apache-2.0
// Runs that start runs.
#include "host_fixture.hpp"

#include <future>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

std::string spawn(const std::string& child_plan, const std::string& more = {}) {
    return R"({"do":"spawn","data":)" + child_plan + more + '}';
}

run_record child_of(host_fixture& f) {
    for (const auto& r : f.runs()) {
        if (!r.parent.empty()) return r;
    }
    return {};
}
run_record parent_in(host_fixture& f) {
    for (const auto& r : f.runs()) {
        if (r.parent.empty()) return r;
    }
    return {};
}

} // namespace

TEST_CASE("a child's result is the parent's step", "[engine][children]") {
    host_fixture f;
    f.start();
    f.send("e1",
           plan({spawn(plan({R"({"do":"create","name":"c"})"})), R"({"do":"create","name":"p"})"}));
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    CHECK(f.target.count("create", "c") == 1);
    CHECK(f.target.count("create", "p") == 1);
    CHECK(parent_in(f).result.find("answers") != std::string::npos);
    CHECK(child_of(f).parent == parent_in(f).id);
}

TEST_CASE("children go side by side", "[engine][children]") {
    host_fixture f;
    f.start();
    std::string steps;
    for (int i = 0; i < 20; ++i) {
        steps += (i ? "," : "") +
                 spawn(plan({R"({"do":"create","name":"c)" + std::to_string(i) + R"("})"}));
    }
    f.send("e1", plan({R"({"do":"all","steps":[)" + steps + "]}"}));
    REQUIRE(f.wait_runs(run_state::succeeded, 21));
    for (int i = 0; i < 20; ++i)
        CHECK(f.target.count("create", "c" + std::to_string(i)) == 1);
}

TEST_CASE("a parent waits in the journal for a child that waits", "[engine][children]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({spawn(plan({R"({"do":"wait","type":"probe.decided","key":"d"})"}))}));
    REQUIRE(f.wait_runs(run_state::waiting, 2));
    CHECK(eventually([&] { return f.it->runs().active_runs() == 0; }));
    if (GENERATE(false, true)) f.restart();
    f.send("d", "{}", "probe.decided");
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
}

TEST_CASE("a child that is a dead letter keeps its parent waiting until a person decides",
          "[engine][children]") {
    host_fixture f;
    f.start();
    fault refused;
    refused.status = 400;
    f.target.next("create", refused);
    f.send("e1", plan({R"({"do":"spawn","catch":true,"data":)" +
                       plan({R"({"do":"create","name":"c"})"}) + '}'}));
    REQUIRE(f.wait_runs(run_state::failed, 1));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    const auto child = child_of(f);
    result<void> decided;
    SECTION("retried") {
        f.it->store().write([&](journal_tx& tx) { decided = tx.retry(child.id, false, {}); }, {});
        REQUIRE(f.it->store().flush().has_value());
        REQUIRE(decided.has_value());
        f.it->runs().kick();
        REQUIRE(f.wait_runs(run_state::succeeded, 2));
        CHECK(f.target.count("create", "c") == 1);
    }
    SECTION("discarded") {
        f.it->store().write([&](journal_tx& tx) { decided = tx.discard(child.id, "not needed"); },
                            {});
        REQUIRE(f.it->store().flush().has_value());
        REQUIRE(decided.has_value());
        f.it->runs().kick();
        REQUIRE(f.wait_runs(run_state::succeeded, 1));
        CHECK(parent_in(f).result.find("run.child-ended") != std::string::npos);
    }
}

TEST_CASE("a cancelled parent takes its children along", "[engine][children]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({spawn(plan({R"({"do":"wait","type":"probe.decided","key":"d"})"}))}));
    REQUIRE(f.wait_runs(run_state::waiting, 2));
    std::promise<result<cancelled_runs>> promise;
    auto outcome = promise.get_future();
    f.it->runs().cancel(parent_in(f).id, "tester", "over",
                        [&](result<cancelled_runs> r) { promise.set_value(std::move(r)); });
    REQUIRE(outcome.get().has_value());
    REQUIRE(f.wait_runs(run_state::cancelled, 2));
    CHECK(f.it->runs().backlog() == 0);
}

TEST_CASE("a spawn that cannot be is an error of the step, with what to do", "[engine][children]") {
    host_fixture f;
    f.start();
    SECTION("no such flow") {
        f.send("e1", plan({spawn("{}", R"(,"flow":"nope")")}));
        const auto run = f.ended();
        CHECK(run.run.state == run_state::failed);
        CHECK(run.run.failure->code == "run.child-flow");
    }
    SECTION("a flow that does not start on that") {
        f.send("e1", plan({spawn("{}", R"(,"type":"some.thing")")}));
        const auto run = f.ended();
        CHECK(run.run.failure->code == "run.child-flow");
    }
    SECTION("the parent's own key") {
        f.send("e1", plan({spawn("{}", R"(,"key":"k")")}), "probe.changed", "k");
        const auto run = f.ended();
        CHECK(run.run.failure->code == "run.child-order");
    }
}
