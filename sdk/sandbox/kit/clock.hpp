// SPDX-License-Identifier: Apache-2.0
// The emulator's time: the real clock plus an offset, or standing still until moved; and work due
// at a time. Only used on the emulator's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mortise::sandbox {

using time_point = std::chrono::system_clock::time_point;
using std::chrono::milliseconds;

class sandbox_clock {
public:
    // With a start the clock stands still there until advance().
    explicit sandbox_clock(std::optional<time_point> start = {});

    time_point now() const;
    bool standing() const noexcept { return fixed_.has_value(); }
    // Moves the clock forward; work that falls due runs in order, each at its own time.
    void advance(milliseconds by);
    // Runs fn once now() >= now + after. Equal times keep their order. Returns an id for cancel().
    std::uint64_t schedule(milliseconds after, std::function<void()> fn);
    bool cancel(std::uint64_t id);
    // Runs what is due; returns how long until the next, or nothing.
    std::optional<milliseconds> run_due();
    std::size_t pending() const noexcept { return work_.size(); }
    // Forgets all work and offset.
    void reset();
    // Called whenever the next due time may have become earlier.
    void on_change(std::function<void()> fn) { changed_ = std::move(fn); }

private:
    using key = std::pair<time_point, std::uint64_t>;
    std::optional<time_point> start_;
    std::optional<time_point> fixed_;
    std::chrono::system_clock::duration offset_{};
    std::optional<time_point> stepping_; // the time of the work running inside advance()
    std::map<key, std::function<void()>> work_;
    std::uint64_t next_ = 1;
    std::function<void()> changed_;
};

// 2026-03-28T09:15:01.406403+00:00 (micros) and 2026-03-28T09:15:01Z.
std::string iso_micros(time_point t, bool with_offset = true);
std::string iso_seconds(time_point t);
// ISO 8601 date or date-time, 0 to 9 fraction digits, offset optional (= UTC); nothing when
// unreadable.
std::optional<time_point> parse_iso(std::string_view text);

} // namespace mortise::sandbox
