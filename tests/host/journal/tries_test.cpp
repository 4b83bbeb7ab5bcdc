// SPDX-License-Identifier: Apache-2.0
// What is kept of a step's attempts.
#include "fixture.hpp"
#include "journal/care.hpp"
#include "journal/sqlite_db.hpp"

using namespace mortise::test;
using host::run_state;
using host::step_state;
using host::step_try;
using host::try_outcome;
using host::try_wait;

namespace {

constexpr const char* r1 = "00000000-0000-7000-8000-000000000001";

struct tries_fixture : journal_fixture {
    tries_fixture() {
        accept(intake_of("e1", r1));
        REQUIRE(claim().size() == 1);
    }
    static step_try
    failed(std::uint32_t attempt, host::unix_ms at, std::string message = "HTTP 503") {
        step_try t;
        t.attempt = attempt;
        t.began = at;
        t.ended = at + 40;
        t.outcome = try_outcome::retrying;
        t.wait = try_wait::back_off;
        t.wait_until = at + 1040;
        host::error e(host::category::unavailable, "crm.down", std::move(message));
        e.effect = host::effect::none;
        e.http_status = 503;
        e.details = R"({"body":"long"})";
        t.failure = std::move(e);
        return t;
    }
    static step_try held(try_wait why, host::unix_ms at) {
        step_try t;
        t.began = t.ended = at;
        t.outcome = try_outcome::held;
        t.wait = why;
        t.wait_until = at + 5000;
        return t;
    }
    void put(const std::string& step, const step_try& t, step_state state = step_state::retrying) {
        write([&](host::journal_tx& tx) {
            auto s = step_of(step, state);
            s.attempts = t.attempt;
            s.started_at = 1000;
            if (state == step_state::failed) {
                s.finished_at = t.ended;
                s.failure = t.failure;
            }
            tx.put_step(host::run_id(r1), s);
            tx.put_try(host::run_id(r1), step, t);
        });
    }
    void dead(run_state state = run_state::failed) {
        write([&](host::journal_tx& tx) {
            tx.finish(host::run_id(r1), state, "",
                      host::error(host::category::unavailable, "crm.down", "no"), "put");
        });
    }
    host::step_record step(const std::string& key) {
        for (auto& s : run(r1).steps)
            if (s.key == key) return s;
        FAIL("no step " + key);
        return {};
    }
    std::vector<step_try> tries(const std::string& key = "put") { return step(key).tries; }
    std::int64_t rows() {
        host::sqlite_db db(options.path, host::sqlite_db::mode::read_only);
        auto found = db.query("SELECT count(*) FROM attempt");
        return found.next() ? found.number(0) : -1;
    }
    std::vector<std::string> findings() {
        std::vector<std::string> out;
        const auto report = host::check_journal(options.path, {});
        REQUIRE(report.has_value());
        for (const auto& f : report->findings)
            out.push_back(f.code);
        return out;
    }
};

} // namespace

TEST_CASE("attempts come back as they were kept, in order, also after a restart",
          "[host][journal][tries]") {
    tries_fixture j;
    j.put("put", j.failed(1, 1000));
    j.put("put", j.failed(2, 2040));
    j.put("get", j.failed(1, 5000));
    j.reopen();
    const auto all = j.tries();
    REQUIRE(all.size() == 2);
    CHECK(all[0].number == 1);
    CHECK(all[1].number == 2);
    CHECK(all[1].attempt == 2);
    CHECK(all[1].began == 2040);
    CHECK(all[1].ended == 2080);
    CHECK(all[1].outcome == try_outcome::retrying);
    CHECK(all[1].wait == try_wait::back_off);
    CHECK(all[1].wait_until == 3080);
    REQUIRE(all[1].failure);
    CHECK(all[1].failure->code == "crm.down");
    CHECK(all[1].failure->http_status == 503);
    CHECK(all[1].failure->effect == host::effect::none);
    CHECK(all[1].failure->details.empty()); // the step has the last one's
    CHECK(j.tries("get").size() == 1);
    CHECK(j.findings().empty());
}

TEST_CASE("who takes a run up hears that there were attempts", "[host][journal][tries]") {
    tries_fixture j;
    j.put("put", j.failed(1, 1000));
    j.write([](host::journal_tx& tx) {
        tx.put_step(host::run_id(r1), step_of("get", step_state::done));
    });
    CHECK(j.suspend(r1, 1) == run_state::waiting);
    const auto claimed = j.claim();
    REQUIRE(claimed.size() == 1);
    REQUIRE(claimed[0].steps.size() == 2);
    CHECK(claimed[0].steps[0].tried);
    CHECK_FALSE(claimed[0].steps[1].tried);
}

TEST_CASE("held for the same reason again is one wait, for another a new one",
          "[host][journal][tries]") {
    tries_fixture j;
    j.put("put", j.held(try_wait::breaker, 1000));
    j.put("put", j.held(try_wait::breaker, 6000));
    j.put("put", j.held(try_wait::pause, 11'000));
    j.put("put", j.failed(1, 20'000));
    j.put("put", j.held(try_wait::pause, 30'000));
    const auto all = j.tries();
    REQUIRE(all.size() == 4);
    CHECK(all[0].began == 1000);
    CHECK(all[0].ended == 6000);
    CHECK(all[0].wait_until == 11'000);
    CHECK(all[1].wait == try_wait::pause);
    CHECK(all[3].began == 30'000);
}

TEST_CASE("of very many attempts the first and the last are kept", "[host][journal][tries]") {
    tries_fixture j;
    for (std::uint32_t n = 1; n <= 250; ++n)
        j.put("put", j.failed(n, 1000 + n));
    const auto all = j.tries();
    REQUIRE(all.size() == host::first_tries_kept + host::last_tries_kept);
    for (std::uint32_t n = 0; n < host::first_tries_kept; ++n)
        CHECK(all[n].number == n + 1);
    for (std::uint32_t n = 0; n < host::last_tries_kept; ++n)
        CHECK(all[host::first_tries_kept + n].number == 250 - host::last_tries_kept + n + 1);
    CHECK(j.rows() == 100);
}

TEST_CASE("a long message is cut between characters", "[host][journal][tries]") {
    tries_fixture j;
    std::string text = "x";
    while (text.size() < 5000)
        text += "ü";
    j.put("put", j.failed(1, 1000, text));
    const auto message = j.tries().at(0).failure->message;
    CHECK(message.size() < 1010);
    CHECK(message.ends_with("…"));
    CHECK(text.starts_with(message.substr(0, message.size() - std::string("…").size())));
}

TEST_CASE("a person's retry closes what was tried before", "[host][journal][tries]") {
    tries_fixture j;
    j.time.set_unix(100'000);
    const auto retry = [&] {
        j.write([](host::journal_tx& tx) {
            CHECK(tx.retry(host::run_id(r1), false, {}, "kim").has_value());
        });
    };
    SECTION("of several attempts") {
        j.put("put", j.failed(1, 1000));
        auto last = j.failed(2, 2040);
        last.outcome = try_outcome::failed;
        last.wait = try_wait::none;
        j.put("put", last, step_state::failed);
        j.dead();
        retry();
        const auto all = j.tries();
        REQUIRE(all.size() == 2);
        CHECK(all[1].outcome == try_outcome::failed);
        CHECK(all[1].wait == try_wait::person);
        CHECK(all[1].wait_until == 100'000);
        CHECK(j.step("put").attempts == 0);
    }
    SECTION("of a single one, of which nothing was kept") {
        j.write([&](host::journal_tx& tx) {
            auto s = step_of("put", step_state::failed);
            s.started_at = 1000;
            s.finished_at = 1300;
            s.failure = j.failed(1, 1000).failure;
            tx.put_step(host::run_id(r1), s);
        });
        j.dead();
        retry();
        const auto all = j.tries();
        REQUIRE(all.size() == 1);
        CHECK(all[0].attempt == 1);
        CHECK(all[0].began == 1000);
        CHECK(all[0].ended == 1300);
        CHECK(all[0].outcome == try_outcome::failed);
        CHECK(all[0].wait == try_wait::person);
        REQUIRE(all[0].failure);
        CHECK(all[0].failure->code == "crm.down");
    }
    SECTION("of several by a program that kept none: when the last began is not known") {
        j.write([&](host::journal_tx& tx) {
            auto s = step_of("put", step_state::failed);
            s.attempts = 8;
            s.started_at = 1000;
            s.finished_at = 9300;
            s.failure = j.failed(1, 1000).failure;
            tx.put_step(host::run_id(r1), s);
        });
        j.dead();
        retry();
        REQUIRE(j.tries().size() == 1);
        CHECK(j.tries()[0].attempt == 8);
        CHECK(j.tries()[0].began == 0);
        CHECK(j.tries()[0].ended == 9300);
    }
    SECTION("that ended while it waited: the end is none of an attempt") {
        auto s = j.failed(1, 1000);
        j.put("put", s);
        s.ended = 2000;
        j.write([&](host::journal_tx& tx) {
            auto step = step_of("put", step_state::failed);
            step.finished_at = 2000;
            step.failure = host::error(host::category::timeout, "run.deadline", "late");
            tx.put_step(host::run_id(r1), step);
        });
        j.dead();
        retry();
        REQUIRE(j.tries().size() == 2);
        CHECK(j.tries()[1].attempt == 0);
        CHECK(j.tries()[1].began == 2000);
        CHECK(j.tries()[1].failure->code == "run.deadline");
    }
    SECTION("with another input") {
        j.put("put", j.failed(1, 1000));
        j.dead();
        j.write([](host::journal_tx& tx) {
            CHECK(tx.edit_step(host::run_id(r1), "put", R"({"id":2})", "kim").has_value());
        });
        REQUIRE(j.tries().size() == 1);
        CHECK(j.tries()[0].wait == try_wait::person);
    }
    CHECK(j.findings().empty());
}

TEST_CASE("steps that are forgotten take their attempts along", "[host][journal][tries]") {
    tries_fixture j;
    auto t = j.failed(1, 1000);
    j.put("put", t);
    t.outcome = try_outcome::in_doubt;
    j.put("put", t, step_state::started);
    j.dead(run_state::in_doubt);
    SECTION("done once more") {
        j.write([](host::journal_tx& tx) {
            CHECK(tx.retry(host::run_id(r1), true, {}, "kim").has_value());
        });
    }
    SECTION("with other data of the event") {
        const std::vector<std::string> reads{"dam:assets.get"};
        j.write([&](host::journal_tx& tx) {
            CHECK(tx.edit_event(host::run_id(r1), "{}", reads, "kim").has_value());
        });
    }
    CHECK(j.rows() == 0);
    CHECK(j.findings().empty());
}

TEST_CASE("attempts go with their run", "[host][journal][tries]") {
    tries_fixture j;
    j.put("put", j.failed(1, 1000));
    j.finish(r1);
    // The newest run stays, so that no number is given twice.
    j.accept(j.intake_of("e2", "00000000-0000-7000-8000-000000000002"));
    CHECK(j.rows() == 1);
    host::retention_rules rules;
    rules.standard.keep_runs = std::chrono::hours(1);
    j.journal->set_retention(rules);
    j.time.advance(std::chrono::hours(2));
    const auto removed = j.journal->trim();
    REQUIRE(removed.has_value());
    CHECK(removed->runs == 1);
    CHECK(j.rows() == 0);
}

TEST_CASE("attempts are in a backup and stay when the journal is compacted",
          "[host][journal][tries]") {
    tries_fixture j;
    j.put("put", j.failed(1, 1000));
    const auto copy = (j.folder.path() / "copy.db").string();
    REQUIRE(host::backup_journal(j.options.path, copy, {}).has_value());
    j.journal.reset();
    REQUIRE(host::compact_journal(j.options.path).has_value());
    j.open();
    CHECK(j.tries().size() == 1);
    j.options.path = copy;
    j.reopen();
    CHECK(j.tries().size() == 1);
}

TEST_CASE("attempts of a step that is missing, or that say what nobody knows, are found",
          "[host][journal][tries]") {
    tries_fixture j;
    j.put("put", j.failed(1, 1000));
    j.journal.reset();
    {
        host::sqlite_db db(j.options.path, host::sqlite_db::mode::existing);
        db.script("INSERT INTO attempt VALUES(1,'other',1,1,0,0,0,0,0,0,NULL);"
                  "INSERT INTO attempt VALUES(1,'put',2,1,0,0,0,77,0,0,NULL);");
    }
    CHECK(j.findings() == std::vector<std::string>{"attempt-without-step", "attempt-state"});
    j.open();
    CHECK(j.tries().at(1).outcome != try_outcome::retrying); // shown as it is, and nothing breaks
    CHECK(host::to_string(j.tries().at(1).outcome) == "unknown");
}

TEST_CASE("what failed to be committed leaves no attempt", "[host][journal][tries]") {
    tries_fixture j;
    const auto r = j.try_write([&](host::journal_tx& tx) {
        tx.put_step(host::run_id(r1), step_of("put", step_state::retrying));
        tx.put_try(host::run_id(r1), "put", j.failed(1, 1000));
        throw host::journal_failure(host::error(host::category::conflict, "test.no", "no"));
    });
    CHECK(r.has_error());
    CHECK(j.rows() == 0);
    const auto unknown = j.try_write([&](host::journal_tx& tx) {
        tx.put_try(host::run_id("00000000-0000-7000-8000-000000000099"), "put", j.failed(1, 1));
    });
    REQUIRE(unknown.has_error());
    CHECK(unknown.error().code == "journal.run-unknown");
}
