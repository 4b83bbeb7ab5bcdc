// SPDX-License-Identifier: Apache-2.0
// Waits with reminders in a whole host: out of memory between them, and over restarts.
#include "host_fixture.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

host_setup with_reminders() {
    host_setup s;
    s.extra = "[flows.remind]\nflow = \"probe-remind\"\n[flows.remind.connections]\n"
              "target = \"target\"\n";
    return s;
}

bool reminded(host_fixture& f, int n) {
    return eventually(
        [&] { return f.target.count("create", "reminder-" + std::to_string(n)) > 0; });
}

// How many reminders came: each once and none left out.
int reminders(host_fixture& f) {
    int n = 0;
    while (f.target.count("create", "reminder-" + std::to_string(n + 1)) == 1)
        ++n;
    CHECK(f.target.count("create", "reminder-" + std::to_string(n + 1)) == 0);
    return n;
}

void decide(host_fixture& f) {
    CHECK(f.send("d1", "{}", "probe.decided", "r1") == 202);
}

} // namespace

TEST_CASE("a run reminds while it waits, once each time, until its event comes",
          "[engine][reminders]") {
    host_fixture f(with_reminders());
    f.start();
    f.send("r1", R"({"after_ms":50,"every_ms":100})", "probe.order");
    REQUIRE(reminded(f, 3));
    decide(f);
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(run.run.result == R"("d1")");
    CHECK(reminders(f) >= 3);
    CHECK(f.target.count("create", "decided") == 1);
}

TEST_CASE("a restart between reminders repeats none and loses no event", "[engine][reminders]") {
    host_fixture f(with_reminders());
    f.start();
    f.send("r1", R"({"after_ms":50,"every_ms":3600000})", "probe.order");
    REQUIRE(reminded(f, 1));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    SECTION("the event comes after the restart") {
        f.restart();
        decide(f);
    }
    SECTION("the event comes before the restart") {
        decide(f);
        f.restart();
    }
    const auto run = f.ended();
    CHECK(run.run.state == run_state::succeeded);
    CHECK(reminders(f) == 1);
    CHECK(f.target.count("create", "decided") == 1);
}

TEST_CASE("a reminder that came due while the host was down comes once", "[engine][reminders]") {
    host_fixture f(with_reminders());
    f.start();
    f.send("r1", R"({"after_ms":150,"every_ms":3600000})", "probe.order");
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    f.restart();
    REQUIRE(reminded(f, 1));
    REQUIRE(f.wait_runs(run_state::waiting, 1));
    CHECK(reminders(f) == 1);
    f.restart();
    decide(f);
    CHECK(f.ended().run.state == run_state::succeeded);
    CHECK(reminders(f) == 1);
}

TEST_CASE("a wait with reminders times out", "[engine][reminders]") {
    host_fixture f(with_reminders());
    f.start();
    f.send("r1", R"({"every_ms":60,"timeout_ms":400})", "probe.order");
    const auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    REQUIRE(run.run.failure);
    CHECK(run.run.failure->category == category::timeout);
    CHECK(reminders(f) >= 1);
    CHECK(f.target.count("create", "decided") == 0);
}

TEST_CASE("a reminder that fails fails the run, and an event later changes nothing",
          "[engine][reminders]") {
    host_fixture f(with_reminders());
    mortise::test::fault refused;
    refused.what = fault::kind::status;
    refused.status = 400;
    f.target.next("create", refused);
    f.start();
    f.send("r1", R"({"after_ms":50})", "probe.order");
    const auto run = f.ended();
    CHECK(run.run.state == run_state::failed);
    decide(f);
    CHECK(f.ended().run.state == run_state::failed);
    CHECK(f.target.count("create", "decided") == 0);
}
