// SPDX-License-Identifier: Apache-2.0
#include "app/deployment.hpp"

#include "app/schedules.hpp"
#include "base/log.hpp"
#include "http/client.hpp"

#include <boost/json.hpp>

#include <future>
#include <set>

namespace mortise::host {
namespace {

constexpr std::chrono::milliseconds default_poll_interval{30'000};
constexpr std::chrono::milliseconds poll_timeout{120'000};
constexpr std::chrono::milliseconds drain_grace{30'000};

// Asks an asynchronous function and waits: the control thread is not one of the io_context's.
template <class T, class Ask>
T wait_for(Ask ask) {
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    ask([promise](T value) { promise->set_value(std::move(value)); });
    return future.get();
}

void wait_for_done(const std::function<void(std::function<void()>)>& ask) {
    auto promise = std::make_shared<std::promise<void>>();
    auto future = promise->get_future();
    ask([promise] { promise->set_value(); });
    future.get();
}

boost::json::value to_json(const retry_config& r) {
    boost::json::object o;
    if (r.max_attempts) o["max_attempts"] = *r.max_attempts;
    if (r.first_delay) o["first_delay"] = r.first_delay->count();
    if (r.max_delay) o["max_delay"] = r.max_delay->count();
    if (r.multiplier) o["multiplier"] = *r.multiplier;
    if (r.jitter) o["jitter"] = *r.jitter;
    if (r.max_age) o["max_age"] = r.max_age->count();
    return o;
}

// Where an instance's secrets come from; their values may change without it.
boost::json::object secrets_of(std::string_view prefix, const secret_store& secrets) {
    boost::json::object out;
    for (const auto& [name, reference] : secrets.all()) {
        if (name.starts_with(prefix)) out[name] = describe(reference);
    }
    return out;
}

boost::json::object to_json(const std::map<std::string, operation_config>& operations) {
    boost::json::object out;
    for (const auto& [id, o] : operations)
        out[id] = {{"retry", to_json(o.retry)}, {"timeout", o.timeout ? o.timeout->count() : -1}};
    return out;
}

breaker_options options_of(const connection_config& c, std::chrono::milliseconds call_timeout) {
    breaker_options o;
    o.enabled = c.breaker.enabled.value_or(o.enabled);
    o.failures = c.breaker.failures.value_or(o.failures);
    o.failure_ratio = c.breaker.failure_ratio.value_or(o.failure_ratio);
    o.open_for = c.breaker.open_for.value_or(o.open_for);
    o.max_open_for = c.breaker.max_open_for.value_or(o.max_open_for);
    // A call that has not ended by then never will.
    o.probe_lease = 2 * call_timeout;
    return o;
}

std::shared_ptr<const call_policies> policies_of(const connection_config& c,
                                                 const call_policy& standard) {
    if (c.operations.empty()) return nullptr;
    auto out = std::make_shared<call_policies>();
    for (const auto& [id, o] : c.operations)
        out->emplace(
            id, call_policy{merge(standard.retry, o.retry), o.timeout.value_or(standard.timeout)});
    return out;
}

// Everything that makes a difference to the instance; where a connection's text moved in the file
// does not.
std::string
fingerprint(const connection_config& c, const void* descriptor, const secret_store& secrets) {
    boost::json::object triggers;
    for (const auto& [id, t] : c.triggers) {
        triggers[id] = {{"enabled", t.enabled},
                        {"interval", t.poll_interval ? t.poll_interval->count() : -1},
                        {"settings", t.settings}};
    }
    return boost::json::serialize(boost::json::value{
        {"plugin", reinterpret_cast<std::uintptr_t>(descriptor)},
        {"settings", c.settings},
        {"egress", boost::json::value_from(c.egress)},
        {"triggers", triggers},
        {"retry", to_json(c.retry)},
        {"rps", c.limits.requests_per_second.value_or(0)},
        {"burst", c.limits.burst},
        {"concurrent", c.limits.max_concurrent},
        {"timeout", c.limits.timeout.count()},
        {"call_timeout", c.limits.call_timeout ? c.limits.call_timeout->count() : -1},
        {"operations", to_json(c.operations)},
        {"proxy", c.limits.proxy},
        {"ca", c.limits.ca_file},
        {"verify", c.limits.verify_tls},
        {"secrets", secrets_of("connections." + c.name + '.', secrets)},
        {"state", c.grants.state}});
}

std::string fingerprint(const flow_config& f, const void* descriptor, const secret_store& secrets) {
    return boost::json::serialize(
        boost::json::value{{"plugin", reinterpret_cast<std::uintptr_t>(descriptor)},
                           {"settings", f.settings},
                           {"connections", boost::json::value_from(f.connections)},
                           {"secrets", secrets_of("flows." + f.name + '.', secrets)},
                           {"retry", to_json(f.retry)},
                           {"deadline", f.deadline ? f.deadline->count() : 0}});
}

error config_error(const source_place& place, std::string code, std::string message) {
    return {category::config, std::move(code), to_string(place) + ": error: " + std::move(message)};
}

} // namespace

deployment::deployment(plugin_environment& env,
                       engine& runs,
                       ingress& in,
                       const plugin_catalog& plugins,
                       deployment_parts parts)
    : env_(env), runs_(runs), ingress_(in), plugins_(plugins), parts_(parts),
      pinned_(env.store, plugins, [this](const flow_revision& r, const flow_descriptor& d) {
          return make_flow(r, d);
      }) {}

deployment::~deployment() = default;

result<deployment::live_connection> deployment::make_connection(const connection_config& c,
                                                                const configuration& all) {
    const auto* d = plugins_.find_connector(c.connector);
    if (d == nullptr) {
        return config_error(c.place, "connection.no-plugin",
                            "no loaded plugin offers connector \"" + c.connector + '"');
    }
    live_connection live;
    live.fingerprint = fingerprint(c, d, all.secrets);
    http_lane_options lane;
    lane.name = c.name;
    lane.egress = c.egress;
    lane.requests_per_second = c.limits.requests_per_second.value_or(0);
    lane.burst = c.limits.burst;
    lane.max_concurrent = static_cast<std::uint32_t>(std::max(c.limits.max_concurrent, 1));
    lane.timeout = c.limits.timeout;
    lane.proxy = c.limits.proxy;
    lane.ca_file = c.limits.ca_file;
    lane.verify_tls = c.limits.verify_tls;
    auto made = env_.http.make_lane(std::move(lane));
    if (!made) return config_error(c.place, made.error().code, made.error().message);
    live.lane = *made;
    instance_settings s;
    s.kind = "connection";
    s.name = c.name;
    s.plugin_id = d->id;
    s.config = boost::json::serialize(c.settings);
    s.state_scope = "connections/" + c.name;
    s.secrets = secrets_;
    s.secret_prefix = "connections." + c.name + '.';
    s.lane = live.lane;
    s.state_granted = c.grants.state;
    live.bound.instance = std::make_shared<connector_instance>(env_, std::move(s), *d);
    live.bound.retry = merge({}, c.retry);
    live.bound.call_timeout = c.limits.call_timeout.value_or(
        std::max(c.limits.timeout * 3, std::chrono::milliseconds(60'000)));
    live.bound.operations = policies_of(c, {live.bound.retry, live.bound.call_timeout});
    auto opened =
        wait_for<result<void>>([&](auto done) { live.bound.instance->open(std::move(done)); });
    if (!opened) return config_error(c.place, opened.error().code, opened.error().message);
    return live;
}

result<std::shared_ptr<flow_instance>> deployment::make_flow(const flow_revision& revision,
                                                             const flow_descriptor& d) {
    instance_settings s;
    s.kind = "flow";
    s.name = revision.name;
    s.plugin_id = d.id;
    s.config = boost::json::serialize(revision.settings);
    s.state_scope = "flows/" + revision.name;
    s.secrets = secrets_;
    s.secret_prefix = "flows." + revision.name + '.';
    flow_settings flow;
    flow.name = revision.name;
    flow.config_revision = revision.id();
    flow.roles = revision.connections;
    flow.retry = revision.retry;
    flow.deadline = revision.deadline;
    auto made = std::make_shared<flow_instance>(env_, std::move(s), d, std::move(flow), runs_);
    auto opened = wait_for<result<void>>([&](auto done) { made->open(std::move(done)); });
    if (!opened) return opened.error();
    return made;
}

result<std::shared_ptr<flow_instance>> deployment::pinned(const run_record& run) {
    // The current one may have become the right one while the run was on its way here.
    if (const auto it = flows_.find(run.instance); it != flows_.end()) {
        const auto& flow = *it->second.flow;
        if (flow.descriptor().version == run.flow_version &&
            flow.flow().config_revision == run.config_revision)
            return it->second.flow;
    }
    retire_flows(pinned_.take(false));
    return pinned_.instance_of(run);
}

std::shared_ptr<const router> deployment::make_router(const configuration& all,
                                                      result<void>& problem) const {
    std::vector<route> routes;
    for (const auto& [name, f] : all.flows) {
        if (!f.enabled) continue;
        const auto* d = plugins_.find_flow(f.flow, f.version.value_or(""));
        for (const auto& sub : d->subscriptions) {
            route r;
            if (sub.role.empty()) {
                // Requests and manual starts name the flow themselves.
                if (sub.event_type != schedule_event_type || !f.schedule) continue;
                r.source = std::string(schedule_cursors) + '/' + name;
            } else {
                const auto bound = f.connections.find(sub.role);
                if (bound == f.connections.end()) continue;
                r.source = "/connections/" + bound->second;
            }
            r.event_type = sub.event_type;
            r.instance = name;
            r.flow = d->id;
            r.flow_version = d->version;
            r.config_revision = revision_of(f, *d).id();
            const auto compile = [&](const std::string& text, const char* key,
                                     std::optional<jq_program>& to) {
                if (text.empty()) return;
                auto program = jq_program::compile(text);
                if (program)
                    to = std::move(*program);
                else
                    problem = config_error(f.place, "flow." + std::string(key),
                                           "[flows." + name + "] " + key + ": " +
                                               program.error().message);
            };
            compile(f.when, "when", r.when);
            compile(f.key, "key", r.key);
            routes.push_back(std::move(r));
        }
    }
    return std::make_shared<const router>(std::move(routes));
}

result<void> deployment::apply(std::shared_ptr<const configuration> config, bool triggers) {
    secrets_ = std::shared_ptr<const secret_store>(config, &config->secrets);
    std::map<std::string, live_connection> fresh_connections;
    std::map<std::string, live_flow> fresh_flows;
    std::vector<flow_revision> revisions;
    const auto give_up = [&](error e) -> result<void> {
        std::vector<std::shared_ptr<plugin_instance>> made;
        for (auto& [name, f] : fresh_flows)
            made.push_back(f.flow);
        for (auto& [name, c] : fresh_connections)
            made.push_back(c.bound.instance);
        retire(std::move(made), drain_grace);
        return e;
    };
    for (const auto& [name, c] : config->connections) {
        if (!c.enabled) continue;
        const auto old = connections_.find(name);
        if (old != connections_.end() &&
            old->second.fingerprint ==
                fingerprint(c, plugins_.find_connector(c.connector), config->secrets)) {
            continue;
        }
        auto made = make_connection(c, *config);
        if (!made) return give_up(made.error());
        fresh_connections.emplace(name, std::move(*made));
    }
    for (const auto& [name, f] : config->flows) {
        if (!f.enabled) continue;
        const auto* d = plugins_.find_flow(f.flow, f.version.value_or(""));
        const auto old = flows_.find(name);
        if (old != flows_.end() && old->second.fingerprint == fingerprint(f, d, config->secrets))
            continue;
        if (d == nullptr) {
            return give_up(config_error(f.place, "flow.no-plugin",
                                        "no loaded plugin offers flow \"" + f.flow + '"' +
                                            (f.version ? " in version " + *f.version : "")));
        }
        revisions.push_back(revision_of(f, *d));
        auto made = make_flow(revisions.back(), *d);
        if (!made) return give_up(config_error(f.place, made.error().code, made.error().message));
        fresh_flows.emplace(name, live_flow{fingerprint(f, d, config->secrets), std::move(*made)});
    }
    if (const auto kept = pinned_.remember(revisions); !kept) return give_up(kept.error());
    result<void> problem;
    const auto routes = make_router(*config, problem);
    if (!problem) return give_up(problem.error());

    // From here on nothing can be refused.
    std::vector<std::shared_ptr<plugin_instance>> old;
    const auto drop_unwanted = [&](auto& live, const auto& wanted, const auto& fresh,
                                   auto instance_of) {
        for (auto it = live.begin(); it != live.end();) {
            const auto w = wanted.find(it->first);
            if (w != wanted.end() && w->second.enabled && !fresh.contains(it->first)) {
                ++it;
                continue;
            }
            old.push_back(instance_of(it->second));
            it = live.erase(it);
        }
    };
    drop_unwanted(flows_, config->flows, fresh_flows, [](live_flow& f) { return f.flow; });
    drop_unwanted(connections_, config->connections, fresh_connections, [this](live_connection& c) {
        close_triggers_of(c);
        return c.bound.instance;
    });
    flows_.merge(fresh_flows);
    connections_.merge(fresh_connections);
    config_ = config;
    for (auto& [name, c] : connections_) {
        // The gate outlives the instance; what is set for it may change without a new one.
        c.bound.gate =
            parts_.gates.of(name, options_of(config->connections.at(name), c.bound.call_timeout));
    }
    engine_setup setup;
    setup.routes = routes;
    for (const auto& [name, c] : connections_)
        setup.connections.emplace(name, c.bound);
    for (const auto& [name, f] : flows_)
        setup.flows.emplace(name, f.flow);
    runs_.set_up(std::move(setup));
    result<void> opened;
    if (triggers) opened = open_triggers(*config);
    publish_webhooks();
    if (triggers) {
        publish_backfills();
        parts_.schedules.set(schedule_plans(*config));
    }
    retire(std::move(old), drain_grace);
    retire_flows(pinned_.take(false));
    return opened;
}

result<void> deployment::open_triggers(const configuration& all) {
    // Only what some flow starts on: an unused trigger would poll a system for nothing.
    std::map<std::string, std::set<std::string>> wanted; // connection -> event types
    for (const auto& [name, f] : all.flows) {
        if (!f.enabled) continue;
        for (const auto& sub : flows_.at(name).flow->descriptor().subscriptions) {
            if (const auto c = f.connections.find(sub.role); c != f.connections.end())
                wanted[c->second].insert(sub.event_type);
        }
    }
    for (auto& [name, live] : connections_) {
        const auto& config = all.connections.at(name);
        for (const auto& t : live.bound.instance->descriptor().triggers) {
            const auto written = config.triggers.find(t.id);
            if (written != config.triggers.end() && !written->second.enabled) continue;
            const bool open = std::any_of(live.triggers.begin(), live.triggers.end(),
                                          [&](const live_trigger& l) { return l.id == t.id; });
            const bool used =
                std::any_of(t.events.begin(), t.events.end(), [&](const event_descriptor& e) {
                    return wanted[name].contains(e.type);
                });
            if (open || !used) continue;
            std::string cursor;
            try {
                env_.store.read([&](journal_reader& r) { cursor = r.cursor(name, t.id); });
            } catch (const journal_failure& failure) {
                return failure.get();
            }
            const auto settings = written != config.triggers.end()
                                      ? boost::json::serialize(written->second.settings)
                                      : std::string("{}");
            auto opened = wait_for<result<mortise_handle>>([&](auto done) {
                live.bound.instance->open_trigger(t.id, settings, cursor, std::move(done));
            });
            if (!opened)
                return config_error(config.place, opened.error().code, opened.error().message);
            live_trigger made{t.id, *opened, nullptr};
            if (t.polls()) {
                auto interval = default_poll_interval;
                if (t.default_poll_interval_s != 0)
                    interval = std::chrono::seconds(t.default_poll_interval_s);
                if (written != config.triggers.end() && written->second.poll_interval) {
                    interval = *written->second.poll_interval;
                }
                made.polls = std::make_shared<poller>(env_, live.bound.instance, t.id, *opened,
                                                      interval, poll_timeout, live.bound.gate);
                made.polls->start();
            }
            live.triggers.push_back(std::move(made));
        }
    }
    return {};
}

void deployment::publish_webhooks() {
    std::map<std::string, webhook_target> targets;
    for (const auto& [name, live] : connections_) {
        std::size_t taking = 0;
        for (const auto& t : live.triggers) {
            const auto* d = live.bound.instance->descriptor().trigger(t.id);
            if (d == nullptr || !d->takes_webhooks()) continue;
            targets[name + '/' + t.id] = {live.bound.instance, t.handle, t.id};
            if (++taking == 1)
                targets[name] = {live.bound.instance, t.handle, t.id};
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

void deployment::close_triggers_of(live_connection& c) {
    for (auto& t : c.triggers) {
        if (t.polls) t.polls->stop();
        wait_for_done(
            [&](auto done) { c.bound.instance->close_trigger(t.handle, std::move(done)); });
    }
    c.triggers.clear();
}

void deployment::close_triggers() {
    ingress_.set_webhooks({});
    parts_.fills.set_targets({});
    for (auto& [name, c] : connections_)
        close_triggers_of(c);
}

// Lets old instances finish behind the new ones' back.
void deployment::retire(std::vector<std::shared_ptr<plugin_instance>> old,
                        std::chrono::milliseconds grace) {
    for (auto& instance : old) {
        if (auto c = std::dynamic_pointer_cast<connector_instance>(instance))
            c->close(grace, [c] {});
        else if (auto f = std::dynamic_pointer_cast<flow_instance>(instance))
            f->close([f] {});
    }
}

void deployment::retire_flows(std::vector<std::shared_ptr<flow_instance>> old) {
    retire({old.begin(), old.end()}, drain_grace);
}

void deployment::close(std::chrono::milliseconds grace) {
    close_triggers();
    runs_.set_up({});
    for (auto& [name, f] : flows_) {
        wait_for_done([&](auto done) { f.flow->close(std::move(done)); });
    }
    flows_.clear();
    for (const auto& flow : pinned_.take(true))
        wait_for_done([&](auto done) { flow->close(std::move(done)); });
    for (auto& [name, c] : connections_) {
        wait_for_done([&](auto done) { c.bound.instance->close(grace, std::move(done)); });
    }
    connections_.clear();
}

std::shared_ptr<connector_instance> deployment::connection(const std::string& name) const {
    const auto it = connections_.find(name);
    return it == connections_.end() ? nullptr : it->second.bound.instance;
}

std::vector<connection_state> deployment::connections() const {
    std::vector<connection_state> out;
    for (const auto& [name, c] : connections_) {
        connection_state s;
        s.name = name;
        s.connector = c.bound.instance->descriptor().id;
        s.version = c.bound.instance->descriptor().version;
        for (const auto& t : c.triggers)
            s.triggers.push_back(t.id);
        s.open_calls = c.bound.instance->open_calls();
        s.lane = env_.http.status(*c.lane);
        if (c.bound.gate) s.gate = c.bound.gate->status();
        out.push_back(std::move(s));
    }
    return out;
}

} // namespace mortise::host
