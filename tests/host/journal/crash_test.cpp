// SPDX-License-Identifier: Apache-2.0
// Kills a process in the middle of its commits and looks at what is left.
#include "fixture.hpp"
#include "journal/ledger.hpp"

#include <csignal>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

using namespace mortise::test;
using host::journal_point;

namespace {

// In the child: accepts events with a run and a step each until the journal kills it. Writes the
// number of every completed operation to the pipe. Never returns.
[[noreturn]] void work_until_killed(const host::journal_options& options, int pipe_end) {
    auto opened = host::open_sqlite_journal(options);
    if (!opened) ::_exit(3);
    auto& journal = **opened;
    for (int i = 0; i < 100'000; ++i) {
        const auto n = std::to_string(i);
        journal.write(
            [n](host::journal_tx& tx) {
                tx.accept(journal_fixture::intake_of(n, "r" + n, n));
                tx.put_step(host::run_id("r" + n), step_of("s", host::step_state::done));
                tx.set_cursor({"dam", "changes", n});
            },
            [i, pipe_end](const host::result<void>& r) {
                if (r && ::write(pipe_end, &i, sizeof(i)) != sizeof(i)) ::_exit(4);
            });
    }
    (void)journal.flush();
    ::_exit(5); // not killed
}

// In the child: every parent starts a child run and falls asleep; every child ends with a ledger
// entry and wakes its parent. Never returns.
[[noreturn]] void spawn_until_killed(const host::journal_options& options, int pipe_end) {
    auto opened = host::open_sqlite_journal(options);
    if (!opened) ::_exit(3);
    auto& journal = **opened;
    for (int i = 0; i < 100'000; ++i) {
        const auto n = std::to_string(i);
        const host::run_id parent("p" + n);
        const host::run_id child("c" + n);
        journal.write(
            [=](host::journal_tx& tx) {
                tx.accept(journal_fixture::intake_of(n, parent.str(), "p" + n));
                auto in = journal_fixture::intake_of(n + "/s", child.str(), "c" + n);
                in.runs[0].parent = parent;
                in.runs[0].parent_step = "s";
                tx.put_spawn(parent,
                             step_of("s", host::step_state::started, host::step_kind::spawn), in);
                tx.suspend(parent, 0);
            },
            {});
        journal.write(
            [=](host::journal_tx& tx) {
                host::ledger_entry e;
                e.run = child;
                tx.append_ledger(e);
                if (!tx.finish(child, host::run_state::succeeded, n, std::nullopt, "")) ::_exit(6);
            },
            [i, pipe_end](const host::result<void>& r) {
                if (r && ::write(pipe_end, &i, sizeof(i)) != sizeof(i)) ::_exit(4);
            });
    }
    (void)journal.flush();
    ::_exit(5); // not killed
}

using worker = void (*)(const host::journal_options&, int);

std::set<int> run_and_kill(host::journal_options options,
                           journal_point where,
                           std::uint64_t when,
                           worker work = work_until_killed) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        options.group_limit = 7;
        options.test_point = [where, when](journal_point p, std::uint64_t n) {
            if (p == where && n == when) ::kill(::getpid(), SIGKILL);
        };
        work(options, ends[1]);
    }
    ::close(ends[1]);
    std::set<int> completed;
    int number = 0;
    while (::read(ends[0], &number, sizeof(number)) == sizeof(number)) {
        completed.insert(number);
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
    return completed;
}

} // namespace

TEST_CASE("after a kill everything completed is there and nothing is half done",
          "[host][journal]") {
    const auto where = GENERATE(journal_point::before_commit, journal_point::after_commit);
    const std::uint64_t when = GENERATE(1u, 2u, 25u);
    journal_fixture j;
    j.journal.reset();
    const auto completed = run_and_kill(j.options, where, when);
    {
        // People look at what is left before they start the host again.
        auto options = j.options;
        options.read_only = true;
        const auto beside = host::open_sqlite_journal(options);
        REQUIRE(beside.has_value());
        (*beside)->read(
            [&](host::journal_reader& r) { CHECK(r.stats().events >= completed.size()); });
    }
    j.open(); // the dead process holds no lock
    const auto stats = j.stats();
    CHECK(stats.events >= completed.size());
    if (where == journal_point::before_commit) {
        CHECK(stats.events == completed.size());
    } else {
        CHECK(stats.events > completed.size()); // durable, but nobody was told
    }
    CHECK(stats.runs[0] == stats.events);
    j.journal->read([&](host::journal_reader& r) {
        const auto events = r.events({.type = {}, .before = {}, .limit = 100'000});
        CHECK(events.size() == stats.events);
        std::set<int> found;
        for (const auto& e : events) {
            found.insert(std::stoi(e.id));
            const auto run = r.run(host::run_id("r" + e.id));
            REQUIRE(run.has_value());
            CHECK(run->steps.size() == 1);
        }
        for (const int n : completed) {
            CHECK(found.count(n) == 1);
        }
        const auto cursor = r.cursor("dam", "changes");
        CHECK(cursor == (found.empty() ? std::string() : std::to_string(*found.rbegin())));
    });
    CHECK_FALSE(j.accept(j.intake_of("after")).duplicate);
}

TEST_CASE("after a kill no child run is without its parent's step, and no end is half told",
          "[host][journal]") {
    const auto where = GENERATE(journal_point::before_commit, journal_point::after_commit);
    const std::uint64_t when = GENERATE(1u, 2u, 3u, 40u);
    journal_fixture j;
    j.journal.reset();
    const auto completed = run_and_kill(j.options, where, when, spawn_until_killed);
    j.open();
    j.journal->read([&](host::journal_reader& r) {
        host::run_filter all;
        all.limit = 1'000'000;
        std::set<int> ended;
        std::uint64_t parents = 0;
        for (const auto& run : r.runs(all)) {
            if (run.id.str().front() != 'p') continue;
            ++parents;
            const auto n = run.id.str().substr(1);
            INFO(n);
            const auto parent = r.run(run.id);
            REQUIRE(parent.has_value());
            REQUIRE(parent->steps.size() == 1);
            const auto children = r.children(run.id);
            REQUIRE(children.size() == 1);
            const bool done = children[0].state == host::run_state::succeeded;
            CHECK(parent->steps[0].state ==
                  (done ? host::step_state::done : host::step_state::waiting));
            CHECK(run.state == (done ? host::run_state::ready : host::run_state::waiting));
            if (!done) continue;
            CHECK(parent->steps[0].result == n);
            ended.insert(std::stoi(n));
        }
        for (const int n : completed) {
            CHECK(ended.count(n) == 1);
        }
        const auto ledger = host::verify_ledger(r);
        INFO(ledger.what);
        CHECK(ledger.ok);
        CHECK(ledger.entries == ended.size());
        CHECK(r.stats().runs[0] == parents); // it, or its child
    });
}
