// SPDX-License-Identifier: Apache-2.0
//
// What the configured flows are bound to, and what a repeat of their operations does: for people
// who look at flows and for the checks of what they change. Made from a configuration and the
// loaded plugins; immutable, so [any-thread]. It must not outlive the catalog.
#pragma once

#include "config/config.hpp"
#include "journal/records.hpp"
#include "plugin/catalog.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// An operation that a flow's role may use, as its connection offers it.
struct bound_operation {
    std::string role;
    std::string connection; // empty: the role is bound to none
    std::string operation;
    const operation_descriptor* offered = nullptr; // null: by no loaded connector

    // As journaled steps have it: "<role>:<operation>".
    std::string target() const { return role + ':' + operation; }
    effect_class repeat() const noexcept {
        return offered != nullptr ? offered->repeat : effect_class::unsafe;
    }
};

struct bound_role {
    std::string name;
    std::string connection;                           // empty: bound to none
    std::string connector;                            // of the connection
    const connector_descriptor* descriptor = nullptr; // null: not loaded
    std::vector<bound_operation> operations;          // those the role declares
};

struct flow_entry {
    std::string name;
    std::string flow; // plugin's flow id and the version new runs begin with
    std::string version;
    std::string revision; // of its settings, see engine/flow_revision.hpp
    bool enabled = true;
    const flow_descriptor* descriptor = nullptr; // null: not loaded
    std::vector<bound_role> roles;

    // The operation whose repeat is least safe (unsafe, lookup_first, idempotent, read); null when
    // no role declares one.
    const bound_operation* weakest() const noexcept;
    // Any operation of a bound connection, also one that the role did not declare; null when there
    // is none.
    const operation_descriptor* operation(std::string_view target) const noexcept;
    // Targets of every operation that only reads.
    std::vector<std::string> read_targets() const;
    // What such a run asks the systems again, and what it looks up before a repeat, when it begins
    // anew.
    fresh_look look_again() const;
    // JSON Schema of the data of such an event, as the connector that sends it declares; empty: no
    // rule.
    std::string event_schema(std::string_view event_source, std::string_view event_type) const;
};

class flow_directory {
public:
    flow_directory(const configuration& config, const plugin_catalog& plugins);
    flow_directory() = default;

    const flow_entry* find(std::string_view name) const;
    const std::map<std::string, flow_entry, std::less<>>& flows() const noexcept { return flows_; }

private:
    std::map<std::string, flow_entry, std::less<>> flows_;
};

// 0 for what is least safe to repeat.
int safety(effect_class c) noexcept;

} // namespace mortise::host
