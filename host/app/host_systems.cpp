// SPDX-License-Identifier: Apache-2.0
#include "app/host_systems.hpp"

#include <algorithm>

namespace mortise::host {

namespace {

constexpr std::chrono::seconds test_timeout{30};
constexpr std::chrono::seconds call_timeout{60}; // long lists come page by page

} // namespace

result<std::string> host_systems::test(const std::string& connection) {
    return host_.test_connection(connection, test_timeout);
}

bool host_systems::offers(const std::string& connection, std::string_view operation) const {
    return host_.offers(connection, operation);
}

result<std::string> host_systems::call(const std::string& connection,
                                       const std::string& operation,
                                       const std::string& input) {
    return host_.call(connection, operation, input, call_timeout);
}

used_operations operations_used(const configuration& config, const plugin_catalog& plugins) {
    used_operations used;
    for (const auto& [name, f] : config.flows) {
        const auto* d = f.enabled ? plugins.find_flow(f.flow, f.version.value_or("")) : nullptr;
        if (d == nullptr) continue;
        for (const auto& role : d->roles) {
            const auto bound = f.connections.find(role.name);
            if (bound == f.connections.end()) continue;
            auto& operations = used[bound->second];
            for (const std::string& operation : role.operations)
                if (std::find(operations.begin(), operations.end(), operation) == operations.end())
                    operations.push_back(operation);
        }
    }
    return used;
}

} // namespace mortise::host
