// SPDX-License-Identifier: Apache-2.0
//
// When a schedule fires: five-field cron expressions in a time zone. Sans-I/O but for the system's
// time zone files.
//
// minute hour day-of-month month day-of-week, each "*", a value, a range "a-b", a step "*/n" or
// "a-b/n", or a list of these; months and days of the week also by their English names' first three
// letters; 0 and 7 are Sunday. When neither day field begins with "*", either suffices. Also
// @hourly, @daily
// (@midnight), @weekly, @monthly, @yearly (@annually).
//
// Daylight saving: a time that the clocks skip fires at the first instant after the gap. A time
// that comes twice fires the first time; only where the hour is "*" it fires both times, so that
// "every five minutes" keeps its pace.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace date {
class time_zone;
}

namespace mortise::host {

// A zone of the system's time zone database. Cheap to copy; lives as long as the process.
class time_zone {
public:
    // Errors: config "schedule.time-zone", with the nearest name.
    static result<time_zone> find(std::string_view name);
    std::string name() const;

private:
    friend class cron;
    explicit time_zone(const date::time_zone* zone) : zone_(zone) {}
    const date::time_zone* zone_;
};

class cron {
public:
    struct fault {
        std::string message;      // what is wrong and what was expected
        std::size_t position = 0; // 0-based, in bytes of the text
    };
    static boost::system::result<cron, fault> parse(std::string_view text);

    // The first instant after `after` at which it fires; milliseconds are always 0. Nothing only
    // when the calendar ends (year 2500).
    std::optional<unix_ms> next(unix_ms after, const time_zone& zone) const;

private:
    std::optional<std::int64_t> second_of_day(std::int64_t after) const;
    bool matches_day(std::int64_t days) const; // since 1970-01-01
    void add_ticks_of(std::int64_t day,
                      const time_zone& zone,
                      std::int64_t from,
                      std::vector<std::int64_t>& to) const;

    std::uint64_t minutes_ = 0; // bit n: minute n
    std::uint32_t hours_ = 0;
    std::uint32_t days_ = 0; // of the month, from bit 1
    std::uint32_t months_ = 0;
    std::uint32_t weekdays_ = 0; // bit 0: Sunday
    bool any_day_ = false;       // day-of-month was "*"
    bool any_weekday_ = false;
    bool every_hour_ = false;
};

[[noreturn]] void throw_exception_from_error(const cron::fault& f, const boost::source_location&);

} // namespace mortise::host
