// SPDX-License-Identifier: Apache-2.0
//
// The real program dies by SIGKILL, at every journal commit and at random times, and is started
// again: what was acknowledged happens once, and what can neither be looked up nor repeated is left
// in doubt, never done twice.
#include "crashing_host.hpp"
#include "kill_rounds.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <csignal>
#include <cstdlib>

using namespace mortise::test;

namespace {

// Every kind of step there is.
constexpr const char* everything = R"({"plan":[
  {"do":"put","body":{"name":"p"}},
  {"do":"get","id":"one"},
  {"do":"create","name":"a"},
  {"do":"record","value":7},
  {"do":"state_put","name":"n","value":1},
  {"do":"state_get","name":"n"},
  {"do":"link","relation":"r","a":"x","b":"y"},
  {"do":"find_link","relation":"r","a":"x"},
  {"do":"all","steps":[{"do":"create","name":"b"},{"do":"put","body":{"name":"q"}}]},
  {"do":"first","steps":[{"do":"put","body":{"name":"w"}},{"do":"sleep","ms":60000}]},
  {"do":"wait","type":"probe.decided","key":"d"},
  {"do":"sleep","ms":20},
  {"do":"spawn","flow":"steps","key":"child","data":{"plan":[{"do":"create","name":"c"}]}},
  {"do":"create","name":"z"}]})";

sent_event event(const std::string& id, const std::string& key, std::uint64_t stamp) {
    sent_event e;
    e.id = id;
    e.order_key = key;
    e.first_sent = stamp;
    return e;
}

// One life that ends at the given commit, a second one that puts everything right. False when the
// first life did not end.
bool dies_and_recovers(const std::string& kill_at) {
    INFO("killed " << kill_at);
    crashing_host h;
    history seen;
    seen.events = {event("work", "work", 1), event("shot", "shot", 2), event("d", {}, 3)};
    auto& wanted = seen.events[0].wanted;
    int phase = 0;
    for (const char* name : {"p", "a", "b", "w", "c", "z"})
        wanted.push_back({name,
                          *name == 'p' || *name == 'w' ? repeat::idempotent : repeat::lookup_first,
                          phase++, true});
    wanted.push_back({"q", repeat::idempotent, 2, true}); // beside b
    seen.events[1].wanted.push_back({"f", repeat::unsafe, 0, true});
    const auto send = [&](sent_event& e) {
        const auto sent = e.id == "work"   ? h.send("work", "probe.changed", "work", everything)
                          : e.id == "shot" ? h.send("shot", "probe.changed", "shot",
                                                    R"({"plan":[{"do":"fire","name":"f"}]})")
                                           : h.send("d", "probe.decided", "d", "{}");
        if (sent) e.acknowledged = e.first_sent;
        return sent;
    };
    h.start(kill_at);
    for (auto& e : seen.events)
        send(e);
    eventually([&] {
        return !h.running() || (h.ready() && seen.events[2].acknowledged != 0 && h.all_ended());
    });
    bool died = !h.running();
    if (!died) {
        // Its stop writes as well and may meet the point.
        const auto status = h.stop();
        died = status == SIGKILL;
        CHECK((died || status == 0));
    }
    h.start();
    REQUIRE(h.ready());
    for (auto& e : seen.events) {
        // A sender repeats what was not acknowledged; what was must not need it.
        if (e.acknowledged == 0) CHECK(send(e));
    }
    seen.complete = eventually([&] { return h.all_ended(); });
    CHECK(seen.complete);
    h.tell(seen);
    for (const auto& what : check(seen))
        FAIL_CHECK(what);
    for (const auto& r : seen.runs) {
        if (r.event != "shot") CHECK(r.state == "succeeded");
    }
    CHECK(h.stop() == 0);
    return died;
}

} // namespace

TEST_CASE("killed before or after any commit, nothing is lost and nothing is doubled",
          "[crash][slow]") {
    const std::string point = GENERATE("before:", "after:");
    int survived = 0;
    int lives = 0;
    for (int n = 1; n < 120 && survived < 2; ++n, ++lives) {
        // How writes fall into commits varies a little, so one survival may be luck.
        survived = dies_and_recovers(point + std::to_string(n)) ? 0 : survived + 1;
    }
    CHECK(survived == 2);
    CHECK(lives > 15); // the plan has more steps than that
}

TEST_CASE("killed at any time under load, nothing is lost and nothing is doubled",
          "[crash][slow]") {
    const auto seed = GENERATE(range(20261121u, 20261125u));
    INFO("seed " << seed);
    const auto report = kill_rounds(seed, 50);
    for (const auto& what : report.broken)
        FAIL_CHECK(what);
    CHECK(report.kills == 50);
    CHECK(report.events > 30);
    CHECK(report.effects > 30);
}

TEST_CASE("what its own deaths cut off does not use up a step's attempts", "[crash][slow]") {
    crashing_host h;
    fault held;
    held.what = fault::kind::hold_before;
    held.times = 8; // as many as the policy allows attempts
    h.target.next("create", held);
    for (std::size_t life = 1; life <= 8; ++life) {
        h.start();
        REQUIRE(h.ready());
        if (life == 1) {
            REQUIRE(h.send("e", "probe.changed", "e", R"({"plan":[{"do":"create","name":"a"}]})"));
        }
        REQUIRE(eventually([&] { return h.target.holding() == life; }));
        h.kill();
        h.bury();
    }
    fault busy;
    h.target.next("create", busy);
    h.start();
    REQUIRE(h.ready());
    CHECK(eventually([&] { return h.all_ended(); }));
    INFO(h.story("e"));
    const auto runs = h.runs();
    REQUIRE(runs.size() == 1);
    CHECK(to_string(runs[0].state) == std::string("succeeded"));
    CHECK(h.target.count("create", "a") == 1);
    CHECK(h.stop() == 0);
}
