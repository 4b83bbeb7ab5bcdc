// SPDX-License-Identifier: Apache-2.0
#include "observe/run_metrics.hpp"

#include "base/metrics.hpp"

namespace mortise::host {

run_metrics::run_metrics(metric_registry& metrics, const clock& time)
    : metrics_(metrics), time_(time) {}

run_metrics::of_flow& run_metrics::flow(const std::string& name) {
    const std::lock_guard lock(guard_);
    auto& f = flows_[name];
    if (f.seconds != nullptr) return f;
    const auto label = metric_label("flow", name);
    for (const auto state :
         {run_state::succeeded, run_state::failed, run_state::in_doubt, run_state::cancelled}) {
        f.ended[static_cast<std::size_t>(state)] =
            &metrics_.get(metric_kind::counter, "mortise_runs_ended_total",
                          "Runs that came to an end, by how they ended",
                          label + ',' + metric_label("state", to_string(state)));
    }
    f.seconds =
        &metrics_.get(metric_kind::histogram, "mortise_run_duration_seconds",
                      "From the acceptance of a run's event to the run's end, waits included",
                      label, run_seconds);
    return f;
}

run_metrics::of_connection& run_metrics::connection(std::string_view name) {
    const std::lock_guard lock(guard_);
    auto it = connections_.find(name);
    if (it == connections_.end())
        it = connections_.emplace(std::string(name), of_connection()).first;
    auto& c = it->second;
    if (c.seconds != nullptr) return c;
    const auto label = metric_label("connection", name);
    for (std::size_t i = 0; i < c.attempts.size(); ++i) {
        c.attempts[i] = &metrics_.get(
            metric_kind::counter, "mortise_call_attempts_total",
            "Attempts of calls and transfers, by how they ended; waiting: the connection took no "
            "calls",
            label + ',' + metric_label("outcome", to_string(static_cast<attempt_seen::end>(i))));
    }
    c.seconds = &metrics_.get(metric_kind::histogram, "mortise_call_attempt_duration_seconds",
                              "How long attempts of calls and transfers took", label);
    return c;
}

void run_metrics::run_changed(const run_record& run) noexcept {
    if (!is_final(run.state)) return;
    auto& f = flow(run.instance);
    if (auto* ended = f.ended[static_cast<std::size_t>(run.state)]) ended->add(1);
    f.seconds->observe(static_cast<double>(time_.now_unix_ms() - run.created_at) / 1000);
}

void run_metrics::attempt_ended(const attempt_seen& a) noexcept {
    if (a.kind != step_kind::call && a.kind != step_kind::transfer) return;
    auto& c = connection(a.connection);
    c.attempts[static_cast<std::size_t>(a.outcome)]->add(1);
    if (a.outcome != attempt_seen::end::waiting)
        c.seconds->observe(static_cast<double>(a.ended_unix_us - a.began_unix_us) / 1e6);
}

} // namespace mortise::host
