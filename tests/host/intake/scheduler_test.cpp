// SPDX-License-Identifier: Apache-2.0
// The scheduler on a clock and timers that the test holds, over a real journal.
#include "base/metrics.hpp"
#include "base/timers.hpp"
#include "content/content_store.hpp"
#include "http/client.hpp"
#include "intake/scheduler.hpp"
#include "journal/journal.hpp"
#include "plugin/watchdog.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <map>
#include <mutex>
#include <random>
#include <set>

using namespace mortise;
using namespace mortise::host;
using namespace std::chrono_literals;

namespace {

constexpr unix_ms minute = 60'000, hour = 60 * minute, day = 24 * hour;
constexpr unix_ms monday = 1'767'571'200'000; // 2026-01-05T00:00:00Z

// Virtual timers: run by the test, in order, when their time has come.
class held_timers final : public timer_source {
public:
    timer start(std::chrono::milliseconds delay, std::function<void()> fn) override {
        const std::lock_guard lock(guard_);
        const auto id = ++last_;
        waiting_[{now_ + std::max(delay, 0ms), id}] = std::move(fn);
        return timer(std::make_shared<entry>(*this, std::pair(now_ + std::max(delay, 0ms), id)));
    }
    // False: nothing is due by then.
    bool run_one(std::chrono::milliseconds until) {
        std::function<void()> fn;
        {
            const std::lock_guard lock(guard_);
            if (waiting_.empty() || waiting_.begin()->first.first > until) return false;
            now_ = std::max(now_, waiting_.begin()->first.first);
            fn = std::move(waiting_.begin()->second);
            waiting_.erase(waiting_.begin());
        }
        fn();
        return true;
    }
    std::chrono::milliseconds now() const { return now_; }
    void set_now(std::chrono::milliseconds t) { now_ = t; }

private:
    using key = std::pair<std::chrono::milliseconds, std::uint64_t>;
    struct entry final : pending_timer {
        entry(held_timers& o, key k) : owner(o), at(k) {}
        bool cancel() override {
            const std::lock_guard lock(owner.guard_);
            return owner.waiting_.erase(at) > 0;
        }
        held_timers& owner;
        key at;
    };
    std::mutex guard_;
    std::map<key, std::function<void()>> waiting_;
    std::chrono::milliseconds now_{0};
    std::uint64_t last_ = 0;
};

// Takes events as the engine does, as far as schedules are concerned.
class recording_intake final : public event_intake {
public:
    explicit recording_intake(journal& store) : store_(store) {}
    bool has_room() const override { return room; }
    void take(emitted batch, std::function<void(const result<void>&)> done) override {
        if (lose_next) { // a crash before the commit
            lose_next = false;
            return;
        }
        auto events = std::make_shared<std::vector<event_record>>(std::move(batch.events));
        auto fresh = std::make_shared<std::vector<event_record>>();
        store_.write(
            [=, cursor =
                    cursor_update{batch.connection, batch.trigger, *batch.cursor}](journal_tx& tx) {
                fresh->clear();
                for (const auto& e : *events) {
                    intake in;
                    in.event = e;
                    if (!tx.accept(in).duplicate) fresh->push_back(e);
                }
                tx.set_cursor(cursor);
            },
            [=, this](const result<void>& ok) {
                for (auto& e : *fresh)
                    seen.push_back(e);
                known += events->size() - fresh->size();
                done(ok);
            });
    }

    bool room = true;
    bool lose_next = false;
    std::vector<event_record> seen;
    std::size_t known = 0;

private:
    journal& store_;
};

struct world {
    explicit world(unix_ms start = monday) : time(start) {
        options.path = (dir.path() / "journal.db").string();
        options.time = &time;
        store = open_sqlite_journal(options).value();
        begin();
    }
    // As a host that starts, on the same journal.
    void begin() {
        if (schedules) schedules->stop();
        taken = std::make_unique<recording_intake>(*store);
        env = std::make_unique<plugin_environment>(
            plugin_environment{io, workers, time, timers, http, *store, contents, metrics, dog});
        schedules = std::make_unique<scheduler>(*env, *taken);
    }
    schedule_plan plan(std::string_view text, missed_ticks missed = missed_ticks::once) {
        return {"nightly", *cron::parse(text), *time_zone::find("UTC"), 0ms, missed, 100};
    }
    void set(schedule_plan p) {
        schedules->set({std::move(p)});
        settle();
    }
    // What is due now, and what comes of it.
    void settle() {
        for (int i = 0; i < 100; ++i) {
            REQUIRE(store->flush());
            if (!timers.run_one(timers.now())) break;
        }
        REQUIRE(store->flush());
    }
    void pass(std::chrono::milliseconds d) {
        const auto until = timers.now() + d;
        for (;;) {
            REQUIRE(store->flush());
            const auto before = timers.now();
            if (!timers.run_one(until)) break;
            time.advance(timers.now() - before);
            // What it looked at was of the time before.
            settle();
        }
        time.advance(until - timers.now());
        timers.set_now(until);
    }
    std::vector<std::string> planned() const {
        std::vector<std::string> out;
        for (const auto& e : taken->seen)
            out.push_back(e.subject);
        return out;
    }

    test::temp_dir dir;
    manual_clock time;
    system_clock real_time;
    metric_registry metrics;
    content_store contents;
    boost::asio::io_context io;
    boost::asio::thread_pool workers{1};
    watchdog dog{50ms, real_time};
    http_client http{io.get_executor(), time};
    held_timers timers;
    journal_options options;
    std::unique_ptr<journal> store;
    std::unique_ptr<recording_intake> taken;
    std::unique_ptr<plugin_environment> env;
    std::unique_ptr<scheduler> schedules;
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a schedule fires events that tell when they were planned", "[engine][scheduler]") {
    world w;
    w.set(w.plan("0 3 * * *"));
    w.pass(2h);
    CHECK(w.taken->seen.empty());
    CHECK(w.schedules->list().at(0).next == monday + 3 * hour);
    w.pass(2 * 24h);
    CHECK(w.planned() == texts{"2026-01-05T03:00:00Z", "2026-01-06T03:00:00Z"});
    const auto& e = w.taken->seen.at(0);
    CHECK(e.type == "mortise.schedule");
    CHECK(e.source == "/schedules/nightly");
    CHECK(e.id == "nightly@2026-01-05T03:00:00Z");
    CHECK(e.partition_key == "nightly");
    CHECK(e.via == "schedule");
    CHECK(e.data.find(R"("planned":"2026-01-05T03:00:00Z")") != std::string::npos);
    CHECK(e.data.find(R"("missed":0)") != std::string::npos);
}

TEST_CASE("a tick that was durable is not fired again after a restart", "[engine][scheduler]") {
    world w;
    w.set(w.plan("0 * * * *"));
    w.pass(90min);
    REQUIRE(w.planned() == texts{"2026-01-05T01:00:00Z"});
    w.begin();
    w.set(w.plan("0 * * * *"));
    w.pass(10min);
    CHECK(w.taken->seen.empty());
    CHECK(w.taken->known == 0);
    w.pass(30min);
    CHECK(w.planned() == texts{"2026-01-05T02:00:00Z"});
}

TEST_CASE("a tick lost on its way to the journal is fired after the restart",
          "[engine][scheduler]") {
    world w;
    w.set(w.plan("0 * * * *"));
    w.pass(30min);
    w.taken->lose_next = true;
    w.pass(31min);
    CHECK(w.taken->seen.empty());
    w.begin();
    w.set(w.plan("0 * * * *"));
    CHECK(w.planned() == texts{"2026-01-05T01:00:00Z"});
}

TEST_CASE("days away are made up for as the schedule says", "[engine][scheduler]") {
    world w;
    w.set(w.plan("0 3 * * *"));
    w.begin();
    w.time.advance(3 * 24h + 12h);
    SECTION("once") {
        w.set(w.plan("0 3 * * *", missed_ticks::once));
        CHECK(w.planned() == texts{"2026-01-08T03:00:00Z"});
        CHECK(w.taken->seen[0].data.find(R"("missed":3)") != std::string::npos);
    }
    SECTION("all") {
        w.set(w.plan("0 3 * * *", missed_ticks::all));
        CHECK(w.planned().size() == 4);
    }
    SECTION("skip, over another restart, too") {
        w.set(w.plan("0 3 * * *", missed_ticks::skip));
        CHECK(w.planned().empty());
        w.begin();
        w.set(w.plan("0 3 * * *", missed_ticks::once));
        CHECK(w.planned().empty());
    }
}

TEST_CASE("two hosts on one journal fire one event a tick", "[engine][scheduler]") {
    world w;
    w.set(w.plan("0 * * * *"));
    scheduler other(*w.env, *w.taken);
    other.set({w.plan("0 * * * *")});
    w.settle();
    w.pass(3h + 1min);
    CHECK(w.planned() ==
          texts{"2026-01-05T01:00:00Z", "2026-01-05T02:00:00Z", "2026-01-05T03:00:00Z"});
    CHECK(w.taken->known == 3);
}

TEST_CASE("while the backlog is full a tick waits and is not lost", "[engine][scheduler]") {
    world w;
    w.set(w.plan("0 * * * *"));
    w.taken->room = false;
    w.pass(70min);
    CHECK(w.taken->seen.empty());
    w.taken->room = true;
    w.pass(2s);
    CHECK(w.planned() == texts{"2026-01-05T01:00:00Z"});
}

TEST_CASE("a schedule that is taken away fires no more, a new one counts from now",
          "[engine][scheduler]") {
    world w;
    w.set(w.plan("0 * * * *"));
    w.pass(61min);
    CHECK(w.planned().size() == 1);
    w.schedules->set({});
    w.settle();
    w.pass(3h);
    CHECK(w.planned().size() == 1);
    CHECK(w.schedules->list().empty());
    auto other = w.plan("0 * * * *");
    other.instance = "other";
    w.set(other);
    CHECK(w.planned().size() == 1);
    w.pass(1h);
    CHECK(w.planned().size() == 2);
    w.schedules->stop();
    w.pass(3h);
    CHECK(w.planned().size() == 2);
}

TEST_CASE("clocks that jump and hosts that crash never double a tick and lose none for good",
          "[engine][scheduler][property]") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        INFO("seed " << seed);
        std::mt19937_64 random(seed);
        world w(monday + static_cast<unix_ms>(random() % (60ull * day)));
        std::set<std::string> ids;
        const auto collect = [&] {
            for (const auto& e : w.taken->seen) {
                INFO(e.id);
                REQUIRE(ids.insert(e.id).second);
            }
            w.taken->seen.clear();
        };
        const auto first = w.time.now_unix_ms();
        auto furthest = first;
        w.set(w.plan("*/10 * * * *", missed_ticks::all));
        for (int i = 0; i < 40; ++i) {
            switch (random() % 6) {
            case 0: // set back, by less than a day
                w.time.set_unix(w.time.now_unix_ms() - static_cast<unix_ms>(random() % (2 * hour)));
                break;
            case 1: // a crash, perhaps in the middle of a tick
                w.taken->lose_next = random() % 2 == 0;
                w.pass(std::chrono::milliseconds(random() % (20 * minute)));
                collect();
                w.begin();
                w.time.advance(std::chrono::milliseconds(random() % (3 * hour)));
                w.set(w.plan("*/10 * * * *", missed_ticks::all));
                break;
            default:
                w.pass(std::chrono::milliseconds(random() % (40 * minute)));
            }
            collect();
            furthest = std::max(furthest, w.time.now_unix_ms());
        }
        // At the end the clock runs on to where it has been, and everything has fired.
        w.begin();
        w.time.set_unix(furthest + minute);
        w.set(w.plan("*/10 * * * *", missed_ticks::all));
        collect();
        const auto c = *cron::parse("*/10 * * * *");
        const auto utc = *time_zone::find("UTC");
        std::size_t expected = 0;
        for (auto t = *c.next(first, utc); t <= furthest + minute; t = *c.next(t, utc)) {
            ++expected;
            INFO(to_rfc3339(t));
            CHECK(ids.contains("nightly@" + to_rfc3339(t)));
        }
        CHECK(ids.size() == expected);
    }
}
