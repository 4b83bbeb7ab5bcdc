// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

#include <boost/json.hpp>

using namespace mortise::test;
using host::run_state;
using host::step_state;
using ids = std::vector<std::string>;

namespace {

struct wait_fixture : journal_fixture {
    wait_fixture() {
        accept(intake_of("start", "w", "w"));
        claim();
    }
    bool put_wait(const std::string& step,
                  const std::string& key,
                  const std::string& type = "task.done",
                  const std::string& run_of_wait = "w") {
        bool out = false;
        write([&](host::journal_tx& tx) {
            out = tx.put_wait(host::run_id(run_of_wait),
                              step_of(step, step_state::waiting, host::step_kind::wait_event), type,
                              key);
        });
        return out;
    }
    host::accepted task_event(const std::string& id,
                              const std::string& subject,
                              const std::string& partition = {},
                              const std::string& type = "task.done") {
        auto in = intake_of(id);
        in.event.type = type;
        in.event.subject = subject;
        in.event.partition_key = partition;
        return accept(in);
    }
    host::step_record step(const std::string& key) {
        for (const auto& s : run("w").steps) {
            if (s.key == key) return s;
        }
        FAIL("no step " << key);
        return {};
    }
};

} // namespace

TEST_CASE("an event wakes the run that waits for it and is the step's result", "[host][journal]") {
    wait_fixture j;
    const bool by_partition = GENERATE(false, true);
    CHECK_FALSE(j.put_wait("legal", "p-7"));
    CHECK(j.suspend("w", j.time.now_unix_ms() + 9999) == run_state::waiting);
    CHECK(j.claimed_ids().empty());
    const auto got = by_partition ? j.task_event("t1", "x", "p-7") : j.task_event("t1", "p-7");
    CHECK(got.woken == std::vector<host::run_id>{host::run_id("w")});
    CHECK(j.state_of("w") == run_state::ready);
    const auto c = j.claim();
    REQUIRE(c.size() == 1);
    REQUIRE(c[0].steps.size() == 1);
    CHECK(c[0].steps[0].state == step_state::done);
    const auto v = boost::json::parse(c[0].steps[0].result);
    CHECK(v.at("id") == "t1");
    CHECK(v.at("type") == "task.done");
    CHECK(v.at("data").at("n") == 1);
}

TEST_CASE("events of another type or key wake nobody", "[host][journal]") {
    wait_fixture j;
    j.put_wait("legal", "p-7");
    j.suspend("w");
    CHECK(j.task_event("t1", "p-8").woken.empty());
    CHECK(j.task_event("t2", "p-7", {}, "task.begun").woken.empty());
    CHECK(j.state_of("w") == run_state::waiting);
    CHECK(j.task_event("t3", "p-7").woken.size() == 1);
    CHECK(j.task_event("t3", "p-7").woken.empty()); // a duplicate
}

TEST_CASE("a wait without a key takes any event of the type", "[host][journal]") {
    wait_fixture j;
    SECTION("that comes later") {
        CHECK_FALSE(j.put_wait("any", ""));
        j.suspend("w");
        CHECK(j.task_event("t1", "whatever").woken.size() == 1);
    }
    SECTION("that came before") {
        j.task_event("t1", "whatever");
        CHECK(j.put_wait("any", ""));
    }
}

TEST_CASE("an event that came after the run began and before the wait counts, once a run",
          "[host][journal]") {
    wait_fixture j;
    j.task_event("t1", "p-7", "part");
    SECTION("by subject") {
        CHECK(j.put_wait("first", "p-7"));
    }
    SECTION("by partition key") {
        CHECK(j.put_wait("first", "part"));
    }
    CHECK(j.step("first").state == step_state::done);
    CHECK_FALSE(j.put_wait("second", "p-7"));
    j.suspend("w");
    CHECK(j.task_event("t2", "p-7").woken.size() == 1);
    CHECK(boost::json::parse(j.step("second").result).at("id") == "t2");
}

TEST_CASE("two runs may each take the same event", "[host][journal]") {
    wait_fixture j;
    j.accept(j.intake_of("start2", "w2", "w2"));
    j.claim();
    j.put_wait("s", "p", "task.done", "w");
    j.put_wait("s", "p", "task.done", "w2");
    j.suspend("w");
    j.suspend("w2");
    CHECK(j.task_event("t1", "p").woken.size() == 2);
}

TEST_CASE("one event completes one of a run's two equal waits", "[host][journal]") {
    wait_fixture j;
    j.put_wait("one", "p");
    j.put_wait("two", "p");
    j.suspend("w");
    CHECK(j.task_event("t1", "p").woken.size() == 1);
    CHECK(j.step("one").state == step_state::done);
    CHECK(j.step("two").state == step_state::waiting);
    CHECK(j.claimed_ids() == ids{"w"});
    j.task_event("t2", "p");
    CHECK(j.step("two").state == step_state::done);
}

TEST_CASE("events from before the run, its own among them, do not count", "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("old"));
    j.accept(j.intake_of("own", "w"));
    j.claim();
    bool at_once = true;
    j.write([&](host::journal_tx& tx) {
        at_once = tx.put_wait(host::run_id("w"),
                              step_of("s", step_state::waiting, host::step_kind::wait_event),
                              "dam.asset.approved", "");
    });
    CHECK_FALSE(at_once);
}

TEST_CASE("an event that comes between the wait and the suspension is not slept through",
          "[host][journal]") {
    wait_fixture j;
    j.put_wait("legal", "p");
    CHECK(j.task_event("t1", "p").woken.empty()); // still active: nothing to wake
    CHECK(j.suspend("w") == run_state::ready);
    const auto c = j.claim();
    REQUIRE(c.size() == 1);
    CHECK(c[0].steps.at(0).state == step_state::done);
    CHECK(j.suspend("w") == run_state::waiting); // once only
}

TEST_CASE("putting a wait again keeps what an event brought meanwhile", "[host][journal]") {
    wait_fixture j;
    j.put_wait("legal", "p");
    j.task_event("t1", "p");
    CHECK(j.put_wait("legal", "p"));
    CHECK(j.step("legal").state == step_state::done);
    CHECK(boost::json::parse(j.step("legal").result).at("id") == "t1");
}

TEST_CASE("a wait that timed out takes no event any more", "[host][journal]") {
    wait_fixture j;
    j.put_wait("legal", "p");
    j.write([](host::journal_tx& tx) {
        tx.put_step(host::run_id("w"),
                    step_of("legal", step_state::failed, host::step_kind::wait_event));
    });
    j.suspend("w");
    CHECK(j.task_event("t1", "p").woken.empty());
    CHECK(j.step("legal").state == step_state::failed);
}

TEST_CASE("a finished run takes no event", "[host][journal]") {
    wait_fixture j;
    j.put_wait("legal", "p");
    j.finish("w", GENERATE(run_state::succeeded, run_state::cancelled));
    CHECK(j.task_event("t1", "p").woken.empty());
    CHECK(j.step("legal").state == step_state::waiting);
}

TEST_CASE("the wait of a dead letter stays open, for the case that it is retried",
          "[host][journal]") {
    wait_fixture j;
    j.put_wait("legal", "p");
    j.finish("w", run_state::failed);
    const bool comes_before = GENERATE(true, false);
    if (comes_before) CHECK(j.task_event("t1", "p").woken.empty());
    CHECK(j.state_of("w") == run_state::failed);
    j.write(
        [](host::journal_tx& tx) { REQUIRE(tx.retry(host::run_id("w"), true, {}).has_value()); });
    CHECK(j.claimed_ids() == ids{"w"});
    if (comes_before) {
        CHECK(j.step("legal").state == step_state::done);
        return;
    }
    CHECK(j.step("legal").state == step_state::waiting);
    CHECK(j.suspend("w") == run_state::waiting);
    CHECK(j.task_event("t1", "p").woken.size() == 1);
}

TEST_CASE("the wait of a discarded run takes no event any more", "[host][journal]") {
    wait_fixture j;
    j.put_wait("legal", "p");
    j.finish("w", run_state::failed);
    j.write([](host::journal_tx& tx) {
        REQUIRE(tx.discard(host::run_id("w"), "not needed").has_value());
    });
    CHECK(j.task_event("t1", "p").woken.empty());
    CHECK(j.step("legal").state == step_state::waiting);
}

TEST_CASE("a rolled back wait leaves no trace", "[host][journal]") {
    wait_fixture j;
    const auto r = j.try_write([](host::journal_tx& tx) {
        tx.put_wait(host::run_id("w"),
                    step_of("s", step_state::waiting, host::step_kind::wait_event), "task.done",
                    "p");
        throw std::runtime_error("no");
    });
    CHECK(r.has_error());
    CHECK(j.task_event("t1", "p").woken.empty());
    CHECK(j.run("w").steps.empty());
    CHECK(j.put_wait("s", "p"));
}

TEST_CASE("waits outlive a restart", "[host][journal]") {
    wait_fixture j;
    j.put_wait("legal", "p");
    j.suspend("w");
    j.reopen();
    CHECK(j.task_event("t1", "p").woken.size() == 1);
}
