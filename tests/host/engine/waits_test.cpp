// SPDX-License-Identifier: Apache-2.0
// Runs that wait: out of memory, and back.
#include "host_fixture.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;
using std::chrono::seconds;

namespace {

std::string wait_for(const std::string& key, int timeout_ms = 0, bool caught = false) {
    return R"({"do":"wait","type":"probe.decided","key":")" + key + R"(","timeout_ms":)" +
           std::to_string(timeout_ms) + (caught ? R"(,"catch":true})" : "}");
}

bool out_of_memory(host_fixture& f) {
    return eventually([&] { return f.it->runs().active_runs() == 0; });
}

} // namespace

TEST_CASE("a sleeping run costs no memory and goes on where it was", "[engine][waits]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"create","name":"a"})", R"({"do":"sleep","ms":300})",
                       R"({"do":"create","name":"b"})"}));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(out_of_memory(f));
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.starts == 2);
    CHECK(f.target.count("create", "a") == 1);
    CHECK(f.target.count("create", "b") == 1);
}

TEST_CASE("a sleep that ends while the host is down ends at its start", "[engine][waits]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({R"({"do":"sleep","ms":200})", R"({"do":"create","name":"a"})"}));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    f.restart();
    CHECK(f.ended().run.state == run_state::succeeded);
    CHECK(f.target.count("create", "a") == 1);
}

TEST_CASE("a run waits for its event and gets it", "[engine][waits]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({wait_for("p1"), R"({"do":"create","name":"a"})"}));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    REQUIRE(out_of_memory(f));
    SECTION("by subject") {
        CHECK(f.send("d1", R"({"yes":true})", "probe.decided", "p1") == 202);
    }
    SECTION("after a restart") {
        f.restart();
        CHECK(f.send("d1", R"({"yes":true})", "probe.decided", "p1") == 202);
    }
    SECTION("not another's") {
        CHECK(f.send("d0", R"({"no":true})", "probe.decided", "p2") == 202);
        CHECK(f.send("d1", R"({"yes":true})", "probe.decided", "p1") == 202);
    }
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.result == R"({"answers":[{"id":"d1","data":{"yes":true}},{"name":"a","n":0}]})");
}

TEST_CASE("an event that came before the wait counts", "[engine][waits]") {
    host_fixture f;
    f.start();
    mortise::test::fault held;
    held.what = fault::kind::hold;
    f.target.next("create", held);
    f.send("e1", plan({R"({"do":"create","name":"a"})", wait_for("p1")}));
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    CHECK(f.send("d1", R"({"early":true})", "probe.decided", "p1") == 202);
    f.target.release();
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.result.find(R"({"id":"d1","data":{"early":true}})") != std::string::npos);
}

TEST_CASE("a wait that is too long fails its step with a time-out", "[engine][waits]") {
    host_fixture f;
    f.start();
    f.send("e1", plan({wait_for("p1", 150, true), R"({"do":"create","name":"a"})"}));
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.result ==
          R"({"answers":[{"error":"wait.timeout","category":"timeout"},{"name":"a","n":0}]})");
    CHECK(run.steps.at(0).state == step_state::failed);
}

TEST_CASE("many runs get each its own event, however close it comes to the wait",
          "[engine][waits]") {
    host_fixture f;
    f.start();
    constexpr int n = 40;
    // The answer follows the question at once: before the wait, during the suspension, after it.
    for (int i = 0; i < n; ++i) {
        const auto key = "p" + std::to_string(i);
        CHECK(f.send("e" + std::to_string(i), plan({wait_for(key)})) == 202);
        CHECK(f.send("d" + std::to_string(i), "{}", "probe.decided", key) == 202);
    }
    REQUIRE(f.wait_runs(run_state::succeeded, n));
    for (const auto& r : f.runs()) {
        const auto run = f.run(r.id);
        CHECK(run.run.result ==
              R"({"answers":[{"id":"d)" + run.event.id.substr(1) + R"(","data":{}}]})");
    }
    CHECK(f.it->runs().backlog() == 0);
}

TEST_CASE("a race between an event and a time-out has one winner for ever", "[engine][waits]") {
    host_fixture f;
    f.start();
    const auto race =
        R"({"do":"first","steps":[)" + wait_for("p1") + R"(,{"do":"sleep","ms":60000}]})";
    f.send("e1", plan({race, wait_for("p2"), R"({"do":"create","name":"a"})"}));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(f.send("d1", "{}", "probe.decided", "p1") == 202);
    // Once more out of memory and back: the replay must see the same winner.
    REQUIRE(eventually([&] {
        const auto all = f.runs();
        return all.size() == 1 && f.run(all[0].id).steps.size() == 3 &&
               all[0].state == run_state::waiting;
    }));
    CHECK(f.send("d2", "{}", "probe.decided", "p2") == 202);
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.result.find(R"({"winner":0,)") != std::string::npos);
}

TEST_CASE("steps beside each other end in the same order on replay", "[engine][waits]") {
    host_fixture f;
    f.start();
    f.target.hold_object("slow", "1");
    f.target.hold_object("quick", "2");
    mortise::test::fault held;
    held.what = fault::kind::hold_before;
    f.target.next("objects/slow", held);
    const std::string race =
        R"({"do":"first","steps":[{"do":"get","id":"slow"},{"do":"get","id":"quick"}]})";
    f.send("e1", plan({race, R"({"do":"put","path":"mark","body":{"name":"m"}})",
                       R"({"do":"get","id":"slow"})", wait_for("p1")}));
    REQUIRE(eventually([&] { return f.target.count("mark", "m") == 1; }));
    f.target.release();
    // The loser's outcome is in the journal as well by now; on replay it is asked for first.
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(f.send("d1", "{}", "probe.decided", "p1") == 202);
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.result.find(R"([{"winner":1,"value":2})") != std::string::npos);
}

TEST_CASE("a run past its deadline fails for a person to see", "[engine][waits]") {
    host_setup s;
    s.flow = "deadline = \"300ms\"";
    host_fixture f(s);
    f.start();
    SECTION("in a call, which is cancelled") {
        f.send("e1", plan({R"({"do":"slow"})"}));
    }
    SECTION("out of memory") {
        f.send("e1", plan({wait_for("never")}));
    }
    SECTION("asleep") {
        f.send("e1", plan({R"({"do":"sleep","ms":600000})"}));
    }
    const auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->code == "run.deadline");
    CHECK(run.run.failure->message.find("[flows.steps]") != std::string::npos);
    CHECK(run.run.failed_step == "s0");
}

TEST_CASE("more runs than fit into memory all get their turn", "[engine][waits]") {
    host_fixture f;
    f.start();
    constexpr std::uint64_t n = 2500; // 2000 at once
    std::string events;
    for (std::uint64_t i = 0; i < n; ++i) {
        events += (i == 0 ? R"({"id":"e)" : R"(,{"id":"e)") + std::to_string(i) +
                  R"(","type":"probe.changed","data":)" + plan({wait_for("p")}) + "}";
    }
    CHECK(f.post("/hooks/target", R"({"events":[)" + events + "]}").status == 202);
    const auto in_state = [&](run_state s) {
        journal_stats stats;
        f.it->store().read([&](journal_reader& r) { stats = r.stats(); });
        return stats.runs[static_cast<std::size_t>(s)];
    };
    REQUIRE(eventually([&] { return in_state(run_state::waiting) == n; }, seconds(60)));
    CHECK(out_of_memory(f));
    // All of them at once, too.
    CHECK(f.send("d1", "{}", "probe.decided", "p") == 202);
    CHECK(eventually([&] { return in_state(run_state::succeeded) == n; }, seconds(60)));
    CHECK(eventually([&] { return f.it->runs().backlog() == 0; }));
}
