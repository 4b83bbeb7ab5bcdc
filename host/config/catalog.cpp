// SPDX-License-Identifier: Apache-2.0
#include "config/catalog.hpp"

namespace mortise::host {

namespace {

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : map)
        keys.push_back(key);
    return keys;
}

} // namespace

const connector_description* memory_catalog::connector(std::string_view id) const {
    const auto it = connectors.find(id);
    return it == connectors.end() ? nullptr : &it->second;
}

const flow_description* memory_catalog::flow(std::string_view id) const {
    const auto it = flows.find(id);
    return it == flows.end() ? nullptr : &it->second;
}

std::vector<std::string> memory_catalog::connector_ids() const {
    return keys_of(connectors);
}

std::vector<std::string> memory_catalog::flow_ids() const {
    return keys_of(flows);
}

} // namespace mortise::host
