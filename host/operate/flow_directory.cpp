// SPDX-License-Identifier: Apache-2.0
#include "operate/flow_directory.hpp"

#include "engine/flow_revision.hpp"

#include <algorithm>

namespace mortise::host {

int safety(effect_class c) noexcept {
    switch (c) {
    case effect_class::read:
        return 3;
    case effect_class::idempotent:
        return 2;
    case effect_class::lookup_first:
        return 1;
    case effect_class::unsafe:
        break;
    }
    return 0;
}

const bound_operation* flow_entry::weakest() const noexcept {
    const bound_operation* out = nullptr;
    for (const auto& role : roles) {
        for (const auto& o : role.operations) {
            if (out == nullptr || safety(o.repeat()) < safety(out->repeat())) out = &o;
        }
    }
    return out;
}

const operation_descriptor* flow_entry::operation(std::string_view target) const noexcept {
    const auto colon = target.find(':');
    if (colon == std::string_view::npos) return nullptr;
    for (const auto& role : roles) {
        if (role.name == target.substr(0, colon) && role.descriptor != nullptr)
            return role.descriptor->operation(target.substr(colon + 1));
    }
    return nullptr;
}

std::vector<std::string> flow_entry::read_targets() const {
    std::vector<std::string> out;
    for (const auto& role : roles) {
        if (role.descriptor == nullptr) continue;
        for (const auto& o : role.descriptor->operations) {
            if (o.repeat == effect_class::read) out.push_back(role.name + ':' + o.id);
        }
    }
    return out;
}

fresh_look flow_entry::look_again() const {
    fresh_look out;
    for (const auto& role : roles) {
        if (role.descriptor == nullptr) continue;
        for (const auto& o : role.descriptor->operations) {
            auto target = role.name + ':' + o.id;
            if (o.repeat == effect_class::lookup_first)
                out.look_first.push_back(std::move(target));
            else if (o.repeat != effect_class::unsafe)
                out.again.push_back(std::move(target));
        }
    }
    return out;
}

std::string flow_entry::event_schema(std::string_view event_source,
                                     std::string_view event_type) const {
    constexpr std::string_view of_connections = "/connections/";
    if (!event_source.starts_with(of_connections)) return {};
    event_source.remove_prefix(of_connections.size());
    for (const auto& role : roles) {
        if (role.descriptor == nullptr || role.connection != event_source) continue;
        const auto* trigger = role.descriptor->trigger_of_event(event_type);
        if (trigger == nullptr) continue;
        const auto it =
            std::find_if(trigger->events.begin(), trigger->events.end(),
                         [&](const event_descriptor& e) { return e.type == event_type; });
        if (it != trigger->events.end()) return it->data_schema;
    }
    return {};
}

flow_directory::flow_directory(const configuration& config, const plugin_catalog& plugins) {
    for (const auto& [name, f] : config.flows) {
        flow_entry entry;
        entry.name = name;
        entry.flow = f.flow;
        entry.enabled = f.enabled;
        entry.descriptor = plugins.find_flow(f.flow, f.version.value_or(""));
        if (entry.descriptor != nullptr) {
            entry.version = entry.descriptor->version;
            entry.revision = revision_of(f, *entry.descriptor).id();
            for (const auto& declared : entry.descriptor->roles) {
                bound_role role;
                role.name = declared.name;
                if (const auto bound = f.connections.find(declared.name);
                    bound != f.connections.end()) {
                    role.connection = bound->second;
                    const auto c = config.connections.find(bound->second);
                    if (c != config.connections.end()) {
                        role.connector = c->second.connector;
                        role.descriptor = plugins.find_connector(role.connector);
                    }
                }
                for (const auto& id : declared.operations) {
                    bound_operation o{role.name, role.connection, id, nullptr};
                    if (role.descriptor != nullptr) o.offered = role.descriptor->operation(id);
                    role.operations.push_back(std::move(o));
                }
                entry.roles.push_back(std::move(role));
            }
        }
        flows_.emplace(name, std::move(entry));
    }
}

const flow_entry* flow_directory::find(std::string_view name) const {
    const auto it = flows_.find(name);
    return it == flows_.end() ? nullptr : &it->second;
}

} // namespace mortise::host
