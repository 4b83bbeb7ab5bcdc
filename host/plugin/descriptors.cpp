// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptors.hpp"

#include <algorithm>

namespace mortise::host {

namespace {

// The first element whose text member equals the wanted one, or null.
template <class T>
const T* find_by(const std::vector<T>& all, std::string T::*member, std::string_view wanted) {
    const auto it = std::ranges::find_if(all, [&](const T& t) { return t.*member == wanted; });
    return it == all.end() ? nullptr : &*it;
}

} // namespace

std::string_view to_string(effect_class c) noexcept {
    switch (c) {
    case effect_class::read:
        return "read";
    case effect_class::idempotent:
        return "idempotent";
    case effect_class::lookup_first:
        return "lookup_first";
    case effect_class::unsafe:
        break;
    }
    return "unsafe";
}

const operation_descriptor*
connector_descriptor::operation(std::string_view operation_id) const noexcept {
    return find_by(operations, &operation_descriptor::id, operation_id);
}

const trigger_descriptor*
connector_descriptor::trigger(std::string_view trigger_id) const noexcept {
    return find_by(triggers, &trigger_descriptor::id, trigger_id);
}

const trigger_descriptor*
connector_descriptor::trigger_of_event(std::string_view event_type) const noexcept {
    for (const auto& t : triggers)
        if (find_by(t.events, &event_descriptor::type, event_type)) return &t;
    return nullptr;
}

bool connector_descriptor::needs_service(std::string_view service_id) const noexcept {
    return std::ranges::find(requires_services, service_id) != requires_services.end();
}

const role_descriptor* flow_descriptor::role(std::string_view role_name) const noexcept {
    return find_by(roles, &role_descriptor::name, role_name);
}

bool flow_descriptor::subscribes_to(std::string_view role_name,
                                    std::string_view event_type) const noexcept {
    return std::ranges::any_of(subscriptions, [&](const subscription_descriptor& s) {
        return s.role == role_name && s.event_type == event_type;
    });
}

} // namespace mortise::host
