// SPDX-License-Identifier: Apache-2.0
//
// From a valid configuration to instances at work, and from one configuration to the next:
// everything new is made first, then the engine is switched, then what is no longer wanted drains.
// A configuration that cannot be put to work as a whole changes nothing.
#pragma once

#include "app/connection_lease.hpp"
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
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mortise::host {

struct connection_state {
    std::string name;
    std::string connector;
    std::string version;
    std::vector<std::string> triggers; // open ones
    struct polling {
        std::uint64_t count = 0; // answered since it was opened
        unix_ms last_at = 0;
    };
    std::map<std::string, polling> polls; // of triggers that poll
    std::size_t open_calls = 0;
    http_lane_status lane;
    gate_status gate;
};

// What was made anew by a configuration, by name.
struct applied_changes {
    std::vector<std::string> connections, flows;
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

    // triggers false: connections and flows only (tests of a connection, a dry start). Refused with
    // the place and the reason, and then nothing has changed.
    result<applied_changes> apply(std::shared_ptr<const configuration> config, bool triggers);
    // Stops asking systems for what is new; webhooks are still taken.
    void stop_polls();
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

    struct staged_trigger {
        std::string connection;
        std::shared_ptr<connector_instance> on;
        live_trigger trigger;
        std::optional<std::chrono::milliseconds> interval; // of polls
    };
    struct unused_trigger {
        std::shared_ptr<connector_instance> on;
        mortise_handle handle = 0;
    };
    // Made for the next configuration and not yet at work.
    struct fresh {
        std::map<std::string, live_connection> connections;
        std::map<std::string, live_flow> flows;
        std::vector<flow_revision> revisions;
        std::vector<staged_trigger> triggers;
    };
    using wanted_events = std::map<std::string, std::set<std::string>>; // connection -> types

    result<live_connection> make_connection(const connection_config& c, const configuration& all);
    result<std::shared_ptr<flow_instance>> make_flow(const flow_revision& revision,
                                                     const flow_descriptor& d);
    std::shared_ptr<const router> make_router(const configuration& all,
                                              result<void>& problem) const;
    std::shared_ptr<connection_gate> gate_of(const connection_config& c,
                                             std::chrono::milliseconds call_timeout);
    // deployment_apply.cpp
    result<fresh> make_fresh(const configuration& config);
    error give_up(fresh made, error why);
    result<applied_changes> replace_with(std::shared_ptr<const configuration> config,
                                         bool triggers);
    // deployment_triggers.cpp
    wanted_events events_wanted(const configuration& all, const fresh& made) const;
    result<void> stage_triggers(const configuration& all, fresh& made);
    void start_triggers(std::vector<staged_trigger> staged);
    std::vector<unused_trigger> take_unused_triggers(const configuration& all);
    static void close_unused(const std::vector<unused_trigger>& triggers);
    static void stop_polls_of(live_connection& c);
    void publish_webhooks();
    void publish_backfills();
    static void retire_flows(std::vector<std::shared_ptr<flow_instance>> old);

    plugin_environment& env_;
    engine& runs_;
    ingress& ingress_;
    const plugin_catalog& plugins_;
    const deployment_parts parts_;
    std::map<std::string, live_connection> connections_;
    std::map<std::string, live_flow> flows_;
    pinned_flows pinned_;
    std::shared_ptr<open_connections> open_ = std::make_shared<open_connections>();
    std::shared_ptr<const configuration> config_;
    std::shared_ptr<const secret_store> secrets_;
};

} // namespace mortise::host
