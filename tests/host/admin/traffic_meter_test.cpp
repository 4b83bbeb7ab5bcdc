// SPDX-License-Identifier: Apache-2.0
#include "admin/traffic_meter.hpp"
#include "support/catch.hpp"

#include <numeric>

using namespace mortise;
using namespace mortise::host;
using namespace std::chrono_literals;

namespace {

struct meter_fixture {
    manual_clock time{1'700'000'000'000};
    traffic_meter meter{time};
    event_record event;
    run_record run;

    meter_fixture() {
        event.source = "/connections/dam";
        run.instance = "campaigns";
    }
    void begins(std::uint32_t starts = 1) {
        run.state = run_state::active;
        run.starts = starts;
        static_cast<run_observer&>(meter).run_changed(run, event);
    }
    void ends(run_state state) {
        run.state = state;
        static_cast<run_observer&>(meter).run_changed(run, event);
    }
    void attempt(attempt_seen::end outcome, std::string_view to, std::string_view from = {}) {
        meter.attempt_ended({run,
                             event,
                             "s",
                             from.empty() ? step_kind::call : step_kind::transfer,
                             "dam:x",
                             to,
                             1,
                             0,
                             0,
                             outcome,
                             nullptr,
                             {},
                             from});
    }
    edge_traffic edge(const std::string& id) { return meter.edges()[id]; }
};

} // namespace

TEST_CASE("runs count on the edge their event came by, once each", "[admin][traffic]") {
    meter_fixture f;
    const auto id = trigger_edge("dam", "campaigns");
    f.meter.event_taken(f.event, 1, false);
    f.meter.event_taken(f.event, 0, true); // known already
    f.begins();
    f.begins(2); // taken up again after a wait
    f.ends(run_state::waiting);
    f.ends(run_state::succeeded);
    CHECK(f.edge(id).n == 1);
    CHECK(f.edge(id).errors == 0);
    f.begins();
    f.ends(run_state::failed);
    CHECK(f.edge(id).n == 2);
    CHECK(f.edge(id).errors == 1);
    f.run.parent = run_id("p");
    f.begins();
    f.event.source = "/manual";
    f.run.parent = {};
    f.begins();
    CHECK(f.edge(id).n == 2);
    CHECK(f.meter.sums().events == 1);
    CHECK(f.meter.sums().succeeded == 1);
    CHECK(f.meter.sums().failed == 1);
}

TEST_CASE("attempts count on the edge of their connection, both ends of a transfer",
          "[admin][traffic]") {
    meter_fixture f;
    using end = attempt_seen::end;
    f.attempt(end::done, "otcs");
    f.attempt(end::retrying, "otcs");
    f.attempt(end::waiting, "otcs");   // not a call: the connection takes none
    f.attempt(end::cancelled, "otcs"); // nobody waited for its end
    f.attempt(end::done, "otcs", "dam");
    f.attempt(end::done, "dam", "dam");
    CHECK(f.edge(call_edge("campaigns", "otcs")).n == 3);
    CHECK(f.edge(call_edge("campaigns", "otcs")).errors == 1);
    CHECK(f.edge(call_edge("campaigns", "dam")).n == 2);
    CHECK(f.meter.sums().calls == 4);
}

TEST_CASE("the last minute forgets, the sums do not", "[admin][traffic]") {
    meter_fixture f;
    const auto id = call_edge("campaigns", "otcs");
    f.attempt(attempt_seen::end::done, "otcs");
    f.time.advance(30s);
    f.attempt(attempt_seen::end::failed, "otcs");
    CHECK(f.edge(id).last_minute == 2);
    CHECK(f.edge(id).last_minute_errors == 1);
    f.time.advance(31s);
    CHECK(f.edge(id).last_minute == 1);
    f.time.advance(60s);
    CHECK(f.edge(id).last_minute == 0);
    CHECK(f.edge(id).n == 2);
    SECTION("also when a slot's turn comes round without traffic") {
        f.time.advance(10min);
        CHECK(f.edge(id).last_minute == 0);
    }
    SECTION("and when the clock is set back") {
        f.time.set_unix(f.time.now_unix_ms() - 3'600'000);
        CHECK(f.edge(id).last_minute == 0);
        f.attempt(attempt_seen::end::done, "otcs");
        CHECK(f.edge(id).last_minute == 1);
    }
}

TEST_CASE("ten minutes are kept in steps of ten seconds", "[admin][traffic]") {
    meter_fixture f;
    for (int i = 0; i < 100; ++i) {
        f.meter.event_taken(f.event, 1, false);
        f.time.advance(10s);
    }
    const auto s = f.meter.last_minutes();
    CHECK(s.from == (f.time.now_unix_ms() / 10'000 - 59) * 10'000);
    std::uint64_t n = 0;
    for (const auto& p : s.points)
        n += p.events;
    CHECK(n == 59); // the newest step is empty yet
    CHECK(s.points.back().events == 0);
    CHECK(s.points.front().events == 1);
    f.time.advance(1h);
    CHECK(f.meter.last_minutes().points.front().events == 0);
}

TEST_CASE("edges of made-up names do not fill the memory", "[admin][traffic]") {
    meter_fixture f;
    for (int i = 0; i < 10'100; ++i)
        f.attempt(attempt_seen::end::done, "c" + std::to_string(i));
    CHECK(f.meter.edges().size() == 10'000);
}
