// SPDX-License-Identifier: Apache-2.0
#include "observe/alerts.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "journal/fingerprint.hpp"
#include "observe/alert_command.hpp"
#include "observe/receiver.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <deque>

namespace mortise::host {
namespace {

constexpr std::chrono::milliseconds first_pause{2000}, longest_pause{60'000}, last_pause{500};

} // namespace

// One [alerts.<name>].
struct alerts::sender {
    sender(std::string n, alert_config c, metric_registry& m)
        : name(std::move(n)), config(std::move(c)), rules(config.repeat_after),
          sent(m.get(metric_kind::counter,
                     "mortise_alerts_sent_total",
                     "Alerts that were delivered",
                     metric_label("alert", name))),
          failed(m.get(metric_kind::counter,
                       "mortise_alerts_failed_total",
                       "Alerts that could not be delivered, after all attempts",
                       metric_label("alert", name))),
          suppressed(m.get(metric_kind::counter,
                           "mortise_alerts_suppressed_total",
                           "Occurrences that were not told because the same was told lately",
                           metric_label("alert", name))),
          dropped(m.get(metric_kind::counter,
                        "mortise_alerts_dropped_total",
                        "Alerts lost because too many were waiting to be delivered",
                        metric_label("alert", name))) {}

    const std::string name;
    const alert_config config;
    std::shared_ptr<http_lane> lane;
    alert_rules rules;
    std::deque<alert_message> waiting; // the first is on its way
    bool is_sending = false;
    unsigned attempts = 0;
    timer pause;
    metric& sent;
    metric& failed;
    metric& suppressed;
    metric& dropped;
};

alerts::alerts(alert_parts parts, std::string host_id)
    : parts_(parts), host_id_(std::move(host_id)) {}

alerts::~alerts() = default;

result<void> alerts::configure(const std::map<std::string, alert_config>& all,
                               std::shared_ptr<const secret_store> secrets) {
    std::map<std::string, std::shared_ptr<sender>> next;
    const std::lock_guard lock(guard_);
    for (const auto& [name, config] : all) {
        if (const auto it = senders_.find(name);
            it != senders_.end() && it->second->config == config) {
            next.emplace(name, it->second);
            continue;
        }
        auto s = std::make_shared<sender>(name, config, parts_.metrics);
        if (config.command.empty()) {
            http_lane_options o;
            o.name = "(alerts)";
            o.egress = {"*:*"};
            o.max_concurrent = 1;
            o.timeout = config.timeout;
            o.max_response_bytes = 64 * 1024;
            auto lane = parts_.http.make_lane(std::move(o));
            if (!lane) return lane.error();
            s->lane = std::move(*lane);
        }
        next.emplace(name, std::move(s));
    }
    senders_ = std::move(next);
    secrets_ = std::move(secrets);
    return {};
}

void alerts::run_changed(const run_record& run) noexcept {
    if (!is_dead(run.state)) return;
    const auto failure = run.failure.value_or(error{});
    alert_event e;
    e.cause = alert_cause::dead_letter;
    const auto cause = fingerprint_text(fingerprint(run.flow, run.failed_step, failure));
    e.subject = run.instance + '/' + cause;
    e.message = "a run of flow \"" + run.instance + "\" " +
                (run.state == run_state::in_doubt ? "is in doubt: " : "failed: ") + failure.message;
    e.about = {{"flow", run.instance},
               {"run", run.id.str()},
               {"state", std::string(to_string(run.state))},
               {"step", run.failed_step},
               {"code", failure.code}};
    see(e);
}

void alerts::gate_changed(const gate_change& change) {
    const bool closed = change.now.breaker == breaker_state::closed && !change.now.is_locked_out();
    const auto at = parts_.time.now_unix_ms();
    bool was_open = false;
    {
        const std::lock_guard lock(guard_);
        if (change.is_gone) {
            failing_.erase(change.connection);
            for (const auto& [name, s] : senders_) {
                s->rules.forget(alert_cause::breaker_open, change.connection);
                s->rules.forget(alert_cause::connection_failing, change.connection);
            }
            return;
        }
        if (closed) {
            was_open = failing_.erase(change.connection) > 0;
        } else {
            auto& f = failing_[change.connection];
            if (f.since == 0) f.since = at;
            if (!change.why.empty() && !change.now.paused) f.why = change.why;
        }
    }
    alert_event e;
    e.subject = change.connection;
    e.about = {{"connection", change.connection}};
    e.at = at;
    if (closed && was_open) {
        e.recovered = true;
        e.message = "connection \"" + change.connection + "\" answers again";
        e.cause = alert_cause::breaker_open;
        see(e);
        e.cause = alert_cause::connection_failing;
        see(e);
    } else if (change.now.breaker == breaker_state::open) {
        e.cause = alert_cause::breaker_open;
        e.message = "connection \"" + change.connection + "\" is left alone for a while";
        if (!change.why.empty()) e.message += ": " + change.why;
        see(e);
    }
}

void alerts::ledger_broken(const std::string& what) {
    alert_event e;
    e.cause = alert_cause::ledger_broken;
    e.subject = "ledger";
    e.message = "the ledger is not as it was written: " + what;
    see(e);
}

void alerts::look() {
    std::vector<alert_event> found;
    const auto at = parts_.time.now_unix_ms();
    std::chrono::milliseconds least = std::chrono::milliseconds::max();
    {
        const std::lock_guard lock(guard_);
        for (const auto& [name, s] : senders_)
            if (s->config.on.contains(alert_cause::connection_failing))
                least = std::min(least, s->config.failing_after);
        for (const auto& [name, f] : failing_) {
            if (at - f.since < least.count()) continue;
            alert_event e;
            e.cause = alert_cause::connection_failing;
            e.subject = name;
            e.message = "connection \"" + name + "\" has failed for " +
                        std::to_string((at - f.since) / 1000) + " seconds";
            if (!f.why.empty()) e.message += ": " + f.why;
            e.about = {{"connection", name}, {"failing_since", std::to_string(f.since)}};
            found.push_back(std::move(e));
        }
    }
    for (const auto& e : found)
        see(e);
}

void alerts::see(const alert_event& seen) {
    auto e = seen;
    if (e.at == 0) e.at = parts_.time.now_unix_ms();
    std::vector<std::shared_ptr<sender>> ready;
    {
        const std::lock_guard lock(guard_);
        if (stopped_) return;
        for (const auto& [name, s] : senders_) {
            if (!s->config.on.contains(e.cause)) continue;
            if (e.cause == alert_cause::connection_failing && !e.recovered) {
                const auto since = e.about.find("failing_since");
                if (since != e.about.end() &&
                    e.at - std::stoll(since->second) < s->config.failing_after.count())
                    continue;
            }
            auto message = s->rules.see(e);
            if (!message) {
                if (!e.recovered) s->suppressed.add(1);
                continue;
            }
            if (s->waiting.size() >= most_waiting) {
                // Behind the one on its way.
                s->waiting.erase(s->waiting.begin() + (s->is_sending ? 1 : 0));
                s->dropped.add(1);
            }
            s->waiting.push_back(std::move(*message));
            if (!std::exchange(s->is_sending, true)) ready.push_back(s);
        }
    }
    for (const auto& s : ready)
        send_next(s);
}

void alerts::send_next(const std::shared_ptr<sender>& s) {
    std::string text;
    {
        const std::lock_guard lock(guard_);
        if (stopped_ || s->waiting.empty()) {
            s->is_sending = false;
            return;
        }
        ++s->attempts;
        text = to_json(s->waiting.front(), s->name, host_id_);
    }
    if (s->config.command.empty()) return post_next(s, text);
    boost::asio::post(parts_.commands, [self = shared_from_this(), s, text] {
        self->sent(s, run_alert_command(s->config.command, text + '\n', s->config.timeout,
                                        &self->stopped_));
    });
}

void alerts::post_next(const std::shared_ptr<sender>& s, const std::string& text) {
    http_request request;
    request.method = "POST";
    request.url = s->config.webhook;
    request.body = text;
    request.timeout = s->config.timeout;
    // Who is told, and gets the secrets of the headers, is said by the configuration alone.
    request.follow_redirects = false;
    request.headers.push_back({"content-type", "application/json"});
    std::shared_ptr<const secret_store> secrets;
    {
        const std::lock_guard lock(guard_);
        secrets = secrets_;
    }
    if (!s->config.secret_webhook.empty()) {
        const auto url = secrets ? secrets->resolve(s->config.secret_webhook)
                                 : result<secret_text>(error{category::config, "alert.secret", ""});
        if (!url) return sent(s, url.error());
        request.url = url->view();
    }
    if (const auto added = add_headers(request, s->config.headers, secrets.get()); !added)
        return sent(s, added.error());
    parts_.http.start(
        s->lane, std::move(request), [self = shared_from_this(), s](result<http_response> r) {
            if (!r) return self->sent(s, r.error());
            if (r->status / 100 == 2) return self->sent(s, {});
            const bool again = r->status == 408 || r->status == 429 || r->status >= 500;
            self->sent(s, error{again ? category::unavailable : category::input, "alert.refused",
                                "the webhook answered " + std::to_string(r->status)});
        });
}

void alerts::sent(const std::shared_ptr<sender>& s, const result<void>& outcome) {
    bool is_over = false;
    {
        const std::lock_guard lock(guard_);
        if (stopped_ || s->waiting.empty()) {
            s->is_sending = false;
            return;
        }
        const bool hopeless = !outcome && outcome.error().category == category::input;
        if (!outcome && !hopeless && s->attempts < most_attempts) {
            // While the host waits to stop there is no time for long pauses.
            const auto pause = std::min(first_pause * (1 << (s->attempts - 1)),
                                        drained_ ? last_pause : longest_pause);
            if (s->attempts == 1)
                log(log_level::warn,
                    "an alert was not delivered, trying again: " + outcome.error().message,
                    {{"alert", s->name}});
            s->pause =
                parts_.timers.start(pause, [self = shared_from_this(), s] { self->send_next(s); });
            return;
        }
        if (outcome) {
            s->sent.add(1);
        } else {
            s->failed.add(1);
            log(log_level::error, "an alert could not be delivered: " + outcome.error().message,
                {{"alert", s->name}});
        }
        s->waiting.pop_front();
        s->attempts = 0;
        is_over = drained_ != nullptr && nothing_waits();
    }
    if (is_over)
        stop();
    else
        send_next(s);
}

bool alerts::nothing_waits() const {
    return std::all_of(senders_.begin(), senders_.end(),
                       [](const auto& s) { return s.second->waiting.empty(); });
}

void alerts::drain(std::chrono::milliseconds grace, std::function<void()> done) {
    std::vector<std::shared_ptr<sender>> ready;
    bool is_over = false;
    {
        const std::lock_guard lock(guard_);
        drained_ = std::move(done);
        is_over = stopped_ || nothing_waits();
        if (!is_over) {
            grace_ = parts_.timers.start(grace, [weak = weak_from_this()] {
                if (const auto self = weak.lock()) self->stop();
            });
            for (const auto& [name, s] : senders_)
                if (s->pause.cancel()) ready.push_back(s);
        }
    }
    if (is_over) stop();
    for (const auto& s : ready)
        send_next(s);
}

void alerts::stop() {
    std::function<void()> done;
    {
        const std::lock_guard lock(guard_);
        stopped_ = true;
        grace_.cancel();
        for (const auto& [name, s] : senders_) {
            s->pause.cancel();
            if (s->waiting.empty()) continue;
            s->failed.add(static_cast<double>(s->waiting.size()));
            log(log_level::error, "the host stops before all alerts were delivered",
                {{"alert", name}, {"lost", static_cast<std::uint64_t>(s->waiting.size())}});
            s->waiting.clear();
        }
        done = std::exchange(drained_, nullptr);
    }
    if (done) done();
}

} // namespace mortise::host
