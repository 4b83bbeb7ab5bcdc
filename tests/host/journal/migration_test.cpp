// SPDX-License-Identifier: Apache-2.0
// Journals of earlier versions, opened by today's program. v1.sql, v2.sql and v3.sql are frozen as
// the programs of their time wrote them.
#include "fixture.hpp"
#include "journal/ledger.hpp"
#include "journal/schema.hpp"
#include "journal/sqlite_db.hpp"

#include <filesystem>

using namespace mortise::test;
using host::run_state;
using host::step_state;

namespace {

constexpr int today = host::journal_schema_version;

std::string v1_id(int n) {
    return "00000000-0000-7000-8000-0000000000" + std::to_string(n);
}

struct old_fixture : journal_fixture {
    explicit old_fixture(const char* dump, const char* also = nullptr) {
        journal.reset();
        options.path = (folder.path() / "old.db").string();
        time.set_unix(1'700'000'000'110);
        const std::string sql =
            read_file(std::filesystem::path(MORTISE_SOURCE_DIR) / "tests/host/journal" / dump);
        host::sqlite_db db(options.path, host::sqlite_db::mode::create);
        db.script(sql.c_str());
        if (also != nullptr) db.script(also);
    }
    std::int64_t version() {
        host::sqlite_db db(options.path, host::sqlite_db::mode::read_only);
        auto rows = db.query("PRAGMA user_version");
        return rows.next() ? rows.number(0) : -1;
    }
};

struct v1_fixture : old_fixture {
    explicit v1_fixture(const char* also = nullptr) : old_fixture("v1.sql", also) {}
};

struct v2_fixture : old_fixture {
    explicit v2_fixture(const char* also = nullptr) : old_fixture("v2.sql", also) {}
    host::ledger_report verify(const std::string& expected = {}) {
        host::ledger_report out;
        journal->read([&](host::journal_reader& r) { out = host::verify_ledger(r, expected); });
        return out;
    }
};

struct v3_fixture : old_fixture {
    explicit v3_fixture(const char* also = nullptr) : old_fixture("v3.sql", also) {}
};

// Of the last entry, printed by the program that wrote v2.sql.
const std::string v2_head = "3:73cd6f1d0a6ac9b8c51754a0228bf08bca99d1dbc2e04d0be8b4dfea8531d55a";

} // namespace

TEST_CASE("a journal of version 1 is opened with everything in it", "[host][journal]") {
    v1_fixture j;
    REQUIRE(j.version() == 1);
    j.open();
    CHECK(j.version() == today);
    const auto s = j.stats();
    CHECK(s.schema_version == today);
    CHECK(s.events == 14);
    CHECK(s.duplicates == 1);
    CHECK(s.runs[0] == 1);
    CHECK(s.runs[1] == 2);
    CHECK(s.runs[2] == 3);
    CHECK(s.dead_letters == 2);
    CHECK(s.held == 0);
    CHECK(s.ledger_entries == 0);

    const auto done = j.run(v1_id(10));
    CHECK(done.run.state == run_state::succeeded);
    CHECK(done.run.result == R"({"ok":true})");
    CHECK(done.run.parent.empty());
    CHECK(done.run.cancel_reason.empty());
    CHECK(done.run.fingerprint.empty());
    CHECK(done.event.data == "{\"n\":10,\"text\":\"it's \\\"quoted\\\" – ü\"}");
    REQUIRE(done.steps.size() == 1);
    CHECK(done.steps[0].result == R"({"name":"x"})");
    CHECK_FALSE(done.steps[0].edited);

    j.journal->read([](host::journal_reader& r) {
        CHECK(r.cursor("dam", "changes") == "{\"after\":7}");
        CHECK(r.links("asset-reference", 10).size() == 2);
        CHECK(r.state_get("flow/campaigns", "next").version == 2);
        CHECK(host::verify_ledger(r).ok);
        const auto groups = r.dead_letters({}, 10);
        REQUIRE(groups.size() == 2);
        for (const auto& g : groups) {
            CHECK(g.fingerprint.size() == 16);
            CHECK(g.flow == "campaign-assets");
            CHECK(g.failed + g.in_doubt == 1);
        }
        const auto failed = r.runs({.state = run_state::failed});
        REQUIRE(failed.size() == 1);
        host::run_filter same_cause;
        same_cause.fingerprint = failed[0].fingerprint;
        CHECK(r.runs(same_cause).size() == 1);
    });
}

TEST_CASE("a dead letter of version 1 has the cause that it would have today", "[host][journal]") {
    v1_fixture j;
    j.open();
    const auto before = j.run(v1_id(11)).run;
    j.write([&](host::journal_tx& tx) {
        CHECK(tx.retry(host::run_id(v1_id(11)), false, {}, "kim").has_value());
    });
    CHECK(j.run(v1_id(11)).run.fingerprint.empty());
    // The one in front of it in its key is active.
    j.finish(v1_id(12));
    REQUIRE(j.claimed_ids(1, "host-a") == std::vector<std::string>{v1_id(11)});
    j.write([&](host::journal_tx& tx) {
        auto s = step_of("put", step_state::failed);
        s.target = "crm:contacts.upsert";
        tx.put_step(host::run_id(v1_id(11)), s);
        tx.finish(host::run_id(v1_id(11)), run_state::failed, "", before.failure, "put");
    });
    CHECK(j.run(v1_id(11)).run.fingerprint == before.fingerprint);
}

TEST_CASE("runs of version 1 go on where they were", "[host][journal]") {
    v1_fixture j;
    j.open();
    j.write([](host::journal_tx& tx) { CHECK(tx.release_leases("host-a") == 2); });
    auto claimed = j.claimed_ids();
    CHECK(claimed == std::vector<std::string>{v1_id(12), v1_id(18)});
    j.time.advance(std::chrono::minutes(1));
    CHECK(j.claimed_ids() == std::vector<std::string>{v1_id(17)});

    auto in = j.intake_of("24");
    in.event.type = "xecm.workflow.completed";
    in.event.subject = "process-1";
    CHECK(j.accept(in).woken == std::vector<host::run_id>{host::run_id(v1_id(16))});
    CHECK(j.claimed_ids() == std::vector<std::string>{v1_id(16)});
    CHECK(j.run(v1_id(16)).steps[1].state == step_state::done);

    const auto again = j.accept(j.intake_of("10"));
    CHECK(again.duplicate);
    REQUIRE(again.runs.size() == 1);
    CHECK(again.runs[0].result == R"({"ok":true})");
}

TEST_CASE("a migration that fails leaves the file as it is", "[host][journal]") {
    // Somebody's table stands where one of ours is to be.
    v1_fixture j("CREATE TABLE ledger_head(x)");
    const auto before = read_file(j.options.path);
    const auto r = host::open_sqlite_journal(j.options);
    REQUIRE(r.has_error());
    INFO(r.error().message);
    CHECK(r.error().category == host::category::config);
    CHECK(r.error().code == "journal.migration");
    CHECK(r.error().message.find("from schema 1 to 2") != std::string::npos);
    CHECK(r.error().message.find("left as it is") != std::string::npos);
    CHECK(j.version() == 1);
    CHECK(read_file(j.options.path) == before);
    {
        host::sqlite_db db(j.options.path, host::sqlite_db::mode::create);
        db.script("DROP TABLE ledger_head");
    }
    j.open(); // the cause is mended
    CHECK(j.stats().schema_version == today);
}

TEST_CASE("a journal that fails on its way to today's version stays at the one it had",
          "[host][journal]") {
    // In the way of the last step only; those before it can be done.
    v1_fixture j("CREATE TABLE attempt(x)");
    const auto before = read_file(j.options.path);
    const auto r = host::open_sqlite_journal(j.options);
    REQUIRE(r.has_error());
    INFO(r.error().message);
    CHECK(r.error().code == "journal.migration");
    CHECK(r.error().message.find("from schema 3 to 4") != std::string::npos);
    CHECK(j.version() == 1);
    CHECK(read_file(j.options.path) == before);
}

TEST_CASE("an error that cannot be read does not stop a migration", "[host][journal]") {
    v1_fixture j("UPDATE run SET failure='not JSON' WHERE state=4");
    j.open();
    CHECK_FALSE(j.run(v1_id(11)).run.fingerprint.empty());
}

TEST_CASE("reading a journal of version 1 says that the host must open it first",
          "[host][journal]") {
    v1_fixture j;
    j.options.read_only = true;
    const auto r = host::open_sqlite_journal(j.options);
    REQUIRE(r.has_error());
    CHECK(r.error().code == "journal.too-old");
    CHECK(j.version() == 1);
}

TEST_CASE("a ledger of version 2 still verifies, and goes on with actors", "[host][journal]") {
    v2_fixture j;
    REQUIRE(j.version() == 2);
    j.open();
    CHECK(j.version() == today);
    CHECK(j.stats().events == 14);
    CHECK(j.stats().ledger_entries == 3);
    CHECK(j.run(v1_id(11)).run.fingerprint.size() == 16);
    CHECK(j.verify(v2_head).ok);

    j.write([](host::journal_tx& tx) {
        host::ledger_entry e;
        e.actor = "kim";
        e.operation = "admin:retryRun";
        e.run = host::run_id(v1_id(11));
        e.outcome = "done";
        tx.append_ledger(e);
    });
    CHECK(j.verify(v2_head).ok);
    j.journal->read([](host::journal_reader& r) {
        const auto entries = r.ledger({});
        REQUIRE(entries.size() == 4);
        CHECK(entries[1].object == "contact \"2\", ü");
        CHECK(entries[1].outcome == "found");
        CHECK(entries[1].actor.empty());
        CHECK(entries[3].actor == "kim");
    });
}

TEST_CASE("what was changed in a ledger of version 2 is found after the migration",
          "[host][journal]") {
    v2_fixture j("UPDATE ledger SET object='contact-9' WHERE seq=1");
    j.open();
    const auto report = j.verify();
    CHECK_FALSE(report.ok);
    CHECK(report.first_bad_seq == 1);
}

TEST_CASE("a migration from version 2 that fails leaves the file as it is", "[host][journal]") {
    v2_fixture j("ALTER TABLE ledger ADD COLUMN actor TEXT");
    const auto before = read_file(j.options.path);
    const auto r = host::open_sqlite_journal(j.options);
    REQUIRE(r.has_error());
    CHECK(r.error().message.find("from schema 2 to 3") != std::string::npos);
    CHECK(j.version() == 2);
    CHECK(read_file(j.options.path) == before);
}

TEST_CASE("a journal of version 3 keeps its ledger, and its steps are tried on",
          "[host][journal]") {
    v3_fixture j;
    REQUIRE(j.version() == 3);
    j.open();
    CHECK(j.version() == today);
    j.journal->read([](host::journal_reader& r) {
        // Printed by the program that wrote v3.sql.
        const auto report = host::verify_ledger(
            r, "4:827cc880c3591a79245128aeff09818c6afd8d33454b4be5cb592dcd5fafd410");
        CHECK(report.ok);
        CHECK(r.ledger({}).at(3).actor == "kim");
    });
    // Of the attempts before nobody kept anything; those that come are kept.
    const auto before = j.run(v1_id(18)).steps;
    REQUIRE(before.size() == 2);
    CHECK(before[1].attempts == 3);
    CHECK(before[1].failure->http_status == 503);
    CHECK_FALSE(before[1].tried);
    CHECK(before[1].tries.empty());
    j.write([&](host::journal_tx& tx) {
        host::step_try t;
        t.attempt = 4;
        t.began = 1'700'000'005'000;
        t.ended = 1'700'000'005'100;
        tx.put_try(host::run_id(v1_id(18)), "tried", t);
    });
    const auto after = j.run(v1_id(18)).steps;
    REQUIRE(after[1].tries.size() == 1);
    CHECK(after[1].tries[0].attempt == 4);
    CHECK(j.stats().schema_version == today);
}

TEST_CASE("a migration from version 3 that fails leaves the file as it is", "[host][journal]") {
    v3_fixture j("CREATE TABLE attempt(x)");
    const auto before = read_file(j.options.path);
    const auto r = host::open_sqlite_journal(j.options);
    REQUIRE(r.has_error());
    CHECK(r.error().message.find("from schema 3 to 4") != std::string::npos);
    CHECK(j.version() == 3);
    CHECK(read_file(j.options.path) == before);
}
