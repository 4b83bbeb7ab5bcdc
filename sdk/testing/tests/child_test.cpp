// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <mortise/run.h>
#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/join.hpp>
#include <mortise/testing/fake_host.hpp>

using namespace mortise;
using namespace mortise::testing;
using namespace std::chrono_literals;

namespace {

// Starts one child for each name in its event's data and returns their results.
struct parent {
    explicit parent(instance&) {}
    static void describe(flow_builder<parent>& b) {
        b.id("parent").version("1.0.0").on_manual().on_child();
    }
    static task<json::value> one(flow_run run, std::string flow) {
        child c{.flow = flow, .key = "key-" + flow, .data = {{"name", flow}}};
        if (flow == "self") c.flow.clear();
        if (flow == "self-other-type") {
            c.flow.clear();
            c.event_type = "acme.changed";
        }
        if (flow == "self-same-order") {
            c.flow.clear();
            c.key = "subject-1";
        }
        return run.spawn(flow, std::move(c));
    }
    task<json::value> run(flow_run& r, event first) {
        if (first.type == "mortise.child") co_return first.data;
        std::vector<task<json::value>> work;
        for (const auto& name : first.data.as_array())
            work.push_back(one(r, std::string(name.as_string())));
        auto results = co_await all(std::move(work));
        json::array out;
        for (auto& result : results)
            out.push_back(std::move(result));
        co_return out;
    }
};

event begin(json::array names) {
    return {"mortise.manual", "m-1", "subject-1", std::move(names)};
}

struct bench {
    explicit bench(std::uint64_t seed = 0)
        : host(seed), flow(host.create_flow(mortise::flow<parent>())) {}
    void finish() {
        flow.destroy();
        CHECK(host.violations() == std::vector<std::string>{});
    }
    fake_host host;
    flow_harness flow;
};

} // namespace

TEST_CASE("children run side by side and give their results to the parent", "[sdk][child]") {
    bench b(GENERATE(0, range(1, 8)));
    b.flow.on_child("double", [](const child_run& c) -> json::value {
        return {{"of", c.data.at("name")}, {"key", c.key}, {"type", c.event_type}};
    });
    b.flow.answer_child("self", 7);
    b.flow.answer_child("", 8);
    auto run = b.flow.start(begin({"double", "self"}));
    CHECK(run.result() ==
          parse_json(R"([{"of":"double","key":"key-double","type":"mortise.child"},8])"));
    REQUIRE(b.flow.children().size() == 2);
    CHECK(b.flow.children()[0].state == child_state::succeeded);
    CHECK(b.flow.children()[0].id != b.flow.children()[1].id);
    CHECK(run.steps()[0].kind == "spawn");
    b.finish();
}

TEST_CASE("a replay and a drop start no child twice", "[sdk][child]") {
    bench b;
    b.flow.answer_child("quick", 1);
    auto run = b.flow.start(begin({"quick", "slow"}));
    CHECK_FALSE(run.finished());
    const auto before = b.flow.children();
    REQUIRE(before.size() == 2);
    run.replay();
    CHECK_FALSE(run.finished());
    CHECK(b.flow.children().size() == 2);
    run.drop();
    b.flow.end_child(1, 2); // while the parent is not in memory
    run.replay();
    CHECK(run.result() == parse_json("[1,2]"));
    CHECK(b.flow.children().size() == 2);
    CHECK(b.flow.children()[1].id == before[1].id);
    CHECK(run.effects() == 2);
    run.replay();
    CHECK(run.result() == parse_json("[1,2]"));
    CHECK(run.effects() == 2);
    b.finish();
}

TEST_CASE("a child that fails keeps its parent waiting until a person retries it", "[sdk][child]") {
    bench b;
    bool broken = true;
    b.flow.on_child("fragile", [&](const child_run&) -> json::value {
        if (broken) throw error(category::not_found, "crm.none", "There is none.");
        return "mended";
    });
    auto run = b.flow.start(begin({"fragile"}));
    b.host.advance(24h * 30);
    CHECK_FALSE(run.finished());
    CHECK(b.flow.children().at(0).state == child_state::dead_letter);
    b.flow.retry_child(0);
    CHECK_FALSE(run.finished());
    broken = false;
    b.flow.retry_child(0);
    CHECK(run.result() == parse_json(R"(["mended"])"));
    b.finish();
}

TEST_CASE("a child that was cancelled or discarded fails the step", "[sdk][child]") {
    bench b;
    b.flow.on_child("fragile", [](const child_run&) -> json::value {
        throw error(category::not_found, "crm.none", "There is none.");
    });
    auto run = b.flow.start(begin({"fragile"}));
    const bool discarded = GENERATE(true, false);
    if (discarded) {
        b.flow.discard_child(0);
    } else {
        b.flow.cancel_child(0);
    }
    REQUIRE(run.finished());
    REQUIRE(run.outcome().failure);
    CHECK(run.outcome().failure->category == category::cancelled);
    CHECK(run.outcome().failure->code == "run.child-ended");
    CHECK(b.flow.children()[0].state ==
          (discarded ? child_state::discarded : child_state::cancelled));
    CHECK_THROWS_AS(b.flow.retry_child(0), std::logic_error);
    CHECK_THROWS_AS(b.flow.end_child(1, 1), std::logic_error);
    b.finish();
}

TEST_CASE("cancelling a run cancels its children that have not ended", "[sdk][child]") {
    bench b;
    b.flow.answer_child("quick", 1);
    auto run = b.flow.start(begin({"quick", "slow"}));
    run.cancel();
    REQUIRE(run.finished());
    CHECK(run.outcome().failure->category == category::cancelled);
    CHECK(b.flow.children()[0].state == child_state::succeeded);
    CHECK(b.flow.children()[1].state == child_state::cancelled);
    b.finish();
}

TEST_CASE("a child that cannot start or would wait for its parent is refused", "[sdk][child]") {
    bench b;
    SECTION("its flow does not start on the type") {
        auto run = b.flow.start(begin({"self-other-type"}));
        REQUIRE(run.outcome().failure);
        CHECK(run.outcome().failure->category == category::config);
        CHECK(run.outcome().failure->code == "run.child-flow");
    }
    SECTION("its order key is that of its parent") {
        auto run = b.flow.start(begin({"self-same-order"}));
        REQUIRE(run.outcome().failure);
        CHECK(run.outcome().failure->category == category::input);
        CHECK(run.outcome().failure->code == "run.child-order");
    }
    CHECK(b.flow.children().empty());
    b.finish();
}

TEST_CASE("on a host of ABI 1.0 a child run is refused by name, the rest works", "[sdk][child]") {
    fake_host host;
    host.cut_table(MORTISE_SVC_FLOW, offsetof(mortise_svc_flow, spawn));
    auto flow = host.create_flow(mortise::flow<parent>());
    auto run = flow.start(begin({"double"}));
    REQUIRE(run.finished());
    REQUIRE(run.outcome().failure);
    CHECK(run.outcome().failure->category == category::config);
    CHECK(run.outcome().failure->code == "sdk.spawn.unsupported");
    CHECK_THAT(run.outcome().failure->message, Catch::Contains("ABI 1.1"));
    CHECK(flow.start(begin({})).result() == json::array());
    flow.destroy();
    CHECK(host.violations().empty());
}
