// SPDX-License-Identifier: Apache-2.0
// Kills a process in the middle of its commits and looks at what is left.
#include "fixture.hpp"

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

std::set<int> run_and_kill(host::journal_options options, journal_point where, std::uint64_t when) {
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
        work_until_killed(options, ends[1]);
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
