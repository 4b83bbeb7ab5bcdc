// SPDX-License-Identifier: Apache-2.0
//
// What the configuration needs to know of the loaded plugins. The plugin layer implements it; tests
// use memory_catalog.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct connector_description {
    std::string config_schema;                          // JSON Schema text
    std::map<std::string, std::string> trigger_schemas; // trigger id -> JSON Schema text
    std::vector<std::string> operations;
    std::vector<std::string> default_egress; // "host:port", beside those found in the settings
};

struct role_description {
    std::string name;
    std::vector<std::string> connectors; // ids of which one must be bound; empty: any
    std::vector<std::string> operations; // every operation the flow may call there
    std::string doc;
};

struct flow_description {
    std::string config_schema;
    std::vector<role_description> roles;
    std::vector<std::string> versions; // that are loaded; empty: not known
};

class schema_catalog {
public:
    virtual ~schema_catalog() = default;
    // Null when no loaded plugin offers it; valid while the catalog lives.
    virtual const connector_description* connector(std::string_view id) const = 0;
    virtual const flow_description* flow(std::string_view id) const = 0;
    virtual std::vector<std::string> connector_ids() const = 0;
    virtual std::vector<std::string> flow_ids() const = 0;
};

class memory_catalog final : public schema_catalog {
public:
    std::map<std::string, connector_description, std::less<>> connectors;
    std::map<std::string, flow_description, std::less<>> flows;

    const connector_description* connector(std::string_view id) const override;
    const flow_description* flow(std::string_view id) const override;
    std::vector<std::string> connector_ids() const override;
    std::vector<std::string> flow_ids() const override;
};

} // namespace mortise::host
