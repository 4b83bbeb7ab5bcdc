// SPDX-License-Identifier: Apache-2.0
#include "app/deployment.hpp"

#include "app/deployment_parts.hpp"
#include "app/fingerprint.hpp"
#include "http/client.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

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
    live.fingerprint = fingerprint_of(c, d, all.secrets);
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
    live.bound.lease = open_->lease(live.bound.instance);
    return live;
}

std::shared_ptr<connection_gate> deployment::gate_of(const connection_config& c,
                                                     std::chrono::milliseconds call_timeout) {
    return parts_.gates.of(c.name, options_of(c, call_timeout));
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

void deployment::retire_flows(std::vector<std::shared_ptr<flow_instance>> old) {
    // Each ends with its last run.
    for (auto& flow : old)
        flow->close([flow] {});
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
    for (const auto& instance : open_->take_all())
        wait_for_done([&](auto done) { instance->close(grace, std::move(done)); });
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
        for (const auto& t : c.triggers) {
            s.triggers.push_back(t.id);
            if (t.polls) s.polls[t.id] = {t.polls->polls(), t.polls->last_poll()};
        }
        s.open_calls = c.bound.instance->open_calls();
        s.lane = env_.http.status(*c.lane);
        if (c.bound.gate) s.gate = c.bound.gate->status();
        out.push_back(std::move(s));
    }
    return out;
}

} // namespace mortise::host
