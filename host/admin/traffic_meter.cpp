// SPDX-License-Identifier: Apache-2.0
#include "admin/traffic_meter.hpp"

namespace mortise::host {
namespace {

constexpr std::size_t most_edges = 10'000;
constexpr std::string_view connections = "/connections/";

} // namespace

std::string trigger_edge(std::string_view connection, std::string_view flow) {
    std::string id("connection:");
    return id.append(connection).append(">flow:").append(flow);
}

std::string call_edge(std::string_view flow, std::string_view connection) {
    std::string id("flow:");
    return id.append(flow).append(">connection:").append(connection);
}

// Nothing here may throw into the engine; without memory it just does not count.
void traffic_meter::event_taken(const event_record&, std::size_t, bool duplicate) noexcept {
    if (duplicate) return;
    const auto now = time_.now_unix_ms();
    const std::lock_guard lock(guard_);
    ++sums_.events;
    ++point_at(now).events;
}

void traffic_meter::run_changed(const run_record& run, const event_record& event) noexcept try {
    const bool begins = run.state == run_state::active && run.starts == 1;
    const bool dead = is_dead(run.state);
    if (!begins && !dead && run.state != run_state::succeeded) return;
    const auto now = time_.now_unix_ms();
    const std::lock_guard lock(guard_);
    if (dead) {
        ++sums_.failed;
        ++point_at(now).failed;
    } else if (!begins) {
        ++sums_.succeeded;
        ++point_at(now).succeeded;
        return;
    }
    // A child run was not started by its parent's event.
    if (!run.parent.empty() || !event.source.starts_with(connections)) return;
    const auto source = std::string_view(event.source).substr(connections.size());
    count(trigger_edge(source, run.instance), begins ? 1 : 0, begins ? 0 : 1, now);
} catch (...) {
    return;
}

void traffic_meter::attempt_ended(const attempt_seen& attempt) noexcept try {
    using end = attempt_seen::end;
    if (attempt.kind != step_kind::call && attempt.kind != step_kind::transfer) return;
    if (attempt.outcome == end::waiting || attempt.outcome == end::cancelled) return;
    const bool error = attempt.outcome != end::done && attempt.outcome != end::found;
    const auto now = time_.now_unix_ms();
    const auto& flow = attempt.run.instance;
    const auto& to = attempt.connection;
    const auto& from = attempt.source_connection;
    const std::lock_guard lock(guard_);
    ++sums_.calls;
    ++point_at(now).calls;
    if (!to.empty()) count(call_edge(flow, to), 1, error ? 1 : 0, now);
    if (!from.empty() && from != to) count(call_edge(flow, from), 1, error ? 1 : 0, now);
} catch (...) {
    return;
}

void traffic_meter::count(const std::string& id,
                          std::uint64_t n,
                          std::uint64_t errors,
                          unix_ms now) {
    if (edges_.size() >= most_edges && !edges_.contains(id)) return;
    auto& e = edges_[id];
    auto& minute = e.minute[static_cast<std::size_t>(now / step_ms) % e.minute.size()];
    if (minute.number != now / step_ms) minute = {now / step_ms, 0, 0};
    e.sums.n += n;
    minute.n += n;
    e.sums.errors += errors;
    minute.errors += errors;
    e.sums.last_at = now;
}

host_traffic& traffic_meter::point_at(unix_ms now) {
    auto& p = points_[static_cast<std::size_t>(now / step_ms) % steps];
    if (p.number != now / step_ms) p = {now / step_ms, {}};
    return p.counts;
}

std::map<std::string, edge_traffic> traffic_meter::edges() const {
    const auto now = time_.now_unix_ms() / step_ms;
    std::map<std::string, edge_traffic> out;
    const std::lock_guard lock(guard_);
    for (const auto& [id, e] : edges_) {
        auto t = e.sums;
        for (const auto& s : e.minute) {
            if (s.number <= now - static_cast<std::int64_t>(e.minute.size()) || s.number > now)
                continue;
            t.last_minute += s.n;
            t.last_minute_errors += s.errors;
        }
        out.emplace(id, t);
    }
    return out;
}

host_traffic traffic_meter::sums() const {
    const std::lock_guard lock(guard_);
    return sums_;
}

traffic_meter::series traffic_meter::last_minutes() const {
    const auto now = time_.now_unix_ms() / step_ms;
    const auto first = now - static_cast<std::int64_t>(steps) + 1;
    series out;
    out.from = first * step_ms;
    const std::lock_guard lock(guard_);
    for (const auto& p : points_)
        if (p.number >= first && p.number <= now)
            out.points[static_cast<std::size_t>(p.number - first)] = p.counts;
    return out;
}

} // namespace mortise::host
