// SPDX-License-Identifier: Apache-2.0
//
// From a valid configuration to instances at work, and from one configuration to the next:
// everything new is made first, then the engine is switched, then what is no longer wanted drains.
// A configuration that cannot be put to work as a whole changes nothing.
#pragma once

#include "app/pinned_flows.hpp"
#include "config/config.hpp"
#include "engine/engine.hpp"
#include "engine/flow_revision.hpp"
#include "http/client.hpp"
#include "intake/backfill.hpp"
#include "intake/ingress.hpp"
#include "intake/poller.hpp"
#include "intake/scheduler.hpp"
#include "plugin/catalog.hpp"
#include "policy/connection_gates.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mortise::host {

struct connection_state {
    std::string name;
    std::string connector;
    std::string version;
    std::vector<std::string> triggers; // open ones
    std::size_t open_calls = 0;
    http_lane_status lane;
    gate_status gate;
};

// What works on the connections and flows that are deployed. All outlive it.
struct deployment_parts {
    connection_gates& gates;
    scheduler& schedules;
    backfill& fills;
};

// All functions [control]: one thread that is not one of the io_context's, because they wait for
// it.
class deployment {
public:
    deployment(plugin_environment& env,
               engine& runs,
               ingress& in,
               const plugin_catalog& plugins,
               deployment_parts parts);
    ~deployment();

    // triggers false: connections and flows only (tests of a connection, a dry start).
    result<void> apply(std::shared_ptr<const configuration> config, bool triggers);
    // Stops taking in: pollers and triggers. Runs go on.
    void close_triggers();
    // Destroys every instance; calls still open after grace are cancelled.
    void close(std::chrono::milliseconds grace);

    // The flow instance a run began on, when it is not the current one any more.
    result<std::shared_ptr<flow_instance>> pinned(const run_record& run);
    std::shared_ptr<connector_instance> connection(const std::string& name) const;
    std::vector<connection_state> connections() const;

private:
    struct live_trigger {
        std::string id;
        mortise_handle handle = 0;
        std::shared_ptr<poller> polls;
    };
    struct live_connection {
        std::string fingerprint;
        std::shared_ptr<http_lane> lane;
        bound_connection bound;
        std::vector<live_trigger> triggers;
    };
    struct live_flow {
        std::string fingerprint;
        std::shared_ptr<flow_instance> flow;
    };

    result<live_connection> make_connection(const connection_config& c, const configuration& all);
    result<std::shared_ptr<flow_instance>> make_flow(const flow_revision& revision,
                                                     const flow_descriptor& d);
    std::shared_ptr<const router> make_router(const configuration& all,
                                              result<void>& problem) const;
    result<void> open_triggers(const configuration& all);
    void close_triggers_of(live_connection& c);
    void publish_webhooks();
    void publish_backfills();
    void retire_flows(std::vector<std::shared_ptr<flow_instance>> old);
    void retire(std::vector<std::shared_ptr<plugin_instance>> old, std::chrono::milliseconds grace);

    plugin_environment& env_;
    engine& runs_;
    ingress& ingress_;
    const plugin_catalog& plugins_;
    const deployment_parts parts_;
    std::map<std::string, live_connection> connections_;
    std::map<std::string, live_flow> flows_;
    pinned_flows pinned_;
    std::shared_ptr<const configuration> config_;
    std::shared_ptr<const secret_store> secrets_;
};

} // namespace mortise::host
