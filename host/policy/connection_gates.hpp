// SPDX-License-Identifier: Apache-2.0
//
// The gates of all connections, and what is durable of them: pauses by hand lie in the journal
// (scope "host/connections", key = the connection) and outlive restarts.
#pragma once

#include "policy/connection_gate.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace mortise::host {

class journal;

class connection_gates {
public:
    // All outlive it. kick is called after held runs of a connection were made ready again.
    connection_gates(journal& store,
                     const clock& time,
                     metric_registry& metrics,
                     std::function<void()> kick);

    // [main] Reads the pauses; before the first of().
    result<void> load();
    // [any-thread] The gate of a configured connection, made at the first call, with these options
    // from now on.
    std::shared_ptr<connection_gate> of(const std::string& connection,
                                        const breaker_options& options);
    // [any-thread] Those of all other connections retire, until they are asked for by of() again.
    void keep_only(const std::set<std::string>& connections);
    // [main] Before the first of(); several may listen. fn is called on any thread, without a lock
    // of the gates, and must be quick.
    void on_change(std::function<void(const gate_change&)> fn);
    // [any-thread] Null when no such connection was ever configured since the start.
    std::shared_ptr<connection_gate> find(const std::string& connection) const;

    // Called once, on any thread, when it is durable and in force.
    using answer = std::function<void(result<void>)>;
    // [any-thread] Steps are held and polls stop; calls in flight end, webhooks are taken. Errors:
    // not_found, the journal's. Pausing a paused one changes the reason.
    void pause(const std::string& connection, std::string reason, answer done);
    // [any-thread] Held steps go on at once. Errors: not_found, the journal's.
    void resume(const std::string& connection, answer done);
    // [any-thread] Makes the held runs of a connection ready again.
    void release(const std::string& connection);

private:
    struct shared_state;
    std::shared_ptr<shared_state> s_;
};

} // namespace mortise::host
