// SPDX-License-Identifier: Apache-2.0
// What the checks say about descriptors that are wrong in one way each.
#include "plugin/library.hpp"
#include "plugin/names.hpp"
#include "support/catch.hpp"

#include <mortise/http.h>
#include <mortise/sdk/abi.hpp>

#include <cstring>
#include <functional>
#include <stdexcept>

using namespace mortise::host;
using mortise::c_str_of;

namespace {

mortise_status
no_create(const mortise_host*, mortise_handle, mortise_payload, mortise_error_sink, void**) {
    return MORTISE_E_FAILED;
}
void no_destroy(void*) {}
mortise_status no_invoke(void*, const mortise_call*, mortise_error_sink) {
    return MORTISE_E_FAILED;
}
void no_handle(void*, mortise_handle) {}
mortise_status
no_open(void*, mortise_handle, mortise_str, mortise_payload, mortise_bytes, mortise_error_sink) {
    return MORTISE_E_FAILED;
}
mortise_status no_deliver(void*, mortise_handle, const mortise_delivery*, mortise_error_sink) {
    return MORTISE_E_FAILED;
}
mortise_status no_close(void*, mortise_handle, mortise_done_fn, void*) {
    return MORTISE_E_FAILED;
}
mortise_status no_start(void*, mortise_handle, const mortise_event*, mortise_error_sink) {
    return MORTISE_E_FAILED;
}

// A plugin in memory, right in everything, for a test to spoil. get_factory has no context, so
// there is one at a time.
struct plugin_in_memory {
    mortise_operation operations[2]{};
    mortise_event_type events[1]{};
    mortise_trigger triggers[1]{};
    mortise_str services[1]{};
    mortise_connector connector{};
    mortise_str role_operations[1]{};
    mortise_role roles[1]{};
    mortise_subscription subscriptions[2]{};
    mortise_flow flow{};
    mortise_entry entry{};
    std::function<const void*(std::string_view, std::uint64_t)> factory;
    static inline plugin_in_memory* current = nullptr;

    plugin_in_memory() {
        current = this;
        for (auto& o : operations) {
            o.struct_size = sizeof o;
            o.effect_class = MORTISE_EFFECT_CLASS_READ;
            o.input_schema = c_str_of("{}");
        }
        operations[0].id = c_str_of("items.find");
        operations[1].id = c_str_of("items.create");
        operations[1].effect_class = MORTISE_EFFECT_CLASS_LOOKUP_FIRST;
        operations[1].lookup_operation = c_str_of("items.find");
        events[0].struct_size = sizeof(mortise_event_type);
        events[0].type = c_str_of("acme.item.changed");
        triggers[0].struct_size = sizeof(mortise_trigger);
        triggers[0].kinds = MORTISE_TRIGGER_POLL | MORTISE_TRIGGER_WEBHOOK;
        triggers[0].id = c_str_of("changes");
        triggers[0].events = events;
        triggers[0].event_count = 1;
        triggers[0].event_stride = sizeof(mortise_event_type);
        services[0] = c_str_of(MORTISE_SVC_HTTP);
        connector.struct_size = sizeof connector;
        connector.id = c_str_of("acme");
        connector.version = c_str_of("1.2.3");
        connector.title = c_str_of("Acmé");
        connector.config_schema = c_str_of(R"({"type":"object"})");
        connector.requires_services = services;
        connector.requires_count = 1;
        connector.operations = operations;
        connector.operation_count = 2;
        connector.operation_stride = sizeof(mortise_operation);
        connector.trigger_stride = sizeof(mortise_trigger);
        connector.triggers = triggers;
        connector.trigger_count = 1;
        connector.create = no_create;
        connector.destroy = no_destroy;
        connector.invoke = no_invoke;
        connector.cancel = no_handle;
        connector.open_trigger = no_open;
        connector.deliver = no_deliver;
        connector.resume = no_handle;
        connector.close_trigger = no_close;
        role_operations[0] = c_str_of("items.find");
        roles[0].struct_size = sizeof(mortise_role);
        roles[0].name = c_str_of("shop");
        roles[0].connector = c_str_of("acme|other-shop");
        roles[0].operations = role_operations;
        roles[0].operation_count = 1;
        subscriptions[0].struct_size = sizeof(mortise_subscription);
        subscriptions[0].role = c_str_of("shop");
        subscriptions[0].event_type = c_str_of("acme.item.changed");
        subscriptions[1].struct_size = sizeof(mortise_subscription);
        subscriptions[1].event_type = c_str_of("mortise.schedule");
        flow.struct_size = sizeof flow;
        flow.id = c_str_of("item-sync");
        flow.version = c_str_of("0.1.0");
        flow.roles = roles;
        flow.role_count = 1;
        flow.role_stride = sizeof(mortise_role);
        flow.subscriptions = subscriptions;
        flow.subscription_count = 2;
        flow.subscription_stride = sizeof(mortise_subscription);
        flow.create = no_create;
        flow.destroy = no_destroy;
        flow.start = no_start;
        flow.cancel = no_handle;
        flow.drop = no_handle;
        factory = [this](std::string_view kind, std::uint64_t i) -> const void* {
            if (i != 0) return nullptr;
            if (kind == MORTISE_FACTORY_CONNECTOR) return &connector;
            return kind == MORTISE_FACTORY_FLOW ? &flow : nullptr;
        };
        entry.magic = MORTISE_ABI_MAGIC;
        entry.struct_size = sizeof entry;
        entry.abi_major = MORTISE_ABI_MAJOR;
        entry.id = c_str_of("com.example.acme");
        entry.version = c_str_of("2.0.0-rc.1");
        entry.sdk = c_str_of("by hand");
        entry.get_factory = [](mortise_str kind, std::uint64_t i) {
            return current->factory(mortise::view(kind), i);
        };
    }

    plugin_result<std::unique_ptr<plugin_descriptor>> describe() const {
        return mortise::host::describe(&entry, "acme.so");
    }
    std::string refusal_code() const {
        const auto r = describe();
        if (r) return "accepted";
        INFO(r.error().text());
        CHECK_FALSE(r.error().message.empty());
        CHECK_FALSE(r.error().wanted.empty());
        CHECK_FALSE(r.error().hint.empty());
        return r.error().reason_code;
    }
};

} // namespace

TEST_CASE("a descriptor is copied with everything it says", "[plugin][describe]") {
    plugin_in_memory p;
    auto described = p.describe();
    REQUIRE(described.has_value());
    const plugin_descriptor& d = **described;
    // The copy must not borrow: spoil the original.
    p.connector = {};
    p.flow = {};

    CHECK(d.id == "com.example.acme");
    CHECK(d.version == "2.0.0-rc.1");
    REQUIRE(d.connectors.size() == 1);
    const auto& c = d.connectors[0];
    CHECK(c.plugin == &d);
    CHECK(c.id == "acme");
    CHECK(c.title == "Acmé");
    CHECK(c.needs_service("mortise.http/1"));
    CHECK_FALSE(c.needs_service("mortise.state/1"));
    REQUIRE(c.operation("items.create") != nullptr);
    CHECK(c.operation("items.create")->repeat == effect_class::lookup_first);
    CHECK(c.operation("items.create")->lookup_operation == "items.find");
    CHECK(c.operation("items") == nullptr);
    REQUIRE(c.trigger_of_event("acme.item.changed") == c.trigger("changes"));
    CHECK(c.trigger("changes")->polls());
    CHECK(c.trigger("changes")->takes_webhooks());
    CHECK_FALSE(c.trigger("changes")->streams());
    CHECK(c.table.create == no_create);
    CHECK(c.table.get_extension == nullptr);
    REQUIRE(d.flows.size() == 1);
    const auto& f = d.flows[0];
    CHECK(f.plugin == &d);
    REQUIRE(f.role("shop") != nullptr);
    CHECK(f.role("shop")->connectors == std::vector<std::string>{"acme", "other-shop"});
    CHECK(f.subscribes_to("shop", "acme.item.changed"));
    CHECK(f.subscribes_to("", "mortise.schedule"));
    CHECK_FALSE(f.subscribes_to("", "mortise.manual"));
}

TEST_CASE("structs that grew since are read up to what this host knows", "[plugin][describe]") {
    plugin_in_memory p;
    struct later_operation {
        mortise_operation known;
        std::uint64_t added;
    };
    later_operation later[2] = {{p.operations[0], 7}, {p.operations[1], 8}};
    for (auto& o : later)
        o.known.struct_size = sizeof o;
    p.connector.operations = &later[0].known;
    p.connector.operation_stride = sizeof(later_operation);
    struct later_connector {
        mortise_connector known;
        std::uint64_t added;
    } grown{p.connector, 9};
    grown.known.struct_size = sizeof grown;
    p.factory = [&](std::string_view kind, std::uint64_t i) -> const void* {
        return i == 0 && kind == MORTISE_FACTORY_CONNECTOR ? &grown : nullptr;
    };

    const auto d = p.describe();
    REQUIRE(d.has_value());
    REQUIRE((*d)->connectors.size() == 1);
    CHECK((*d)->connectors[0].operations[1].id == "items.create");
}

TEST_CASE("an unknown effect class of a newer plugin counts as unsafe", "[plugin][describe]") {
    plugin_in_memory p;
    p.operations[0].effect_class = 99;
    p.operations[1].effect_class = MORTISE_EFFECT_CLASS_UNSAFE;
    const auto d = p.describe();
    REQUIRE(d.has_value());
    CHECK((*d)->connectors[0].operations[0].repeat == effect_class::unsafe);
}

TEST_CASE("an entry that cannot be right is refused", "[plugin][describe]") {
    CHECK(describe(nullptr, "acme.so").error().reason_code == "null-entry");
    plugin_in_memory p;
    SECTION("magic") {
        p.entry.magic = 1;
        CHECK(p.refusal_code() == "wrong-magic");
    }
    SECTION("length") {
        p.entry.struct_size = GENERATE(0u, 16u, 80u, 0xFFFFFFFFu);
        CHECK(p.refusal_code() == "short-entry");
    }
    SECTION("major") {
        p.entry.abi_major = GENERATE(0u, 2u);
        CHECK(p.refusal_code() == "wrong-abi-major");
    }
    SECTION("id") {
        const auto* id =
            GENERATE("", "acme", "Com.Example", "com..acme", "com.-acme", "com.acme/x");
        p.entry.id = c_str_of(id);
        CHECK(p.refusal_code() == "bad-id");
    }
    SECTION("version") {
        const auto* version = GENERATE("", "1", "1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01");
        p.entry.version = c_str_of(version);
        CHECK(p.refusal_code() == "bad-version");
    }
    SECTION("a text without bytes") {
        p.entry.sdk = {nullptr, 5};
        CHECK(p.refusal_code() == "bad-text");
    }
    SECTION("a text that is not UTF-8") {
        p.entry.sdk = c_str_of("caf\xe9");
        CHECK(p.refusal_code() == "bad-text");
    }
    SECTION("no get_factory") {
        p.entry.get_factory = nullptr;
        CHECK(p.refusal_code() == "missing-function");
    }
}

TEST_CASE("a get_factory that cannot be right is refused", "[plugin][describe]") {
    plugin_in_memory p;
    SECTION("it offers nothing") {
        p.factory = [](auto, auto) { return nullptr; };
        CHECK(p.refusal_code() == "offers-nothing");
    }
    SECTION("it ignores the factory id") {
        p.factory = [&](auto, auto i) { return i == 0 ? &p.connector : nullptr; };
        CHECK(p.refusal_code() == "ignores-factory-id");
    }
    SECTION("it ignores the index") {
        p.factory = [&](std::string_view kind, auto) {
            return kind == MORTISE_FACTORY_CONNECTOR ? &p.connector : nullptr;
        };
        CHECK(p.refusal_code() == "endless-factories");
    }
    SECTION("it throws") {
        p.factory = [](auto, auto) -> const void* { throw std::runtime_error("no"); };
        CHECK(p.refusal_code() == "threw");
    }
}

TEST_CASE("a connector that cannot work is refused", "[plugin][describe]") {
    plugin_in_memory p;
    auto& c = p.connector;
    SECTION("short descriptor") {
        c.struct_size -= 8;
        CHECK(p.refusal_code() == "short-descriptor");
    }
    SECTION("id") {
        const auto* id = GENERATE("", "Acme", "1acme", "acme-", "ac me");
        c.id = c_str_of(id);
        CHECK(p.refusal_code() == "bad-id");
    }
    SECTION("stride smaller than the element") {
        c.operation_stride = sizeof(mortise_operation) - 8;
        CHECK(p.refusal_code() == "bad-stride");
    }
    SECTION("stride that breaks alignment") {
        c.operation_stride = sizeof(mortise_operation) + 4;
        CHECK(p.refusal_code() == "bad-stride");
    }
    SECTION("element longer than the stride") {
        p.operations[1].struct_size += 8;
        CHECK(p.refusal_code() == "bad-stride");
    }
    SECTION("element too short") {
        p.operations[1].struct_size = 16;
        CHECK(p.refusal_code() == "short-descriptor");
    }
    SECTION("array that is not there") {
        c.operations = nullptr;
        CHECK(p.refusal_code() == "bad-count");
    }
    SECTION("count that was never set") {
        c.trigger_count = 0xCCCCCCCCCCCCCCCCull;
        CHECK(p.refusal_code() == "bad-count");
    }
    SECTION("the same operation twice") {
        p.operations[1].id = p.operations[0].id;
        CHECK(p.refusal_code() == "duplicate-id");
    }
    SECTION("schema that is not an object") {
        const auto* schema = GENERATE("[]", "true", "{", "{} {}", "\"object\"");
        p.operations[0].output_schema = c_str_of(schema);
        CHECK(p.refusal_code() == "bad-schema");
    }
    SECTION("schema that is deeper than 64 levels") {
        const std::string deep = "{\"a\":" + std::string(70, '[') + std::string(70, ']') + "}";
        p.triggers[0].config_schema = c_str_of(deep);
        CHECK(p.refusal_code() == "bad-schema");
    }
    SECTION("lookup that does not exist") {
        p.operations[1].lookup_operation = c_str_of("items.search");
        CHECK(p.refusal_code() == "unknown-lookup");
    }
    SECTION("lookup that is not there at all") {
        p.operations[1].lookup_operation = {};
        CHECK(p.refusal_code() == "unknown-lookup");
    }
    SECTION("lookup that writes") {
        p.operations[0].effect_class = MORTISE_EFFECT_CLASS_IDEMPOTENT;
        CHECK(p.refusal_code() == "unknown-lookup");
    }
    SECTION("trigger of no kind") {
        p.triggers[0].kinds = GENERATE(0u, 64u);
        CHECK(p.refusal_code() == "bad-trigger-kinds");
    }
    SECTION("service id that is none") {
        p.services[0] = c_str_of("http");
        CHECK(p.refusal_code() == "bad-id");
    }
    SECTION("service of nobody") {
        p.services[0] = c_str_of("acme.rockets/1");
        CHECK(p.refusal_code() == "unknown-service");
    }
    SECTION("no create") {
        c.create = nullptr;
        CHECK(p.refusal_code() == "missing-function");
    }
    SECTION("operations without invoke") {
        c.invoke = nullptr;
        CHECK(p.refusal_code() == "missing-function");
    }
    SECTION("triggers without deliver") {
        c.deliver = nullptr;
        CHECK(p.refusal_code() == "missing-function");
    }
    SECTION("neither operations nor triggers") {
        c.operation_count = 0;
        c.trigger_count = 0;
        CHECK(p.refusal_code() == "offers-nothing");
    }
}

TEST_CASE("a service in another version is named with the one there is", "[plugin][describe]") {
    plugin_in_memory p;
    p.services[0] = c_str_of("mortise.http/2");
    const auto r = p.describe();
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().message ==
          "connector \"acme\" needs mortise.http/2, this host has mortise.http/1");
}

TEST_CASE("a flow that cannot work is refused", "[plugin][describe]") {
    plugin_in_memory p;
    SECTION("subscription to a role it does not have") {
        p.subscriptions[0].role = c_str_of("shopp");
        CHECK(p.refusal_code() == "unknown-role");
    }
    SECTION("subscription to an event the host does not send") {
        p.subscriptions[1].event_type = c_str_of("mortise.midnight");
        CHECK(p.refusal_code() == "unknown-event");
    }
    SECTION("role without a connector") {
        const auto* connector = GENERATE("", "acme|", "|acme", "acme||b");
        p.roles[0].connector = c_str_of(connector);
        CHECK(p.refusal_code() == "bad-id");
    }
    SECTION("no drop") {
        p.flow.drop = nullptr;
        CHECK(p.refusal_code() == "missing-function");
    }
    SECTION("short descriptor") {
        p.flow.struct_size = 40;
        CHECK(p.refusal_code() == "short-descriptor");
    }
}

TEST_CASE("UTF-8 is told from what only looks like it", "[plugin][names]") {
    for (const char* good : {"", "a", "é", "€", "\U0001F600", "\xEF\xBF\xBF"}) {
        INFO(good);
        CHECK(is_utf8(good));
    }
    // overlong, surrogate, past the end of Unicode, cut off, stray continuation
    for (const char* bad : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                            "\xE2\x82", "\x80", "\xF8\x88\x80\x80\x80"}) {
        INFO(bad);
        CHECK_FALSE(is_utf8(bad));
    }
}
