// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

#include <boost/json.hpp>

using namespace mortise::test;
using host::run_state;
using ids = std::vector<std::string>;

namespace {

struct cancel_fixture : journal_fixture {
    host::result<host::cancelled_runs> cancel(const std::string& run,
                                              const std::string& reason = "not needed") {
        host::result<host::cancelled_runs> out = host::cancelled_runs{};
        write([&](host::journal_tx& tx) { out = tx.cancel(host::run_id(run), "kim", reason); });
        return out;
    }
    void spawn(const std::string& parent, const std::string& child) {
        auto in = intake_of(parent + "/" + child, child, child);
        in.runs[0].parent = host::run_id(parent);
        in.runs[0].parent_step = child;
        write([&](host::journal_tx& tx) {
            tx.put_spawn(host::run_id(parent),
                         step_of(child, host::step_state::started, host::step_kind::spawn), in);
        });
    }
    std::vector<host::run_note> notes(const std::string& run) {
        std::vector<host::run_note> out;
        journal->read([&](host::journal_reader& r) { out = r.notes(host::run_id(run)); });
        return out;
    }
    static ids names(const std::vector<host::run_id>& runs) {
        ids out;
        for (const auto& r : runs) {
            out.push_back(r.str());
        }
        return out;
    }
};

} // namespace

TEST_CASE("a run that never began is cancelled at once and lets the next one go",
          "[host][journal]") {
    cancel_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.accept(j.intake_of("2", "a2"));
    const auto r = j.cancel("a1");
    REQUIRE(r.has_value());
    CHECK(j.names(r->ended) == ids{"a1"});
    CHECK(r->woken.empty());
    CHECK(r->active.empty());
    CHECK(j.state_of("a1") == run_state::cancelled);
    CHECK(j.run("a1").run.failure->code == "run.cancelled");
    CHECK(j.run("a1").run.failure->message == "not needed");
    CHECK(j.claimed_ids() == ids{"a2"});
    REQUIRE(j.notes("a1").size() == 1);
    CHECK(j.notes("a1")[0].who == "kim");
    CHECK(j.notes("a1")[0].action == "cancel");
    CHECK(j.notes("a1")[0].at == j.time.now_unix_ms());
    CHECK(boost::json::parse(j.notes("a1")[0].detail).at("reason") == "not needed");
    CHECK(j.notes("a2").empty());
}

TEST_CASE("a waiting run is woken to be told that it must stop", "[host][journal]") {
    cancel_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.claim();
    j.suspend("a1", GENERATE(host::unix_ms(0), host::unix_ms(9'000'000'000'000)));
    const auto r = j.cancel("a1");
    REQUIRE(r.has_value());
    CHECK(j.names(r->woken) == ids{"a1"});
    const auto c = j.claim();
    REQUIRE(c.size() == 1);
    CHECK(c[0].run.cancel_reason == "not needed");
}

TEST_CASE("an active run is named, and does not fall asleep past its cancellation",
          "[host][journal]") {
    cancel_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.claim();
    const auto r = j.cancel("a1");
    REQUIRE(r.has_value());
    CHECK(j.names(r->active) == ids{"a1"});
    CHECK(j.state_of("a1") == run_state::active);
    CHECK(j.suspend("a1") == run_state::ready);
    CHECK(j.claim()[0].run.cancel_reason == "not needed");
}

TEST_CASE("a run that had begun and is ready again is told when it is claimed", "[host][journal]") {
    cancel_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.claim();
    j.write([](host::journal_tx& tx) { tx.release_leases("host-a"); });
    const auto r = j.cancel("a1");
    REQUIRE(r.has_value());
    CHECK(j.names(r->woken) == ids{"a1"});
    CHECK(j.claim()[0].run.cancel_reason == "not needed");
}

TEST_CASE("cancelling twice answers the same and keeps the first reason", "[host][journal]") {
    cancel_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.claim();
    REQUIRE(j.cancel("a1", "first").has_value());
    const auto again = j.cancel("a1", "second");
    REQUIRE(again.has_value());
    CHECK(j.names(again->active) == ids{"a1"});
    CHECK(j.run("a1").run.cancel_reason == "first");
    CHECK(j.notes("a1").size() == 1);
}

TEST_CASE("cancellation goes through all generations", "[host][journal]") {
    cancel_fixture j;
    j.accept(j.intake_of("1", "top", "top"));
    j.claim();
    j.spawn("top", "waiting");
    j.spawn("top", "ended");
    j.spawn("top", "dead");
    REQUIRE(j.claimed_ids() == ids{"waiting", "ended", "dead"});
    j.spawn("waiting", "active");
    j.spawn("ended", "orphan");
    REQUIRE(j.claimed_ids() == ids{"active", "orphan"});
    j.spawn("active", "fresh");
    j.suspend("waiting");
    j.finish("ended");
    j.finish("dead", run_state::failed);
    j.suspend("top");
    j.accept(j.intake_of("2", "stranger", "stranger"));
    const auto r = j.cancel("top");
    REQUIRE(r.has_value());
    CHECK(j.names(r->ended) == ids{"fresh"});
    CHECK(j.names(r->woken) == ids{"top", "waiting"});
    CHECK(j.names(r->active) == ids{"active", "orphan"});
    CHECK(j.state_of("ended") == run_state::succeeded);
    CHECK(j.state_of("dead") == run_state::failed);
    CHECK(j.run("stranger").run.cancel_reason.empty());
    CHECK(boost::json::parse(j.notes("fresh")[0].detail).at("parent") == "top");
    CHECK(j.run("active").steps[0].failure->code == "run.child-ended");
}

TEST_CASE("what cannot be cancelled is refused with advice", "[host][journal]") {
    cancel_fixture j;
    j.accept(j.intake_of("1", "a1"));
    const auto code = [&](const host::result<host::cancelled_runs>& r) {
        return r ? std::string("cancelled") : r.error().code;
    };
    CHECK(code(j.cancel("nobody")) == "journal.run-unknown");
    CHECK(code(j.cancel("a1", "")) == "journal.reason-missing");
    CHECK(j.state_of("a1") == run_state::ready);
    j.claim();
    SECTION("dead letters are discarded") {
        j.finish("a1", GENERATE(run_state::failed, run_state::in_doubt));
        const auto r = j.cancel("a1");
        CHECK(code(r) == "journal.run-state");
        CHECK(r.error().message.find("discard") != std::string::npos);
    }
    SECTION("what has ended stays as it is") {
        j.finish("a1", GENERATE(run_state::succeeded, run_state::cancelled));
        CHECK(code(j.cancel("a1")) == "journal.run-state");
    }
    CHECK(j.notes("a1").empty());
}

TEST_CASE("a retried run is no longer cancelled", "[host][journal]") {
    cancel_fixture j;
    j.accept(j.intake_of("1", "a1"));
    j.claim();
    REQUIRE(j.cancel("a1").has_value());
    j.finish("a1", run_state::failed); // while it was cleaning up
    j.write(
        [](host::journal_tx& tx) { CHECK(tx.retry(host::run_id("a1"), false, {}).has_value()); });
    CHECK(j.claim()[0].run.cancel_reason.empty());
}
