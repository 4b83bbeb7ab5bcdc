// SPDX-License-Identifier: Apache-2.0
// Schedules through a whole host: what is refused, and what starts runs.
#include "app/schedules.hpp"
#include "host_fixture.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

// Lines of a flow that starts on schedules.
host_setup with_schedule(const std::string& lines) {
    host_setup s;
    s.extra = "[flows.orders]\nflow = \"probe-order\"\n" + lines +
              "\n[flows.orders.connections]\ntarget = \"target\"\n";
    return s;
}

std::string refusal_of(const host_setup& setup) {
    host_fixture f(setup);
    f.write_config();
    host_options o;
    o.config = f.dir.path() / "mortise.toml";
    o.quiet = true;
    const auto ready = prepare(o);
    CHECK_FALSE(ready.ok);
    return problems_to_text(ready.problems);
}

bool has(const std::string& text, const std::string& part) {
    UNSCOPED_INFO(text);
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a wrong schedule is told by line and column", "[engine][schedule][app]") {
    const auto text = refusal_of(with_schedule("schedule = \"0 25 * * *\""));
    // Behind the quote and two characters.
    CHECK(has(text, ":15: error: \"schedule\" in [flows.orders]: \"25\" is not understood"));
    CHECK(has(text, "0 to 23"));
    CHECK(has(refusal_of(with_schedule("schedule = \"@daily\"\ntime_zone = \"zurich\"")),
              "did you mean \"Europe/Zurich\"?"));
    host_setup not_scheduled;
    not_scheduled.flow = "schedule = \"@daily\"";
    CHECK(has(refusal_of(not_scheduled), "does not start on a schedule"));
}

TEST_CASE("a tick that was missed while the host was away starts a run at its next start",
          "[engine][schedule]") {
    host_fixture f(with_schedule("schedule = \"0 * * * *\""));
    f.start();
    REQUIRE(eventually([&] { return f.it->schedules().list().at(0).last != 0; }));
    f.stop();
    // As if the host had stopped three hours ago.
    f.start();
    const auto three_hours_ago = [] {
        return std::to_string(system_clock().now_unix_ms() - 3 * 3'600'000);
    };
    f.it->store().write(
        [&](journal_tx& tx) {
            tx.set_cursor({std::string(schedule_cursors), "orders", three_hours_ago()});
        },
        {});
    REQUIRE(f.it->store().flush());
    f.restart();
    REQUIRE(f.wait_runs(run_state::succeeded, 1, "orders"));
    const auto run = f.run(f.runs({}, "orders").at(0).id);
    CHECK(run.event.type == "mortise.schedule");
    CHECK(run.event.source == "/schedules/orders");
    CHECK(run.run.key == "orders");
    CHECK(run.event.data.find("\"missed\":2") != std::string::npos);
    CHECK(f.target.count("create", run.event.id) == 1);
    // Not once more.
    f.restart();
    CHECK(eventually([&] { return f.it->schedules().list().at(0).last > 0; }));
    CHECK(f.runs({}, "orders").size() == 1);
}

TEST_CASE("a reload that brings a wrong schedule is refused as a whole", "[engine][schedule]") {
    host_fixture f(with_schedule("schedule = \"0 * * * *\""));
    f.start();
    f.setup = with_schedule("schedule = \"0 * * * 9\"");
    f.write_config();
    const auto refused = f.it->reload();
    REQUIRE_FALSE(refused);
    CHECK(has(refused.error().message, "day of week"));
    CHECK(f.it->schedules().list().size() == 1);
    SECTION("one without it takes the schedule away") {
        f.setup = with_schedule("");
        f.write_config();
        REQUIRE(f.it->reload());
        CHECK(f.it->schedules().list().empty());
    }
}
