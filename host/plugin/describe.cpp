// SPDX-License-Identifier: Apache-2.0
//
// Reads what a plugin says about itself without believing it. Every step reports the first thing
// that is wrong and stops, so that later steps may rely on the earlier ones.
#include "plugin/descriptor_reader.hpp"
#include "plugin/library.hpp"
#include "plugin/mapping.hpp"
#include "plugin/names.hpp"

#include <mortise/call.h>
#include <mortise/config.h>
#include <mortise/content.h>
#include <mortise/http.h>
#include <mortise/log.h>
#include <mortise/mapping.h>
#include <mortise/metric.h>
#include <mortise/run.h>
#include <mortise/sdk/abi.hpp>
#include <mortise/secret.h>
#include <mortise/state.h>
#include <mortise/time.h>
#include <mortise/trigger.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <set>

// The length version 1.0 of a struct has: what a plugin must at least fill.
#define MORTISE_FIRST_SIZE(type, last_member)                                                      \
    (offsetof(type, last_member) + sizeof(((const type*)nullptr)->last_member))

namespace mortise::host {

namespace {

constexpr std::string_view services_of_this_host[] = {
    MORTISE_SVC_CALL,   MORTISE_SVC_CONFIG, MORTISE_SVC_CONTENT, MORTISE_SVC_FLOW,
    MORTISE_SVC_HTTP,   MORTISE_SVC_LOG,    MORTISE_SVC_MAPPING, MORTISE_SVC_METRIC,
    MORTISE_SVC_SECRET, MORTISE_SVC_STATE,  MORTISE_SVC_TIME,    MORTISE_SVC_TRIGGER};

// More is a get_factory() that ignores its index.
constexpr std::uint64_t most_factories = 256;

class describer : private descriptor_reader {
public:
    describer(const std::filesystem::path& file, std::span<const std::string_view> services)
        : descriptor_reader(file), services_(services) {
        out_->file = file;
    }

    plugin_result<std::unique_ptr<plugin_descriptor>> run(const mortise_entry* entry) {
        if (!read_entry(entry) || !read_connectors() || !read_flows() || !check_offers()) {
            refusal().plugin_id = out_->id;
            return std::move(refusal());
        }
        for (auto& c : out_->connectors)
            c.plugin = out_.get();
        for (auto& f : out_->flows)
            f.plugin = out_.get();
        return std::move(out_);
    }

private:
    // ---- the entry ----

    bool read_entry(const mortise_entry* e) {
        if (e == nullptr) {
            return refuse("null-entry", "a null pointer", "a mortise_entry",
                          "its entry function returned a null pointer",
                          "Return the address of a static const mortise_entry");
        }
        if (e->magic != MORTISE_ABI_MAGIC) {
            char found[16];
            char wanted[16];
            std::snprintf(found, sizeof found, "0x%08X", e->magic);
            std::snprintf(wanted, sizeof wanted, "0x%08X", MORTISE_ABI_MAGIC);
            return refuse(
                "wrong-magic", found, wanted,
                std::string("its entry begins with ") + found + ", not with the magic " + wanted,
                "Set magic to MORTISE_ABI_MAGIC, or rebuild the plugin with the SDK's macros");
        }
        mortise_entry& mine = out_->entry;
        if (!read_struct(mine, e, e->struct_size, MORTISE_FIRST_SIZE(mortise_entry, get_factory),
                         "short-entry", "its entry"))
            return false;
        if (mine.abi_major != MORTISE_ABI_MAJOR) {
            const std::string found = "ABI major " + std::to_string(mine.abi_major);
            const std::string wanted = "ABI major " + std::to_string(MORTISE_ABI_MAJOR);
            return refuse("wrong-abi-major", found, wanted,
                          "its entry says " + found + ", this host speaks " + wanted,
                          "Build the plugin with the headers of " + wanted);
        }
        out_->abi_major = mine.abi_major;
        out_->abi_minor = mine.abi_minor;
        if (!id(out_->id, mine.id, "the plugin id", is_plugin_id,
                "a reverse domain name such as com.example.acme-crm")) {
            out_->id.clear();
            return false;
        }
        return version(out_->version, mine.version, "the plugin version") &&
               text(out_->sdk, mine.sdk, "the sdk text") &&
               need(mine.get_factory != nullptr, "its entry", "get_factory");
    }

    // get_factory is C by contract, yet C++ code may throw through it.
    bool factory(std::string_view kind, std::uint64_t index, const void*& out) {
        try {
            out = out_->entry.get_factory(c_str_of(kind), index);
            return true;
        } catch (...) {
            return refuse("threw", "a C++ exception", "a return value",
                          "get_factory() threw a C++ exception",
                          "No exception may leave a function of the ABI");
        }
    }

    template <class F>
    bool each_factory(std::string_view kind, F take) {
        const void* before = nullptr;
        for (std::uint64_t i = 0; i <= most_factories; ++i) {
            const void* p = nullptr;
            if (!factory(kind, i, p)) return false;
            if (p == nullptr) return true;
            if (p == before || i == most_factories) {
                return refuse("endless-factories", "a descriptor at index " + std::to_string(i),
                              "NULL past the end",
                              "get_factory(\"" + std::string(kind) + "\", " + std::to_string(i) +
                                  ") still gives a descriptor; NULL is wanted past the end",
                              "Compare index with the number of descriptors");
            }
            before = p;
            std::uint32_t claimed = 0;
            std::memcpy(&claimed, p, sizeof claimed);
            if (!take(p, claimed)) return false;
        }
        return true;
    }

    bool check_offers() {
        if (!out_->connectors.empty() || !out_->flows.empty()) return true;
        return refuse("offers-nothing", "no descriptor",
                      "a " MORTISE_FACTORY_CONNECTOR " or a " MORTISE_FACTORY_FLOW,
                      "it offers neither a connector nor a flow this host knows",
                      "Return descriptors from get_factory() for " MORTISE_FACTORY_CONNECTOR
                      " or " MORTISE_FACTORY_FLOW);
    }

    // ---- connectors ----

    bool read_connectors() {
        const void* p = nullptr;
        if (!factory("mortise.no-such-factory/0", 0, p)) return false;
        if (p != nullptr) {
            return refuse("ignores-factory-id", "a descriptor", "NULL",
                          "get_factory() gives a descriptor for an unknown factory id",
                          "Compare factory_id before returning a descriptor");
        }
        std::set<std::string> seen;
        return each_factory(MORTISE_FACTORY_CONNECTOR, [&](const void* c, std::uint32_t claimed) {
            return read_connector(c, claimed) &&
                   unique(seen, out_->connectors.back().id, "connector id");
        });
    }

    bool read_connector(const void* p, std::uint32_t claimed) {
        connector_descriptor& c = out_->connectors.emplace_back();
        mortise_connector& t = c.table;
        if (!read_struct(t, p, claimed, MORTISE_FIRST_SIZE(mortise_connector, get_extension),
                         "short-descriptor", "a connector descriptor") ||
            !factory_id(c.id, t.id, "connector id"))
            return false;
        const std::string me = "connector \"" + c.id + "\"";
        if (!version(c.version, t.version, me + ": version") ||
            !text(c.title, t.title, me + ": title") || !text(c.vendor, t.vendor, me + ": vendor") ||
            !text(c.doc, t.doc, me + ": doc") ||
            !schema(c.config_schema, t.config_schema, me + ": config_schema") ||
            !each_text(t.requires_services, t.requires_count, me + ": requires_services",
                       c.requires_services) ||
            !check_services(c, me) || !read_operations(c, me) || !read_triggers(c, me))
            return false;
        const bool calls = !c.operations.empty();
        const bool opens = !c.triggers.empty();
        if (!calls && !opens) {
            return refuse("offers-nothing", "no operation and no trigger", "at least one",
                          me + " has neither an operation nor a trigger",
                          "Describe its operations or triggers");
        }
        return need(t.create != nullptr, me, "create") &&
               need(t.destroy != nullptr, me, "destroy") &&
               need(!calls || t.invoke != nullptr, me, "invoke") &&
               need(t.cancel != nullptr, me, "cancel") &&
               need(!opens || t.open_trigger != nullptr, me, "open_trigger") &&
               need(!opens || t.deliver != nullptr, me, "deliver") &&
               need(!opens || t.resume != nullptr, me, "resume") &&
               need(!opens || t.close_trigger != nullptr, me, "close_trigger");
    }

    bool check_services(const connector_descriptor& c, const std::string& me) {
        for (const auto& wanted : c.requires_services) {
            if (!is_service_id(wanted)) {
                return refuse("bad-id", in_quotes(wanted), "a service id such as mortise.http/1",
                              me + " requires " + in_quotes(wanted) +
                                  ", which is not a service id such as mortise.http/1",
                              "Correct it in the plugin's source");
            }
            if (std::ranges::find(services_, wanted) != services_.end()) continue;
            const std::string name = wanted.substr(0, wanted.find('/') + 1);
            std::string has;
            for (const auto s : services_) {
                if (s.starts_with(name)) has += (has.empty() ? "" : ", ") + std::string(s);
            }
            return refuse("unknown-service", has.empty() ? "no such service" : has, wanted,
                          me + " needs " + wanted + ", this host has " +
                              (has.empty() ? "no service of that name" : has),
                          "Use a newer host, or a version of the plugin that works with this one");
        }
        return true;
    }

    bool read_operations(connector_descriptor& c, const std::string& me) {
        std::set<std::string> seen;
        const auto& t = c.table;
        const bool ok = each(
            t.operations, t.operation_count, t.operation_stride,
            MORTISE_FIRST_SIZE(mortise_operation, lookup_operation), me + ": operations",
            [&](const mortise_operation& o, const std::string& where) {
                operation_descriptor& d = c.operations.emplace_back();
                if (!member_id(d.id, o.id, where + ".id")) return false;
                const std::string op = me + ": operation \"" + d.id + "\"";
                d.flags = o.flags;
                if (o.effect_class <= MORTISE_EFFECT_CLASS_LOOKUP_FIRST)
                    d.repeat = static_cast<effect_class>(o.effect_class);
                return text(d.title, o.title, op + ": title") && text(d.doc, o.doc, op + ": doc") &&
                       schema(d.input_schema, o.input_schema, op + ": input_schema") &&
                       schema(d.output_schema, o.output_schema, op + ": output_schema") &&
                       text(d.lookup_operation, o.lookup_operation, op + ": lookup_operation") &&
                       unique(seen, d.id, me + ": operation");
            });
        return ok && check_lookups(c, me);
    }

    bool check_lookups(const connector_descriptor& c, const std::string& me) {
        for (const auto& o : c.operations) {
            if (o.repeat != effect_class::lookup_first) continue;
            const std::string op = me + ": operation \"" + o.id + "\"";
            const auto* lookup = c.operation(o.lookup_operation);
            if (lookup == nullptr) {
                return refuse("unknown-lookup", in_quotes(o.lookup_operation),
                              "an operation of this connector",
                              op + " names the lookup operation " + in_quotes(o.lookup_operation) +
                                  ", which this connector does not have",
                              "Name a read operation that finds what this one made");
            }
            if (lookup->repeat != effect_class::read) {
                return refuse("unknown-lookup", std::string(to_string(lookup->repeat)), "read",
                              op + " names the lookup operation " + in_quotes(lookup->id) +
                                  ", whose effect class is " +
                                  std::string(to_string(lookup->repeat)) + ", not read",
                              "A lookup must change nothing");
            }
        }
        return true;
    }

    bool read_triggers(connector_descriptor& c, const std::string& me) {
        constexpr std::uint32_t known = MORTISE_TRIGGER_POLL | MORTISE_TRIGGER_WEBHOOK |
                                        MORTISE_TRIGGER_STREAM | MORTISE_TRIGGER_BACKFILL;
        std::set<std::string> seen;
        const auto& t = c.table;
        return each(
            t.triggers, t.trigger_count, t.trigger_stride,
            MORTISE_FIRST_SIZE(mortise_trigger, default_poll_interval_s), me + ": triggers",
            [&](const mortise_trigger& g, const std::string& where) {
                trigger_descriptor& d = c.triggers.emplace_back();
                if (!member_id(d.id, g.id, where + ".id")) return false;
                const std::string tr = me + ": trigger \"" + d.id + "\"";
                d.kinds = g.kinds & known; // a newer plugin may offer more than this host can use
                d.default_poll_interval_s = g.default_poll_interval_s;
                if (d.kinds == 0) {
                    return refuse("bad-trigger-kinds", std::to_string(g.kinds),
                                  "POLL (1), WEBHOOK (2), STREAM (4), BACKFILL (8) or a sum",
                                  tr + " has kinds " + std::to_string(g.kinds) +
                                      "; wanted is POLL (1), WEBHOOK (2), STREAM (4), "
                                      "BACKFILL (8) or a sum",
                                  "Set kinds to at least one MORTISE_TRIGGER_* bit");
                }
                return text(d.title, g.title, tr + ": title") && text(d.doc, g.doc, tr + ": doc") &&
                       schema(d.config_schema, g.config_schema, tr + ": config_schema") &&
                       unique(seen, d.id, me + ": trigger") && read_events(d, g, tr);
            });
    }

    bool read_events(trigger_descriptor& d, const mortise_trigger& g, const std::string& tr) {
        std::set<std::string> seen;
        return each(g.events, g.event_count, g.event_stride,
                    MORTISE_FIRST_SIZE(mortise_event_type, data_schema), tr + ": events",
                    [&](const mortise_event_type& e, const std::string& where) {
                        event_descriptor& ev = d.events.emplace_back();
                        return member_id(ev.type, e.type, where + ".type") &&
                               text(ev.title, e.title, where + ".title") &&
                               text(ev.doc, e.doc, where + ".doc") &&
                               schema(ev.data_schema, e.data_schema,
                                      tr + ": event \"" + ev.type + "\": data_schema") &&
                               unique(seen, ev.type, tr + ": event type");
                    });
    }

    // ---- flows ----

    bool read_flows() {
        std::set<std::string> seen;
        return each_factory(MORTISE_FACTORY_FLOW, [&](const void* f, std::uint32_t claimed) {
            return read_flow(f, claimed) && unique(seen, out_->flows.back().id, "flow id");
        });
    }

    bool read_flow(const void* p, std::uint32_t claimed) {
        flow_descriptor& f = out_->flows.emplace_back();
        mortise_flow& t = f.table;
        if (!read_struct(t, p, claimed, MORTISE_FIRST_SIZE(mortise_flow, drop), "short-descriptor",
                         "a flow descriptor") ||
            !factory_id(f.id, t.id, "flow id"))
            return false;
        const std::string me = "flow \"" + f.id + "\"";
        return version(f.version, t.version, me + ": version") &&
               text(f.title, t.title, me + ": title") && text(f.doc, t.doc, me + ": doc") &&
               schema(f.config_schema, t.config_schema, me + ": config_schema") &&
               read_roles(f, me) && read_subscriptions(f, me) &&
               need(t.create != nullptr, me, "create") &&
               need(t.destroy != nullptr, me, "destroy") && need(t.start != nullptr, me, "start") &&
               need(t.cancel != nullptr, me, "cancel") && need(t.drop != nullptr, me, "drop");
    }

    bool read_roles(flow_descriptor& f, const std::string& me) {
        std::set<std::string> seen;
        const auto& t = f.table;
        return each(t.roles, t.role_count, t.role_stride,
                    MORTISE_FIRST_SIZE(mortise_role, operation_count), me + ": roles",
                    [&](const mortise_role& r, const std::string& where) {
                        role_descriptor& d = f.roles.emplace_back();
                        if (!member_id(d.name, r.name, where + ".name")) return false;
                        const std::string role = me + ": role \"" + d.name + "\"";
                        return read_role_connectors(d, r.connector, role) &&
                               text(d.doc, r.doc, role + ": doc") &&
                               each_text(r.operations, r.operation_count, role + ": operations",
                                         d.operations) &&
                               check_role_operations(d, role) &&
                               unique(seen, d.name, me + ": role");
                    });
    }

    bool read_role_connectors(role_descriptor& d, mortise_str s, const std::string& role) {
        std::string all;
        if (!text(all, s, role + ": connector")) return false;
        std::string_view rest = all;
        for (;;) {
            const auto bar = rest.find('|');
            if (!factory_id(d.connectors.emplace_back(), c_str_of(rest.substr(0, bar)),
                            role + ": connector"))
                return false;
            if (bar == std::string_view::npos) return true;
            rest.remove_prefix(bar + 1);
        }
    }

    bool check_role_operations(const role_descriptor& d, const std::string& role) {
        std::string ignored;
        return std::ranges::all_of(d.operations, [&](const std::string& o) {
            return member_id(ignored, c_str_of(o), role + ": operation");
        });
    }

    bool read_subscriptions(flow_descriptor& f, const std::string& me) {
        constexpr std::string_view of_the_host[] = {"mortise.request", "mortise.schedule",
                                                    "mortise.manual", "mortise.child"};
        const auto& t = f.table;
        return each(t.subscriptions, t.subscription_count, t.subscription_stride,
                    MORTISE_FIRST_SIZE(mortise_subscription, event_type), me + ": subscriptions",
                    [&](const mortise_subscription& s, const std::string& where) {
                        subscription_descriptor& d = f.subscriptions.emplace_back();
                        if (!text(d.role, s.role, where + ".role") ||
                            !member_id(d.event_type, s.event_type, where + ".event_type"))
                            return false;
                        if (d.role.empty() && std::ranges::find(of_the_host, d.event_type) ==
                                                  std::ranges::end(of_the_host)) {
                            return refuse("unknown-event", in_quotes(d.event_type),
                                          "mortise.request, mortise.schedule, mortise.manual or "
                                          "mortise.child",
                                          me + " subscribes to " + in_quotes(d.event_type) +
                                              " of the host, which has mortise.request, "
                                              "mortise.schedule, mortise.manual and mortise.child",
                                          "Name the role whose connection sends the event");
                        }
                        if (d.role.empty() || f.role(d.role) != nullptr) return true;
                        return refuse("unknown-role", in_quotes(d.role), "a role of this flow",
                                      me + " subscribes to " + in_quotes(d.event_type) +
                                          " of the role " + in_quotes(d.role) +
                                          ", which it does not declare",
                                      "Add the role, or correct the subscription");
                    });
    }

    std::span<const std::string_view> services_;
    std::unique_ptr<plugin_descriptor> out_ = std::make_unique<plugin_descriptor>();
};

} // namespace

std::span<const std::string_view> host_services() noexcept {
    return services_of_this_host;
}

plugin_result<std::unique_ptr<plugin_descriptor>>
describe(const mortise_entry* entry,
         const std::filesystem::path& file,
         std::span<const std::string_view> services) {
    return describer(file, services).run(entry);
}

plugin_result<std::unique_ptr<plugin_descriptor>>
open_library(const plugin_file& file, std::span<const std::string_view> services) {
    const auto entry_of = map_library(file);
    if (!entry_of) return entry_of.error();
    const mortise_entry* entry = nullptr;
    try {
        entry = (*entry_of)();
    } catch (...) {
        return plugin_refusal{.file = file.path,
                              .plugin_id = {},
                              .reason_code = "threw",
                              .found = "a C++ exception",
                              .wanted = "a mortise_entry",
                              .message = "its entry function threw a C++ exception",
                              .hint = "No exception may leave a function of the ABI"};
    }
    auto plugin = describe(entry, file.path, services);
    if (plugin) (*plugin)->sha256 = file.sha256;
    return plugin;
}

} // namespace mortise::host
