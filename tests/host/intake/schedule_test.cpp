// SPDX-License-Identifier: Apache-2.0
#include "intake/schedule.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <chrono>
#include <map>
#include <random>
#include <set>

using namespace mortise::host;
using namespace std::chrono_literals;

namespace {

constexpr unix_ms minute = 60'000, hour = 60 * minute, day = 24 * hour;
constexpr unix_ms monday = 1'767'571'200'000; // 2026-01-05T00:00:00Z

schedule_plan plan(std::string_view text, missed_ticks missed = missed_ticks::once) {
    schedule_plan p{"nightly", *cron::parse(text), *time_zone::find("UTC"), 0ms, missed, 100};
    return p;
}

std::vector<unix_ms> planned(const schedule_step& s) {
    std::vector<unix_ms> out;
    for (const auto& t : s.fire)
        out.push_back(t.planned);
    return out;
}

using times = std::vector<unix_ms>;

} // namespace

TEST_CASE("a tick fires at its time and not before", "[engine][schedule]") {
    const auto p = plan("0 3 * * *");
    auto s = step_schedule(p, monday, monday + 3 * hour - 1);
    CHECK(s.fire.empty());
    CHECK(s.last == monday);
    CHECK(s.look_again == monday + 3 * hour);
    s = step_schedule(p, monday, monday + 3 * hour);
    CHECK(planned(s) == times{monday + 3 * hour});
    CHECK(s.fire[0].missed == 0);
    CHECK(s.last == monday + 3 * hour);
    CHECK(s.look_again == monday + day + 3 * hour);
    CHECK(step_schedule(p, s.last, monday + 3 * hour).fire.empty());
}

TEST_CASE("after days away the policy for missed ticks decides", "[engine][schedule]") {
    const auto now = monday + 3 * day + 12 * hour;
    SECTION("once: the last one, which says how many there were before it") {
        const auto s = step_schedule(plan("0 3 * * *"), monday, now);
        CHECK(planned(s) == times{monday + 3 * day + 3 * hour});
        CHECK(s.fire[0].missed == 3);
    }
    SECTION("skip: none, and the next one fires in its time") {
        const auto p = plan("0 3 * * *", missed_ticks::skip);
        auto s = step_schedule(p, monday, now);
        CHECK(s.fire.empty());
        CHECK(s.last == monday + 3 * day + 3 * hour);
        s = step_schedule(p, s.last, monday + 4 * day + 3 * hour + 5'000);
        CHECK(planned(s) == times{monday + 4 * day + 3 * hour});
    }
    SECTION("all: each of them in order") {
        const auto s = step_schedule(plan("0 3 * * *", missed_ticks::all), monday, now);
        CHECK(planned(s) == times{monday + 3 * hour, monday + day + 3 * hour,
                                  monday + 2 * day + 3 * hour, monday + 3 * day + 3 * hour});
        for (const auto& t : s.fire)
            CHECK(t.missed == 0);
    }
    SECTION("all, but no more than the limit, and the first one says how many were left out") {
        auto p = plan("0 3 * * *", missed_ticks::all);
        p.missed_limit = 2;
        const auto s = step_schedule(p, monday, now);
        CHECK(planned(s) == times{monday + 2 * day + 3 * hour, monday + 3 * day + 3 * hour});
        CHECK(s.fire[0].missed == 2);
        CHECK(s.fire[1].missed == 0);
    }
}

TEST_CASE("a little late is not missed", "[engine][schedule]") {
    const auto p = plan("0 3 * * *", missed_ticks::skip);
    CHECK(step_schedule(p, monday, monday + 3 * hour + 60'000).fire.size() == 1);
    CHECK(step_schedule(p, monday, monday + 3 * hour + 60'001).fire.empty());
}

TEST_CASE("years of missed minutes are dealt with at once", "[engine][schedule]") {
    const auto now = monday + 3 * 365 * day;
    const auto s = step_schedule(plan("* * * * *"), monday, now);
    CHECK(planned(s) == times{now});
    CHECK(s.fire[0].missed == most_missed - 1);
    auto p = plan("* * 1 1 *", missed_ticks::all); // every minute of New Year's Day
    p.missed_limit = 1000;
    const auto rare = step_schedule(p, monday, now + 200 * day);
    CHECK(rare.fire.size() == 1000);
    CHECK(to_rfc3339(rare.fire.back().planned) == "2029-01-01T23:59:00Z");
    CHECK(rare.fire.front().missed == 3 * 1440 - 1000);
}

TEST_CASE("a clock that goes back fires no tick twice", "[engine][schedule]") {
    const auto p = plan("*/10 * * * *");
    auto s = step_schedule(p, monday, monday + hour);
    REQUIRE(s.last == monday + hour);
    const auto back = step_schedule(p, s.last, monday + 5 * minute);
    CHECK(back.fire.empty());
    CHECK(back.last == monday + hour);
    CHECK(back.look_again == monday + hour + 10 * minute);
    CHECK_FALSE(back.clock_was_ahead);
}

TEST_CASE("a clock that was years ahead does not silence a schedule", "[engine][schedule]") {
    const auto p = plan("0 3 * * *");
    const auto s = step_schedule(p, monday + 400 * day, monday);
    CHECK(s.clock_was_ahead);
    CHECK(s.fire.empty());
    CHECK(s.last == monday);
    CHECK(s.look_again == monday + 3 * hour);
}

TEST_CASE("jitter delays a tick by less than it says, always by the same", "[engine][schedule]") {
    auto p = plan("0 * * * *");
    p.jitter = 10min;
    const auto at = monday + hour;
    const auto delay = jitter_of("nightly", at, 10min);
    CHECK(delay < 10min);
    CHECK(delay == jitter_of("nightly", at, 10min));
    CHECK(step_schedule(p, monday, at + delay.count() - 1).fire.empty());
    const auto s = step_schedule(p, monday, at + delay.count());
    CHECK(planned(s) == times{at});
    std::set<std::int64_t> several;
    for (int i = 0; i < 20; ++i)
        several.insert(jitter_of("flow" + std::to_string(i), at, 10min).count());
    CHECK(several.size() > 15);
    CHECK(jitter_of("nightly", at, 0ms) == 0ms);
}

TEST_CASE("whatever the clock does, every tick is fired at most once and in order",
          "[engine][schedule][property]") {
    const char* const expressions[] = {"* * * * *", "*/7 * * * *", "0 3 * * *", "30 2 * * 0",
                                       "15,45 8-17 * * mon-fri"};
    std::uint64_t fired = 0, lost = 0;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        INFO("seed " << seed);
        std::mt19937_64 random(seed);
        auto p = plan(expressions[random() % 5], static_cast<missed_ticks>(random() % 3));
        p.zone = *time_zone::find("Europe/Zurich");
        p.jitter = std::chrono::milliseconds(random() % 3 * 90'000);
        p.missed_limit = static_cast<std::uint32_t>(1 + random() % 20);
        unix_ms now = monday + static_cast<unix_ms>(random() % (300ull * day));
        auto last = now;
        unix_ms fired_last = 0;
        for (int i = 0; i < 40; ++i) {
            const auto move = random() % 10;
            if (move == 0)
                now -= static_cast<unix_ms>(random() % (2 * hour)); // set back
            else if (move == 1)
                now += static_cast<unix_ms>(random() % (2 * day)); // away
            else
                now += static_cast<unix_ms>(random() % (20 * minute));
            const auto s = step_schedule(p, last, now);
            REQUIRE_FALSE(s.clock_was_ahead);
            REQUIRE(s.last >= last);
            REQUIRE(s.look_again > now);
            for (const auto& t : s.fire) {
                REQUIRE(t.planned > fired_last);
                REQUIRE(t.planned > last);
                REQUIRE(t.planned + jitter_of(p.instance, t.planned, p.jitter).count() <= now);
                fired_last = t.planned;
                ++fired;
                lost += t.missed;
            }
            if (!s.fire.empty()) REQUIRE(s.last == s.fire.back().planned);
            last = s.last;
            // A crash before the commit asks again and gets the same.
            if (random() % 4 == 0) REQUIRE(planned(step_schedule(p, last, now)).empty());
        }
    }
    CHECK(fired > 10'000);
    CHECK(lost > 10'000);
}

TEST_CASE("times are written as RFC 3339", "[engine][schedule]") {
    CHECK(to_rfc3339(0) == "1970-01-01T00:00:00Z");
    CHECK(to_rfc3339(1'767'571'200'007) == "2026-01-05T00:00:00.007Z");
    CHECK(to_rfc3339(-1) == "1969-12-31T23:59:59.999Z");
}
