// SPDX-License-Identifier: Apache-2.0
#include "observe/host_metrics.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "engine/engine.hpp"
#include "plugin/catalog.hpp"

#include <map>

namespace mortise::host {
namespace {

constexpr auto gauge = metric_kind::gauge;
constexpr auto counter = metric_kind::counter;

// Of one connection; the strand of the client is the only one that asks.
struct exchange_metrics {
    exchange_metrics(metric_registry& m, std::string_view connection)
        : label(metric_label("connection", connection)) {
        const char* classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
        for (std::size_t i = 0; i < std::size(classes); ++i) {
            requests[i] = &m.get(counter, "mortise_http_client_requests_total",
                                 "Outgoing requests by class of the status; none: no answer came",
                                 label + ',' + metric_label("status", classes[i]));
        }
        seconds =
            &m.get(metric_kind::histogram, "mortise_http_client_request_duration_seconds",
                   "From the first byte sent to the last received, of outgoing requests", label);
        waits =
            &m.get(metric_kind::histogram, "mortise_http_client_wait_seconds",
                   "How long outgoing requests waited for the limits of their connection", label);
    }
    std::string label;
    metric* requests[6] = {};
    metric* seconds = nullptr;
    metric* waits = nullptr;
};

} // namespace

std::shared_ptr<void> collect_journal(metric_registry& metrics, journal& store, engine& runs) {
    return metrics.on_collect([&metrics, &store, &runs] {
        metrics.get(gauge, "mortise_runs_active", "Runs in memory now")
            .set(static_cast<double>(runs.active_runs()));
        metrics.get(gauge, "mortise_backlog", "Runs that want to go on now: ready or at work")
            .set(static_cast<double>(runs.backlog()));
        metrics
            .get(counter, "mortise_log_lines_dropped_total",
                 "Lines of the log lost because they came faster than they could be written")
            .set(static_cast<double>(log_lines_dropped()));
        journal_stats s;
        try {
            store.read([&](journal_reader& r) { s = r.stats(); });
        } catch (const journal_failure&) {
            return; // what was known last stays
        }
        for (std::size_t i = 0; i < std::size(s.runs); ++i) {
            metrics
                .get(gauge, "mortise_runs", "Runs in the journal by state",
                     metric_label("state", to_string(static_cast<run_state>(i))))
                .set(static_cast<double>(s.runs[i]));
        }
        metrics
            .get(gauge, "mortise_dead_letters", "Failed and doubtful runs a person has to see to")
            .set(static_cast<double>(s.runs[static_cast<std::size_t>(run_state::failed)] +
                                     s.runs[static_cast<std::size_t>(run_state::in_doubt)]));
        metrics
            .get(gauge, "mortise_runs_held",
                 "Runs that wait for a connection that is paused or does not answer")
            .set(static_cast<double>(s.held));
        metrics.get(gauge, "mortise_ledger_entries", "Entries of the ledger")
            .set(static_cast<double>(s.ledger_entries));
        metrics.get(gauge, "mortise_journal_file_bytes", "Size of the journal's database file")
            .set(static_cast<double>(s.file_bytes));
    });
}

std::shared_ptr<void> collect_plugins(metric_registry& metrics, const plugin_catalog& plugins) {
    // Only ever more: libraries stay loaded to the end of the process.
    return metrics.on_collect([&metrics, &plugins] {
        for (const auto* p : plugins.plugins()) {
            metrics
                .get(gauge, "mortise_plugin_info", "1 for each version of a plugin that is loaded",
                     metric_label("plugin", p->id) + ',' + metric_label("version", p->version))
                .set(1);
        }
    });
}

std::function<void(const http_exchange_seen&)> count_exchanges(metric_registry& metrics) {
    auto known = std::make_shared<std::map<std::string, exchange_metrics, std::less<>>>();
    return [&metrics, known](const http_exchange_seen& seen) {
        auto it = known->find(seen.connection);
        if (it == known->end())
            it = known
                     ->emplace(std::string(seen.connection),
                               exchange_metrics(metrics, seen.connection))
                     .first;
        const auto seconds = [](std::chrono::nanoseconds t) {
            return std::chrono::duration<double>(t).count();
        };
        const auto kind = seen.status / 100;
        it->second.requests[kind < 6 ? kind : 0]->add(1);
        it->second.waits->observe(seconds(seen.waited));
        if (seen.took.count() > 0) it->second.seconds->observe(seconds(seen.took));
    };
}

} // namespace mortise::host
