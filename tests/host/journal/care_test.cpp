// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"
#include "journal/care.hpp"
#include "journal/sqlite_db.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace mortise::test;

namespace {

struct care_fixture : journal_fixture {
    // Something of everything.
    care_fixture() {
        for (int i = 0; i < 20; ++i) {
            const auto n = std::to_string(i);
            auto in = intake_of(n, "r" + n, "k" + std::to_string(i % 4));
            if (i == 19) in.event.data = '"' + std::string(300'000, 'z') + '"';
            accept(in);
        }
        for (const auto& c : claim()) {
            write([&](host::journal_tx& tx) {
                tx.put_step(c.run.id, step_of("s", host::step_state::done));
            });
        }
        finish("r0");
        finish("r1", host::run_state::failed);
        write([&](host::journal_tx& tx) {
            tx.put_wait(host::run_id("r2"), step_of("w", host::step_state::waiting),
                        "legal.decided", "case-1");
        });
        suspend("r2");
        auto other = intake_of("20");
        other.event.type = "legal.decided";
        other.event.subject = "case-2";
        accept(other);
    }
    void damage(const char* sql) {
        journal.reset();
        host::sqlite_db db(options.path, host::sqlite_db::mode::existing);
        db.script(sql);
    }
    host::integrity_report check(bool full = true) {
        const auto r = host::check_journal(options.path, {.full = full, .most = 100});
        if (!r) FAIL(r.error().message);
        return *r;
    }
    std::string backup_path() const { return (folder.path() / "backup.db").string(); }
    std::vector<std::string> files() const {
        std::vector<std::string> out;
        for (const auto& f : std::filesystem::directory_iterator(folder.path()))
            out.push_back(f.path().filename().string());
        std::sort(out.begin(), out.end());
        return out;
    }
};

std::string text_of(const host::integrity_report& r) {
    std::string out;
    for (const auto& f : r.findings)
        out += f.code + " | " + f.where + " | " + f.message + '\n';
    return out;
}

} // namespace

TEST_CASE("a journal in use is sound, and the check says what it looked at",
          "[host][journal][care]") {
    care_fixture j;
    const auto report = j.check();
    INFO(text_of(report));
    CHECK(report.is_sound());
    CHECK(report.events == 21);
    CHECK(report.runs == 20);
    CHECK(report.steps == 5);
    CHECK(j.check(false).is_sound());
    j.journal.reset();
    CHECK(j.check().is_sound());
}

TEST_CASE("every broken rule of the journal is found and its row is named",
          "[host][journal][care]") {
    struct damage {
        const char* sql;
        const char* code;
        const char* where;
    };
    const auto d = GENERATE(values<damage>({
        {"DELETE FROM event WHERE id='5'", "run-without-event", "run r5"},
        {"UPDATE run SET state=9 WHERE id='r5'", "run-state", "run r5"},
        {"UPDATE run SET flow=999 WHERE id='r5'", "run-name", "run r5"},
        {"UPDATE run SET head=0 WHERE id='r3'", "key-without-head", "r3"},
        {"UPDATE run SET head=1 WHERE id='r7'", "key-without-head", "r3"},
        {"UPDATE run SET head=1 WHERE id='r0'", "head-of-finished", "run r0"},
        {"DELETE FROM lease", "active-without-lease", "run r3"},
        {"UPDATE run SET head=0 WHERE id='r3'; UPDATE run SET head=1 WHERE id='r7'",
         "active-behind-another", "run r3"},
        {"DELETE FROM run WHERE id='r0'", "step-without-run", "step row"},
        {"UPDATE step SET state=17 WHERE run=1", "step-state", "step row 1"},
        {"DELETE FROM step WHERE key='w'", "wait-without-step", "wait of run row 3"},
        {"UPDATE step SET kind=7 WHERE key='w'", "spawn-without-child", "step row"},
        {"INSERT INTO note(run,at,who,action,detail) VALUES(999,1,'a','b','')", "note-without-run",
         "note row 1"},
        {"UPDATE event_match SET event=5000", "match-without-event", "match of event row 5000"},
        {"UPDATE event SET via=999 WHERE id='5'", "event-name", "event 0"},
        {"UPDATE counter SET run0=run0+1", "counter", "counter ready runs"},
        {"UPDATE counter SET events=events-1", "counter", "counter events"},
        {"UPDATE event SET data=CAST(substr(data,1,200) AS BLOB) WHERE id='19'", "payload",
         "event row 20"},
    }));
    care_fixture j;
    j.damage(d.sql);
    const auto report = j.check();
    INFO(d.sql << "\n" << text_of(report));
    CHECK(std::any_of(report.findings.begin(), report.findings.end(), [&](const auto& f) {
        return f.code == d.code && f.where.find(d.where) != std::string::npos && !f.message.empty();
    }));
}

TEST_CASE("a damaged page is never taken for data", "[host][journal][care]") {
    care_fixture j;
    j.journal.reset();
    const auto bytes = read_file(j.options.path);
    const auto pages = bytes.size() / 4096;
    REQUIRE(pages > 25);
    const auto contents = [](const std::string& path) {
        std::string all;
        host::sqlite_db db(path, host::sqlite_db::mode::read_only);
        for (const char* sql : {"SELECT group_concat(quote(data)||id) FROM event",
                                "SELECT group_concat(quote(id)||key||state) FROM run",
                                "SELECT group_concat(key||input||result) FROM step"}) {
            auto rows = db.query(sql);
            if (rows.next()) all += rows.text(0);
        }
        return all;
    };
    const auto before = contents(j.options.path);
    for (std::size_t page = 0; page < pages; ++page) {
        auto damaged = bytes;
        std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(page * 4096), 4096, '\xA5');
        j.folder.write("journal.db", damaged);
        INFO("page " << page + 1 << " of " << pages);
        const auto checked = host::check_journal(j.options.path, {.full = true, .most = 10});
        if (!checked) {
            CHECK(checked.error().code == "journal.corrupted");
            CHECK(checked.error().message.find("journal.db") != std::string::npos);
        } else if (checked->is_sound()) {
            CHECK(contents(j.options.path) == before); // a free page
        }
    }
}

TEST_CASE("the check of a file that is no journal is an error with advice",
          "[host][journal][care]") {
    temp_dir folder;
    const auto path = folder.write("x.db", std::string(9000, 'x')).string();
    const auto r = host::check_journal(path, {});
    REQUIRE(r.has_error());
    CHECK(r.error().code == "journal.corrupted");
    CHECK(host::check_journal((folder.path() / "none.db").string(), {}).error().code ==
          "journal.cannot-open");
    CHECK(host::journal_figures_of(path, true).has_error());
    CHECK(host::backup_journal(path, (folder.path() / "b.db").string()).has_error());
    CHECK_FALSE(std::filesystem::exists(folder.path() / "b.db"));
    CHECK(host::compact_journal((folder.path() / "none.db").string()).has_error());
}

TEST_CASE("the figures say what is in the journal", "[host][journal][care]") {
    care_fixture j;
    const auto f = host::journal_figures_of(j.options.path, true).value();
    CHECK(f.schema_version >= 2);
    CHECK(f.counters.events == 21);
    CHECK(f.counters.backlog == j.stats().backlog);
    CHECK(f.dead_letters == 1);
    CHECK(f.oldest_run == j.time.now_unix_ms());
    CHECK(f.oldest_unfinished_run == j.time.now_unix_ms());
    CHECK(f.oldest_dead_letter == j.time.now_unix_ms());
    CHECK(f.packed_raw == 300'002);
    CHECK(f.packed_ratio() < 0.1);
    CHECK(f.log_bytes > 0);
    CHECK(f.last_checkpoint > 0);
    CHECK(f.payload_bytes > 20 * 7);
    CHECK(f.payload_bytes < 300'000);
    const auto rows_of = [&](std::string_view name) {
        for (const auto& t : f.tables)
            if (t.name == name) return t.rows;
        return std::uint64_t{9999};
    };
    CHECK(rows_of("event") == 21);
    CHECK(rows_of("run") == 20);
    CHECK(rows_of("step") == 5);
    CHECK(rows_of("care") == 1);
    CHECK(host::journal_figures_of(j.options.path, false).value().tables.empty());
}

TEST_CASE("a backup beside a writing host is whole and can be opened", "[host][journal][care]") {
    care_fixture j;
    std::atomic<bool> stop{false};
    std::atomic<int> written{0};
    std::thread writer([&] {
        for (int i = 100; !stop; ++i) {
            const auto n = std::to_string(i);
            j.journal->write(
                [&j, n](host::journal_tx& tx) { tx.accept(j.intake_of(n, "r" + n, n)); },
                [&written](const host::result<void>& r) { written += r ? 1 : 0; });
            if (i % 20 == 0) (void)j.journal->flush();
        }
    });
    while (written < 200)
        std::this_thread::yield();
    const auto before = j.stats().events;
    host::backup_options options;
    options.pages_a_step = 8;
    options.pause = std::chrono::milliseconds(0);
    std::vector<std::uint64_t> steps;
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
        CHECK(done <= total);
        steps.push_back(done);
        const int now = written; // the writer goes on between the steps
        while (steps.size() < 5 && written == now)
            std::this_thread::yield();
        return true;
    };
    const auto report = host::backup_journal(j.options.path, j.backup_path(), options);
    stop = true;
    writer.join();
    REQUIRE(j.journal->flush().has_value());
    if (!report) FAIL(report.error().message);
    CHECK(steps.size() > 5);
    CHECK(std::is_sorted(steps.begin(), steps.end())); // never began anew
    CHECK(report->events >= before);
    CHECK(report->events < j.stats().events);
    CHECK(report->bytes == std::filesystem::file_size(j.backup_path()));
    // Payloads are in them: nobody but who made them reads them, whatever the umask is.
    for (const auto& made : {j.options.path, j.options.path + "-wal", j.backup_path()}) {
        INFO(made);
        CHECK(std::filesystem::status(made).permissions() ==
              (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    }
    for (const auto& f : j.files())
        CHECK((f == "backup.db" || f.starts_with("journal.db")));
    // It is a journal of its own.
    j.journal.reset();
    j.options.path = j.backup_path();
    CHECK(j.check().is_sound());
    j.open();
    CHECK(j.stats().events == report->events);
    CHECK_FALSE(j.accept(j.intake_of("after the restore")).duplicate);
}

TEST_CASE("a backup overwrites nothing and leaves nothing behind when it fails",
          "[host][journal][care]") {
    care_fixture j;
    j.folder.write("backup.db", "precious");
    const auto there = host::backup_journal(j.options.path, j.backup_path());
    REQUIRE(there.has_error());
    CHECK(there.error().code == "backup.exists");
    CHECK(there.error().category == host::category::input);
    CHECK(read_file(j.backup_path()) == "precious");
    std::filesystem::remove(j.backup_path());
    const auto before = j.files();

    host::backup_options options;
    options.pages_a_step = 1;
    options.progress = [](std::uint64_t done, std::uint64_t) { return done < 3; };
    const auto stopped = host::backup_journal(j.options.path, j.backup_path(), options);
    REQUIRE(stopped.has_error());
    CHECK(stopped.error().code == "backup.stopped");
    CHECK(j.files() == before);

    const auto nowhere =
        host::backup_journal(j.options.path, (j.folder.path() / "no" / "b.db").string());
    REQUIRE(nowhere.has_error());
    CHECK(nowhere.error().message.find("no") != std::string::npos);

    // Figures that do not fit are told, but a copy is better than none.
    j.damage("UPDATE counter SET events=events+5");
    const auto odd = host::backup_journal(j.options.path, j.backup_path()).value();
    REQUIRE(odd.findings.size() == 1);
    CHECK(odd.findings[0].code == "counter");
    // A damaged file would be a copy of the damage.
    std::filesystem::remove(j.backup_path());
    auto bytes = read_file(j.options.path);
    std::fill(bytes.end() - 3 * 4096, bytes.end() - 2 * 4096, '\xA5');
    j.folder.write("journal.db", bytes);
    const auto unsound = host::backup_journal(j.options.path, j.backup_path());
    REQUIRE(unsound.has_error());
    CHECK(unsound.error().code == "journal.corrupted");
    CHECK_FALSE(std::filesystem::exists(j.backup_path()));
}

TEST_CASE("compacting gives room back and needs the journal for itself", "[host][journal][care]") {
    care_fixture j;
    for (int i = 100; i < 400; ++i) {
        auto in = j.intake_of(std::to_string(i), "r" + std::to_string(i), std::to_string(i));
        in.event.data.assign(3002, 'x');
        in.event.data.front() = in.event.data.back() = '"';
        j.accept(in);
        j.finish("r" + std::to_string(i));
    }
    host::retention_rules rules;
    rules.standard.keep_count = 1;
    j.journal->set_retention(rules);
    CHECK(j.journal->trim().value().runs > 290);
    const auto busy = host::compact_journal(j.options.path);
    REQUIRE(busy.has_error());
    CHECK(busy.error().code == "journal.locked");
    const auto left = j.stats();
    j.journal.reset();
    const auto done = host::compact_journal(j.options.path);
    if (!done) FAIL(done.error().message);
    CHECK(done->bytes_after < done->bytes_before / 2);
    CHECK(j.check().is_sound());
    j.open();
    CHECK(j.stats().events == left.events);
    CHECK(j.stats().backlog == left.backlog);
    CHECK(j.accept(j.intake_of("150")).duplicate);
}
