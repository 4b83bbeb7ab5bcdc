// SPDX-License-Identifier: Apache-2.0
#include "policy/connection_gates.hpp"

#include "base/log.hpp"
#include "base/no_effect.hpp"
#include "journal/journal.hpp"

#include <mortise/state.h>

#include <boost/json.hpp>

#include <utility>

namespace mortise::host {
namespace {

constexpr std::string_view scope = "host/connections";
constexpr std::uint32_t page = 500;

connection_pause pause_from(const std::string& text) {
    connection_pause out;
    boost::system::error_code ec;
    const auto value = boost::json::parse(text, ec);
    const auto* o = ec ? nullptr : value.if_object();
    if (o == nullptr) return out; // paused all the same: nobody has said resume
    if (const auto* since = o->if_contains("since"); since != nullptr && since->is_int64())
        out.since = since->get_int64();
    if (const auto* reason = o->if_contains("reason"); reason != nullptr && reason->is_string())
        out.reason = reason->get_string();
    return out;
}

} // namespace

struct connection_gates::shared_state {
    shared_state(journal& s, const clock& t, metric_registry& m, std::function<void()> k)
        : store(s), time(t), metrics(m), kick(std::move(k)) {}

    journal& store;
    const clock& time;
    metric_registry& metrics;
    const std::function<void()> kick;
    std::vector<std::function<void(const gate_change&)>> listeners; // as of the first gate
    std::mutex guard;
    std::map<std::string, std::shared_ptr<connection_gate>> gates;
    std::map<std::string, connection_pause> paused; // those without a gate yet
};

connection_gates::connection_gates(journal& store,
                                   const clock& time,
                                   metric_registry& metrics,
                                   std::function<void()> kick)
    : s_(std::make_shared<shared_state>(store, time, metrics, std::move(kick))) {}

result<void> connection_gates::load() {
    std::map<std::string, connection_pause> found;
    try {
        s_->store.read([&](journal_reader& r) {
            std::string after;
            for (bool more = true; more;) {
                const auto values = r.state_list(scope, {}, after, page);
                for (const auto& v : values)
                    found[v.key] = pause_from(v.value);
                more = values.size() == page;
                if (more) after = values.back().key;
            }
        });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    for (const auto& [name, why] : found)
        log(log_level::warn, "connection is paused; its steps wait until it is resumed",
            {{"connection", name}, {"reason", why.reason}});
    const std::lock_guard lock(s_->guard);
    s_->paused = std::move(found);
    return {};
}

std::shared_ptr<connection_gate> connection_gates::of(const std::string& connection,
                                                      const breaker_options& options) {
    std::shared_ptr<connection_gate> gate;
    std::optional<connection_pause> pause;
    {
        const std::lock_guard lock(s_->guard);
        auto& slot = s_->gates[connection];
        if (!slot) {
            slot = std::make_shared<connection_gate>(
                connection, s_->time, s_->metrics,
                [weak = std::weak_ptr(s_), connection] {
                    if (const auto s = weak.lock()) {
                        s->store.write(
                            [connection](journal_tx& tx) { tx.release_held(connection); },
                            [s](const result<void>& ok) {
                                if (ok) s->kick();
                            });
                    }
                },
                [listeners = s_->listeners](const gate_change& change) {
                    for (const auto& fn : listeners)
                        fn(change);
                });
            if (const auto it = s_->paused.find(connection); it != s_->paused.end())
                pause = it->second;
        }
        gate = slot;
    }
    if (pause) gate->pause(std::move(*pause)); // without the lock: it tells
    gate->configure(options);
    return gate;
}

void connection_gates::keep_only(const std::set<std::string>& connections) {
    std::vector<std::shared_ptr<connection_gate>> rest;
    {
        const std::lock_guard lock(s_->guard);
        for (const auto& [name, gate] : s_->gates)
            if (!connections.contains(name)) rest.push_back(gate);
    }
    for (const auto& gate : rest)
        gate->retire(); // without the lock: it tells
}

void connection_gates::on_change(std::function<void(const gate_change&)> fn) {
    const std::lock_guard lock(s_->guard);
    s_->listeners.push_back(std::move(fn));
}

std::shared_ptr<connection_gate> connection_gates::find(const std::string& connection) const {
    const std::lock_guard lock(s_->guard);
    const auto it = s_->gates.find(connection);
    return it == s_->gates.end() ? nullptr : it->second;
}

void connection_gates::release(const std::string& connection) {
    s_->store.write([connection](journal_tx& tx) { tx.release_held(connection); },
                    [s = s_](const result<void>& ok) {
                        if (ok) s->kick();
                    });
}

void connection_gates::pause(const std::string& connection, std::string reason, answer done) {
    const auto gate = find(connection);
    if (!gate) {
        done(no_effect(category::not_found, "connection.unknown",
                       "no connection \"" + connection + "\" is configured"));
        return;
    }
    connection_pause why{s_->time.now_unix_ms(), std::move(reason)};
    auto text =
        boost::json::serialize(boost::json::value{{"since", why.since}, {"reason", why.reason}});
    s_->store.write(
        [connection, text = std::move(text)](journal_tx& tx) {
            (void)tx.state_put(scope, connection, text, MORTISE_STATE_ANY);
        },
        [gate, why = std::move(why), done = std::move(done)](const result<void>& ok) {
            if (ok) {
                log(log_level::warn, "connection is paused by hand",
                    {{"connection", gate->name()}, {"reason", why.reason}});
                gate->pause(why);
            }
            done(ok);
        });
}

void connection_gates::resume(const std::string& connection, answer done) {
    const auto gate = find(connection);
    if (!gate) {
        done(no_effect(category::not_found, "connection.unknown",
                       "no connection \"" + connection + "\" is configured"));
        return;
    }
    s_->store.write(
        [connection](journal_tx& tx) {
            (void)tx.state_put(scope, connection, {}, MORTISE_STATE_ANY);
        },
        [gate, done = std::move(done)](const result<void>& ok) {
            if (ok) {
                log(log_level::info, "connection is resumed", {{"connection", gate->name()}});
                gate->resume(); // makes the held runs ready, behind this write
            }
            done(ok);
        });
}

} // namespace mortise::host
