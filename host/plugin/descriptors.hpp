// SPDX-License-Identifier: Apache-2.0
//
// What a plugin says about itself, copied into host types: the strings are ours, the function
// tables are zero-extended to this host's size, so an absent appended function is a null pointer.
// After the checks of library.hpp the rest of the host touches a plugin only through the pointers
// in `table`.
//
// All of it is immutable once made, so it may be read from every thread.
#pragma once

#include <mortise/plugin.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct plugin_descriptor;

// What a repeat of an operation does; unknown values of newer plugins are unsafe.
enum class effect_class : std::uint32_t {
    unsafe = MORTISE_EFFECT_CLASS_UNSAFE,
    read = MORTISE_EFFECT_CLASS_READ,
    idempotent = MORTISE_EFFECT_CLASS_IDEMPOTENT,
    lookup_first = MORTISE_EFFECT_CLASS_LOOKUP_FIRST,
};
std::string_view
to_string(effect_class c) noexcept; // "unsafe", "read", "idempotent", "lookup_first"

struct operation_descriptor {
    std::string id;
    std::string title;
    std::string doc;
    std::string input_schema;  // a JSON object, or empty: anything goes
    std::string output_schema; // as above
    std::string lookup_operation;
    effect_class repeat = effect_class::unsafe;
    std::uint32_t flags = 0;

    bool blocking() const noexcept { return (flags & MORTISE_OP_BLOCKING) != 0; }
    bool concurrent() const noexcept { return (flags & MORTISE_OP_CONCURRENT) != 0; }
};

struct event_descriptor {
    std::string type;
    std::string title;
    std::string doc;
    std::string data_schema;
};

struct trigger_descriptor {
    std::string id;
    std::string title;
    std::string doc;
    std::string config_schema;
    std::uint32_t kinds = 0; // MORTISE_TRIGGER_* bits
    std::uint32_t default_poll_interval_s = 0;
    std::vector<event_descriptor> events;

    bool polls() const noexcept { return (kinds & MORTISE_TRIGGER_POLL) != 0; }
    bool takes_webhooks() const noexcept { return (kinds & MORTISE_TRIGGER_WEBHOOK) != 0; }
    bool streams() const noexcept { return (kinds & MORTISE_TRIGGER_STREAM) != 0; }
    bool backfills() const noexcept { return (kinds & MORTISE_TRIGGER_BACKFILL) != 0; }
};

struct connector_descriptor {
    std::string id;
    std::string version;
    std::string title;
    std::string vendor;
    std::string doc;
    std::string config_schema;
    std::vector<std::string> requires_services;
    std::vector<operation_descriptor> operations;
    std::vector<trigger_descriptor> triggers;
    mortise_connector table{}; // use its function pointers only; get_extension may be null
    const plugin_descriptor* plugin = nullptr;

    const operation_descriptor* operation(std::string_view operation_id) const noexcept;
    const trigger_descriptor* trigger(std::string_view trigger_id) const noexcept;
    // The trigger that announces this event type, or null.
    const trigger_descriptor* trigger_of_event(std::string_view event_type) const noexcept;
    bool needs_service(std::string_view service_id) const noexcept;
};

struct role_descriptor {
    std::string name;
    std::vector<std::string> connectors; // acceptable connector ids, as separated by '|'
    std::string doc;
    std::vector<std::string> operations;
};

struct subscription_descriptor {
    std::string role; // empty: the host itself
    std::string event_type;
};

struct flow_descriptor {
    std::string id;
    std::string version;
    std::string title;
    std::string doc;
    std::string config_schema;
    std::vector<role_descriptor> roles;
    std::vector<subscription_descriptor> subscriptions;
    mortise_flow table{}; // use its function pointers only
    const plugin_descriptor* plugin = nullptr;

    const role_descriptor* role(std::string_view role_name) const noexcept;
    bool subscribes_to(std::string_view role_name, std::string_view event_type) const noexcept;
};

// One library file. Not movable: its connectors and flows point back to it.
struct plugin_descriptor {
    plugin_descriptor() = default;
    plugin_descriptor(const plugin_descriptor&) = delete;
    plugin_descriptor& operator=(const plugin_descriptor&) = delete;

    std::filesystem::path file; // absolute
    std::string sha256;         // lower-case hex of the file that was checked
    std::string id;
    std::string version;
    std::string sdk;
    std::uint32_t abi_major = 0;
    std::uint32_t abi_minor = 0;
    std::vector<connector_descriptor> connectors;
    std::vector<flow_descriptor> flows;
    mortise_entry entry{}; // use init and deinit only; both may be null
};

} // namespace mortise::host
