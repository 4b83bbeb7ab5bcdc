// SPDX-License-Identifier: Apache-2.0
// From what is at work to the next configuration, as a whole or not at all.
#include "app/deployment_parts.hpp"
#include "app/fingerprint.hpp"
#include "app/schedules.hpp"

namespace mortise::host {
namespace {

// Plugins may read a secret as late as with the first call; by then it would be too late to keep
// what worked.
result<void> read_all(const secret_store& secrets, const std::string& prefix) {
    for (const auto& [name, reference] : secrets.all()) {
        if (!name.starts_with(prefix)) continue;
        if (const auto value = read_secret(reference); !value) return value.error();
    }
    return {};
}

} // namespace

result<deployment::fresh> deployment::make_fresh(const configuration& config) {
    fresh made;
    // At a start a connection that fails must not keep the others from their work.
    const auto readable = [&](const std::string& prefix, const source_place& at) -> result<void> {
        if (!config_) return {};
        const auto all = read_all(config.secrets, prefix);
        if (all) return {};
        const auto e = all.error();
        return config_error(at, e.code, e.message);
    };
    for (const auto& [name, c] : config.connections) {
        if (!c.enabled) continue;
        const auto old = connections_.find(name);
        if (old != connections_.end() &&
            old->second.fingerprint ==
                fingerprint_of(c, plugins_.find_connector(c.connector), config.secrets)) {
            continue;
        }
        if (const auto secrets = readable("connections." + name + '.', c.place); !secrets)
            return give_up(std::move(made), secrets.error());
        auto connection = make_connection(c, config);
        if (!connection) return give_up(std::move(made), connection.error());
        made.connections.emplace(name, std::move(*connection));
    }
    for (const auto& [name, f] : config.flows) {
        if (!f.enabled) continue;
        const auto* d = plugins_.find_flow(f.flow, f.version.value_or(""));
        auto print = fingerprint_of(f, d, config.secrets);
        const auto old = flows_.find(name);
        if (old != flows_.end() && old->second.fingerprint == print) continue;
        if (d == nullptr) {
            return give_up(std::move(made),
                           config_error(f.place, "flow.no-plugin",
                                        "no loaded plugin offers flow \"" + f.flow + '"' +
                                            (f.version ? " in version " + *f.version : "")));
        }
        if (const auto secrets = readable("flows." + name + '.', f.place); !secrets)
            return give_up(std::move(made), secrets.error());
        made.revisions.push_back(revision_of(f, *d));
        auto flow = make_flow(made.revisions.back(), *d);
        if (!flow) {
            const auto e = flow.error();
            return give_up(std::move(made), config_error(f.place, e.code, e.message));
        }
        made.flows.emplace(name, live_flow{std::move(print), std::move(*flow)});
    }
    return made;
}

error deployment::give_up(fresh made, error why) {
    for (auto& t : made.triggers)
        wait_for_done([&](auto done) { t.on->close_trigger(t.trigger.handle, std::move(done)); });
    std::vector<std::shared_ptr<flow_instance>> flows;
    for (auto& [name, f] : made.flows)
        flows.push_back(f.flow);
    retire_flows(std::move(flows));
    return why; // the connections close with their leases
}

result<applied_changes> deployment::apply(std::shared_ptr<const configuration> config,
                                          bool triggers) {
    const auto former_secrets =
        std::exchange(secrets_, std::shared_ptr<const secret_store>(config, &config->secrets));
    auto applied = replace_with(std::move(config), triggers);
    if (!applied) secrets_ = former_secrets;
    return applied;
}

result<applied_changes> deployment::replace_with(std::shared_ptr<const configuration> config,
                                                 bool triggers) {
    auto made = make_fresh(*config);
    if (!made) return made.error();
    if (const auto kept = pinned_.remember(made->revisions); !kept)
        return give_up(std::move(*made), kept.error());
    result<void> problem;
    const auto routes = make_router(*config, problem);
    if (!problem) return give_up(std::move(*made), problem.error());
    if (triggers) {
        if (const auto opened = stage_triggers(*config, *made); !opened)
            return give_up(std::move(*made), opened.error());
    }

    // From here on nothing can be refused.
    applied_changes changes;
    for (const auto& [name, c] : made->connections)
        changes.connections.push_back(name);
    for (const auto& [name, f] : made->flows)
        changes.flows.push_back(name);
    const auto stays = [](const auto& wanted, const auto& renewed, const std::string& name) {
        const auto w = wanted.find(name);
        return w != wanted.end() && w->second.enabled && !renewed.contains(name);
    };
    std::vector<std::shared_ptr<flow_instance>> old_flows;
    for (auto it = flows_.begin(); it != flows_.end();) {
        if (stays(config->flows, made->flows, it->first)) {
            ++it;
            continue;
        }
        old_flows.push_back(std::move(it->second.flow));
        it = flows_.erase(it);
    }
    std::vector<live_connection> old_connections;
    for (auto it = connections_.begin(); it != connections_.end();) {
        if (stays(config->connections, made->connections, it->first)) {
            ++it;
            continue;
        }
        old_connections.push_back(std::move(it->second));
        it = connections_.erase(it);
    }
    flows_.merge(made->flows);
    connections_.merge(made->connections);
    config_ = config;
    std::set<std::string> names;
    for (auto& [name, c] : connections_) {
        names.insert(name);
        // The gate outlives the instance; what is set for it may change without a new one.
        c.bound.gate = gate_of(config->connections.at(name), c.bound.call_timeout);
    }
    parts_.gates.keep_only(names);
    engine_setup setup;
    setup.routes = routes;
    for (const auto& [name, c] : connections_)
        setup.connections.emplace(name, c.bound);
    for (const auto& [name, f] : flows_)
        setup.flows.emplace(name, f.flow);
    runs_.set_up(std::move(setup));
    // Webhooks go to the new triggers before the old ones close, so that none meets a closed one;
    // one that is on its way holds the old connection open.
    for (auto& c : old_connections)
        stop_polls_of(c);
    if (triggers) {
        start_triggers(std::move(made->triggers));
        const auto unused = take_unused_triggers(*config);
        publish_webhooks();
        close_unused(unused);
        publish_backfills();
        parts_.schedules.set(schedule_plans(*config));
    } else {
        publish_webhooks();
    }
    old_connections.clear();
    retire_flows(std::move(old_flows));
    retire_flows(pinned_.take(false));
    return changes;
}

} // namespace mortise::host
