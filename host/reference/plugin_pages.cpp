// SPDX-License-Identifier: Apache-2.0
#include "config/host_schemas.hpp"
#include "reference/markdown_tables.hpp"
#include "reference/reference.hpp"
#include "reference/schema_words.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace mortise::host::reference {

namespace json = boost::json;

namespace {

const json::array& list(const json::object& o, std::string_view key) {
    static const json::array none;
    const json::value* v = member(o, key);
    return v != nullptr && v->is_array() ? v->get_array() : none;
}

std::string code(std::string_view text) {
    return "`" + std::string(text) + "`";
}

std::string texts(const json::array& all) {
    std::string out;
    for (const json::value& v : all)
        out += (out.empty() ? "" : ", ") + code(v.get_string());
    return out;
}

const json::object& schema_in(const json::object& o, std::string_view key) {
    static const json::object none;
    const json::object* s = object_of(o, key);
    return s != nullptr ? *s : none;
}

std::string repeat_words(const json::object& operation) {
    const std::string c = text_of(operation, "effect_class");
    if (c == "read") return "reads: changes nothing, repeated freely";
    if (c == "idempotent") return "idempotent: a repeat has the effect of one call";
    if (c == "lookup_first")
        return "looked up first, by " + code(text_of(operation, "lookup_operation")) +
               ", before it is repeated";
    return "unsafe: never repeated by itself when its outcome is not known; the run stops in doubt";
}

std::string settings_part(const json::object& schema, const std::string& path) {
    const std::string out = settings_sections(schema, path, "###");
    return out.empty() ? "None.\n\n" : out;
}

std::string trigger_part(const json::object& t, const std::string& connector) {
    std::string out = "### Trigger " + code(text_of(t, "id")) + "\n\n";
    const std::string words =
        sentence(text_of(t, "title")) + (text_of(t, "doc").empty() ? "" : " " + text_of(t, "doc"));
    out += sentence(words) + "\n\nComes by " + texts(list(t, "kinds")) + ".";
    if (const json::value* s = member(t, "default_poll_interval_s");
        s != nullptr && s->is_number() && s->to_number<std::int64_t>() > 0)
        out += " Polls every " + std::to_string(s->to_number<std::int64_t>()) +
               " seconds unless `poll_interval` says otherwise.";
    out += "\n\n";
    const std::string settings = settings_sections(
        schema_in(t, "config_schema"),
        "connections." + connector + ".triggers." + text_of(t, "id") + ".settings", "####");
    out += settings;
    // Events of one trigger often carry the same data: told once, under the first of them.
    std::map<std::string, std::string> told;
    for (const json::value& v : list(t, "events")) {
        const json::object& e = v.get_object();
        const std::string type = text_of(e, "type");
        out += "#### Event " + code(type) + "\n\n";
        if (!text_of(e, "doc").empty()) out += sentence(text_of(e, "doc")) + "\n\n";
        const std::string table = value_table(schema_in(e, "data_schema"));
        const auto [known, is_new] = told.try_emplace(table, type);
        out += is_new ? table : "Data as of " + code(known->second) + ".\n\n";
    }
    return out;
}

std::string operation_part(const json::object& o) {
    std::string out = "### " + code(text_of(o, "id")) + "\n\n";
    out += sentence(text_of(o, "title"));
    if (!text_of(o, "doc").empty()) out += " " + sentence(text_of(o, "doc"));
    out += "\n\n- Repeat: " + repeat_words(o) + ".\n";
    const json::value* blocking = member(o, "blocking");
    if (blocking != nullptr && blocking->is_bool() && blocking->get_bool())
        out += "- Runs on the pool for blocking work.\n";
    return out + "\n**Input.** " + value_table(schema_in(o, "input_schema")) + "**Result.** " +
           value_table(schema_in(o, "output_schema"));
}

} // namespace

std::string configuration_page() {
    const auto parse = [](std::string_view text) { return json::parse(text).as_object(); };
    const json::object root = parse(root_schema_text());
    std::string out = "# Configuration\n\n"
                      "Generated from the schemas that the host checks by; do not edit. For "
                      "operators. The same as a TOML file to copy\n"
                      "from: [config/reference.toml](../../config/reference.toml).\n\n"
                      "One TOML file (`-c FILE`, else `$MORTISE_CONFIG`, `./mortise.toml`, "
                      "`/etc/mortise/mortise.toml`) and `conf.d/*.toml`\n"
                      "beside it. A key that is not listed here is an error. `mortise check` tells "
                      "file, line and column of what is wrong.\n\n"
                      "- A **duration** is a number with `ms`, `s`, `m`, `h` or `d`: `\"500ms\"`, "
                      "`\"5m\"`. A **size** is a number with `B`, `KiB`,\n"
                      "  `MiB` or `GiB`.\n"
                      "- A **secret** is a reference, never the text itself: `{ env = \"NAME\" }`, "
                      "`{ file = \"/path\" }` or\n"
                      "  `{ credential = \"name\" }` (systemd).\n"
                      "- `NAME` stands for a name that you choose. Relative paths are relative to "
                      "the file's folder.\n\n";
    for (const auto& section : root.at("properties").as_object()) {
        const json::object& s = section.value().as_object();
        const std::string key = section.key();
        if (key == "connections" || key == "flows" || key == "mappings") continue;
        if (form_of(s) == form::map)
            out += settings_sections(*object_of(s, "additionalProperties"), key + ".NAME");
        else
            out += settings_sections(s, key);
    }
    out += "## Connections\n\nBeside these keys a connection has those of its connector: see [the "
           "connectors](README.md#connectors).\n\n";
    out += settings_sections(parse(connection_schema_text()), "connections.NAME", "###");
    out += "## Flows\n\nWhat is under `settings` is the flow's own: see [the "
           "flows](README.md#flows).\n\n";
    out += settings_sections(parse(flow_schema_text()), "flows.NAME", "###");
    out +=
        "## Mappings\n\n`[mappings.NAME]` holds a mapping under a name, for the settings of type "
        "*mapping*: [mappings.md](../mappings.md).\n";
    return out;
}

std::string connector_page(const json::object& c) {
    const std::string id = text_of(c, "id");
    std::string out = "# Connector " + code(id) +
                      "\n\nGenerated from what the plugin says about itself; do not edit. " +
                      sentence(text_of(c, "title")) + " " + sentence(text_of(c, "doc")) +
                      " Version " + text_of(c, "version") + ", by " + text_of(c, "vendor") +
                      ".\n\n";
    out += "Use it by `connector = \"" + id +
           "\"` in a connection; the keys that every connection has are in\n"
           "[configuration.md](../configuration.md#connections).\n\n## Settings\n\n";
    out += settings_part(schema_in(c, "config_schema"), "connections.NAME");
    out += "## Triggers\n\n";
    for (const json::value& t : list(c, "triggers"))
        out += trigger_part(t.get_object(), "NAME");
    if (list(c, "triggers").empty()) out += "None.\n\n";
    out += "## Operations\n\n| operation | what it does | when it is repeated |\n|---|---|---|\n";
    for (const json::value& v : list(c, "operations")) {
        const json::object& o = v.get_object();
        out += "| " + code(text_of(o, "id")) + " | " + cell(text_of(o, "title")) + " | " +
               text_of(o, "effect_class") + " |\n";
    }
    out += '\n';
    for (const json::value& o : list(c, "operations"))
        out += operation_part(o.get_object());
    return out;
}

std::string flow_page(const json::object& f) {
    const std::string id = text_of(f, "id");
    std::string out = "# Flow " + code(id) +
                      "\n\nGenerated from what the plugin says about itself; do not edit. " +
                      sentence(text_of(f, "doc")) + " Version " + text_of(f, "version") + ".\n\n";
    out += "Use it by `flow = \"" + id +
           "\"` in a flow instance; the keys that every instance has are in\n"
           "[configuration.md](../configuration.md#flows).\n\n## Roles\n\n";
    out += "| role | connector | what for | operations it may call |\n|---|---|---|---|\n";
    for (const json::value& v : list(f, "roles")) {
        const json::object& r = v.get_object();
        out += "| " + code(text_of(r, "name")) + " | " + texts(list(r, "connectors")) + " | " +
               cell(text_of(r, "doc")) + " | " + texts(list(r, "operations")) + " |\n";
    }
    out += "\n## Starts on\n\n| event | from |\n|---|---|\n";
    for (const json::value& v : list(f, "subscriptions")) {
        const json::object& s = v.get_object();
        const std::string role = text_of(s, "role");
        out += "| " + code(text_of(s, "event_type")) + " | " +
               (role.empty() ? "the host itself" : "role " + code(role)) + " |\n";
    }
    out +=
        "\n## Settings\n\n" + settings_part(schema_in(f, "config_schema"), "flows.NAME.settings");
    // A mapping's own default is what people copy and change.
    for (const auto& p : schema_in(schema_in(f, "config_schema"), "properties")) {
        const json::object* s = p.value().if_object();
        if (s == nullptr || member(*s, "x-mapping") == nullptr) continue;
        out += "The mapping `" + std::string(p.key()) +
               "` when nothing is said; how to change it: "
               "[mappings.md](../../mappings.md).\n\n";
        out += mapping_table(*s);
    }
    return out;
}

} // namespace mortise::host::reference
