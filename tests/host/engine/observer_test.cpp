// SPDX-License-Identifier: Apache-2.0
// What observers are told of events, runs and attempts.
#include "base/trace_context.hpp"
#include "engine/observer.hpp"
#include "host_fixture.hpp"
#include "support/file_server.hpp"

#include <mutex>

using namespace mortise;
using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

struct watcher final : run_observer {
    struct attempt {
        run_id run;
        std::string step, target, connection, source, trace_parent, span, code;
        std::uint32_t number = 0;
        attempt_seen::end end = attempt_seen::end::done;
        step_kind kind = step_kind::call;
        std::int64_t began = 0, ended = 0;
    };
    void event_taken(const event_record& e, std::size_t runs, bool duplicate) noexcept override {
        const std::lock_guard lock(guard);
        events.push_back(e.id + (duplicate ? " again" : " " + std::to_string(runs)));
        if (e.ref.empty()) events.back() += " without ref";
    }
    void run_changed(const run_record& r) noexcept override {
        const std::lock_guard lock(guard);
        states.push_back(std::string(to_string(r.state)));
    }
    void attempt_ended(const attempt_seen& a) noexcept override {
        const std::lock_guard lock(guard);
        attempts.push_back({a.run.id, std::string(a.step), std::string(a.target),
                            std::string(a.connection), std::string(a.source_connection),
                            a.event.trace_parent, std::string(a.span_id),
                            a.failure != nullptr ? a.failure->code : std::string(), a.attempt,
                            a.outcome, a.kind, a.began_unix_us, a.ended_unix_us});
    }
    std::vector<attempt> of(step_kind kind) {
        const std::lock_guard lock(guard);
        std::vector<attempt> out;
        for (const auto& a : attempts)
            if (a.kind == kind) out.push_back(a);
        return out;
    }
    // Ends of the attempts of a kind, in order.
    std::string ends(step_kind kind) {
        std::string out;
        for (const auto& a : of(kind))
            out += (out.empty() ? "" : " ") + std::to_string(a.number) + ':' +
                   std::string(to_string(a.end));
        return out;
    }
    std::string all_states() {
        const std::lock_guard lock(guard);
        std::string out;
        for (const auto& s : states)
            out += (out.empty() ? "" : " ") + s;
        return out;
    }
    std::vector<std::string> all_events() {
        const std::lock_guard lock(guard);
        return events;
    }

    std::mutex guard;
    std::vector<std::string> events, states;
    std::vector<attempt> attempts;
};

struct watched : host_fixture {
    explicit watched(host_setup s = {}) : host_fixture(std::move(s)) {
        setup.observers.push_back(seen);
        start();
    }
    bool over(const std::string& states) {
        return eventually([&] { return seen->all_states() == states; });
    }
    std::shared_ptr<watcher> seen = std::make_shared<watcher>();
};

} // namespace

TEST_CASE("observers see an event, its run and the attempt of its call", "[engine][observer]") {
    watched f;
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    CHECK(f.over("active succeeded"));
    CHECK(f.send("e1", plan({R"({"do":"create","name":"a"})"})) == 202);
    REQUIRE(eventually([&] { return f.seen->all_events().size() == 2; }));
    CHECK(f.seen->all_events() == std::vector<std::string>{"e1 1", "e1 again"});
    const auto calls = f.seen->of(step_kind::call);
    REQUIRE(calls.size() == 1);
    const auto& call = calls.front();
    CHECK(call.end == attempt_seen::end::done);
    CHECK(call.connection == "target");
    CHECK(call.target == "target:create");
    CHECK(call.number == 1);
    CHECK(call.ended >= call.began);
    CHECK(call.ended - call.began < 60'000'000);
    CHECK(call.span == step_span_id(call.run, call.step, 1));
}

TEST_CASE("each attempt is told with how it ended", "[engine][observer]") {
    watched f;
    fault refused;
    SECTION("tried again and done") {
        refused.times = 2;
        f.target.next("create", refused);
        f.send("e1", plan({R"({"do":"create","name":"a"})"}));
        CHECK(f.over("active succeeded"));
        CHECK(f.seen->ends(step_kind::call) == "1:retrying 2:retrying 3:done");
        const auto calls = f.seen->of(step_kind::call);
        CHECK(calls[0].span != calls[1].span);
        CHECK_FALSE(calls[0].code.empty());
        CHECK(calls[2].code.empty());
    }
    SECTION("found by a look-up") {
        refused.what = fault::kind::cut_after;
        f.target.next("create", refused);
        f.send("e1", plan({R"({"do":"create","name":"a"})"}));
        CHECK(f.over("active succeeded"));
        CHECK(f.seen->ends(step_kind::call) == "1:retrying 2:found");
    }
    SECTION("given up") {
        refused.status = 400;
        f.target.next("create", refused);
        f.send("e1", plan({R"({"do":"create","name":"a"})"}));
        CHECK(f.over("active failed"));
        CHECK(f.seen->ends(step_kind::call) == "1:failed");
    }
    SECTION("in doubt") {
        refused.what = fault::kind::cut_after;
        f.target.next("fire", refused);
        f.send("e1", plan({R"({"do":"fire","name":"a"})"}));
        CHECK(f.over("active in_doubt"));
        CHECK(f.seen->ends(step_kind::call) == "1:in_doubt");
    }
}

TEST_CASE("a step that is called off between two attempts is not told as the earlier one once more",
          "[engine][observer]") {
    host_setup s;
    s.retry = "first_delay = \"4s\"\nmax_attempts = 4\njitter = 0";
    watched f(s);
    f.target.next("create", fault{});
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(eventually([&] { return f.seen->ends(step_kind::call) == "1:retrying"; }));
    f.it->runs().cancel(f.runs().front().id, "somebody", "not wanted", [](const auto&) {});
    CHECK(f.over("active cancelled"));
    CHECK(f.seen->ends(step_kind::call) == "1:retrying 2:cancelled");
    const auto calls = f.seen->of(step_kind::call);
    REQUIRE(calls.size() == 2);
    CHECK(calls[1].span != calls[0].span);
    CHECK(calls[1].began == calls[1].ended);
    CHECK(calls[1].began + 1000 >= calls[0].ended); // to the millisecond
}

TEST_CASE("what a replay repeats from the journal is not told again", "[engine][observer]") {
    watched f;
    f.send("e1", plan({R"({"do":"create","name":"a"})",
                       R"({"do":"wait","type":"probe.decided","key":"p"})",
                       R"({"do":"create","name":"b"})"}));
    REQUIRE(f.over("active waiting"));
    CHECK(f.seen->ends(step_kind::wait_event) == "1:waiting");
    if (GENERATE(false, true)) f.restart();
    f.send("d1", "{}", "probe.decided", "p");
    CHECK(f.over("active waiting active succeeded"));
    CHECK(f.seen->ends(step_kind::call) == "1:done 1:done");
    CHECK(f.seen->ends(step_kind::wait_event) == "1:waiting 1:done");
}

TEST_CASE("a sleep and a recorded value are told", "[engine][observer]") {
    watched f;
    f.send("e1", plan({R"({"do":"sleep","ms":1000})", R"({"do":"create","name":"a"})"}));
    CHECK(f.over("active waiting active succeeded"));
    CHECK(f.seen->ends(step_kind::sleep) == "1:waiting 1:done");
    const auto sleeps = f.seen->of(step_kind::sleep);
    REQUIRE(sleeps.size() == 2);
    CHECK(sleeps[1].ended - sleeps[1].began >= 900'000);
}

TEST_CASE("a child run goes on with its parent's trace", "[engine][observer]") {
    watched f;
    f.send("e1",
           plan({R"({"do":"spawn","data":)" + plan({R"({"do":"create","name":"c"})"}) + '}'}));
    REQUIRE(f.wait_runs(run_state::succeeded, 2));
    REQUIRE(eventually([&] { return f.seen->ends(step_kind::spawn) == "1:waiting 1:done"; }));
    const auto spawn = f.seen->of(step_kind::spawn).front();
    const auto call = f.seen->of(step_kind::call).front();
    const auto above = parse_trace_parent(call.trace_parent);
    REQUIRE(above);
    CHECK(above->trace_id == trace_of_run(spawn.trace_parent, spawn.run).trace_id);
    CHECK(above->span_id == spawn.span);
}

TEST_CASE("a run that a person calls off before it began is told as cancelled",
          "[engine][observer]") {
    watched f;
    fault held;
    held.what = fault::kind::hold;
    f.target.next("create", held);
    const std::string keyed = R"({"events":[{"id":"ID","type":"probe.changed","subject":"s",
        "partition_key":"k","data":)" +
                              plan({R"({"do":"create","name":"a"})"}) + "}]}";
    auto first = keyed, second = keyed;
    first.replace(first.find("ID"), 2, "e1");
    second.replace(second.find("ID"), 2, "e2");
    REQUIRE(f.post("/hooks/target", first).status == 202);
    REQUIRE(eventually([&] { return f.target.holding() == 1; }));
    REQUIRE(f.post("/hooks/target", second).status == 202);
    const auto waiting = f.runs(run_state::ready);
    REQUIRE(waiting.size() == 1);
    f.it->runs().cancel(waiting.front().id, "somebody", "not wanted", [](const auto&) {});
    CHECK(f.over("active cancelled"));
    f.target.release();
    CHECK(f.over("active cancelled succeeded"));
}

TEST_CASE("a held step is told as waiting and costs no attempt", "[engine][observer]") {
    watched f;
    f.it->gates().pause("target", "migration", [](const auto&) {});
    REQUIRE(eventually([&] { return !f.it->gates().find("target")->is_open(); }));
    f.send("e1", plan({R"({"do":"create","name":"a"})"}));
    REQUIRE(eventually([&] { return f.seen->ends(step_kind::call) == "1:waiting"; }));
    f.it->gates().resume("target", [](const auto&) {});
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    CHECK(eventually([&] { return f.seen->ends(step_kind::call) == "1:waiting 1:done"; }));
}

TEST_CASE("a transfer is told with both of its connections", "[engine][observer]") {
    mortise::test::file_server files;
    host_setup s;
    s.extra = "[connections.files]\nconnector = \"probe\"\nbase_url = \"" + files.base_url() +
              "\"\n[flows.mover]\nflow = \"probe-steps\"\n[flows.mover.connections]\n"
              "target = \"files\"\n";
    watched f(s);
    const std::string move =
        R"({"do":"transfer","by":"fetch","to":"upload","name":"300000","as":"copy"})";
    REQUIRE(f.post("/hooks/files",
                   R"({"events":[{"id":"e1","type":"probe.changed","data":)" + plan({move}) + "}]}")
                .status == 202);
    REQUIRE(f.wait_runs(run_state::succeeded, 1));
    REQUIRE(eventually([&] { return f.seen->ends(step_kind::transfer) == "1:done"; }));
    const auto moved = f.seen->of(step_kind::transfer).front();
    CHECK(moved.connection == "files");
    CHECK(moved.source == "files");
}

TEST_CASE("an event's own trace counts before that of the webhook, when it is valid",
          "[engine][observer]") {
    const std::string of_event = "00-11111111111111111111111111111111-2222222222222222-01";
    const std::string of_hook = "00-33333333333333333333333333333333-4444444444444444-00";
    const auto [own, header, wanted] = GENERATE_REF(table<std::string, std::string, std::string>(
        {{of_event, of_hook, of_event},
         {"00-nonsense", of_hook, of_hook},
         {"", of_hook, of_hook},
         {of_event, "", of_event},
         {"", "00-00000000000000000000000000000000-4444444444444444-00", ""},
         {"", "", ""}}));
    watched f;
    const std::string event = R"({"events":[{"id":"e1","type":"probe.changed","traceparent":")" +
                              own + R"(","data":)" + plan({R"({"do":"create","name":"a"})"}) +
                              "}]}";
    mortise::test::header_list headers;
    if (!header.empty()) headers.emplace_back("traceparent", header);
    REQUIRE(f.post("/hooks/target", event, headers).status == 202);
    REQUIRE(eventually([&] { return f.seen->ends(step_kind::call) == "1:done"; }));
    CHECK(f.seen->of(step_kind::call).front().trace_parent == wanted);
}

TEST_CASE("a run started by hand belongs to the trace of whoever started it",
          "[engine][observer]") {
    const std::string caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const auto [sent, wanted] = GENERATE_REF(
        table<std::string, std::string>({{caller, caller}, {"nonsense", std::string()}}));
    watched f;
    const auto r = f.admin_as("POST", "/api/v1/flows/steps/start",
                              R"({"type":"probe.changed","data":)" +
                                  plan({R"({"do":"create","name":"a"})"}) + '}',
                              {{"authorization", "Bearer " + f.local_token()},
                               {"content-type", "application/json"},
                               {"traceparent", sent}});
    INFO(r.body);
    REQUIRE(r.status == 202);
    REQUIRE(eventually([&] { return f.seen->ends(step_kind::call) == "1:done"; }));
    CHECK(f.seen->of(step_kind::call).front().trace_parent == wanted);
}
