// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"
#include "journal/record_json.hpp"
#include "journal/sqlite_db.hpp"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <random>
#include <sys/resource.h>
#include <thread>

using namespace mortise::test;
using host::journal_point;

namespace {

// Holds the writer inside an operation until released, so that a known number of others queue up.
struct gate {
    std::promise<void> entered;
    std::promise<void> open;
    void hold(host::journal& j) {
        auto wait = open.get_future().share();
        j.write(
            [this, wait, first = true](host::journal_tx&) mutable {
                if (first) entered.set_value();
                first = false;
                wait.wait();
            },
            nullptr);
        entered.get_future().wait();
    }
};

struct counted_fixture : journal_fixture {
    std::atomic<std::uint64_t> commits{0};
    counted_fixture() {
        journal.reset();
        options.test_point = [this](journal_point p, std::uint64_t) {
            if (p == journal_point::after_commit) commits.fetch_add(1);
        };
        options.group_limit = 50;
        open();
    }
};

} // namespace

TEST_CASE("operations that queue up share a commit, up to the group limit", "[host][journal]") {
    counted_fixture j;
    gate g;
    g.hold(*j.journal);
    std::atomic<int> done{0};
    for (int i = 0; i < 120; ++i) {
        j.journal->write(
            [&, i](host::journal_tx& tx) { tx.accept(j.intake_of(std::to_string(i))); },
            [&](const host::result<void>& r) { done += r.has_value() ? 1 : 0; });
    }
    CHECK(j.journal->queued() == 121);
    g.open.set_value();
    REQUIRE(j.journal->flush().has_value());
    CHECK(done == 120);
    CHECK(j.journal->queued() <= 1);
    // The gate's own, then 120 and the flush in groups of 50.
    // A flush that came later has a commit of its own.
    CHECK((j.commits == 4 || j.commits == 5));
    CHECK(j.stats().events == 120);
}

TEST_CASE("an operation that throws fails alone", "[host][journal]") {
    counted_fixture j;
    gate g;
    g.hold(*j.journal);
    std::vector<std::string> outcome(5, "none");
    for (int i = 0; i < 5; ++i) {
        j.journal->write(
            [&, i](host::journal_tx& tx) {
                tx.accept(j.intake_of(std::to_string(i), "r" + std::to_string(i)));
                if (i == 2) throw std::runtime_error("guilty");
                if (i == 3) throw host::error(host::category::input, "x.y", "typed");
            },
            [&, i](const host::result<void>& r) {
                outcome[static_cast<std::size_t>(i)] = r ? "ok" : r.error().code;
            });
    }
    g.open.set_value();
    REQUIRE(j.journal->flush().has_value());
    CHECK(outcome == std::vector<std::string>{"ok", "ok", "journal.operation-failed", "x.y", "ok"});
    CHECK(j.stats().events == 3);
    CHECK(j.stats().runs[0] == 3);
}

TEST_CASE("names made in a transaction that was rolled back are made anew", "[host][journal]") {
    journal_fixture j;
    auto in = j.intake_of("1");
    in.event.type = "first.type";
    CHECK(j.try_write([&](host::journal_tx& tx) {
               tx.accept(in);
               throw std::runtime_error("no");
           }).has_error());
    auto other = j.intake_of("2");
    other.event.type = "second.type";
    j.accept(other);
    j.accept(in);
    j.journal->read([](host::journal_reader& r) {
        const auto all = r.events({});
        REQUIRE(all.size() == 2);
        CHECK(all[0].type == "first.type");
        CHECK(all[1].type == "second.type");
    });
}

TEST_CASE("a failed commit is told to every operation in it and is not kept", "[host][journal]") {
    journal_fixture j;
    j.journal.reset();
    bool broken = true;
    j.options.test_point = [&](journal_point p, std::uint64_t) {
        if (broken && p == journal_point::before_commit) {
            throw host::journal_failure(
                {host::category::unavailable, "journal.io", "the disk is gone"});
        }
    };
    j.open();
    const auto r = j.try_write([&](host::journal_tx& tx) { tx.accept(j.intake_of("1")); });
    REQUIRE(r.has_error());
    CHECK(r.error().code == "journal.io");
    CHECK(j.journal->flush().has_error());
    broken = false;
    CHECK_FALSE(j.accept(j.intake_of("1")).duplicate);
}

TEST_CASE("a disk that takes no more fails the write, and the journal goes on when it does again",
          "[host][journal]") {
    journal_fixture j;
    j.accept(j.intake_of("before"));
    // A file size limit makes write() fail as a broken disk does.
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
    rlimit small = old;
    small.rlim_cur = 256 * 1024;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    auto big = j.intake_of("big");
    std::mt19937_64 random(3);
    while (big.event.data.size() < 4 * 1024 * 1024) // more than the limit also when compressed
        big.event.data += std::to_string(random());
    const auto r = j.try_write([&](host::journal_tx& tx) { tx.accept(big); });
    const int restored = setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, old_handler);
    REQUIRE(restored == 0);
    REQUIRE(r.has_error());
    CHECK(r.error().category == host::category::unavailable);
    CHECK(r.error().code == "journal.io");
    CHECK(j.stats().events == 1);
    CHECK_FALSE(j.accept(big).duplicate);
    CHECK(j.stats().events == 2);
}

TEST_CASE("a full disk has its own code", "[host][journal]") {
    temp_dir folder;
    host::sqlite_db db((folder.path() / "x.db").string(), host::sqlite_db::mode::create);
    db.script("CREATE TABLE t(x TEXT); PRAGMA max_page_count=4");
    try {
        db.exec("INSERT INTO t VALUES(?1)", std::string(100'000, 'x'));
        FAIL("stored more than there is room for");
    } catch (const host::journal_failure& f) {
        CHECK(f.get().code == "journal.disk-full");
        CHECK(f.get().category == host::category::unavailable);
        CHECK(f.get().message.find("x.db") != std::string::npos);
    }
    CHECK(db.exec("INSERT INTO t VALUES('small')") == 1);
}

TEST_CASE("a completion that throws hurts nobody else", "[host][journal]") {
    journal_fixture j;
    j.journal->write([&](host::journal_tx& tx) { tx.accept(j.intake_of("1")); },
                     [](const host::result<void>&) { throw std::runtime_error("listener"); });
    CHECK(j.journal->flush().has_value());
    CHECK(j.stats().events == 1);
}

TEST_CASE("closing finishes what is queued", "[host][journal]") {
    journal_fixture j;
    std::atomic<int> done{0};
    for (int i = 0; i < 200; ++i) {
        j.journal->write(
            [&, i](host::journal_tx& tx) { tx.accept(j.intake_of(std::to_string(i))); },
            [&](const host::result<void>& r) { done += r.has_value() ? 1 : 0; });
    }
    j.journal.reset();
    CHECK(done == 200);
    j.open();
    CHECK(j.stats().events == 200);
}

TEST_CASE("many threads write and read at the same time", "[host][journal]") {
    journal_fixture j;
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    std::atomic<int> done{0};
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const auto n = std::to_string(t) + "-" + std::to_string(i);
                j.journal->write(
                    [&j, n](host::journal_tx& tx) { tx.accept(j.intake_of(n, "r" + n, n)); },
                    [&](const host::result<void>& r) { (r ? done : failures).fetch_add(1); });
                if (i % 10 == 0) {
                    j.journal->read([&](host::journal_reader& r) {
                        // One snapshot: counters and rows agree.
                        const auto s = r.stats();
                        if (s.events != r.events({.type = {}, .before = {}, .limit = 999}).size()) {
                            failures.fetch_add(1);
                        }
                    });
                }
            }
        });
    }
    for (auto& t : threads) {
        t.join();
    }
    CHECK(j.journal->flush().has_value());
    CHECK(failures == 0);
    CHECK(done == 200);
}

TEST_CASE("ids come back as they went in, UUID or not", "[host][journal]") {
    const std::string id =
        GENERATE(as<std::string>(), "0190163d-8694-739b-aea5-966c26f8ad91", "run-1", "",
                 "0190163D-8694-739B-AEA5-966C26F8AD91", "0190163d-8694-739b-aea5-966c26f8ad9x",
                 "0190163d+8694-739b-aea5-966c26f8ad91", "0123456789abcdef");
    const host::stored_id stored(id);
    CHECK((stored.is_uuid ? host::uuid_text(stored.bytes()) : stored.text) == id);
    temp_dir folder;
    host::sqlite_db db((folder.path() / "x.db").string(), host::sqlite_db::mode::create);
    auto rows = db.query("SELECT ?1", stored);
    REQUIRE(rows.next());
    CHECK(rows.id(0) == id);
}

TEST_CASE("the write-ahead log stays bounded while writes never pause", "[host][journal]") {
    journal_fixture j;
    j.journal.reset();
    j.options.checkpoint_pages = 100;
    j.options.group_limit = 20;
    j.open();
    std::atomic<int> done{0};
    for (int i = 0; i < 6000; ++i) {
        const auto n = std::to_string(i);
        j.journal->write([&j, n](host::journal_tx& tx) { tx.accept(j.intake_of(n, "r" + n, n)); },
                         [&done](const host::result<void>& r) { done += r ? 1 : 0; });
    }
    REQUIRE(j.journal->flush().has_value());
    CHECK(done == 6000);
    // The file does not shrink while it is written to: its size is the most there ever was. Four
    // times the limit, and what one group may add.
    const auto pages = std::filesystem::file_size(j.options.path + "-wal") / 4120;
    CHECK(pages < 400 + 200);
    CHECK(pages > 50);
    // All that was moved is there.
    j.reopen();
    CHECK(j.stats().events == 6000);
}

TEST_CASE("a reader that takes long neither blocks the writer nor is disturbed",
          "[host][journal]") {
    journal_fixture j;
    j.journal.reset();
    j.options.checkpoint_pages = 50;
    j.options.group_limit = 10;
    j.open();
    j.accept(j.intake_of("first"));
    j.journal->read([&](host::journal_reader& r) {
        CHECK(r.stats().events == 1);
        for (int i = 0; i < 600; ++i)
            j.accept(j.intake_of(std::to_string(i)));
        CHECK(r.stats().events == 1);
        CHECK(r.events({.type = {}, .before = {}, .limit = 9999}).size() == 1);
    });
    CHECK(j.stats().events == 601);
    // The log could not begin anew before; now it does, once there is some more to move.
    const auto before = std::filesystem::file_size(j.options.path + "-wal");
    for (int i = 1000; i < 1600; ++i)
        j.accept(j.intake_of(std::to_string(i)));
    CHECK(std::filesystem::file_size(j.options.path + "-wal") < before + 200 * 4120);
}

TEST_CASE("whoever watches is told of each transaction, kept or not", "[host][journal]") {
    std::mutex guard;
    std::vector<std::string> seen;
    journal_fixture j;
    j.journal.reset();
    j.options.committed = [&](std::chrono::nanoseconds took, std::size_t n,
                              const mortise::error* failure) {
        const std::lock_guard lock(guard);
        seen.push_back(std::to_string(n) + ' ' + (failure != nullptr ? failure->code : "kept") +
                       (took.count() > 0 ? "" : " in no time"));
    };
    j.open();
    {
        const std::lock_guard lock(guard);
        seen.clear();
    }
    j.accept(journal_fixture::intake_of("e1", "r1"));
    CHECK_FALSE(j.try_write([](host::journal_tx&) {
                     throw host::journal_failure({mortise::category::conflict, "x.no", "no"});
                 }).has_value());
    const std::lock_guard lock(guard);
    CHECK(seen == std::vector<std::string>{"1 kept", "1 x.no"});
}
