// SPDX-License-Identifier: Apache-2.0
#include "intake/cron.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <date/date.h>
#include <date/tz.h>
#include <stdexcept>

namespace mortise::host {
namespace {

using local_seconds = date::local_seconds;
using date::sys_seconds;
using std::chrono::seconds;

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t last_day = 193'534; // 2499-11-18: far from what the library can count

struct field {
    std::string_view name;
    int low, high;
    std::array<std::string_view, 12> names; // of low, low + 1, ...; empty: no names
};

constexpr std::array<field, 5> fields{
    {{"minute", 0, 59, {}},
     {"hour", 0, 23, {}},
     {"day of month", 1, 31, {}},
     {"month",
      1,
      12,
      {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
     {"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}}};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string quoted(std::string_view text) {
    return '"' + std::string(text.substr(0, 40)) + (text.size() > 40 ? "...\"" : "\"");
}

std::string expected(const field& f) {
    std::string out =
        std::string(f.name) + " is * or " + std::to_string(f.low) + " to " + std::to_string(f.high);
    if (!f.names[0].empty()) {
        std::size_t last = 0;
        while (last + 1 < f.names.size() && !f.names[last + 1].empty())
            ++last;
        out += " or " + std::string(f.names[0]) + " to " + std::string(f.names[last]);
    }
    return out + ", with ranges (a-b), steps (/n) and lists (a,b)";
}

// One field's text from left to right; the first fault ends it.
class field_reader {
public:
    field_reader(const field& f, std::string_view text, std::size_t at)
        : field_(f), text_(text), base_(at) {}

    std::optional<std::uint64_t> read() {
        std::uint64_t bits = 0;
        for (;;) {
            if (!item(bits)) return std::nullopt;
            if (at_ == text_.size()) return bits;
            if (text_[at_] != ',') {
                fail(at_, quoted(text_.substr(at_)) + " is not understood: " + expected(field_));
                return std::nullopt;
            }
            ++at_;
        }
    }
    cron::fault fault;

private:
    bool fail(std::size_t at, std::string message) {
        fault = {std::move(message), base_ + at};
        return false;
    }

    std::string_view word() {
        const auto begin = at_;
        while (at_ < text_.size() && std::string_view(",-/*").find(text_[at_]) == text_.npos)
            ++at_;
        return text_.substr(begin, at_ - begin);
    }

    bool value(int& out) {
        const auto begin = at_;
        const auto w = word();
        if (w.empty()) return fail(begin, "a value is missing: " + expected(field_));
        const auto name = lower(w);
        for (std::size_t i = 0; i < field_.names.size() && !field_.names[i].empty(); ++i) {
            if (field_.names[i] != name) continue;
            out = field_.low + static_cast<int>(i);
            return true;
        }
        const auto [end, ec] = std::from_chars(w.data(), w.data() + w.size(), out);
        if (ec != std::errc() || end != w.data() + w.size() || out < field_.low ||
            out > field_.high)
            return fail(begin, quoted(w) + " is not understood: " + expected(field_));
        return true;
    }

    bool item(std::uint64_t& bits) {
        int first = field_.low, last = field_.high, step = 1;
        const auto begin = at_;
        bool open = true; // "*" or "a-b": may have a step
        if (at_ < text_.size() && text_[at_] == '*') {
            ++at_;
            // 7 is only another name of Sunday.
            if (field_.high == 7) last = 6;
        } else {
            if (!value(first)) return false;
            last = first;
            open = at_ < text_.size() && text_[at_] == '-';
            if (open) {
                ++at_;
                if (!value(last)) return false;
                // sat-sun, written as names, means to the end of the week.
                if (field_.high == 7 && last == 0 && first > 0) last = 7;
                if (last < first)
                    return fail(begin, quoted(text_.substr(begin, at_ - begin)) +
                                           " ends before it begins; write two ranges, such as "
                                           "\"22-23,0-4\"");
            }
        }
        if (at_ < text_.size() && text_[at_] == '/') {
            if (!open)
                return fail(at_, "a step follows * or a range, such as \"*/5\" or \"10-50/5\"");
            ++at_;
            const auto where = at_;
            const auto w = word();
            const auto [end, ec] = std::from_chars(w.data(), w.data() + w.size(), step);
            if (w.empty() || ec != std::errc() || end != w.data() + w.size() || step < 1 ||
                step > field_.high)
                return fail(where, "a step is a number from 1 to " + std::to_string(field_.high));
        }
        for (int v = first; v <= last; v += step)
            bits |= std::uint64_t{1} << v;
        return true;
    }

    const field& field_;
    std::string_view text_;
    std::size_t base_;
    std::size_t at_ = 0;
};

struct nickname {
    std::string_view name, text;
};
constexpr std::array<nickname, 7> nicknames{{{"@hourly", "0 * * * *"},
                                             {"@daily", "0 0 * * *"},
                                             {"@midnight", "0 0 * * *"},
                                             {"@weekly", "0 0 * * 0"},
                                             {"@monthly", "0 0 1 * *"},
                                             {"@yearly", "0 0 1 1 *"},
                                             {"@annually", "0 0 1 1 *"}}};

constexpr bool is_space(char c) {
    return c == ' ' || c == '\t';
}

} // namespace

void throw_exception_from_error(const cron::fault& f, const boost::source_location&) {
    throw std::invalid_argument(f.message);
}

boost::system::result<cron, cron::fault> cron::parse(std::string_view text) {
    std::size_t begin = 0, end = text.size();
    while (begin < end && is_space(text[begin]))
        ++begin;
    while (end > begin && is_space(text[end - 1]))
        --end;
    if (begin == end)
        return fault{"it is empty; five fields were expected, such as \"0 3 * * *\"", 0};
    if (text[begin] == '@') {
        const auto name = lower(text.substr(begin, end - begin));
        for (const auto& n : nicknames)
            if (n.name == name) return parse(n.text);
        return fault{quoted(text.substr(begin, end - begin)) +
                         " is not known; known are @hourly, @daily, @weekly, @monthly and @yearly",
                     begin};
    }
    std::vector<std::pair<std::size_t, std::string_view>> words;
    for (std::size_t at = begin; at < end;) {
        auto stop = at;
        while (stop < end && !is_space(text[stop]))
            ++stop;
        words.emplace_back(at, text.substr(at, stop - at));
        at = stop;
        while (at < end && is_space(text[at]))
            ++at;
    }
    if (words.size() != fields.size()) {
        const auto at = words.size() > fields.size() ? words[fields.size()].first : end;
        return fault{std::to_string(words.size()) +
                         " fields where five were expected: minute, hour, day of month, month, day "
                         "of week",
                     at};
    }
    std::array<std::uint64_t, 5> bits{};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        field_reader reader(fields[i], words[i].second, words[i].first);
        const auto read = reader.read();
        if (!read) return std::move(reader.fault);
        bits[i] = *read;
    }
    cron out;
    out.minutes_ = bits[0];
    out.hours_ = static_cast<std::uint32_t>(bits[1]);
    out.days_ = static_cast<std::uint32_t>(bits[2]);
    out.months_ = static_cast<std::uint32_t>(bits[3]);
    out.weekdays_ = static_cast<std::uint32_t>((bits[4] | bits[4] >> 7) & 0x7f);
    // As other crons have it: what begins with a star is no restriction of its own.
    out.any_day_ = words[2].second.front() == '*';
    out.any_weekday_ = words[4].second.front() == '*';
    out.every_hour_ = out.hours_ == 0xffffff;
    if (out.any_weekday_) {
        constexpr std::array<int, 13> longest{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        const int first = std::countr_zero(out.days_);
        bool ever = false;
        for (std::size_t m = 1; m <= 12; ++m)
            ever = ever || ((out.months_ >> m & 1) != 0 && first <= longest[m]);
        if (!ever)
            return fault{"it never fires: none of its months has " + std::to_string(first) +
                             " days",
                         words[2].first};
    }
    return out;
}

bool cron::matches_day(std::int64_t days) const {
    const date::local_days d{date::days(static_cast<int>(days))};
    const date::year_month_day ymd(d);
    if ((months_ >> static_cast<unsigned>(ymd.month()) & 1) == 0) return false;
    const bool day = (days_ >> static_cast<unsigned>(ymd.day()) & 1) != 0;
    const bool weekday = (weekdays_ >> date::weekday(d).c_encoding() & 1) != 0;
    return any_day_ || any_weekday_ ? day && weekday : day || weekday;
}

// The instants of one local day after `from`, in seconds: the first where the day has one offset,
// which most have; all of them where the clocks change, for there they need not be in order.
void cron::add_ticks_of(std::int64_t day,
                        const time_zone& zone,
                        std::int64_t from,
                        std::vector<std::int64_t>& to) const {
    const auto midnight = local_seconds(seconds(day * day_s));
    const auto first = zone.zone_->get_info(midnight);
    const auto last = zone.zone_->get_info(midnight + seconds(day_s - 1));
    const bool plain = first.result == date::local_info::unique &&
                       last.result == date::local_info::unique &&
                       first.first.begin == last.first.begin;
    for (unsigned h = 0; h < 24; ++h) {
        if ((hours_ >> h & 1) == 0) continue;
        for (auto left = minutes_; left != 0; left &= left - 1) {
            const auto minute = static_cast<unsigned>(std::countr_zero(left));
            const auto local = midnight + seconds(h * 3600 + minute * 60);
            const auto i = plain ? first : zone.zone_->get_info(local);
            if (i.result == date::local_info::nonexistent) {
                to.push_back(i.first.end.time_since_epoch().count());
                continue;
            }
            const auto at = [&](const date::sys_info& info) {
                return (local.time_since_epoch() - info.offset).count();
            };
            if (plain && at(i.first) <= from) continue;
            to.push_back(at(i.first));
            if (plain) return;
            if (i.result == date::local_info::ambiguous && every_hour_) to.push_back(at(i.second));
        }
    }
}

// The first matching second of a day after the given one.
std::optional<std::int64_t> cron::second_of_day(std::int64_t after) const {
    for (unsigned h = after < 0 ? 0 : static_cast<unsigned>(after / 3600); h < 24; ++h) {
        if ((hours_ >> h & 1) == 0) continue;
        for (auto left = minutes_; left != 0; left &= left - 1) {
            const auto t = std::int64_t{h} * 3600 + std::int64_t{std::countr_zero(left)} * 60;
            if (t > after) return t;
        }
    }
    return std::nullopt;
}

std::optional<unix_ms> cron::next(unix_ms after, const time_zone& zone) const {
    // Seconds are enough: an instant after 12:00:00.500 is 12:00:01 at the earliest.
    const auto from = after >= 0 ? after / 1000 : -((999 - after) / 1000);
    const auto now = sys_seconds(seconds(from));
    const auto offset = zone.zone_->get_info(now);
    const auto local = from + offset.offset.count();
    const auto day = local >= 0 ? local / day_s : -((day_s - 1 - local) / day_s);
    // Far from every change of the clocks, local time is plain arithmetic.
    const auto quiet_from = offset.begin.time_since_epoch().count() + 2 * day_s;
    const auto quiet_to = offset.end.time_since_epoch().count() - 2 * day_s;
    if (from > quiet_from && from < quiet_to) {
        auto after_second = local - day * day_s;
        for (auto d = day; d <= last_day && d * day_s - offset.offset.count() < quiet_to; ++d) {
            if (matches_day(d)) {
                if (const auto t = second_of_day(after_second))
                    return (d * day_s + *t - offset.offset.count()) * 1000;
            }
            after_second = -1;
        }
    }
    std::vector<std::int64_t> ticks;
    const auto earliest = [&]() -> std::optional<std::int64_t> {
        std::optional<std::int64_t> best;
        for (const auto t : ticks)
            if (t > from && (!best || t < *best)) best = t;
        return best;
    };
    // Clocks may go back over midnight, or skip a whole day: the neighbours count, too.
    for (auto d = day - 1; d <= last_day; ++d) {
        if (!matches_day(d)) continue;
        ticks.clear();
        add_ticks_of(d, zone, from, ticks);
        if (!earliest()) continue;
        for (auto n = d + 1; n <= d + 2; ++n)
            if (matches_day(n)) add_ticks_of(n, zone, from, ticks);
        return *earliest() * 1000;
    }
    return std::nullopt;
}

result<time_zone> time_zone::find(std::string_view name) {
    try {
        return time_zone(date::locate_zone(std::string(name)));
    } catch (const std::exception&) {
        // Below: every failure of the library is the same to a person.
    }
    std::string message = "time zone " + quoted(name) + " is not known";
    try {
        const auto wanted = lower(name);
        std::string near;
        for (const auto& z : date::get_tzdb().zones) {
            const auto known = lower(z.name());
            const auto slash = known.rfind('/');
            if (known == wanted || (slash != known.npos && known.substr(slash + 1) == wanted))
                near = z.name();
        }
        if (!near.empty()) message += "; did you mean \"" + near + "\"?";
    } catch (const std::exception&) {
        message += "; the system's time zone files cannot be read: install the package tzdata";
    }
    if (message.ends_with("known")) message += "; for example \"UTC\" or \"Europe/Zurich\"";
    return error{category::config, "schedule.time-zone", std::move(message)};
}

std::string time_zone::name() const {
    return zone_->name();
}

} // namespace mortise::host
