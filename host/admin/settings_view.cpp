// SPDX-License-Identifier: Apache-2.0
#include "admin/settings_view.hpp"

#include "admin/hidden.hpp"
#include "config/host_schemas.hpp"
#include "config/schema.hpp"
#include "config/schema_parts.hpp"
#include "config/toml_document.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;
using path = std::vector<std::string>;

constexpr const char* hidden_value = "***";

std::string dotted(const path& p) {
    std::string out;
    for (const auto& part : p)
        out.append(out.empty() ? "" : ".").append(part);
    return out;
}

json::object parsed(std::string_view schema_text) {
    boost::system::error_code ec;
    auto v = json::parse({schema_text.data(), schema_text.size()}, ec);
    return !ec && v.is_object() ? std::move(v.get_object()) : json::object();
}

std::string text_of(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

// Goes through what was written and what might have been, side by side.
class section_writer {
public:
    explicit section_writer(const toml_document& written) : written_(written) {}

    json::object section(const path& at,
                         const json::object& schema,
                         const json::value* value,
                         std::string title) {
        settings_ = {};
        walk(at, schema, value, 0);
        json::object out{{"path", dotted(at)}, {"title", std::move(title)}};
        if (value != nullptr) place(out, at, false);
        out["settings"] = std::move(settings_);
        return out;
    }

private:
    void place(json::object& out, const path& at, bool of_key) const {
        const auto pointer = to_pointer(at);
        const auto where = of_key ? written_.key_place(pointer) : written_.value_place(pointer);
        out["file"] = where.file;
        out["line"] = where.line;
    }

    void walk(const path& at, const json::object& schema, const json::value* value, int depth) {
        if (depth > schema_max_depth) return;
        const json::object* shape = &schema;
        if (value != nullptr)
            if (const auto* branch = chosen_branch(schema, *value)) shape = branch;
        const auto* properties = object_member(*shape, "properties");
        const auto* additional = object_member(*shape, "additionalProperties");
        const bool whole = is_secret(schema) || is_mapping(schema) ||
                           (properties == nullptr && additional == nullptr) ||
                           (value != nullptr && !value->is_object());
        if (whole) return setting(at, schema, value);
        if (properties != nullptr) {
            for (const auto& property : *properties) {
                const auto* one = property.value().if_object();
                if (one == nullptr) continue;
                auto below = at;
                below.emplace_back(property.key());
                walk(below, *one, member(value, property.key()), depth + 1);
            }
        }
        if (value == nullptr) return;
        static const json::object anything;
        for (const auto& written : value->get_object()) {
            if (properties != nullptr && properties->contains(written.key())) continue;
            auto below = at;
            below.emplace_back(written.key());
            walk(below, additional != nullptr ? *additional : anything, &written.value(),
                 depth + 1);
        }
    }

    static const json::value* member(const json::value* value, std::string_view key) {
        return value != nullptr && value->is_object() ? value->get_object().if_contains(key)
                                                      : nullptr;
    }

    void setting(const path& at, const json::object& schema, const json::value* value) {
        const auto* standard = schema.if_contains("default");
        if (value == nullptr && standard == nullptr) return;
        json::object out{{"path", dotted(at)},
                         {"title", text_of(schema, "title")},
                         {"description", text_of(schema, "description")}};
        const bool secret = is_secret(schema);
        json::value shown = value != nullptr ? *value : *standard;
        if (secret) {
            if (shown.is_object()) out["reference"] = shown;
            shown = hidden_value;
        } else {
            redact(shown, json::value(schema));
            hide_url_passwords(shown);
        }
        out["value"] = std::move(shown);
        out["default"] = value == nullptr;
        out["secret"] = secret;
        if (value != nullptr) place(out, at, true);
        settings_.push_back(std::move(out));
    }

    const toml_document& written_;
    json::array settings_;
};

// The plugin's settings stand beside the host's own.
json::object schema_of(const connection_config& c, const plugin_catalog& plugins) {
    auto schema = parsed(connection_schema_text());
    const auto* d = plugins.find_connector(c.connector);
    if (d == nullptr) return schema;
    auto& properties = schema["properties"].get_object();
    const auto own = parsed(d->config_schema);
    if (const auto* theirs = object_member(own, "properties"))
        for (const auto& p : *theirs)
            properties.emplace(p.key(), p.value());
    auto& triggers = properties["triggers"].get_object();
    auto trigger = triggers["additionalProperties"].get_object();
    json::object by_id;
    for (const auto& t : d->triggers) {
        trigger["properties"].get_object()["settings"] = parsed(t.config_schema);
        by_id[t.id] = trigger;
    }
    triggers["properties"] = std::move(by_id);
    return schema;
}

json::object schema_of(const flow_config& f, const plugin_catalog& plugins) {
    auto schema = parsed(flow_schema_text());
    if (const auto* d = plugins.find_flow(f.flow, f.version.value_or("")))
        schema["properties"].get_object()["settings"] = parsed(d->config_schema);
    return schema;
}

} // namespace

json::object written_settings(const connection_config& c,
                              const configuration& config,
                              const plugin_catalog& plugins) {
    json::object out;
    if (!config.written) return out;
    const auto* all = object_member(config.written->root(), "connections");
    const auto* own = all != nullptr ? object_member(*all, c.name) : nullptr;
    if (own == nullptr) return out;
    json::value shown(*own);
    redact(shown, json::value(schema_of(c, plugins)));
    hide_url_passwords(shown);
    const auto hosts = parsed(connection_schema_text());
    const auto* known = object_member(hosts, "properties");
    for (auto& member : shown.get_object())
        if (known == nullptr || !known->contains(member.key()))
            out.emplace(member.key(), std::move(member.value()));
    return out;
}

json::object settings_view(const configuration& config, const plugin_catalog& plugins) {
    static const toml_document nothing;
    const auto& written = config.written ? *config.written : nothing;
    const auto value_at = [&](const path& at) -> const json::value* {
        const json::object* o = &written.root();
        const json::value* v = nullptr;
        for (const auto& part : at) {
            v = o != nullptr ? o->if_contains(part) : nullptr;
            o = v != nullptr ? v->if_object() : nullptr;
        }
        return v;
    };
    section_writer writer(written);
    json::array sections;
    const auto root = parsed(root_schema_text());
    static const json::object none;
    const auto* properties = object_member(root, "properties");
    for (const auto& p : properties != nullptr ? *properties : none) {
        const std::string name(p.key());
        const auto* schema = p.value().if_object();
        if (schema == nullptr || name == "connections" || name == "flows") continue;
        const auto* members = object_member(*schema, "properties");
        const auto* each = object_member(*schema, "additionalProperties");
        if (members != nullptr || each == nullptr) {
            sections.push_back(
                writer.section({name}, *schema, value_at({name}), text_of(*schema, "title")));
            continue;
        }
        // [mappings.<name>] and the like: one section for each.
        const auto* table = value_at({name});
        if (table == nullptr || !table->is_object()) continue;
        for (const auto& one : table->get_object()) {
            const path at{name, std::string(one.key())};
            sections.push_back(writer.section(at, *each, &one.value(), text_of(*schema, "title")));
        }
    }
    for (const auto& [name, c] : config.connections) {
        const path at{"connections", name};
        const auto* d = plugins.find_connector(c.connector);
        sections.push_back(writer.section(at, schema_of(c, plugins), value_at(at),
                                          d != nullptr ? d->title : c.connector));
    }
    for (const auto& [name, f] : config.flows) {
        const path at{"flows", name};
        const auto* d = plugins.find_flow(f.flow, f.version.value_or(""));
        sections.push_back(writer.section(at, schema_of(f, plugins), value_at(at),
                                          d != nullptr ? d->title : f.flow));
    }
    json::array files;
    for (const auto& f : config.files)
        files.emplace_back(f);
    return {{"files", std::move(files)},
            {"revision", config.revision},
            {"sections", std::move(sections)}};
}

} // namespace mortise::host
