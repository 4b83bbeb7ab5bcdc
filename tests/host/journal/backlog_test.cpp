// SPDX-License-Identifier: Apache-2.0
// The journal with 100 000 runs that wait: what is done all the time must go by index.
#include "fixture.hpp"
#include "journal/sqlite_tx.hpp"

#include <chrono>

using namespace mortise::test;
using host::run_state;

namespace {

constexpr int many = 100'000;

// Waiting runs with a wait for an event each, and behind each a ready run of the same key.
void fill(journal_fixture& j) {
    for (int from = 0; from < many; from += 1000) {
        j.write([&](host::journal_tx& tx) {
            for (int i = from; i < from + 1000; ++i) {
                const auto n = std::to_string(i);
                auto in = j.intake_of(n, host::uuid_from("w" + n), n);
                in.runs.push_back(j.seed_of(host::uuid_from("b" + n), n));
                tx.accept(in);
            }
            for (const auto& c : tx.claim("host-a", 1000, tx.now() + 1000)) {
                tx.put_wait(c.run.id,
                            step_of("s", host::step_state::waiting, host::step_kind::wait_event),
                            "task.done", c.run.key);
                tx.suspend(c.run.id, tx.now() + 1'000'000);
            }
        });
    }
}

} // namespace

TEST_CASE("with 100 000 waiting runs one is found and resumed at once", "[host][journal][slow]") {
    journal_fixture j;
    fill(j);
    CHECK(j.stats().runs[static_cast<int>(run_state::waiting)] == many);
    CHECK(j.stats().backlog == many); // the younger ones; who waits wants nothing
    CHECK(j.claim().empty());         // all the ready ones are behind a waiting one

    auto in = j.intake_of("task");
    in.event.type = "task.done";
    in.event.subject = "54321";
    std::vector<host::run_id> woken;
    std::vector<host::claimed_run> claimed;
    std::chrono::steady_clock::duration took{};
    j.write([&](host::journal_tx& tx) {
        const auto began = std::chrono::steady_clock::now();
        woken = tx.accept(in).woken;
        claimed = tx.claim("host-a", 100, tx.now() + 1000);
        took = std::chrono::steady_clock::now() - began;
    });
    REQUIRE(claimed.size() == 1);
    CHECK(woken == std::vector<host::run_id>{claimed[0].run.id});
    CHECK(claimed[0].run.key == "54321");
    CHECK(claimed[0].steps.at(0).state == host::step_state::done);
    WARN("found and resumed in "
         << std::chrono::duration_cast<std::chrono::microseconds>(took).count() << " us");

    // A whole life on the same file, with a look at what the engine reads for it.
    j.journal.reset();
    host::sqlite_db db(j.options.path, host::sqlite_db::mode::create);
    host::sqlite_tx made(db, j.time);
    host::journal_tx& tx = made;
    db.script("BEGIN IMMEDIATE");
    made.begin();
    {
        auto rows = db.query("SELECT count(subject) FROM event WHERE subject='none'");
        CHECK(rows.next());
    }
    const auto at_first = db.scanned_rows();
    CHECK(at_first >= many); // the count below can fail
    in.event.id = "task-2";
    in.event.subject = "999";
    in.runs.push_back(j.seed_of("fresh", "fresh"));
    CHECK(tx.accept(in).woken.size() == 1);
    CHECK(tx.accept(in).duplicate);
    tx.set_cursor({"dam", "changes", "1"});
    claimed = tx.claim("host-a", 100, tx.now() + 1000);
    REQUIRE(claimed.size() == 2);
    for (const auto& c : claimed) {
        tx.put_step(c.run.id, step_of("get", host::step_state::done));
        CHECK_FALSE(tx.put_wait(
            c.run.id, step_of("w", host::step_state::waiting, host::step_kind::wait_event),
            "task.done", "nothing"));
        tx.suspend(c.run.id, tx.now() + 5);
        tx.finish(c.run.id, run_state::in_doubt, "", std::nullopt, "get");
        CHECK(tx.retry(c.run.id, true, "").has_value());
    }
    tx.renew_leases("host-a", tx.now() + 2000);
    j.time.advance(std::chrono::milliseconds(10'000));
    CHECK(tx.claim("host-b", 1, tx.now() + 1000).size() == 1);
    tx.release_leases("host-b");
    made.seal();
    CHECK(db.scanned_rows() - at_first < 20); // the lease table, a row per host
    db.rollback();
}
