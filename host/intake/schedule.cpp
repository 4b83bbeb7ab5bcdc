// SPDX-License-Identifier: Apache-2.0
#include "intake/schedule.hpp"

#include "base/digest.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <deque>
#include <utility>

namespace mortise::host {
namespace {

constexpr unix_ms hour = 3'600'000;
// A last tick further ahead than this was made by a clock that was wrong.
constexpr unix_ms far_ahead = 24 * hour;
constexpr unix_ms calendar_end = 253'402'300'799'000; // where there is no next tick

struct due_ticks {
    std::deque<unix_ms> newest; // the last ones, at most `keep`
    std::uint64_t count = 0;
    unix_ms next = 0; // fires then
};

due_ticks walk(const schedule_plan& plan, unix_ms from, unix_ms now, std::size_t keep) {
    due_ticks out;
    bool looked_closer = false;
    for (auto at = from;;) {
        const auto planned = plan.when.next(at, plan.zone);
        if (!planned) {
            out.next = calendar_end;
            return out;
        }
        const auto fires = *planned + jitter_of(plan.instance, *planned, plan.jitter).count();
        if (fires > now) {
            out.next = fires;
            return out;
        }
        if (out.count == most_missed && !std::exchange(looked_closer, true)) {
            // Not worth counting on: the last ones are looked for from closer by.
            for (const auto back : {hour, 24 * hour, 32 * 24 * hour, 400 * 24 * hour}) {
                if (now - back - plan.jitter.count() <= at) break;
                auto near = walk(plan, now - back - plan.jitter.count(), now, keep);
                if (near.newest.size() < std::min<std::size_t>(keep, most_missed)) continue;
                near.count = most_missed;
                return near;
            }
        }
        out.newest.push_back(*planned);
        if (out.newest.size() > keep) out.newest.pop_front();
        out.count = std::min<std::uint64_t>(out.count + 1, most_missed);
        at = *planned;
    }
}

} // namespace

std::chrono::milliseconds
jitter_of(std::string_view instance, unix_ms planned, std::chrono::milliseconds jitter) {
    if (jitter.count() <= 0) return std::chrono::milliseconds(0);
    const auto digest = sha256(std::string(instance) + '@' + std::to_string(planned));
    std::uint64_t x = 0;
    std::memcpy(&x, digest.data(), sizeof x);
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(x % static_cast<std::uint64_t>(jitter.count())));
}

schedule_step step_schedule(const schedule_plan& plan, unix_ms last, unix_ms now) {
    schedule_step out;
    if (last > now + far_ahead) {
        out.clock_was_ahead = true;
        last = now;
    }
    out.last = last;
    const std::size_t keep =
        plan.missed == missed_ticks::all ? std::max<std::size_t>(plan.missed_limit, 1) : 1;
    const auto due = walk(plan, last, now, keep);
    out.look_again = due.next;
    if (due.count == 0) return out;
    out.last = due.newest.back();
    const auto lost = due.count - due.newest.size();
    const auto late = [&](unix_ms planned) {
        return now - planned - jitter_of(plan.instance, planned, plan.jitter).count() >
               tick_tolerance.count();
    };
    if (plan.missed == missed_ticks::skip && late(due.newest.back())) return out;
    for (const auto planned : due.newest)
        out.fire.push_back({planned, out.fire.empty() ? lost : 0});
    return out;
}

std::string to_rfc3339(unix_ms t) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds(t)};
    const auto day = floor<days>(at);
    const year_month_day ymd(day);
    const hh_mm_ss time(at - day);
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(ymd.year()),
                  static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    std::string out = text;
    if (const auto ms = time.subseconds().count(); ms != 0) {
        std::snprintf(text, sizeof text, ".%03d", static_cast<int>(ms));
        out += text;
    }
    return out + 'Z';
}

} // namespace mortise::host
