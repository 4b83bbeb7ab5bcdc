// SPDX-License-Identifier: Apache-2.0
#include "intake/cron.hpp"
#include "intake/schedule.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <set>

using namespace mortise::host;
namespace chrono = std::chrono;

namespace {

cron parse(std::string_view text) {
    auto c = cron::parse(text);
    INFO(text << ": " << (c ? "" : c.error().message));
    REQUIRE(c.has_value());
    return *c;
}

time_zone zone(std::string_view name) {
    const auto z = time_zone::find(name);
    REQUIRE(z);
    return *z;
}

unix_ms utc(int y, unsigned m, unsigned d, int h = 0, int min = 0, int s = 0) {
    const chrono::sys_days day{chrono::year(y) / chrono::month(m) / chrono::day(d)};
    return chrono::duration_cast<chrono::milliseconds>(day.time_since_epoch() + chrono::hours(h) +
                                                       chrono::minutes(min) + chrono::seconds(s))
        .count();
}

std::vector<std::string> ticks(std::string_view text, const char* in, unix_ms from, int n) {
    const auto c = parse(text);
    const auto z = zone(in);
    std::vector<std::string> out;
    for (int i = 0; i < n; ++i) {
        const auto t = c.next(from, z);
        REQUIRE(t);
        REQUIRE(*t > from);
        out.push_back(to_rfc3339(*t));
        from = *t;
    }
    return out;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a schedule fires when its five fields say", "[engine][cron]") {
    const auto from = utc(2026, 1, 1, 0, 0);
    CHECK(ticks("0 3 * * *", "UTC", from, 2) ==
          texts{"2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z"});
    CHECK(ticks("*/20 8-9 * * *", "UTC", from, 7) ==
          texts{"2026-01-01T08:00:00Z", "2026-01-01T08:20:00Z", "2026-01-01T08:40:00Z",
                "2026-01-01T09:00:00Z", "2026-01-01T09:20:00Z", "2026-01-01T09:40:00Z",
                "2026-01-02T08:00:00Z"});
    CHECK(ticks("5,10-30/10 0 1 JAN,jul *", "UTC", from, 4) ==
          texts{"2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z", "2026-01-01T00:20:00Z",
                "2026-01-01T00:30:00Z"});
    CHECK(ticks("0 9 * * mon-fri", "UTC", utc(2026, 11, 20, 9), 2) ==
          texts{"2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z"});
    CHECK(ticks("0 0 * * 7", "UTC", from, 1) == ticks("0 0 * * sun", "UTC", from, 1));
    CHECK(ticks("0 0 * * sat-sun", "UTC", from, 2) ==
          texts{"2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z"});
    CHECK(ticks("0 0 29 2 *", "UTC", from, 2) ==
          texts{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"});
    CHECK(ticks("@hourly", "UTC", from, 1) == texts{"2026-01-01T01:00:00Z"});
    CHECK(ticks(" @Weekly ", "UTC", from, 1) == texts{"2026-01-04T00:00:00Z"});
    CHECK(ticks("@yearly", "UTC", from, 1) == texts{"2027-01-01T00:00:00Z"});
}

TEST_CASE("when both days are restricted either suffices", "[engine][cron]") {
    const auto from = utc(2026, 1, 1, 1);
    CHECK(ticks("0 0 13 * fri", "UTC", from, 4) ==
          texts{"2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z",
                "2026-01-16T00:00:00Z"});
    CHECK(ticks("0 0 */2 * mon", "UTC", from, 2) ==
          texts{"2026-01-05T00:00:00Z", "2026-01-19T00:00:00Z"});
}

TEST_CASE("the next instant lies after the one asked about, to the millisecond", "[engine][cron]") {
    const auto c = parse("0 3 * * *");
    const auto z = zone("UTC");
    const auto at = utc(2026, 1, 1, 3);
    CHECK(c.next(at - 1, z) == at);
    CHECK(c.next(at, z) == at + 86'400'000);
    CHECK(c.next(at + 1, z) == at + 86'400'000);
    CHECK(c.next(-1, z) == 3 * 3'600'000);
    CHECK(c.next(utc(1960, 1, 1, 2, 59, 59), z) == utc(1960, 1, 1, 3));
    CHECK_FALSE(c.next(utc(2600, 1, 1), z));
}

TEST_CASE("a time that the clocks skip fires at the first instant after the gap",
          "[engine][cron]") {
    // Zurich, 31 March 2024: 02:00 becomes 03:00 at 01:00 UTC.
    CHECK(ticks("30 2 * * *", "Europe/Zurich", utc(2024, 3, 30), 3) ==
          texts{"2024-03-30T01:30:00Z", "2024-03-31T01:00:00Z", "2024-04-01T00:30:00Z"});
    // Several skipped times make one tick, and one with a time that falls on the gap's end.
    CHECK(ticks("0,20,40 2,3 * * *", "Europe/Zurich", utc(2024, 3, 31), 3) ==
          texts{"2024-03-31T01:00:00Z", "2024-03-31T01:20:00Z", "2024-03-31T01:40:00Z"});
    // Samoa had no 30 December 2011 at all.
    CHECK(ticks("0 6 * * *", "Pacific/Apia", utc(2011, 12, 29, 16), 2) ==
          texts{"2011-12-30T10:00:00Z", "2011-12-30T16:00:00Z"});
}

TEST_CASE("a time that comes twice fires the first time", "[engine][cron]") {
    // Zurich, 27 October 2024: 03:00 becomes 02:00 at 01:00 UTC.
    CHECK(ticks("30 2 * * *", "Europe/Zurich", utc(2024, 10, 26, 12), 2) ==
          texts{"2024-10-27T00:30:00Z", "2024-10-28T01:30:00Z"});
    CHECK(ticks("*/30 1-3 * * *", "Europe/Zurich", utc(2024, 10, 26, 23), 6) ==
          texts{"2024-10-26T23:30:00Z", "2024-10-27T00:00:00Z", "2024-10-27T00:30:00Z",
                "2024-10-27T02:00:00Z", "2024-10-27T02:30:00Z", "2024-10-28T00:00:00Z"});
    // Havana goes back over midnight: from 01:00 to 00:00.
    CHECK(ticks("30 0 * * *", "America/Havana", utc(2024, 11, 2, 12), 2) ==
          texts{"2024-11-03T04:30:00Z", "2024-11-04T05:30:00Z"});
}

TEST_CASE("where the hour is a star the pace is kept through every change of the clocks",
          "[engine][cron]") {
    CHECK(ticks("*/30 * * * *", "Europe/Zurich", utc(2024, 10, 27, 0, 0), 5) ==
          texts{"2024-10-27T00:30:00Z", "2024-10-27T01:00:00Z", "2024-10-27T01:30:00Z",
                "2024-10-27T02:00:00Z", "2024-10-27T02:30:00Z"});
    for (const auto* name : {"Europe/Zurich", "America/New_York", "America/Havana",
                             "America/Asuncion", "Africa/Cairo", "Pacific/Auckland"}) {
        const auto c = parse("*/5 * * * *");
        const auto z = zone(name);
        auto at = utc(2024, 1, 1);
        for (int i = 0; i < 366 * 288; ++i) {
            const auto next = c.next(at, z);
            if (!next || *next != at + 300'000) {
                FAIL(name << " after " << to_rfc3339(at));
            }
            at = *next;
        }
    }
}

TEST_CASE("a wrong expression is refused with the place and what was expected", "[engine][cron]") {
    struct wrong {
        const char* text;
        std::size_t position;
        const char* part;
    };
    const auto w = GENERATE(
        wrong{"", 0, "five fields"}, wrong{"   ", 0, "five fields"},
        wrong{"0 3 * *", 7, "4 fields"}, wrong{"0 3 * * * *", 10, "6 fields"},
        wrong{"61 3 * * *", 0, "minute is * or 0 to 59"},
        wrong{"0 24 * * *", 2, "hour is * or 0 to 23"},
        wrong{"0 3 0 * *", 4, "day of month is * or 1 to 31"},
        wrong{"0 3 * 13 *", 6, "month is * or 1 to 12 or jan to dec"},
        wrong{"0 3 * * 8", 8, "day of week is * or 0 to 7 or sun to sat"},
        wrong{"0 3 * foo *", 6, "\"foo\""}, wrong{"0 3 * * mon-", 12, "a value is missing"},
        wrong{"0 3 * * ,mon", 8, "a value is missing"}, wrong{"0 3,", 4, "2 fields"},
        wrong{"0 22-4 * * *", 2, "ends before it begins"},
        wrong{"5/10 * * * *", 1, "a step follows"}, wrong{"*/0 * * * *", 2, "a step is a number"},
        wrong{"*/x * * * *", 2, "a step is a number"},
        wrong{"*/99 * * * *", 2, "a step is a number"}, wrong{"** * * * *", 1, "is not understood"},
        wrong{"1-5-9 * * * *", 3, "not understood"}, wrong{"-1 * * * *", 0, "a value is missing"},
        wrong{"+1 * * * *", 0, "\"+1\""}, wrong{"0 0 31 4,6 *", 4, "never fires"},
        wrong{"0 0 30 2 *", 4, "never fires"}, wrong{"@reboot", 0, "@hourly"},
        wrong{"0 99999999999999999999 * * *", 2, "0 to 23"});
    INFO(w.text);
    const auto c = cron::parse(w.text);
    REQUIRE_FALSE(c.has_value());
    INFO(c.error().message);
    CHECK(c.error().position == w.position);
    CHECK(c.error().message.find(w.part) != std::string::npos);
}

TEST_CASE("an unknown time zone is refused with the one that was meant", "[engine][cron]") {
    const auto near = time_zone::find("zurich");
    REQUIRE_FALSE(near);
    CHECK(near.error().message.find("Europe/Zurich") != std::string::npos);
    const auto none = time_zone::find("Mars/Olympus");
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("Mars/Olympus") != std::string::npos);
    CHECK_FALSE(time_zone::find(""));
    CHECK_FALSE(time_zone::find("../../etc/passwd"));
    CHECK(zone("Europe/Zurich").name() == "Europe/Zurich");
}

namespace {

const char* const zones[] = {"UTC",
                             "Europe/Zurich",
                             "Europe/London",
                             "Europe/Dublin",
                             "America/New_York",
                             "America/Los_Angeles",
                             "America/Havana",
                             "America/Sao_Paulo",
                             "America/Asuncion",
                             "America/St_Johns",
                             "Africa/Casablanca",
                             "Africa/Cairo",
                             "Asia/Tehran",
                             "Asia/Kolkata",
                             "Asia/Beirut",
                             "Asia/Gaza",
                             "Australia/Lord_Howe",
                             "Australia/Sydney",
                             "Pacific/Apia",
                             "Pacific/Chatham",
                             "Pacific/Auckland",
                             "Antarctica/Troll"};

} // namespace

TEST_CASE("over many zones and years a daily schedule fires once for every day",
          "[engine][cron][property]") {
    std::mt19937_64 random(20261121);
    for (const auto* name : zones) {
        const auto z = zone(name);
        for (int k = 0; k < 4; ++k) {
            const auto minute = random() % 60, hour = k == 0 ? 0 : random() % 24;
            const auto c = parse(std::to_string(minute) + ' ' + std::to_string(hour) + " * * *");
            INFO(name << " at " << hour << ':' << minute);
            const int years = 12;
            auto at = utc(2008, 1, 1) + static_cast<unix_ms>(random() % 86'400'000);
            const auto begin = at;
            const auto end = at + unix_ms{years} * 365 * 86'400'000;
            int count = 0;
            for (; at < end; ++count) {
                const auto next = c.next(at, z);
                REQUIRE(next);
                REQUIRE(*next > at);
                // Never two for one day, never a day left out: a day and the hour that clocks
                // move, or the day that Samoa skipped.
                if (count > 0) {
                    const auto distance = *next - at;
                    const bool skipped_a_day =
                        std::string_view(name) == "Pacific/Apia" && distance < 24 * 3'600'000;
                    if (!skipped_a_day) REQUIRE(distance >= 22 * 3'600'000);
                    REQUIRE(distance <= 26 * 3'600'000);
                }
                // Asked from anywhere in between, the answer is the same.
                const auto between =
                    at + static_cast<unix_ms>(random() % static_cast<std::uint64_t>(*next - at));
                REQUIRE(c.next(between, z) == next);
                at = *next;
            }
            const auto days = (at - begin) / 86'400'000;
            CHECK(std::abs(days - count) <= 2);
        }
    }
}

TEST_CASE("random expressions fire in order and at matching times only",
          "[engine][cron][property]") {
    std::mt19937_64 random(7);
    const auto field = [&](int low, int high) {
        const auto pick = [&] {
            return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
        };
        switch (random() % 4) {
        case 0:
            return std::string("*");
        case 1:
            return "*/" + std::to_string(1 + random() % static_cast<unsigned>(high));
        case 2: {
            const auto a = pick(), b = pick();
            return std::to_string(std::min(a, b)) + '-' + std::to_string(std::max(a, b));
        }
        default:
            return std::to_string(pick()) + ',' + std::to_string(pick());
        }
    };
    int used = 0;
    for (int i = 0; i < 1200; ++i) {
        const auto text = field(0, 59) + ' ' + field(0, 23) + ' ' + field(1, 31) + ' ' +
                          field(1, 12) + ' ' + field(0, 7);
        const auto c = cron::parse(text);
        if (!c) {
            REQUIRE(c.error().message.find("never fires") != std::string::npos);
            continue;
        }
        ++used;
        const auto* name = zones[random() % std::size(zones)];
        INFO(text << " in " << name << ", case " << i);
        const auto z = zone(name);
        auto at = utc(2010, 1, 1) + static_cast<unix_ms>(random() % (20ull * 365 * 86'400'000));
        for (int k = 0; k < 20; ++k) {
            const auto next = c->next(at, z);
            REQUIRE(next);
            REQUIRE(*next > at);
            REQUIRE(*next % 60'000 == 0);
            REQUIRE(c->next(*next - 1, z) == next);
            at = *next;
        }
    }
    CHECK(used > 1000);
}
