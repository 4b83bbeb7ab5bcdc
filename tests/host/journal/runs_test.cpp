// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

using namespace mortise::test;
using host::run_state;
using ids = std::vector<std::string>;

TEST_CASE("runs of one key go one after another, other keys at once", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1", "a"));
    j.accept(j.intake_of("2", "a2", "a"));
    j.accept(j.intake_of("3", "b1", "b"));
    CHECK(j.claimed_ids() == ids{"a1", "b1"});
    CHECK(j.claimed_ids().empty());
    SECTION("after success") {
        j.finish("a1");
    }
    SECTION("after failure: a dead letter holds nobody up") {
        j.finish("a1", run_state::failed);
    }
    SECTION("after doubt") {
        j.finish("a1", run_state::in_doubt);
    }
    SECTION("after cancellation") {
        j.finish("a1", run_state::cancelled);
    }
    CHECK(j.claimed_ids() == ids{"a2"});
}

TEST_CASE("the same key in two instances is two orders", "[host][journal]") {
    journal_fixture j;
    auto in = j.intake_of("1", "a1", "k");
    in.runs.push_back(j.seed_of("o1", "k"));
    in.runs[1].instance = "other";
    j.accept(in);
    CHECK(j.claimed_ids() == ids{"a1", "o1"});
}

TEST_CASE("a waiting run holds back the younger ones of its key", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.accept(j.intake_of("2", "a2"));
    CHECK(j.claimed_ids() == ids{"a1"});
    CHECK(j.suspend("a1", j.time.now_unix_ms() + 1000) == run_state::waiting);
    CHECK(j.claimed_ids().empty());
    j.time.advance(std::chrono::milliseconds(999));
    CHECK(j.claimed_ids().empty());
    j.time.advance(std::chrono::milliseconds(1));
    CHECK(j.claimed_ids() == ids{"a1"});
    j.finish("a1");
    CHECK(j.claimed_ids() == ids{"a2"});
}

TEST_CASE("claim takes no more than asked for, oldest first", "[host][journal]") {
    journal_fixture j;
    for (int i = 0; i < 5; ++i) {
        const auto n = std::to_string(i);
        j.accept(j.intake_of(n, "r" + n, "key" + n));
    }
    CHECK(j.claimed_ids(2) == ids{"r0", "r1"});
    CHECK(j.claimed_ids(0).empty());
    CHECK(j.claimed_ids(9) == ids{"r2", "r3", "r4"});
}

TEST_CASE("a run whose lease has run out is taken by another host with its steps",
          "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1"));
    REQUIRE(j.claim(1, "host-a", 1000).size() == 1);
    j.write([](host::journal_tx& tx) {
        auto s = step_of("get", host::step_state::done);
        s.result = "[1]";
        tx.put_step(host::run_id("a1"), s);
    });
    CHECK(j.claim(1, "host-b").empty());
    SECTION("renewed in time: it stays") {
        j.time.advance(std::chrono::milliseconds(900));
        j.write([](host::journal_tx& tx) { tx.renew_leases("host-a", tx.now() + 1000); });
        j.time.advance(std::chrono::milliseconds(900));
        CHECK(j.claim(1, "host-b").empty());
    }
    SECTION("not renewed") {
        j.time.advance(std::chrono::milliseconds(1000));
        const auto c = j.claim(1, "host-b");
        REQUIRE(c.size() == 1);
        CHECK(c[0].run.starts == 2);
        REQUIRE(c[0].steps.size() == 1);
        CHECK(c[0].steps[0].result == "[1]");
        CHECK(j.stats().runs[static_cast<int>(run_state::active)] == 1);
    }
}

TEST_CASE("what a host has in hand stays in its hand when the clock jumps past its lease",
          "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1", "a"));
    REQUIRE(j.claim(1, "host-a", 1000).size() == 1);
    j.time.set_unix(j.time.now_unix_ms() + 3'600'000);
    CHECK(j.claim(1, "host-a").empty()); // twice at work otherwise
    CHECK(j.claim(1, "host-b").size() == 1);
}

TEST_CASE("at start a host gets back what it held", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1", "a"));
    j.accept(j.intake_of("2", "b1", "b"));
    REQUIRE(j.claim(1, "host-a", 1'000'000).size() == 1);
    REQUIRE(j.claim(1, "host-b", 1'000'000).size() == 1);
    j.reopen();
    std::uint64_t released = 0;
    j.write([&](host::journal_tx& tx) { released = tx.release_leases("host-a"); });
    CHECK(released == 1);
    CHECK(j.claimed_ids() == ids{"a1"});
    j.write([&](host::journal_tx& tx) { released = tx.release_leases("host-c"); });
    CHECK(released == 0);
}

TEST_CASE("a step is replaced under its key and keeps its start and its place", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.claim();
    const auto began = j.time.now_unix_ms();
    j.write([](host::journal_tx& tx) {
        tx.put_step(host::run_id("a1"), step_of("one", host::step_state::started));
        tx.put_step(host::run_id("a1"), step_of("two", host::step_state::started));
    });
    j.time.advance(std::chrono::milliseconds(50));
    j.write([](host::journal_tx& tx) {
        auto s = step_of("one", host::step_state::retrying);
        s.attempts = 3;
        s.wake_at = 77;
        s.started_at = tx.now();
        s.failure = host::error(host::category::timeout, "x.y", "slow");
        tx.put_step(host::run_id("a1"), s);
    });
    const auto steps = j.run("a1").steps;
    REQUIRE(steps.size() == 2);
    CHECK(steps[0].key == "one");
    CHECK(steps[0].ordinal == 0);
    CHECK(steps[1].ordinal == 1);
    CHECK(steps[0].started_at == began);
    CHECK(steps[0].state == host::step_state::retrying);
    CHECK(steps[0].attempts == 3);
    CHECK(steps[0].wake_at == 77);
    CHECK(steps[0].target == "dam:assets.get");
    CHECK(steps[0].input == R"({"id":1})");
    REQUIRE(steps[0].failure.has_value());
    CHECK(steps[0].failure->code == "x.y");
    CHECK_FALSE(steps[1].failure.has_value());
}

TEST_CASE("steps and ends of an unknown run are refused", "[host][journal]") {
    journal_fixture j;
    const auto r = j.try_write([](host::journal_tx& tx) {
        tx.put_step(host::run_id("nobody"), step_of("one", host::step_state::started));
    });
    REQUIRE(r.has_error());
    CHECK(r.error().code == "journal.run-unknown");
    CHECK(r.error().category == host::category::not_found);
    const auto f = j.try_write([](host::journal_tx& tx) {
        tx.finish(host::run_id("nobody"), run_state::failed, "", std::nullopt, "");
    });
    CHECK(f.has_error());
    j.accept(j.intake_of("1", "a1"));
    const auto n = j.try_write([](host::journal_tx& tx) {
        tx.finish(host::run_id("a1"), run_state::waiting, "", std::nullopt, "");
    });
    REQUIRE(n.has_error());
    CHECK(n.error().code == "journal.not-final");
}

TEST_CASE("retry of a failed run forgets its failed steps only", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.claim();
    j.write([](host::journal_tx& tx) {
        tx.put_step(host::run_id("a1"), step_of("good", host::step_state::done));
        tx.put_step(host::run_id("a1"), step_of("bad", host::step_state::failed));
        tx.finish(host::run_id("a1"), run_state::failed, "",
                  host::error(host::category::input, "x", "broken"), "bad");
    });
    CHECK(j.run("a1").run.failed_step == "bad");
    CHECK(j.run("a1").run.failure->message == "broken");
    j.write(
        [](host::journal_tx& tx) { REQUIRE(tx.retry(host::run_id("a1"), false, {}).has_value()); });
    const auto c = j.claim();
    REQUIRE(c.size() == 1);
    REQUIRE(c[0].steps.size() == 1);
    CHECK(c[0].steps[0].key == "good");
    CHECK_FALSE(c[0].run.failure.has_value());
    CHECK(c[0].run.failed_step.empty());
}

TEST_CASE("a retried call stays known, so that it is looked up before it is repeated",
          "[host][journal]") {
    // A run that reads anew may go another way: only what may have had its effect stays.
    const bool anew = GENERATE(false, true);
    journal_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.claim();
    host::error unknown(host::category::timeout, "x", "no answer");
    host::error none = unknown;
    none.effect = host::effect::none;
    j.write([&](host::journal_tx& tx) {
        auto maybe = step_of("maybe", host::step_state::failed);
        maybe.failure = unknown;
        tx.put_step(host::run_id("a1"), maybe);
        auto surely_not = step_of("surely not", host::step_state::failed);
        surely_not.failure = none;
        tx.put_step(host::run_id("a1"), surely_not);
        tx.finish(host::run_id("a1"), run_state::failed, "", unknown, "maybe");
    });
    j.write([&](host::journal_tx& tx) {
        const host::run_id id("a1");
        REQUIRE((anew ? tx.retry_anew(id, {}, {}) : tx.retry(id, false, {})).has_value());
    });
    const auto c = j.claim();
    REQUIRE(c.size() == 1);
    REQUIRE(c[0].steps.size() == (anew ? 1 : 2));
    for (const auto& s : c[0].steps) {
        CHECK(s.state == host::step_state::retrying);
        CHECK(s.attempts == 0);
    }
}

TEST_CASE("a doubtful step is repeated or taken as done, as the person says", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.claim();
    j.write([](host::journal_tx& tx) {
        tx.put_step(host::run_id("a1"), step_of("pay", host::step_state::started));
        tx.finish(host::run_id("a1"), run_state::in_doubt, "", std::nullopt, "pay");
    });
    SECTION("repeated") {
        j.write([](host::journal_tx& tx) {
            REQUIRE(tx.retry(host::run_id("a1"), true, {}).has_value());
        });
        CHECK(j.claim().at(0).steps.empty());
    }
    SECTION("taken as done") {
        j.write([](host::journal_tx& tx) {
            REQUIRE(tx.retry(host::run_id("a1"), false, "[7]").has_value());
        });
        const auto c = j.claim();
        REQUIRE(c.at(0).steps.size() == 1);
        CHECK(c[0].steps[0].state == host::step_state::done);
        CHECK(c[0].steps[0].result == "[7]");
    }
}

TEST_CASE("retry and discard are for dead letters only", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1"));
    const auto code_of = [&](auto&& act) {
        std::string code = "none";
        j.write([&](host::journal_tx& tx) {
            const host::result<void> r = act(tx);
            code = r ? "ok" : r.error().code;
        });
        return code;
    };
    const auto retry = [](host::journal_tx& tx) { return tx.retry(host::run_id("a1"), true, {}); };
    const auto discard = [](host::journal_tx& tx) { return tx.discard(host::run_id("a1"), "old"); };
    CHECK(code_of(retry) == "journal.run-state");
    CHECK(code_of(discard) == "journal.run-state");
    CHECK(code_of([](host::journal_tx& tx) { return tx.retry(host::run_id("zz"), true, {}); }) ==
          "journal.run-unknown");
    CHECK(code_of([](host::journal_tx& tx) { return tx.discard(host::run_id("zz"), "x"); }) ==
          "journal.run-unknown");
    j.claim();
    j.finish("a1", run_state::in_doubt);
    CHECK(code_of([](host::journal_tx& tx) { return tx.retry(host::run_id("a1"), false, "1"); }) ==
          "journal.no-doubtful-step");
    CHECK(code_of([](host::journal_tx& tx) { return tx.discard(host::run_id("a1"), ""); }) ==
          "journal.reason-missing");
    CHECK(code_of(discard) == "ok");
    CHECK(j.state_of("a1") == run_state::discarded);
    CHECK(j.run("a1").run.result == R"({"reason":"old"})");
    CHECK(code_of(retry) == "journal.run-state");
    CHECK(j.stats().runs[static_cast<int>(run_state::discarded)] == 1);
    CHECK(j.stats().backlog == 0);
}

TEST_CASE("a retried run goes before the younger ones but never beside an active one",
          "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.accept(j.intake_of("2", "a2"));
    j.accept(j.intake_of("3", "a3"));
    j.claim();
    j.finish("a1", run_state::failed);
    const auto retry = [&] {
        j.write([](host::journal_tx& tx) {
            REQUIRE(tx.retry(host::run_id("a1"), true, {}).has_value());
        });
    };
    SECTION("the next is not begun") {
        retry();
        CHECK(j.claimed_ids() == ids{"a1"});
        j.finish("a1");
        CHECK(j.claimed_ids() == ids{"a2"});
    }
    SECTION("the next is active and ends") {
        CHECK(j.claimed_ids() == ids{"a2"});
        retry();
        CHECK(j.claimed_ids().empty());
        j.finish("a2");
        CHECK(j.claimed_ids() == ids{"a1"});
    }
    SECTION("the next is active and goes to wait") {
        CHECK(j.claimed_ids() == ids{"a2"});
        retry();
        j.suspend("a2", j.time.now_unix_ms() + 10);
        CHECK(j.claimed_ids() == ids{"a1"});
        j.time.advance(std::chrono::milliseconds(10));
        CHECK(j.claimed_ids().empty());
        j.finish("a1");
        CHECK(j.claimed_ids() == ids{"a2"});
    }
    SECTION("the next waits already") {
        CHECK(j.claimed_ids() == ids{"a2"});
        j.suspend("a2");
        retry();
        CHECK(j.claimed_ids() == ids{"a1"});
    }
    SECTION("the next is active and loses its lease") {
        CHECK(j.claimed_ids() == ids{"a2"});
        retry();
        j.write([](host::journal_tx& tx) { CHECK(tx.release_leases("host-a") == 1); });
        CHECK(j.claimed_ids() == ids{"a1"});
    }
}

TEST_CASE("the earliest wake-up is known, and only of waiting runs", "[host][journal]") {
    journal_fixture j;
    const auto next = [&] {
        host::unix_ms out = -1;
        j.journal->read([&](host::journal_reader& r) { out = r.next_wake(); });
        return out;
    };
    CHECK(next() == 0);
    const auto at = j.time.now_unix_ms();
    for (const std::string n : {"1", "2", "3"}) {
        j.accept(j.intake_of(n, n, n));
    }
    j.claim();
    j.suspend("1", at + 500);
    j.suspend("2", at + 300);
    j.suspend("3", 0);
    CHECK(next() == at + 300);
    j.time.advance(std::chrono::milliseconds(300));
    CHECK(j.claimed_ids() == ids{"2"});
    CHECK(next() == at + 500);
}

TEST_CASE("runs are listed by state and instance, newest first", "[host][journal]") {
    journal_fixture j;
    for (int i = 0; i < 6; ++i) {
        const auto n = std::to_string(i);
        auto in = j.intake_of(n, "r" + n, n);
        if (i == 5) in.runs[0].instance = "other";
        j.accept(in);
    }
    j.claim();
    j.finish("r0");
    j.finish("r1", run_state::failed);
    j.finish("r2", run_state::failed);
    j.suspend("r3");
    const auto list = [&](host::run_filter f) {
        ids out;
        j.journal->read([&](host::journal_reader& r) {
            for (const auto& one : r.runs(f)) {
                out.push_back(one.id.str());
            }
        });
        return out;
    };
    CHECK(list({}) == ids{"r5", "r4", "r3", "r2", "r1", "r0"});
    CHECK(list({.state = run_state::failed, .instance = {}, .before = {}}) == ids{"r2", "r1"});
    CHECK(list({.state = run_state::waiting, .instance = {}, .before = {}}) == ids{"r3"});
    CHECK(list({.state = run_state::succeeded, .instance = {}, .before = {}}) == ids{"r0"});
    CHECK(list({.state = run_state::active, .instance = "other", .before = {}}) == ids{"r5"});
    CHECK(list({.state = {}, .instance = "nobody", .before = {}}).empty());
    CHECK(list({.state = {}, .instance = "campaigns", .before = "r3", .limit = 2}) ==
          ids{"r2", "r1"});
    CHECK(list({.state = {}, .instance = {}, .before = "unknown"}).empty());
}

TEST_CASE("a claim that is rolled back leaves nothing to stumble over", "[host][journal]") {
    journal_fixture j;
    const auto r = j.try_write([&](host::journal_tx& tx) {
        tx.accept(j.intake_of("1", "a1", "a"));
        REQUIRE(tx.claim("host-a", 10, tx.now() + 1000).size() == 1);
        throw std::runtime_error("no");
    });
    CHECK(r.has_error());
    j.accept(j.intake_of("2", "b1", "b"));
    j.accept(j.intake_of("1", "a1", "a")); // has another place now
    REQUIRE(j.claimed_ids() == ids{"b1", "a1"});
    j.write([](host::journal_tx& tx) {
        tx.put_step(host::run_id("a1"), step_of("s", host::step_state::done));
    });
    j.finish("a1");
    CHECK(j.run("a1").steps.size() == 1);
    CHECK(j.state_of("a1") == run_state::succeeded);
    CHECK(j.state_of("b1") == run_state::active);
}
