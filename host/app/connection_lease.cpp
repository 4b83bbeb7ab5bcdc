// SPDX-License-Identifier: Apache-2.0
#include "app/connection_lease.hpp"

#include "app/deployment_parts.hpp"

namespace mortise::host {

std::shared_ptr<void> open_connections::lease(std::shared_ptr<connector_instance> instance) {
    auto* raw = instance.get();
    {
        const std::lock_guard lock(guard_);
        open_.emplace(raw, instance);
    }
    return {raw, [self = shared_from_this(), instance = std::move(instance)](void*) {
                if (self->take(instance.get())) instance->close(drain_grace, [instance] {});
            }};
}

std::vector<std::shared_ptr<connector_instance>> open_connections::take_all() {
    std::vector<std::shared_ptr<connector_instance>> out;
    const std::lock_guard lock(guard_);
    for (auto& [raw, instance] : open_)
        out.push_back(std::move(instance));
    open_.clear();
    return out;
}

bool open_connections::take(const connector_instance* instance) {
    const std::lock_guard lock(guard_);
    return open_.erase(instance) > 0;
}

} // namespace mortise::host
