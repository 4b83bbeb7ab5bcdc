// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"
#include "journal/ledger.hpp"
#include "journal/sqlite_db.hpp"

using namespace mortise::test;
using namespace std::chrono_literals;

namespace {

struct retention_fixture : journal_fixture {
    retention_fixture() {
        journal.reset();
        options.background = false;
        options.retention.standard.keep_runs = 24h * 30;
        options.retention.keep_event_ids = 24h * 90;
        open();
    }

    // An event with a run that ends at once.
    void done(const std::string& id,
              host::run_state state = host::run_state::succeeded,
              const std::string& instance = "campaigns") {
        auto in = intake_of(id, "r" + id, id);
        in.runs[0].instance = instance;
        accept(in);
        write([&](host::journal_tx& tx) {
            tx.put_step(host::run_id("r" + id), step_of("s", host::step_state::done));
            tx.finish(host::run_id("r" + id), state, "{}", std::nullopt, "");
        });
    }
    host::trimmed trim() {
        const auto r = journal->trim();
        if (!r) FAIL(r.error().message);
        return *r;
    }
    void days(int n) { time.advance(24h * n); }
    std::vector<std::string> runs() {
        std::vector<std::string> out;
        journal->read([&](host::journal_reader& r) {
            for (const auto& run :
                 r.runs({.state = {}, .instance = {}, .before = {}, .limit = 9999}))
                out.push_back(run.id.str());
        });
        return out;
    }
    std::vector<host::event_record> events() {
        std::vector<host::event_record> out;
        journal->read([&](host::journal_reader& r) {
            out = r.events({.type = {}, .before = {}, .limit = 99'999});
        });
        return out;
    }
    std::int64_t number(const char* sql) {
        host::sqlite_db db(options.path, host::sqlite_db::mode::read_only);
        auto rows = db.query(sql);
        return rows.next() ? rows.number(0) : -1;
    }
    bool comes_again(const std::string& id) { return !accept(intake_of(id)).duplicate; }
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("finished runs go when they are old, with their steps, and the rest stays",
          "[host][journal][retention]") {
    retention_fixture j;
    j.done("1");
    j.done("2", host::run_state::cancelled);
    j.days(20);
    j.done("3");
    CHECK(j.trim() == host::trimmed{});
    j.days(11);
    j.done("4");
    const auto gone = j.trim();
    CHECK(gone.runs == 2);
    CHECK(gone.emptied_events == 2);
    CHECK(gone.removed_events == 0);
    CHECK(j.runs() == texts{"r4", "r3"});
    CHECK(j.number("SELECT count(*) FROM step") == 2);
    const auto stats = j.stats();
    CHECK(stats.runs[static_cast<int>(host::run_state::succeeded)] == 2);
    CHECK(stats.runs[static_cast<int>(host::run_state::cancelled)] == 0);
    CHECK(j.number("SELECT removed_runs FROM care") == 2);
    CHECK(j.trim() == host::trimmed{});
    j.reopen();
    CHECK(j.runs() == texts{"r4", "r3"});
}

TEST_CASE("dead letters and runs that are not finished are never removed",
          "[host][journal][retention]") {
    retention_fixture j;
    j.done("failed", host::run_state::failed);
    j.done("doubt", host::run_state::in_doubt);
    j.accept(j.intake_of("ready", "rready", "a"));
    j.accept(j.intake_of("waiting", "rwaiting", "b"));
    j.claim();
    j.suspend("rwaiting", j.time.now_unix_ms() + 86'400'000);
    j.done("ok");
    j.done("newest");
    j.days(4000);
    CHECK(j.trim().runs == 1); // "ok"; the newest stays for its number
    CHECK(j.runs() == texts{"rnewest", "rwaiting", "rready", "rdoubt", "rfailed"});
    // Their events keep their data.
    for (const auto& e : j.events())
        if (e.id != "ok") CHECK_FALSE(e.data.empty());
    // Once a person has dealt with it, a dead letter ages like others.
    j.write([&](host::journal_tx& tx) {
        CHECK(tx.discard(host::run_id("rfailed"), "no longer needed").has_value());
    });
    CHECK(j.trim().runs == 0);
    j.days(31);
    CHECK(j.trim().runs == 1);
    CHECK(j.runs() == texts{"rnewest", "rwaiting", "rready", "rdoubt"});
}

TEST_CASE("an event without its runs is still known, then forgotten",
          "[host][journal][retention]") {
    retention_fixture j;
    j.done("1");
    j.accept(j.intake_of("alone"));
    j.done("last");
    j.days(31);
    CHECK(j.trim().emptied_events == 2);
    for (const auto& e : j.events())
        CHECK(e.data.empty() == (e.id != "last"));
    CHECK_FALSE(j.comes_again("1"));
    CHECK_FALSE(j.comes_again("alone"));
    // What it carried is not known any more, so nobody can say that it was something else.
    auto other = j.intake_of("1");
    other.event.data = "{\"n\":2}";
    CHECK(j.accept(other).same_data);
    CHECK(j.accept(other).runs.empty());
    j.days(60);
    const auto gone = j.trim();
    CHECK(gone.removed_events == 2);
    CHECK(j.number("SELECT removed_events FROM care") == 2);
    CHECK(j.comes_again("1"));
    CHECK(j.comes_again("alone"));
    CHECK_FALSE(j.comes_again("last"));
}

TEST_CASE("an event stays as long as one of its runs", "[host][journal][retention]") {
    retention_fixture j;
    auto in = j.intake_of("1");
    for (const char* run : {"a", "b", "c", "d"})
        in.runs.push_back(j.seed_of(run, run));
    j.accept(in);
    for (const char* run : {"a", "c", "d"})
        j.finish(run);
    j.finish("b", host::run_state::failed);
    j.done("last");
    j.days(31);
    const auto gone = j.trim();
    CHECK(gone.runs == 3);
    CHECK(gone.emptied_events == 0);
    CHECK(j.run("b").event.data == in.event.data);
    j.write([&](host::journal_tx& tx) { (void)tx.discard(host::run_id("b"), "x"); });
    j.days(31);
    CHECK(j.trim().emptied_events == 1);
    CHECK(j.runs() == texts{"rlast"});
}

TEST_CASE("the newest runs of each flow are kept by count", "[host][journal][retention]") {
    retention_fixture j;
    host::retention_rules rules;
    rules.standard.keep_count = 3;
    rules.flows["small"] = {0ms, 1};
    rules.flows["all"] = {};
    j.journal->set_retention(rules);
    for (int i = 0; i < 200; ++i) {
        j.done("a" + std::to_string(i), host::run_state::succeeded, "campaigns");
        if (i < 9) j.done("b" + std::to_string(i), host::run_state::succeeded, "small");
        if (i < 9) j.done("c" + std::to_string(i), host::run_state::succeeded, "all");
    }
    CHECK(j.trim().runs == 197 + 8);
    texts campaigns;
    texts small;
    for (const auto& r : j.runs()) {
        if (r.starts_with("ra")) campaigns.push_back(r);
        if (r.starts_with("rb")) small.push_back(r);
    }
    CHECK(campaigns == texts{"ra199", "ra198", "ra197"});
    CHECK(small == texts{"rb8"});
    CHECK(j.runs().size() == 3 + 1 + 9);
    CHECK(j.stats().runs[static_cast<int>(host::run_state::succeeded)] == 13);
}

TEST_CASE("a flow's own rule stands instead of the common one", "[host][journal][retention]") {
    retention_fixture j;
    auto rules = j.options.retention;
    rules.flows["short"] = {24h, 0};
    j.journal->set_retention(rules);
    j.done("1", host::run_state::succeeded, "short");
    j.done("2");
    j.done("3");
    j.days(2);
    CHECK(j.trim().runs == 1);
    CHECK(j.runs() == texts{"r3", "r2"});
}

TEST_CASE("an event that a waiting run may still take keeps its data",
          "[host][journal][retention]") {
    retention_fixture j;
    j.accept(j.intake_of("begin", "waiter"));
    j.claim();
    // Some run waits for the type, so that events of it are findable.
    const auto wait = [&](const std::string& key) {
        bool came = false;
        j.write([&](host::journal_tx& tx) {
            came = tx.put_wait(host::run_id("waiter"), step_of(key, host::step_state::waiting),
                               "legal.decided", key);
        });
        return came;
    };
    CHECK_FALSE(wait("other"));
    auto decided = j.intake_of("decided");
    decided.event.type = "legal.decided";
    decided.event.subject = "case-1";
    j.accept(decided);
    j.done("last");
    j.days(100);
    CHECK(j.trim().emptied_events == 0);
    CHECK(wait("case-1"));
    CHECK(j.run("waiter").steps[1].result.find(decided.event.data) != std::string::npos);
    // When nobody is left who could take it, it goes.
    j.finish("waiter");
    j.done("next");
    const auto gone = j.trim();
    CHECK(gone.runs == 1); // that of "last"
    CHECK(gone.removed_events == 2);
    CHECK(j.number("SELECT count(*) FROM event_match") == 0);
    CHECK(j.comes_again("decided"));
}

TEST_CASE("retention that is stopped by a full disk goes on later where it was",
          "[host][journal][retention]") {
    retention_fixture j;
    for (int i = 0; i < 150; ++i)
        j.done(std::to_string(i));
    j.days(31);
    j.journal.reset();
    int commits = 0;
    j.options.test_point = [&](host::journal_point p, std::uint64_t) {
        if (p == host::journal_point::before_commit && ++commits == 2)
            throw host::journal_failure(
                {host::category::unavailable, "journal.disk-full", "the disk is full"});
    };
    j.open();
    const auto r = j.journal->trim();
    REQUIRE(r.has_error());
    CHECK(r.error().code == "journal.disk-full");
    CHECK(j.runs().size() == 150 - 64);
    CHECK(j.trim().runs == 149 - 64);
    CHECK(j.runs() == texts{"r149"});
}

TEST_CASE("a journal of years of finished runs does not grow under retention by count",
          "[host][journal][retention]") {
    retention_fixture j;
    host::retention_rules rules;
    rules.standard.keep_count = 50;
    rules.standard.keep_runs = 24h;
    rules.keep_event_ids = 24h * 2;
    j.journal->set_retention(rules);
    std::uint64_t bytes = 0;
    for (int day = 0; day < 12; ++day) {
        j.write([&](host::journal_tx& tx) {
            for (int i = 0; i < 300; ++i) {
                const auto id = std::to_string(day) + "-" + std::to_string(i);
                auto in = j.intake_of(id, "r" + id, id);
                in.event.data.assign(2000, '1');
                tx.accept(in);
                tx.put_step(host::run_id("r" + id), step_of("s", host::step_state::done));
                tx.finish(host::run_id("r" + id), host::run_state::succeeded, "{}", std::nullopt,
                          "");
            }
        });
        j.days(1);
        j.trim();
        const auto pages = static_cast<std::uint64_t>(j.number("PRAGMA page_count"));
        if (day == 5) bytes = pages;
        if (day > 5) CHECK(pages <= bytes + bytes / 20);
    }
    CHECK(j.stats().events == 12 * 300);
    CHECK(j.number("SELECT count(*) FROM event") < 3 * 300);
}

TEST_CASE("retention runs by itself beside other writes", "[host][journal][retention]") {
    retention_fixture j;
    for (int i = 0; i < 10; ++i)
        j.done(std::to_string(i));
    j.days(31);
    j.journal.reset();
    j.options.background = true;
    j.open();
    // trim() is what the journal's own thread calls; here both may meet.
    CHECK(j.trim().runs == 9);
    CHECK(j.runs() == texts{"r9"});
}

TEST_CASE("a child run stays as long as its parent may ask for it", "[host][journal][retention]") {
    retention_fixture j;
    j.accept(j.intake_of("1", "parent", "a"));
    j.claim();
    auto child = j.intake_of("1-child", "child", "b");
    child.runs[0].parent = host::run_id("parent");
    child.runs[0].parent_step = "spawn";
    j.write([&](host::journal_tx& tx) {
        tx.put_spawn(host::run_id("parent"),
                     step_of("spawn", host::step_state::waiting, host::step_kind::spawn), child);
    });
    j.finish("child");
    j.done("last");
    j.days(31);
    CHECK(j.trim().runs == 0);
    j.finish("parent", host::run_state::failed);
    j.days(31);
    CHECK(j.trim().runs == 0);
    j.write([&](host::journal_tx& tx) {
        CHECK(tx.discard(host::run_id("parent"), "done by hand", "ada").has_value());
    });
    j.days(31);
    CHECK(j.trim().runs == 2);
    CHECK(j.runs() == texts{"rlast"});
    CHECK(j.number("SELECT count(*) FROM note") == 0);
}

TEST_CASE("the ledger outlives its runs, and is cut only when told to",
          "[host][journal][retention]") {
    retention_fixture j;
    for (int i = 0; i < 300; ++i) {
        j.write([&](host::journal_tx& tx) {
            host::ledger_entry e;
            e.run = host::run_id("r1");
            e.instance = "campaigns";
            e.step = "s" + std::to_string(i);
            e.connection = "dam";
            e.operation = "assets.create";
            e.outcome = "done";
            tx.append_ledger(e);
        });
        if (i == 199) j.days(100);
    }
    const auto verified = [&] {
        host::ledger_report out;
        j.journal->read([&](host::journal_reader& r) { out = host::verify_ledger(r); });
        return out;
    };
    j.days(31);
    CHECK(j.trim().ledger_entries == 0);
    CHECK(verified().entries == 300);
    auto rules = j.options.retention;
    rules.keep_ledger = 24h * 60;
    j.journal->set_retention(rules);
    CHECK(j.trim().ledger_entries == 200);
    const auto after = verified();
    CHECK(after.ok);
    CHECK(after.entries == 100);
    CHECK(after.last_seq == 300);
    // The newest stays, so that the chain has an end to go on from.
    j.days(4000);
    CHECK(j.trim().ledger_entries == 99);
    CHECK(verified().entries == 1);
    j.write([&](host::journal_tx& tx) { tx.append_ledger({}); });
    j.reopen();
    j.journal->set_retention(rules);
    CHECK(j.trim().ledger_entries == 1);
    CHECK(verified().ok);
    CHECK(verified().entries == 1);
}
