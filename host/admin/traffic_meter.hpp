// SPDX-License-Identifier: Apache-2.0
//
// What moves between connections and flows right now: counted as the engine tells of it, kept for
// minutes, never read from the journal.
#pragma once

#include "base/clock.hpp"
#include "engine/observer.hpp"

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mortise::host {

struct edge_traffic {
    std::uint64_t n = 0; // since the start
    std::uint64_t errors = 0;
    std::uint64_t last_minute = 0;
    std::uint64_t last_minute_errors = 0;
    unix_ms last_at = 0;
};

struct host_traffic {
    std::uint64_t events = 0;
    std::uint64_t succeeded = 0; // runs
    std::uint64_t failed = 0;    // runs that became dead letters
    std::uint64_t calls = 0;     // attempts of calls and transfers
};

// Ids of the edges of the topology.
std::string trigger_edge(std::string_view connection, std::string_view flow);
std::string call_edge(std::string_view flow, std::string_view connection);

class traffic_meter final : public run_observer { // [any-thread]
public:
    static constexpr unix_ms step_ms = 10'000;
    static constexpr std::size_t steps = 60;

    explicit traffic_meter(const clock& time) : time_(time) {} // outlives it

    void event_taken(const event_record& event, std::size_t runs, bool duplicate) noexcept override;
    using run_observer::run_changed;
    void run_changed(const run_record& run, const event_record& event) noexcept override;
    void attempt_ended(const attempt_seen& attempt) noexcept override;

    std::map<std::string, edge_traffic> edges() const; // by id, those that ever moved
    host_traffic sums() const;                         // since the start
    // The last `steps` times step_ms, the newest at the end; from: when the first began.
    struct series {
        unix_ms from = 0;
        std::array<host_traffic, steps> points;
    };
    series last_minutes() const;

private:
    struct slot {
        std::int64_t number = -1; // time / step_ms
        std::uint64_t n = 0;
        std::uint64_t errors = 0;
    };
    struct edge {
        edge_traffic sums;
        std::array<slot, 6> minute;
    };
    struct point {
        std::int64_t number = -1;
        host_traffic counts;
    };

    void count(const std::string& id, std::uint64_t n, std::uint64_t errors, unix_ms now);
    host_traffic& point_at(unix_ms now);

    const clock& time_;
    mutable std::mutex guard_;
    std::unordered_map<std::string, edge> edges_;
    std::array<point, steps> points_;
    host_traffic sums_;
};

} // namespace mortise::host
