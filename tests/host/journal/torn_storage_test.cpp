// SPDX-License-Identifier: Apache-2.0
// The journal on a disk that loses, tears and refuses: what a completion promised must be there
// after the power comes back, and nothing may be there by half.
#include "fixture.hpp"
#include "journal/care.hpp"
#include "support/faulty_vfs.hpp"

#include <mutex>
#include <set>

using namespace mortise::test;

namespace {

constexpr int most = 24; // operations of one scenario

struct torn_fixture {
    temp_dir folder; // of the lock file; the database itself is in memory
    host::manual_clock time;
    host::journal_options options;
    faulty_vfs disk;
    std::unique_ptr<host::journal> journal;
    std::mutex guard;
    std::set<int> acknowledged;
    std::set<std::string> refusals; // error codes of writes that failed

    explicit torn_fixture(std::uint64_t seed = 1, unsynced at_crash = unsynced::torn)
        : disk(seed, at_crash) {
        options.path = (folder.path() / "journal.db").string();
        options.time = &time;
        options.group_limit = 5;
        // Checkpoints in the middle of the work, and always at the same places.
        options.background = false;
        options.checkpoint_pages = 60;
    }

    std::string open() {
        auto opened = host::open_sqlite_journal(options);
        if (!opened) return opened.error().code;
        journal = std::move(*opened);
        return {};
    }
    void must_open() {
        const auto why = open();
        if (!why.empty()) FAIL(why);
    }
    void power_back() {
        journal.reset();
        disk.boot();
    }

    // Every operation leaves its mark in many tables; some end an earlier run.
    void write(int i) {
        const auto n = std::to_string(i);
        journal->write(
            [n, i](host::journal_tx& tx) {
                auto in = journal_fixture::intake_of(n, "r" + n, "k" + std::to_string(i % 3));
                in.event.data = '"' + std::string(static_cast<std::size_t>(i % 7) * 900, 'd') + '"';
                if (tx.accept(in).duplicate) return;
                tx.put_step(host::run_id("r" + n), step_of("s", host::step_state::done));
                (void)tx.link_put({"asset", "a" + n, "b" + n, "{}", 0});
                (void)tx.state_put("test", "k" + n, "{\"i\":" + n + "}", 0);
                tx.set_cursor({"dam", "changes", n});
                if (i % 4 == 3) {
                    tx.finish(host::run_id("r" + n), host::run_state::succeeded, "{}", std::nullopt,
                              "");
                }
            },
            [this, i](const host::result<void>& r) {
                const std::lock_guard lock(guard);
                if (r)
                    acknowledged.insert(i);
                else
                    refusals.insert(r.error().code);
            });
    }
    void work(int first = 0, int count = most) {
        for (int i = first; i < first + count; ++i) {
            write(i);
            if (i % 8 == 7) (void)journal->flush();
        }
        (void)journal->flush();
    }

    // What is there, after having looked at each part of it.
    std::set<int> found_whole() {
        std::set<int> found;
        journal->read([&](host::journal_reader& r) {
            const auto events = r.events({.type = {}, .before = {}, .limit = 100'000});
            const auto stats = r.stats();
            CHECK(stats.events == events.size());
            std::uint64_t finished = 0;
            for (const auto& e : events) {
                const int i = std::stoi(e.id);
                found.insert(i);
                CHECK(e.data.size() == 2 + static_cast<std::size_t>(i % 7) * 900);
                const auto run = r.run(host::run_id("r" + e.id));
                REQUIRE(run.has_value());
                CHECK(run->steps.size() == 1);
                CHECK((run->run.state == host::run_state::succeeded) == (i % 4 == 3));
                finished += i % 4 == 3 ? 1 : 0;
                CHECK(r.state_get("test", "k" + e.id).value == "{\"i\":" + e.id + "}");
            }
            CHECK(r.links("asset", 100'000).size() == events.size());
            CHECK(stats.runs[static_cast<int>(host::run_state::succeeded)] == finished);
            CHECK(stats.runs[static_cast<int>(host::run_state::ready)] == events.size() - finished);
            const auto cursor = r.cursor("dam", "changes");
            // Of the operation that came last, which need not have the greatest number when an
            // earlier one failed and was repeated.
            CHECK(cursor.empty() == found.empty());
            if (!cursor.empty()) CHECK(found.count(std::stoi(cursor)) == 1);
        });
        return found;
    }

    void check_sound() {
        const auto report = host::check_journal(options.path, {.full = true, .most = 5});
        if (!report) FAIL(report.error().message);
        for (const auto& f : report->findings)
            FAIL_CHECK(f.code + ": " + f.where + ": " + f.message);
    }

    void check_after_reopening() {
        must_open();
        check_sound();
        const auto found = found_whole();
        for (const int i : acknowledged) {
            INFO("acknowledged " << i);
            CHECK(found.count(i) == 1);
        }
        // And it goes on: a repeat of everything adds what is missing, once.
        refusals.clear();
        work();
        CHECK(refusals.empty());
        CHECK(found_whole().size() == most);
    }
};

// How many disk operations the whole scenario takes.
std::uint64_t operations_of_work() {
    static const std::uint64_t count = [] {
        torn_fixture t;
        t.must_open();
        t.work();
        return t.disk.operations();
    }();
    return count;
}

const char* name_of(unsynced u) {
    return u == unsynced::lost ? "lost" : u == unsynced::torn ? "torn" : "kept";
}

} // namespace

TEST_CASE("whatever the disk had not synced when the power went, what was acknowledged is there",
          "[host][journal][torn]") {
    const auto at_crash = GENERATE(unsynced::lost, unsynced::torn, unsynced::kept);
    const auto total = operations_of_work();
    REQUIRE(total > 100);
    // Every third point in the order of operations; each seed begins elsewhere and tears otherwise.
    for (std::uint64_t point = at_crash == unsynced::lost ? 0 : 1; point < total; point += 3) {
        torn_fixture t(point * 7 + 1, at_crash);
        INFO("unsynced writes " << name_of(at_crash) << ", power off after " << point
                                << " disk operations of " << total);
        t.disk.fail({.kinds = disk_fault::any, .after = point, .what = disk_fault::power});
        if (t.open().empty()) t.work();
        t.power_back();
        t.check_after_reopening();
    }
}

TEST_CASE("power that goes again and again during recovery loses nothing",
          "[host][journal][torn]") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        torn_fixture t(seed);
        INFO("seed " << seed);
        t.must_open();
        t.work();
        t.disk.crash();
        for (std::uint64_t again = 0; again < 8; ++again) {
            t.power_back();
            t.disk.fail(
                {.kinds = disk_fault::any, .after = again * seed, .what = disk_fault::power});
            if (t.open().empty()) t.work(most, 4);
            t.disk.crash();
        }
        t.power_back();
        t.must_open();
        const auto found = t.found_whole();
        for (const int i : t.acknowledged)
            CHECK(found.count(i) == 1);
    }
}

TEST_CASE("power that goes during retention leaves a sound journal that knows its events",
          "[host][journal][torn]") {
    const auto prepared = [](torn_fixture& t) {
        t.options.retention.standard.keep_count = 1;
        t.must_open();
        t.work();
        return t.disk.operations();
    };
    std::uint64_t total = 0;
    {
        torn_fixture t;
        const auto before = prepared(t);
        CHECK(t.journal->trim().value().runs == most / 4 - 1);
        total = t.disk.operations() - before;
        t.check_sound();
    }
    REQUIRE(total > 5);
    for (std::uint64_t point = 0; point < total; ++point) {
        torn_fixture t(point + 1);
        INFO("power off after " << point << " of " << total << " disk operations");
        prepared(t);
        t.disk.fail({.kinds = disk_fault::any, .after = point, .what = disk_fault::power});
        (void)t.journal->trim();
        t.power_back();
        t.must_open();
        t.check_sound();
        std::set<int> known;
        t.journal->read([&](host::journal_reader& r) {
            for (const auto& e : r.events({.type = {}, .before = {}, .limit = 9999}))
                known.insert(std::stoi(e.id));
            CHECK(r.stats().runs[static_cast<int>(host::run_state::ready)] == most - most / 4);
        });
        CHECK(known == t.acknowledged);
        CHECK(t.journal->trim().has_value());
        t.check_sound();
    }
}

TEST_CASE("a write-ahead log that was cut off anywhere gives a whole, earlier journal",
          "[host][journal][torn]") {
    torn_fixture t(1, unsynced::lost);
    t.options.checkpoint_pages = 4000; // what is in the file already needs no log
    t.must_open();
    t.work();
    t.disk.crash();
    t.power_back();
    const auto main = t.disk.contents(t.options.path);
    const auto wal = t.disk.contents(t.options.path + "-wal");
    constexpr std::size_t header = 32;
    constexpr std::size_t frame = 24 + 4096;
    REQUIRE(wal.size() > header + 20 * frame);
    std::size_t before = 0;
    const auto check_cut = [&](std::size_t length) {
        INFO("cut to " << length << " of " << wal.size() << " bytes");
        t.journal.reset();
        for (const auto& p : t.disk.paths())
            t.disk.remove(p);
        t.disk.put(t.options.path, main);
        t.disk.put(t.options.path + "-wal", wal.substr(0, length));
        t.must_open();
        const auto found = t.found_whole();
        // In order, without a gap, and never less than with a shorter log.
        CHECK((found.empty() || *found.rbegin() + 1 == static_cast<int>(found.size())));
        CHECK(found.size() >= before);
        before = found.size();
    };
    for (const std::size_t odd : {std::size_t{0}, std::size_t{1}, std::size_t{31}})
        check_cut(odd);
    for (std::size_t at = header; at <= wal.size(); at += frame) {
        check_cut(at);
        if (at + frame <= wal.size()) {
            check_cut(at + 1);
            check_cut(at + 24);
            check_cut(at + frame - 1);
        }
    }
    CHECK(before == most);
}

TEST_CASE("a log whose middle is damaged ends before the damage", "[host][journal][torn]") {
    torn_fixture t(1, unsynced::lost);
    t.options.checkpoint_pages = 4000; // what is in the file already needs no log
    t.must_open();
    t.work();
    t.disk.crash();
    t.power_back();
    const auto main = t.disk.contents(t.options.path);
    auto wal = t.disk.contents(t.options.path + "-wal");
    for (std::size_t at = 100; at < wal.size(); at += wal.size() / 9) {
        auto damaged = wal;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
        t.journal.reset();
        t.disk.put(t.options.path, main);
        t.disk.put(t.options.path + "-wal", damaged);
        t.must_open();
        const auto found = t.found_whole();
        CHECK(found.size() < most);
        CHECK((found.empty() || *found.rbegin() + 1 == static_cast<int>(found.size())));
    }
}

TEST_CASE("a disk that is full during a commit fails the write, and all goes on with new space",
          "[host][journal][torn]") {
    for (const std::uint64_t room : {0u, 1000u, 5000u, 20'000u, 60'000u}) {
        torn_fixture t(room + 3);
        INFO("room for " << room << " bytes");
        t.must_open();
        t.work(0, 8);
        t.disk.set_capacity(t.disk.used() + room);
        for (int i = 8; i < 400; ++i) {
            t.write(i);
            if (i % 8 == 0) (void)t.journal->flush();
        }
        (void)t.journal->flush();
        CHECK(t.refusals == std::set<std::string>{"journal.disk-full"});
        CHECK(t.acknowledged.size() < 400);
        t.disk.set_capacity(1u << 30);
        t.refusals.clear();
        t.work(400, 8);
        CHECK(t.refusals.empty());
        CHECK(t.found_whole() == t.acknowledged);
        // Also for the machine after a power cut.
        t.disk.crash();
        t.power_back();
        t.must_open();
        CHECK(t.found_whole() == t.acknowledged);
    }
}

TEST_CASE("a disk-full answer at any write is told as such and keeps the journal usable",
          "[host][journal][torn]") {
    torn_fixture t;
    t.must_open();
    t.work(0, 8);
    for (std::uint64_t after = 0; after < 40; after += 3) {
        const int first = 100 + static_cast<int>(after) * 10;
        t.disk.fail({.kinds = disk_fault::write,
                     .after = after,
                     .what = disk_fault::disk_full,
                     .lasts = true});
        t.work(first, 8);
        t.disk.heal();
    }
    CHECK(t.refusals == std::set<std::string>{"journal.disk-full"});
    t.refusals.clear();
    t.work(1000, 8);
    CHECK(t.refusals.empty());
    CHECK(t.found_whole() == t.acknowledged);
}

TEST_CASE("nothing of a group whose sync failed is acknowledged", "[host][journal][torn]") {
    torn_fixture t;
    t.must_open();
    t.work(0, 8);
    t.disk.fail(
        {.kinds = disk_fault::sync, .after = 0, .what = disk_fault::io_error, .lasts = true});
    t.work(8, 8);
    CHECK(t.acknowledged.size() == 8);
    CHECK(t.refusals == std::set<std::string>{"journal.io"});
    t.disk.heal();
    t.refusals.clear();
    t.work(16, 8);
    CHECK(t.refusals.empty());
    CHECK(t.found_whole() == t.acknowledged);
}

TEST_CASE("a failed sync whose writes are gone for good costs nothing that was acknowledged later",
          "[host][journal][torn]") {
    for (std::uint64_t after = 0; after < 30; ++after) {
        torn_fixture t(after + 1, unsynced::lost);
        INFO("sync " << after << " fails once");
        t.must_open();
        t.disk.fail({.kinds = disk_fault::sync, .after = after, .what = disk_fault::io_error});
        t.work();
        t.disk.crash();
        t.power_back();
        t.check_after_reopening();
    }
}

TEST_CASE("a write that fails once anywhere costs nothing that was acknowledged",
          "[host][journal][torn]") {
    const auto total = operations_of_work();
    for (std::uint64_t after = 0; after < total; after += 7) {
        torn_fixture t(after + 1);
        INFO("disk operation " << after << " fails once");
        t.disk.fail({.kinds = disk_fault::any, .after = after, .what = disk_fault::io_error});
        if (t.open().empty()) t.work();
        t.disk.crash();
        t.power_back();
        t.check_after_reopening();
    }
}

TEST_CASE("a clock that jumps back leaves order, claims and wakes as they were",
          "[host][journal][torn]") {
    journal_fixture j;
    const auto start = j.time.now_unix_ms();
    for (int i = 0; i < 5; ++i)
        j.accept(j.intake_of(std::to_string(i), host::uuid_v7(j.time.now_unix_ms())));
    j.time.set_unix(start - 86'400'000);
    for (int i = 5; i < 10; ++i)
        j.accept(j.intake_of(std::to_string(i), host::uuid_v7(j.time.now_unix_ms())));
    // Order of a key is that of acceptance, whatever the clock said.
    for (int i = 0; i < 10; ++i) {
        const auto claimed = j.claim();
        REQUIRE(claimed.size() == 1);
        CHECK(claimed[0].event.id == std::to_string(i));
        j.finish(claimed[0].run.id.str());
    }
    std::vector<std::string> listed;
    j.journal->read([&](host::journal_reader& r) {
        for (const auto& e : r.events({}))
            listed.push_back(e.id);
    });
    CHECK(listed == std::vector<std::string>{"9", "8", "7", "6", "5", "4", "3", "2", "1", "0"});
}

TEST_CASE("runs of a host that restarts after its clock jumped back are not stuck",
          "[host][journal][torn]") {
    journal_fixture j;
    const auto start = j.time.now_unix_ms();
    j.accept(j.intake_of("1", "r1", "a"));
    j.accept(j.intake_of("2", "r2", "b"));
    CHECK(j.claimed_ids().size() == 2);
    CHECK(j.suspend("r2", start + 1000) == host::run_state::waiting);
    j.time.set_unix(start - 3'600'000);
    j.reopen();
    // r1 was leased into what is now a far future; its owner says that it is gone.
    std::uint64_t released = 0;
    j.write([&](host::journal_tx& tx) { released = tx.release_leases("host-a"); });
    CHECK(released == 1);
    CHECK(j.claimed_ids() == std::vector<std::string>{"r1"});
    j.finish("r1");
    // r2 keeps its moment on the wall clock.
    j.time.set_unix(start + 1000);
    CHECK(j.claimed_ids() == std::vector<std::string>{"r2"});
}

TEST_CASE("a lease that is renewed after the clock jumped back ends by the new clock",
          "[host][journal][torn]") {
    journal_fixture j;
    const auto start = j.time.now_unix_ms();
    j.accept(j.intake_of("1", "r1"));
    CHECK(j.claimed_ids().size() == 1); // until start + 30 s
    j.time.set_unix(start - 3'600'000);
    j.write([&](host::journal_tx& tx) { tx.renew_leases("host-a", tx.now() + 30'000); });
    // Its owner dies; another one need not wait for an hour.
    j.time.set_unix(start - 3'600'000 + 30'001);
    CHECK(j.claimed_ids(100, "host-b") == std::vector<std::string>{"r1"});
}
