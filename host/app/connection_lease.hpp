// SPDX-License-Identifier: Apache-2.0
// Connections that a reload has replaced or taken away go on until nobody works with them: whoever
// does holds a lease, and the last one that is given back closes the connection. [any-thread]
#pragma once

#include "plugin/connector_instance.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace mortise::host {

class open_connections : public std::enable_shared_from_this<open_connections> {
public:
    // Takes the open instance into care.
    std::shared_ptr<void> lease(std::shared_ptr<connector_instance> instance);
    // Every one that is open, to be closed by the caller; leases do nothing any more.
    std::vector<std::shared_ptr<connector_instance>> take_all();

private:
    bool take(const connector_instance* instance);

    std::mutex guard_;
    std::map<const connector_instance*, std::shared_ptr<connector_instance>> open_;
};

} // namespace mortise::host
