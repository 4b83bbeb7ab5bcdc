// SPDX-License-Identifier: Apache-2.0
#include "../journal/fixture.hpp"
#include "base/metrics.hpp"
#include "observe/health.hpp"
#include "observe/journal_watch.hpp"
#include "observe/ledger_watch.hpp"

#include <boost/json.hpp>
#include <sqlite3.h>

using namespace mortise;
using namespace mortise::host;
using namespace std::chrono_literals;

namespace {

void change_file(const std::string& path, const char* sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    char* why = nullptr;
    const auto rc = sqlite3_exec(db, sql, nullptr, nullptr, &why);
    INFO((why != nullptr ? why : ""));
    CHECK(rc == SQLITE_OK);
    CHECK(sqlite3_changes(db) > 0);
    sqlite3_free(why);
    sqlite3_close(db);
}

struct ledger_fixture : mortise::test::journal_fixture {
    void add(int n) {
        for (int i = 0; i < n; ++i) {
            write([&](journal_tx& tx) {
                ledger_entry e;
                e.run = run_id("0190b0a0-0000-7000-8000-000000000001");
                e.instance = "copy";
                e.connection = "dam";
                e.operation = "assets.update";
                e.outcome = "done";
                tx.append_ledger(e);
            });
        }
    }
    metric_registry metrics;
};

} // namespace

TEST_CASE("a host says why it is not ready, and since when", "[observe][health]") {
    manual_clock time(1000);
    health h(time);
    auto r = h.report();
    CHECK_FALSE(r.ready());
    CHECK(r.reasons.at(0).code == "starting");
    h.set(host_life::ready);
    CHECK(h.report().ready());
    bool low = true;
    h.add([&](std::vector<health::finding>& out) {
        if (low) out.push_back({true, "disk-low", "no room"});
        out.push_back({false, "dead-letters", "runs wait"});
    });
    time.set_unix(2000);
    h.look();
    time.set_unix(3000);
    r = h.report();
    REQUIRE(r.reasons.size() == 1);
    CHECK(r.reasons[0].since == 2000);
    REQUIRE(r.informs.size() == 1);
    const auto answer = answer_health("/health/ready", h);
    REQUIRE(answer);
    CHECK(answer->status == 503);
    const auto o = boost::json::parse(answer->body).as_object();
    CHECK(o.at("ready") == false);
    CHECK(o.at("state") == "ready");
    CHECK(o.at("reasons").at(0).at("code") == "disk-low");
    CHECK(o.at("informs").at(0).at("message") == "runs wait");
    CHECK(answer_health("/health/live", h)->status == 200);
    CHECK_FALSE(answer_health("/health/else", h));
    low = false;
    CHECK(answer_health("/health/ready", h)->status == 200);
    low = true;
    time.set_unix(4000);
    CHECK(h.report().reasons.at(0).since == 4000); // it is another time
    h.set(host_life::draining);
    CHECK(h.report().reasons.at(0).code == "draining");
}

TEST_CASE("a journal that cannot be written is noticed and its recovery too", "[observe][health]") {
    metric_registry metrics;
    manual_clock time(1000);
    journal_watch w(metrics, time);
    const error full{category::unavailable, "journal.disk-full", "no room"};
    const error conflict{category::conflict, "journal.conflict", "not so"};
    const error behind{category::unavailable, "journal.earlier-write-lost", "no"};
    w.committed(1ms, 3, nullptr);
    w.committed(1ms, 1, &conflict);
    w.committed(1ms, 1, &behind);
    CHECK_FALSE(w.failing());
    w.committed(1ms, 1, &full);
    time.set_unix(5000);
    w.committed(1ms, 1, &full);
    REQUIRE(w.failing());
    CHECK(w.failing()->since == 1000);
    w.committed(2ms, 1, nullptr);
    CHECK_FALSE(w.failing());
    const auto text = metrics.text();
    CHECK(text.find("mortise_journal_commit_failures_total 2\n") != std::string::npos);
    CHECK(text.find("mortise_journal_operations_total 4\n") != std::string::npos);
    CHECK(text.find("mortise_journal_commit_duration_seconds_count 2\n") != std::string::npos);
}

TEST_CASE("new entries of the ledger are verified piece by piece", "[observe][ledger]") {
    ledger_fixture f;
    f.add(3);
    ledger_watch w(*f.journal, f.metrics);
    w.look_at_new();
    CHECK_FALSE(w.broken());
    f.add(1200);
    w.look_at_new(700);
    w.look_at_new();
    CHECK_FALSE(w.broken());
    CHECK(f.metrics.text().find("mortise_ledger_entries_verified_total 1200\n") !=
          std::string::npos);
    CHECK(f.metrics.text().find("mortise_ledger_ok 1\n") != std::string::npos);
}

TEST_CASE("an entry changed behind the host's back is found", "[observe][ledger]") {
    ledger_fixture f;
    f.add(5);
    ledger_watch w(*f.journal, f.metrics);
    w.look_at_new();
    f.add(5);
    SECTION("a new one") {
        change_file(f.options.path, "UPDATE ledger SET attempt=attempt+1 WHERE seq=8");
        w.look_at_new();
    }
    SECTION("an old one, by the whole verification") {
        change_file(f.options.path, "UPDATE ledger SET attempt=attempt+1 WHERE seq=2");
        w.look_at_new();
        CHECK_FALSE(w.broken());
        w.look_at_all();
    }
    SECTION("one that was taken away") {
        change_file(f.options.path, "DELETE FROM ledger WHERE seq=7");
        w.look_at_new();
    }
    REQUIRE(w.broken());
    CHECK(f.metrics.text().find("mortise_ledger_ok 0\n") != std::string::npos);
}
