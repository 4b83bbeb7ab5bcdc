// SPDX-License-Identifier: Apache-2.0
#include "app/offered.hpp"

namespace mortise::host {

std::vector<config_problem> not_offered(const configuration& config) {
    std::vector<config_problem> out;
    const auto add = [&](const source_place& place, std::string key, std::string instead) {
        out.push_back({place, "this version does not offer " + key, std::move(instead), false});
    };
    for (const auto& [name, c] : config.connections) {
        if (!c.grants.services.empty()) {
            add(c.place, "grant.services",
                "remove the key; every service but http and state is always granted");
        }
    }
    return out;
}

} // namespace mortise::host
