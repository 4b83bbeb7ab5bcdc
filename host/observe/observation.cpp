// SPDX-License-Identifier: Apache-2.0
#include "observe/observation.hpp"

#include "base/log.hpp"
#include "engine/engine.hpp"
#include "observe/alerts.hpp"
#include "observe/host_metrics.hpp"
#include "observe/journal_watch.hpp"
#include "observe/ledger_watch.hpp"
#include "observe/run_metrics.hpp"
#include "observe/trace_exporter.hpp"
#include "policy/connection_gates.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

namespace mortise::host {
namespace {

constexpr std::chrono::milliseconds tick{2000};
// At the end of the host; a receiver that is down must not hold up the next start for long.
constexpr std::chrono::milliseconds longest_for_alerts{3000};
constexpr int ticks_to_new_entries = 30; // a minute

} // namespace

struct observation::impl : std::enable_shared_from_this<observation::impl> {
    impl(metric_registry& m, const clock& t, timer_source& ti, boost::asio::thread_pool& w)
        : metrics(m), time(t), timers(ti), workers(w), commits(m, t), state(t),
          runs_seen(std::make_shared<run_metrics>(m, t)),
          traces(std::make_shared<trace_exporter>(ti, m, t)) {}

    void arm();
    void on_tick();
    void verify(bool all);
    void find_troubles(std::vector<health::finding>& out);

    metric_registry& metrics;
    const clock& time;
    timer_source& timers;
    boost::asio::thread_pool& workers;
    boost::asio::thread_pool commands{1};
    journal_watch commits;
    health state;
    std::shared_ptr<run_metrics> runs_seen;
    std::shared_ptr<trace_exporter> traces;
    std::shared_ptr<alerts> told;
    std::optional<parts> p;
    std::unique_ptr<ledger_watch> ledger;
    std::vector<std::shared_ptr<void>> collectors;

    std::mutex guard;                         // of what follows
    std::map<std::string, gate_status> gates; // those that are not just closed
    tracing_config tracing;
    bool traced = false;
    std::chrono::milliseconds verify_every{0};
    unix_ms verified_at = 0;
    int ticks = 0;
    bool stopped = false;
    timer timer_;
    std::atomic<bool> verifying{false};
};

observation::observation(metric_registry& metrics,
                         const clock& time,
                         timer_source& timers,
                         boost::asio::thread_pool& workers)
    : impl_(std::make_shared<impl>(metrics, time, timers, workers)) {}

observation::~observation() {
    impl_->commands.join();
}

std::function<void(std::chrono::nanoseconds, std::size_t, const error*)> observation::on_commit() {
    return [i = impl_](std::chrono::nanoseconds took, std::size_t operations,
                       const error* failure) { i->commits.committed(took, operations, failure); };
}

health& observation::state() noexcept {
    return impl_->state;
}

void observation::attach(parts p) {
    auto& i = *impl_;
    i.p.emplace(std::move(p));
    i.told = std::make_shared<alerts>(
        alert_parts{i.timers, i.commands, i.metrics, i.time, i.p->http}, i.p->host_id);
    i.ledger = std::make_unique<ledger_watch>(i.p->store, i.metrics);
    i.collectors.push_back(collect_process(i.metrics, i.p->version, i.p->abi));
    i.collectors.push_back(collect_journal(i.metrics, i.p->store, i.p->runs));
    i.collectors.push_back(collect_plugins(i.metrics, i.p->plugins));
    i.p->http.watch(count_exchanges(i.metrics));
    i.p->runs.observe(i.runs_seen);
    i.p->runs.observe(i.traces);
    i.p->runs.observe(i.told);
    i.p->gates.on_change([weak = std::weak_ptr(impl_)](const gate_change& change) {
        const auto self = weak.lock();
        if (!self) return;
        {
            const std::lock_guard lock(self->guard);
            if (change.is_gone || change.now.is_well())
                self->gates.erase(change.connection);
            else
                self->gates[change.connection] = change.now;
        }
        self->told->gate_changed(change);
    });
    i.state.add([&i](std::vector<health::finding>& out) { i.find_troubles(out); });
}

result<void> observation::configure(std::shared_ptr<const configuration> config) {
    auto& i = *impl_;
    const std::shared_ptr<const secret_store> secrets(config, &config->secrets);
    const auto& t = config->host.tracing;
    {
        const std::lock_guard lock(i.guard);
        i.verify_every = config->host.verify_ledger;
    }
    trace_export_options o;
    o.url = traces_url(t.endpoint);
    o.headers = t.headers;
    o.secrets = secrets;
    o.sample = t.sample;
    o.gzip = t.gzip;
    o.resource = {t.service_name, i.p->version, i.p->host_id};
    if (const auto ok = i.traces->configure(i.p->http, std::move(o)); !ok) return ok.error();
    i.p->runs.set_trace_share(i.traces->sample());
    return i.told->configure(config->alerts, secrets);
}

void observation::start() {
    auto& i = *impl_;
    {
        const std::lock_guard lock(i.guard);
        i.verified_at = i.time.now_unix_ms();
    }
    i.ledger->look_at_new(); // takes the head down
    i.arm();
}

void observation::impl::arm() {
    const std::lock_guard lock(guard);
    if (stopped) return;
    timer_ = timers.start(tick, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->on_tick();
    });
}

void observation::impl::on_tick() {
    state.look();
    told->look();
    bool all = false, some = false;
    {
        const std::lock_guard lock(guard);
        const auto now = time.now_unix_ms();
        all = verify_every.count() > 0 && now - verified_at >= verify_every.count();
        if (all) verified_at = now;
        some = ++ticks % ticks_to_new_entries == 0;
    }
    if (all || some) verify(all);
    arm();
}

void observation::impl::verify(bool all) {
    if (verifying.exchange(true)) return; // the one before takes its time
    boost::asio::post(workers, [self = shared_from_this(), all] {
        if (all)
            self->ledger->look_at_all();
        else
            self->ledger->look_at_new();
        self->verifying = false;
        if (const auto what = self->ledger->broken()) self->told->ledger_broken(*what);
    });
}

void observation::impl::find_troubles(std::vector<health::finding>& out) {
    if (const auto t = commits.failing())
        out.push_back({true, "journal-failing", "the journal cannot be written"});
    if (p->runs.is_disk_low())
        out.push_back(
            {true, "disk-low", "disk nearly full: new work is refused until there is room"});
    else if (p->max_backlog > 0 && p->runs.backlog() >= p->max_backlog)
        out.push_back({true, "backlog-full", "too many runs want to go on"});
    {
        const std::lock_guard lock(guard);
        for (const auto& [name, g] : gates) {
            if (g.paused)
                out.push_back(
                    {false, "connection-paused", "connection \"" + name + "\" is paused"});
            if (g.breaker != breaker_state::closed)
                out.push_back(
                    {false, "connection-failing", "connection \"" + name + "\" does not answer"});
            else if (g.is_locked_out())
                out.push_back({false, "connection-failing",
                               "connection \"" + name + "\" refuses our credentials"});
        }
    }
    if (ledger->broken())
        out.push_back({false, "ledger-broken", "the ledger is not as it was written"});
    try {
        journal_stats s;
        p->store.read([&](journal_reader& r) { s = r.stats(); });
        const auto dead = s.runs[static_cast<std::size_t>(run_state::failed)] +
                          s.runs[static_cast<std::size_t>(run_state::in_doubt)];
        if (dead > 0) out.push_back({false, "dead-letters", "runs wait for a person's decision"});
    } catch (const journal_failure&) {
        out.push_back({true, "journal-failing", "the journal cannot be read"});
    }
}

void observation::stop(std::chrono::milliseconds grace, std::function<void()> done) {
    auto& i = *impl_;
    {
        const std::lock_guard lock(i.guard);
        i.stopped = true;
        i.timer_.cancel();
    }
    i.state.forget_sources();
    i.collectors.clear();
    if (!i.told) {
        done();
        return;
    }
    i.told->drain(std::min(grace, longest_for_alerts),
                  [traces = i.traces, grace, done = std::move(done)]() mutable {
                      traces->stop(grace, std::move(done));
                  });
}

} // namespace mortise::host
