// SPDX-License-Identifier: Apache-2.0
//
// [connections.<name>] and [flows.<name>], checked against what the plugins say.
#include "config/config_read.hpp"
#include "config/host_schemas.hpp"
#include "config/jq.hpp"
#include "config/schema_parts.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace json = boost::json;

namespace mortise::host {

namespace {

constexpr schema_options for_settings{.secret_references = true, .closed = true};

std::vector<std::string> keys_of(const json::object& o) {
    return names_of(&o);
}

std::string list_of(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& n : names)
        text += (text.empty() ? "" : ", ") + n;
    return text;
}

std::string
near_or_list(std::string_view word, const std::vector<std::string>& names, std::string what) {
    const std::string near = did_you_mean(word, names);
    if (!near.empty()) return near;
    return names.empty() ? "there are no " + what : "the " + what + " are: " + list_of(names);
}

// Checks, fills in defaults, and takes the secrets out. False when it does not satisfy the schema.
bool read_settings(json::object& settings,
                   const std::string& schema_text,
                   const std::string& whose,
                   const settings_owner& owner,
                   const std::string& pointer,
                   const std::vector<std::string>& further_keys,
                   const config_reader& reader,
                   configuration& out,
                   json::value* schema_document = nullptr) {
    const schema s(schema_text);
    if (!s.valid()) {
        const schema_problem& p = s.problems().front();
        reader.add_at_value(
            pointer, "the schema of " + whose + " is wrong at \"" + p.pointer + "\": " + p.message,
            "report it to the plugin's author");
        return false;
    }
    json::value value = std::move(settings);
    std::vector<schema_problem> found = s.check(value, for_settings);
    for (schema_problem& p : found) {
        // At the top the host's own keys stand beside the plugin's.
        const auto tokens = pointer_tokens(p.pointer);
        if (p.at == schema_problem::about::key && tokens.size() == 1) {
            const std::string hint = did_you_mean(tokens.front(), further_keys);
            if (!p.hint.starts_with("did you mean") && !hint.empty()) p.hint = hint;
        }
        reader.add(pointer, p);
    }
    if (found.empty()) {
        fill_defaults(value, s.document());
        take_mappings(value, s.document(), owner, pointer, reader, out);
        take_names(value, s.document(), owner, pointer, reader, out);
        take_secrets(value, s.document(), owner.name, pointer, reader, out.secrets);
        if (schema_document) *schema_document = s.document();
    }
    if (value.is_object()) settings = std::move(value.get_object());
    return found.empty();
}

void add_egress(std::vector<std::string>& egress, std::string host_port) {
    if (std::find(egress.begin(), egress.end(), host_port) == egress.end())
        egress.push_back(std::move(host_port));
}

// Where the settings' URLs lead.
void collect_egress(json::object& settings,
                    const json::value& schema_document,
                    connection_config& c) {
    json::value value = settings;
    visit_schema(value, schema_document,
                 [&c](const std::vector<std::string>&, json::value& v, const json::object& s) {
                     const json::value* format = s.if_contains("format");
                     if (!format || *format != "uri" || !v.is_string()) return;
                     const auto url = boost::urls::parse_uri(v.get_string());
                     if (!url) return;
                     std::string port(url->port());
                     if (port.empty())
                         port = url->scheme() == "http" || url->scheme() == "ws" ? "80" : "443";
                     std::string host(url->encoded_host());
                     std::transform(host.begin(), host.end(), host.begin(), [](char ch) {
                         return ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
                     });
                     add_egress(c.egress, host + ':' + port);
                 });
}

void refuse_zero(const std::optional<std::chrono::milliseconds>& d,
                 const std::string& at,
                 const char* key,
                 const char* example,
                 const config_reader& reader) {
    if (d && d->count() == 0)
        reader.add_at_value(at + '/' + key,
                            '"' + std::string(key) + "\" in " + section_name(at) +
                                ": must not be 0",
                            "for example \"" + std::string(example) + '"');
}

void read_limits(const json::object& o,
                 const std::string& at,
                 const config_reader& reader,
                 connection_limits& l) {
    l.requests_per_second = real_of(o, "requests_per_second");
    l.burst = static_cast<int>(number_of(o, "burst", l.burst));
    l.max_concurrent = static_cast<int>(number_of(o, "max_concurrent", l.max_concurrent));
    l.timeout = duration_of(o, "timeout").value_or(l.timeout);
    l.call_timeout = duration_of(o, "call_timeout");
    refuse_zero(l.call_timeout, at, "call_timeout", "2m", reader);
    l.proxy = text_of(o, "proxy");
    l.verify_tls = flag_of(o, "verify_tls", true);
    if (const std::string file = text_of(o, "ca_file"); !file.empty()) {
        const std::filesystem::path path = reader.absolute(file);
        std::error_code ec;
        if (!std::filesystem::exists(path, ec))
            reader.add_at_value(at + "/ca_file", "the file " + path.string() + " does not exist",
                                "create it, or correct the path");
        l.ca_file = path.string();
    }
}

breaker_config read_breaker(const json::object& o) {
    breaker_config b;
    if (o.contains("enabled")) b.enabled = flag_of(o, "enabled", true);
    if (o.contains("failures"))
        b.failures = static_cast<std::uint32_t>(number_of(o, "failures", 1));
    b.failure_ratio = real_of(o, "failure_ratio");
    b.open_for = duration_of(o, "open_for");
    b.max_open_for = duration_of(o, "max_open_for");
    return b;
}

void read_operations(const json::object& o,
                     const connector_description& connector,
                     const std::string& at,
                     const config_reader& reader,
                     connection_config& c) {
    for (const auto& member : o) {
        const std::string id(member.key());
        const auto& known = connector.operations;
        if (std::find(known.begin(), known.end(), id) == known.end()) {
            reader.add_at_key(at + '/' + escape_pointer(id),
                              "connector \"" + c.connector + "\" has no operation \"" + id + '"',
                              near_or_list(id, known, "operations"));
            continue;
        }
        const json::object& table = member.value().get_object();
        operation_config one;
        one.retry = read_retry(table_of(table, "retry"));
        one.timeout = duration_of(table, "timeout");
        refuse_zero(one.timeout, at + '/' + escape_pointer(id), "timeout", "2m", reader);
        c.operations.emplace(id, std::move(one));
    }
}

void read_triggers(const json::object& o,
                   const connector_description& connector,
                   const std::string& at,
                   const config_reader& reader,
                   connection_config& c,
                   configuration& out) {
    std::vector<std::string> known;
    for (const auto& [id, schema_text] : connector.trigger_schemas)
        known.push_back(id);
    for (const auto& member : o) {
        const std::string id(member.key());
        const std::string here = at + '/' + escape_pointer(id);
        const auto it = connector.trigger_schemas.find(id);
        if (it == connector.trigger_schemas.end()) {
            reader.add_at_key(here,
                              "connector \"" + c.connector + "\" has no trigger \"" + id + '"',
                              near_or_list(id, known, "triggers"));
            continue;
        }
        const json::object& table = member.value().get_object();
        trigger_config t;
        t.place = reader.document.key_place(here);
        t.enabled = flag_of(table, "enabled", true);
        t.poll_interval = duration_of(table, "poll_interval");
        if (t.poll_interval && t.poll_interval->count() == 0)
            reader.add_at_value(here + "/poll_interval",
                                "\"poll_interval\" in " + section_name(here) + ": must not be 0",
                                "for example \"1m\"");
        t.settings = table_of(table, "settings");
        read_settings(t.settings, it->second, "trigger " + c.connector + '.' + id,
                      {"connections." + c.name + ".triggers." + id + ".settings", {{"", c.name}}},
                      here + "/settings", {}, reader, out);
        c.triggers.emplace(id, std::move(t));
    }
}

// Checks table against the host's own keys. What is not among them is moved to own, when given.
bool check_host_keys(json::object& table,
                     const schema& s,
                     const std::string& at,
                     const config_reader& reader,
                     json::object* own) {
    if (own) {
        const json::object& props = s.document().get_object().at("properties").get_object();
        json::object ours;
        for (auto& member : table)
            (props.contains(member.key()) ? ours : *own)[member.key()] = member.value();
        table = std::move(ours);
    }
    json::value value = std::move(table);
    const std::vector<schema_problem> found = s.check(value, for_settings);
    for (const schema_problem& p : found)
        reader.add(at, p);
    if (found.empty()) fill_defaults(value, s.document());
    table = std::move(value.get_object());
    return found.empty();
}

void check_name(std::string_view name, const std::string& at, const config_reader& reader) {
    const bool good =
        !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_';
        });
    // The name is part of URLs, secret names and metrics.
    if (!good)
        reader.add_at_key(at, "\"" + std::string(name) + "\" is no usable name",
                          "use 1 to 64 letters, digits, \"-\" and \"_\"");
}

void read_connection(std::string_view name,
                     json::object table,
                     const schema& host_keys,
                     const config_reader& reader,
                     const schema_catalog& catalog,
                     configuration& out) {
    const std::string at = "/connections/" + escape_pointer(name);
    connection_config c;
    c.name = name;
    c.place = reader.document.key_place(at);
    check_name(name, at, reader);
    const bool sound = check_host_keys(table, host_keys, at, reader, &c.settings);
    c.connector = text_of(table, "connector");
    c.enabled = flag_of(table, "enabled", true);
    const connector_description* connector = catalog.connector(c.connector);
    if (!connector) {
        if (!c.connector.empty())
            reader.add_at_value(at + "/connector",
                                "no loaded plugin offers the connector \"" + c.connector + '"',
                                near_or_list(c.connector, catalog.connector_ids(), "connectors"));
        out.connections.emplace(name, std::move(c));
        return;
    }
    json::value schema_document;
    const bool good =
        read_settings(c.settings, connector->config_schema, "connector " + c.connector,
                      {"connections." + c.name, {{"", c.name}}}, at,
                      keys_of(host_keys.document().get_object().at("properties").get_object()),
                      reader, out, &schema_document);
    if (sound) {
        read_limits(table_of(table, "limits"), at + "/limits", reader, c.limits);
        const json::object& grant = table_of(table, "grant");
        c.grants.http = texts_of(grant, "http");
        c.grants.state = flag_of(grant, "state", true);
        c.grants.services = texts_of(grant, "services");
        c.retry = read_retry(table_of(table, "retry"));
        c.breaker = read_breaker(table_of(table, "breaker"));
        read_operations(table_of(table, "operations"), *connector, at + "/operations", reader, c);
        read_triggers(table_of(table, "triggers"), *connector, at + "/triggers", reader, c, out);
    }
    if (good) collect_egress(c.settings, schema_document, c);
    for (const std::string& host_port : connector->default_egress)
        add_egress(c.egress, host_port);
    for (const std::string& host_port : c.grants.http)
        add_egress(c.egress, host_port);
    out.connections.emplace(name, std::move(c));
}

void check_role(const role_description& role,
                const flow_config& f,
                const std::string& at,
                const config_reader& reader,
                const schema_catalog& catalog,
                const configuration& out) {
    const auto bound = f.connections.find(role.name);
    if (bound == f.connections.end()) {
        std::string hint = "add " + role.name + " = \"<connection>\"";
        if (!role.connectors.empty()) hint += " of connector " + list_of(role.connectors);
        reader.add_at_value(at + "/connections",
                            "no connection for the role \"" + role.name + "\" in " +
                                section_name(at + "/connections") +
                                (role.doc.empty() ? "" : " (" + role.doc + ")"),
                            std::move(hint));
        return;
    }
    const std::string here = at + "/connections/" + escape_pointer(role.name);
    const auto connection = out.connections.find(bound->second);
    if (connection == out.connections.end()) {
        std::vector<std::string> names;
        for (const auto& [name, c] : out.connections)
            names.push_back(name);
        reader.add_at_value(here, "there is no connection \"" + bound->second + '"',
                            near_or_list(bound->second, names, "connections"));
        return;
    }
    const connection_config& c = connection->second;
    if (!role.connectors.empty() && std::find(role.connectors.begin(), role.connectors.end(),
                                              c.connector) == role.connectors.end()) {
        reader.add_at_value(here,
                            "the role \"" + role.name + "\" needs a connection of " +
                                list_of(role.connectors) + ", but \"" + c.name + "\" is of " +
                                (c.connector.empty() ? "none" : c.connector),
                            "bind another connection");
        return;
    }
    if (!c.enabled && f.enabled)
        reader.problems.push_back({reader.document.value_place(here),
                                   "the connection \"" + c.name + "\" is not enabled",
                                   "enable it, or disable the flow", true});
    const connector_description* connector = catalog.connector(c.connector);
    if (!connector) return;
    for (const std::string& operation : role.operations)
        if (std::find(connector->operations.begin(), connector->operations.end(), operation) ==
            connector->operations.end())
            reader.add_at_value(here,
                                "the flow \"" + f.flow + "\" calls " + operation +
                                    ", which connector \"" + c.connector + "\" does not offer",
                                "load versions of the two plugins that fit together");
}

void check_expression(const std::string& text,
                      const char* key,
                      const std::string& at,
                      const config_reader& reader) {
    if (text.empty()) return;
    if (const auto program = jq_program::compile(text); !program)
        reader.add_at_value(at + '/' + key, '"' + std::string(key) + "\" in " + section_name(at) +
                                                ": " + program.error().message);
}

void read_flow(std::string_view name,
               json::object table,
               const schema& host_keys,
               const config_reader& reader,
               const schema_catalog& catalog,
               configuration& out) {
    const std::string at = "/flows/" + escape_pointer(name);
    flow_config f;
    f.name = name;
    f.place = reader.document.key_place(at);
    check_name(name, at, reader);
    // What can be read is read even so, or one slip would bring errors about what is right.
    check_host_keys(table, host_keys, at, reader, nullptr);
    for (const auto& member : table_of(table, "connections"))
        if (member.value().is_string())
            f.connections.emplace(member.key(), std::string(member.value().get_string()));
    f.retry = read_retry(table_of(table, "retry"));
    f.deadline = duration_of(table, "deadline");
    f.keep_runs = duration_of(table, "keep_runs");
    if (table.contains("keep_count"))
        f.keep_count = static_cast<std::uint64_t>(number_of(table, "keep_count", 0));
    f.jitter = duration_of(table, "jitter").value_or(f.jitter);
    f.time_zone = text_of(table, "time_zone", f.time_zone);
    if (table.contains("schedule")) f.schedule = text_of(table, "schedule");
    f.missed = text_of(table, "missed", f.missed);
    f.missed_limit = static_cast<std::uint32_t>(number_of(table, "missed_limit", f.missed_limit));
    f.schedule_place = reader.document.value_place(at + "/schedule");
    f.time_zone_place = reader.document.value_place(at + "/time_zone");
    if (table.contains("version")) f.version = text_of(table, "version");
    f.settings = table_of(table, "settings");
    f.flow = text_of(table, "flow");
    f.enabled = flag_of(table, "enabled", true);
    f.when = text_of(table, "when");
    f.key = text_of(table, "key");
    check_expression(f.when, "when", at, reader);
    check_expression(f.key, "key", at, reader);
    const flow_description* flow = catalog.flow(f.flow);
    const std::map<std::string, std::string> unbound; // a flow that is off asks nobody
    if (!flow) {
        if (!f.flow.empty())
            reader.add_at_value(at + "/flow", "no loaded plugin offers the flow \"" + f.flow + '"',
                                near_or_list(f.flow, catalog.flow_ids(), "flows"));
    } else {
        std::vector<std::string> roles;
        for (const role_description& role : flow->roles) {
            roles.push_back(role.name);
            check_role(role, f, at, reader, catalog, out);
        }
        for (const auto& [role, connection] : f.connections)
            if (std::find(roles.begin(), roles.end(), role) == roles.end())
                reader.add_at_key(at + "/connections/" + escape_pointer(role),
                                  "the flow \"" + f.flow + "\" has no role \"" + role + '"',
                                  near_or_list(role, roles, "roles"));
        if (f.version && !flow->versions.empty() &&
            std::find(flow->versions.begin(), flow->versions.end(), *f.version) ==
                flow->versions.end())
            reader.add_at_value(at + "/version",
                                "version \"" + *f.version + "\" of the flow \"" + f.flow +
                                    "\" is not loaded",
                                "loaded: " + list_of(flow->versions));
        read_settings(f.settings, flow->config_schema, "flow " + f.flow,
                      {"flows." + f.name, f.enabled ? f.connections : unbound}, at + "/settings",
                      {}, reader, out);
    }
    out.flows.emplace(name, std::move(f));
}

} // namespace

void read_connections(const config_reader& reader,
                      const schema_catalog& catalog,
                      configuration& out) {
    const schema host_keys(connection_schema_text());
    for (const auto& member : table_of(reader.document.root(), "connections"))
        if (member.value().is_object())
            read_connection(member.key(), member.value().get_object(), host_keys, reader, catalog,
                            out);
}

void read_flows(const config_reader& reader, const schema_catalog& catalog, configuration& out) {
    const schema host_keys(flow_schema_text());
    for (const auto& member : table_of(reader.document.root(), "flows"))
        if (member.value().is_object())
            read_flow(member.key(), member.value().get_object(), host_keys, reader, catalog, out);
}

} // namespace mortise::host
