// SPDX-License-Identifier: Apache-2.0
// The triggers of the connections at work: opened, polled, found by webhooks and backfills.
#include "app/deployment_parts.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

constexpr std::chrono::milliseconds default_poll_interval{30'000};

bool gives(const trigger_descriptor& t, const std::set<std::string>& event_types) {
    return std::any_of(t.events.begin(), t.events.end(),
                       [&](const auto& e) { return event_types.contains(e.type); });
}

std::chrono::milliseconds interval_of(const trigger_descriptor& t, const connection_config& c) {
    const auto written = c.triggers.find(t.id);
    if (written != c.triggers.end() && written->second.poll_interval)
        return *written->second.poll_interval;
    if (t.default_poll_interval_s != 0) return std::chrono::seconds(t.default_poll_interval_s);
    return default_poll_interval;
}

bool is_off(const trigger_descriptor& t, const connection_config& c) {
    const auto written = c.triggers.find(t.id);
    return written != c.triggers.end() && !written->second.enabled;
}

} // namespace

// Only what some flow starts on: an unused trigger would poll a system for nothing.
deployment::wanted_events deployment::events_wanted(const configuration& all,
                                                    const fresh& made) const {
    wanted_events wanted;
    for (const auto& [name, f] : all.flows) {
        if (!f.enabled) continue;
        const auto renewed = made.flows.find(name);
        const auto& flow =
            renewed != made.flows.end() ? *renewed->second.flow : *flows_.at(name).flow;
        for (const auto& sub : flow.descriptor().subscriptions) {
            if (const auto c = f.connections.find(sub.role); c != f.connections.end())
                wanted[c->second].insert(sub.event_type);
        }
    }
    return wanted;
}

result<void> deployment::stage_triggers(const configuration& all, fresh& made) {
    const auto wanted = events_wanted(all, made);
    for (const auto& [name, config] : all.connections) {
        const auto types = wanted.find(name);
        if (!config.enabled || types == wanted.end()) continue;
        const auto renewed = made.connections.find(name);
        const auto& live =
            renewed != made.connections.end() ? renewed->second : connections_.at(name);
        for (const auto& t : live.bound.instance->descriptor().triggers) {
            const bool open = std::any_of(live.triggers.begin(), live.triggers.end(),
                                          [&](const live_trigger& l) { return l.id == t.id; });
            if (open || is_off(t, config) || !gives(t, types->second)) continue;
            std::string cursor;
            try {
                env_.store.read([&](journal_reader& r) { cursor = r.cursor(name, t.id); });
            } catch (const journal_failure& failure) {
                return failure.get();
            }
            const auto written = config.triggers.find(t.id);
            const auto settings = written != config.triggers.end()
                                      ? boost::json::serialize(written->second.settings)
                                      : std::string("{}");
            auto opened = wait_for<result<mortise_handle>>([&](auto done) {
                live.bound.instance->open_trigger(t.id, settings, cursor, std::move(done));
            });
            if (!opened)
                return config_error(config.place, opened.error().code, opened.error().message);
            staged_trigger staged;
            staged.connection = name;
            staged.on = live.bound.instance;
            staged.trigger = {t.id, *opened, nullptr};
            if (t.polls()) staged.interval = interval_of(t, config);
            made.triggers.push_back(std::move(staged));
        }
    }
    return {};
}

void deployment::start_triggers(std::vector<staged_trigger> staged) {
    for (auto& s : staged) {
        auto& live = connections_.at(s.connection);
        if (s.interval) {
            s.trigger.polls = std::make_shared<poller>(env_, s.on, s.trigger.id, s.trigger.handle,
                                                       *s.interval, poll_timeout, live.bound.gate);
            s.trigger.polls->start();
        }
        live.triggers.push_back(std::move(s.trigger));
    }
}

std::vector<deployment::unused_trigger> deployment::take_unused_triggers(const configuration& all) {
    std::vector<unused_trigger> out;
    auto wanted = events_wanted(all, {});
    for (auto& [name, live] : connections_) {
        const auto& instance = live.bound.instance;
        std::erase_if(live.triggers, [&](live_trigger& t) {
            const auto* d = instance->descriptor().trigger(t.id);
            if (d != nullptr && gives(*d, wanted[name])) return false;
            if (t.polls) t.polls->stop();
            out.push_back({instance, t.handle});
            return true;
        });
    }
    return out;
}

void deployment::close_unused(const std::vector<unused_trigger>& triggers) {
    for (const auto& t : triggers)
        wait_for_done([&](auto done) { t.on->close_trigger(t.handle, std::move(done)); });
}

void deployment::publish_webhooks() {
    std::map<std::string, webhook_target> targets;
    for (const auto& [name, live] : connections_) {
        std::size_t taking = 0;
        for (const auto& t : live.triggers) {
            const auto* d = live.bound.instance->descriptor().trigger(t.id);
            if (d == nullptr || !d->takes_webhooks()) continue;
            targets[name + '/' + t.id] = {live.bound.instance, t.handle, t.id, live.bound.lease};
            if (++taking == 1)
                targets[name] = {live.bound.instance, t.handle, t.id, live.bound.lease};
            else
                targets.erase(name); // ambiguous: the trigger must be named
        }
    }
    ingress_.set_webhooks(std::move(targets));
}

void deployment::publish_backfills() {
    std::map<std::string, backfill_target> targets;
    for (const auto& [name, live] : connections_) {
        for (const auto& t : live.triggers) {
            const auto* d = live.bound.instance->descriptor().trigger(t.id);
            if (d != nullptr && d->backfills())
                targets[name + '/' + t.id] = {live.bound.instance, t.handle, live.bound.gate,
                                              poll_timeout};
        }
    }
    parts_.fills.set_targets(std::move(targets));
}

void deployment::stop_polls_of(live_connection& c) {
    for (auto& t : c.triggers)
        if (t.polls) t.polls->stop();
}

void deployment::stop_polls() {
    for (auto& [name, c] : connections_)
        stop_polls_of(c);
}

void deployment::close_triggers() {
    ingress_.set_webhooks({});
    parts_.fills.set_targets({});
    for (auto& [name, c] : connections_) {
        stop_polls_of(c);
        for (auto& t : c.triggers)
            wait_for_done(
                [&](auto done) { c.bound.instance->close_trigger(t.handle, std::move(done)); });
        c.triggers.clear();
    }
}

} // namespace mortise::host
