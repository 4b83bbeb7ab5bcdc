// SPDX-License-Identifier: Apache-2.0
// What is kept of a step's attempts, by the real engine in virtual time: the system at the other
// end says when it was asked and when it answered, and the journal must say the same to the
// millisecond.
#include "base/log.hpp"
#include "sim_life.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <map>

using namespace mortise::host;
using namespace mortise::host::testing;

namespace {

using fault = std::uint64_t target_faults::*;

struct small_world {
    sim_random random{7};
    sim_trace trace{true};
    manual_clock time;
    sim_journal store{time, random, trace};
    sim_target target{time, random, trace};
    sim_settings settings;
    std::unique_ptr<sim_life> life;
    std::vector<fault> script; // how the calls end, in order; afterwards well
    std::string plan;
    std::size_t looked_at = 0, asked = 0; // of the trace

    small_world() {
        log_options quiet;
        quiet.level = log_level::off; // simulated failures are no news
        start_log(quiet);
        settings.engine.owner = "host";
        settings.retry.first_delay = std::chrono::milliseconds(1000);
        settings.retry.max_attempts = 6;
        settings.retry.jitter = 0;
        settings.poll_every = std::chrono::hours(1000);
        settings.breaker.enabled = false;
        target.hooked = [this](std::string_view) {
            return sim_target::announced{"e1", "probe.changed", "one", plan};
        };
    }
    ~small_world() {
        store.die();
        while (store.complete_one()) {}
        if (life) CHECK(life->fall(store));
    }

    void begin() {
        target.find_host();
        store.rise();
        life = std::make_unique<sim_life>(time, store, target, settings);
        REQUIRE(life->start().has_value());
    }
    void kill() {
        store.die();
        target.lose_host();
        REQUIRE(life->fall(store));
        life.reset();
    }
    void send(const std::string& step) {
        plan = R"({"plan":[)" + step + "]}";
        life->hook("e1", [](result<call_answer> r) { CHECK(r.has_value()); });
    }

    bool something() {
        target.faults = {};
        for (; looked_at < trace.lines().size(); ++looked_at)
            if (trace.lines()[looked_at].find(" ms  target: asked to") != std::string::npos)
                ++asked;
        if (asked < script.size()) target.faults.*script[asked] = 1000;
        return life->run_one() || store.commit_group() || store.complete_one() ||
               target.act_one() || life->timers().fire_one(random);
    }
    // True when it has come about; nothing is waited for longer than there is something to come.
    bool until(const std::function<bool()>& done) {
        for (int i = 0; i < 200'000; ++i) {
            if (done()) return true;
            if (something()) continue;
            auto next = target.next_due();
            if (const auto due = life->timers().next_due(); due && (!next || *due < *next))
                next = due;
            if (!next) return done();
            const auto now = time.now_mono_ns();
            time.advance(std::chrono::milliseconds(*next > now ? (*next - now) / 1'000'000 : 0));
        }
        return false;
    }
    bool until(run_state state) {
        return until([&] {
            const auto r = run();
            return r && r->run.state == state;
        });
    }
    std::optional<claimed_run> run() {
        std::optional<claimed_run> out;
        store.look([&](journal_reader& r) {
            const auto all = r.runs({});
            if (!all.empty()) out = r.run(all.front().id);
        });
        return out;
    }
    step_record step() {
        const auto r = run();
        REQUIRE(r.has_value());
        REQUIRE_FALSE(r->steps.empty());
        return r->steps.front();
    }
    // When the target did this, in Unix milliseconds.
    std::vector<unix_ms> times(const std::string& what) {
        const auto zero = time.now_unix_ms() - static_cast<unix_ms>(time.now_mono_ns() / 1'000'000);
        std::vector<unix_ms> out;
        for (const auto& line : trace.lines())
            if (line.find(" ms  target: " + what) != std::string::npos)
                out.push_back(zero + std::stoll(line));
        return out;
    }
    std::string outcomes() {
        std::string out;
        for (const auto& t : step().tries)
            out += (out.empty() ? "" : ", ") + std::to_string(t.attempt) + ' ' +
                   std::string(to_string(t.outcome)) +
                   (t.wait == try_wait::none ? "" : " " + std::string(to_string(t.wait)));
        return out;
    }
};

constexpr const char* put = R"({"do":"put","body":{"name":"a"}})";
constexpr const char* create = R"({"do":"create","name":"a"})";
constexpr const char* fire = R"({"do":"fire","name":"a"})";

} // namespace

TEST_CASE("each attempt is kept with when it began, how it ended and until when was waited",
          "[engine][tries]") {
    small_world w;
    w.script = {&target_faults::transient, &target_faults::cut_before, &target_faults::transient};
    w.begin();
    w.send(put);
    REQUIRE(w.until(run_state::succeeded));
    CHECK(w.outcomes() == "1 retrying back_off, 2 retrying back_off, 3 retrying back_off, 4 done");
    const auto s = w.step();
    const auto asked = w.times("asked to");
    const auto failed = w.times("fails"), answered = w.times("answers");
    REQUIRE(asked.size() == 4);
    REQUIRE(failed.size() == 3);
    REQUIRE(answered.size() == 1);
    unix_ms delay = 1000;
    for (std::size_t i = 0; i < 4; ++i) {
        INFO(i);
        const auto& t = s.tries[i];
        CHECK(t.number == i + 1);
        CHECK(t.began == asked[i]);
        CHECK(t.ended == (i < 3 ? failed[i] : answered[0]));
        if (i == 3) break;
        CHECK(t.wait_until == t.ended + delay);
        CHECK(s.tries[i + 1].began == t.wait_until);
        delay *= 2;
        REQUIRE(t.failure);
        CHECK(t.failure->code == (i == 1 ? "sim.cut" : "sim.unavailable"));
        CHECK(t.failure->effect == (i == 1 ? mortise::effect::unknown : mortise::effect::none));
    }
    CHECK(s.attempts == 4);
    CHECK(s.started_at == asked[0]);
    CHECK(s.finished_at == answered[0]);
    CHECK_FALSE(s.tries[3].failure);
}

TEST_CASE("of a step that its first attempt ends nothing is kept", "[engine][tries]") {
    small_world w;
    w.begin();
    bool well = true;
    SECTION("well") {}
    SECTION("for good") {
        w.script = {&target_faults::refused};
        well = false;
    }
    w.send(put);
    REQUIRE(w.until(well ? run_state::succeeded : run_state::failed));
    CHECK(w.step().tries.empty());
    CHECK_FALSE(w.step().tried);
}

TEST_CASE("a wait that the system asked for is told from one of our own", "[engine][tries]") {
    small_world w;
    w.script = {&target_faults::rate_limit, &target_faults::rate_limit};
    w.settings.retry.first_delay = std::chrono::milliseconds(2);
    w.begin();
    w.send(put);
    REQUIRE(w.until(run_state::succeeded));
    REQUIRE(w.outcomes() == "1 retrying retry_after, 2 retrying retry_after, 3 done");
    for (const auto& t : w.step().tries) {
        if (t.outcome == try_outcome::done) continue;
        REQUIRE(t.failure);
        CHECK(t.failure->category == mortise::category::rate_limit);
        REQUIRE(t.failure->retry_after);
        CHECK(t.wait_until == t.ended + t.failure->retry_after->count());
    }
}

TEST_CASE("a wait for the breaker is kept as one, and costs no attempt", "[engine][tries]") {
    small_world w;
    w.script = {&target_faults::transient};
    w.settings.breaker.enabled = true;
    w.settings.breaker.failures = 1;
    w.settings.breaker.open_for = std::chrono::milliseconds(60'000);
    w.settings.breaker.jitter = 0;
    w.begin();
    w.send(put);
    REQUIRE(w.until(run_state::succeeded));
    REQUIRE(w.outcomes() == "1 retrying back_off, 0 held breaker, 2 done");
    const auto s = w.step();
    CHECK(s.attempts == 2);
    CHECK(s.tries[1].began == s.tries[0].wait_until);
    CHECK(s.tries[1].wait_until >= s.tries[0].ended + 60'000);
    CHECK(s.tries[2].began >= s.tries[1].wait_until);
    REQUIRE(s.tries[1].failure);
    CHECK(s.tries[1].failure->message.find("does not answer") != std::string::npos);
}

TEST_CASE("a pause by hand is kept as what was waited for, until it really ended",
          "[engine][tries]") {
    small_world w;
    w.begin();
    w.life->gate().pause({w.time.now_unix_ms(), "works"});
    w.send(put);
    REQUIRE(w.until(run_state::waiting));
    CHECK(w.outcomes() == "0 held pause");
    // It is asked for again each hour, which is no news.
    const auto first = w.step().tries[0];
    REQUIRE(w.until([&] { return w.step().tries[0].ended > first.ended; }));
    CHECK(w.step().tries.size() == 1);
    CHECK(w.step().tries[0].began == first.began);
    w.life->gate().resume();
    REQUIRE(w.until(run_state::succeeded));
    REQUIRE(w.outcomes() == "0 held pause, 1 done");
    const auto s = w.step();
    CHECK(s.attempts == 1);
    CHECK(s.tries[1].began < s.tries[0].wait_until);
    CHECK(s.tries[1].began == w.times("asked to").at(0));
}

TEST_CASE("attempts outlive the host's death between them", "[engine][tries]") {
    small_world w;
    w.script = {&target_faults::transient, &target_faults::transient};
    w.begin();
    w.send(put);
    REQUIRE(w.until([&] {
        const auto r = w.run();
        return r && !r->steps.empty() && r->steps[0].tries.size() == 2;
    }));
    const auto before = w.step().tries;
    w.kill();
    w.time.advance(std::chrono::minutes(10));
    w.begin();
    REQUIRE(w.until(run_state::succeeded));
    REQUIRE(w.outcomes() == "1 retrying back_off, 2 retrying back_off, 3 done");
    const auto s = w.step();
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(s.tries[i].began == before[i].began);
        CHECK(s.tries[i].ended == before[i].ended);
    }
    CHECK(s.tries[2].began == w.times("asked to").at(2));
    CHECK(s.tries[2].began > s.tries[1].wait_until + 500'000);
}

TEST_CASE("an attempt that the host's own death cut off is told and not counted",
          "[engine][tries]") {
    small_world w;
    w.script = {&target_faults::mute};
    w.settings.call_timeout = std::chrono::hours(1);
    w.begin();
    w.send(create);
    REQUIRE(w.until([&] { return w.times("asked to").size() == 1; }));
    w.kill();
    CHECK(w.outcomes().empty());
    w.time.advance(std::chrono::seconds(30));
    w.begin();
    REQUIRE(w.until(run_state::succeeded));
    const auto s = w.step();
    CHECK(s.attempts == 1);
    REQUIRE(s.tries.size() == 2);
    CHECK(s.tries[0].outcome == try_outcome::cut_off);
    CHECK(s.tries[0].attempt == 1);
    CHECK(s.tries[0].began == s.started_at);
    CHECK(s.tries[0].ended >= s.started_at + 30'000);
    CHECK(s.tries[1].attempt == 1);
    CHECK(s.tries[1].began == w.times("asked to").at(1)); // the look-up
}

TEST_CASE("a step that is tried for weeks keeps its first and its last attempts",
          "[engine][tries]") {
    small_world w;
    w.script.assign(150, &target_faults::transient);
    w.settings.retry.max_attempts = 1000;
    w.settings.retry.max_delay = std::chrono::seconds(10);
    w.begin();
    w.send(put);
    REQUIRE(w.until(run_state::succeeded));
    const auto s = w.step();
    CHECK(s.attempts == 151);
    REQUIRE(s.tries.size() == first_tries_kept + last_tries_kept);
    CHECK(s.tries.front().attempt == 1);
    CHECK(s.tries[first_tries_kept - 1].number == first_tries_kept);
    CHECK(s.tries[first_tries_kept].number == 151 - last_tries_kept + 1);
    CHECK(s.tries.back().attempt == 151);
    CHECK(s.tries.back().outcome == try_outcome::done);
}

TEST_CASE("the last of several attempts says how it ended", "[engine][tries]") {
    small_world w;
    w.begin();
    SECTION("given up") {
        w.script.assign(6, &target_faults::transient);
        w.send(put);
        REQUIRE(w.until(run_state::failed));
        CHECK(w.outcomes() == "1 retrying back_off, 2 retrying back_off, 3 retrying back_off, "
                              "4 retrying back_off, 5 retrying back_off, 6 failed");
        CHECK(w.step().tries.back().failure->code == "sim.unavailable");
    }
    SECTION("found by a look-up") {
        w.script = {&target_faults::cut_after};
        w.send(create);
        REQUIRE(w.until(run_state::succeeded));
        CHECK(w.outcomes() == "1 retrying back_off, 2 found");
    }
    SECTION("in doubt") {
        w.script = {&target_faults::transient, &target_faults::cut_after};
        w.send(fire);
        REQUIRE(w.until(run_state::in_doubt));
        CHECK(w.outcomes() == "1 retrying back_off, 2 in_doubt");
        CHECK(w.step().tries.back().ended == w.times("fails").at(1));
    }
    SECTION("called off while it waited: no further attempt") {
        w.script.assign(2, &target_faults::transient);
        w.send(put);
        REQUIRE(w.until([&] {
            const auto r = w.run();
            return r && !r->steps.empty() && r->steps[0].tries.size() == 2;
        }));
        w.life->runs().cancel(w.run()->run.id, "kim", "not needed",
                              [](result<cancelled_runs> r) { CHECK(r.has_value()); });
        REQUIRE(w.until(run_state::cancelled));
        CHECK(w.outcomes() == "1 retrying back_off, 2 retrying back_off");
        CHECK(w.step().finished_at < w.step().tries.back().wait_until);
    }
}

TEST_CASE("a person's retry of a dead letter counts anew and keeps what was before",
          "[engine][tries]") {
    small_world w;
    w.script = {&target_faults::refused, &target_faults::transient};
    w.begin();
    w.send(put);
    REQUIRE(w.until(run_state::failed));
    const auto dead = w.step();
    CHECK(dead.tries.empty());
    w.time.advance(std::chrono::hours(8));
    const auto id = w.run()->run.id;
    w.store.write([&](journal_tx& tx) { CHECK(tx.retry(id, false, {}, "kim").has_value()); }, {});
    REQUIRE(w.until([&] { return w.run()->run.state != run_state::failed; }));
    w.life->runs().kick();
    REQUIRE(w.until(run_state::succeeded));
    REQUIRE(w.outcomes() == "1 failed person, 1 retrying back_off, 2 done");
    const auto s = w.step();
    CHECK(s.tries[0].began == dead.started_at);
    CHECK(s.tries[0].ended == dead.finished_at);
    CHECK(s.tries[0].failure->code == "sim.refused");
    CHECK(s.tries[0].wait_until >= s.tries[0].ended + 8 * 3'600'000);
    CHECK(s.tries[1].began == w.times("asked to").at(1));
}
