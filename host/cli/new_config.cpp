// SPDX-License-Identifier: Apache-2.0
#include "cli/new_config.hpp"

#include "config/schema.hpp"
#include "plugin/catalog.hpp"
#include "reference/schema_words.hpp"
#include "reference/toml_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace mortise::host::cli {

namespace json = boost::json;
using namespace mortise::host::reference;

namespace {

constexpr std::string_view opening =
    R"(# A configuration to begin with, made by `mortise new config`. A line "#key = value" is a choice: take
# away the "#" of those that fit. What is not here has its default: man 5 mortise.toml. Then:
#   mortise check            is the file right?
#   mortise check --online   do the systems know what it names?
#   mortise run              start
)";

error unknown(const char* what, const std::string& id, const std::vector<std::string>& offered) {
    auto text = "no plugin offers the " + std::string(what) + " \"" + id + '"';
    if (const auto near = did_you_mean(id, offered); !near.empty())
        text += "; " + near;
    else if (offered.empty())
        text += "; there are no plugins: name their folder with --plugins";
    else
        text += "; there are " + either(offered);
    return {category::input, "new.config.unknown", std::move(text)};
}

bool is_secret(const json::object& s) {
    const json::value* v = member(s, "x-secret");
    return v != nullptr && v->is_bool() && v->get_bool();
}

// "ICONIK_AUTH_TOKEN" of iconik, auth_token.
std::string environment_name(const std::string& connection, std::string_view key) {
    std::string out = connection + '_' + std::string(key);
    for (char& c : out)
        c = c >= 'a' && c <= 'z'   ? static_cast<char>(c - 'a' + 'A')
            : c == '-' || c == '.' ? '_'
                                   : c;
    return out;
}

// A choice shows its default, what must be set an example.
json::value
value_for(const std::string& owner, std::string_view key, const json::object& s, bool must) {
    if (is_secret(s)) return json::object{{"env", environment_name(owner, key)}};
    const json::value* standard = member(s, "default");
    if (standard != nullptr && !must) return *standard;
    for (const char* from : {"examples", "enum"})
        if (const json::value* all = member(s, from);
            all != nullptr && all->is_array() && !all->get_array().empty())
            return all->get_array().front();
    if (standard != nullptr) return *standard;
    const auto type = text_of(s, "type");
    if (type == "boolean") return false;
    if (type == "integer" || type == "number") {
        const json::value* least = member(s, "minimum");
        return least != nullptr ? *least : json::value(1);
    }
    if (type == "array") return json::array();
    if (type == "object") return json::object();
    return "";
}

std::string line(const json::object& s, std::string_view key, const json::value& v, bool must) {
    return wrapped(meaning(s), "# ") + (must ? "" : "#") + toml_key(key) + " = " + toml_value(v) +
           '\n';
}

// All keys of a table: one that is left out has the default of the key, not that of the table.
std::string table(const std::string& path, const json::object& s) {
    const auto* whole = object_of(s, "default");
    std::string out = '\n' + wrapped(meaning(s), "# ") + "#[" + path + "]\n";
    for (const auto& [key, value] : *object_of(s, "properties")) {
        const auto* one = value.if_object();
        if (one == nullptr) continue;
        const auto* said = whole != nullptr ? member(*whole, key) : nullptr;
        out += line(*one, key, said != nullptr ? *said : value_for(path, key, *one, false), false);
    }
    return out;
}

json::object parsed(const std::string& text) {
    boost::system::error_code ec;
    auto v = json::parse(text, ec);
    return !ec && v.is_object() ? std::move(v.get_object()) : json::object();
}

// What is required, and of the rest those that `offers` likes, as choices.
template <class Offers>
std::string settings(const std::string& owner,
                     const std::string& path,
                     const json::object& schema,
                     const Offers& offers) {
    std::string must, may, below;
    const auto* properties = object_of(schema, "properties");
    if (properties == nullptr) return {};
    for (const auto& [key, value] : *properties) {
        const auto* s = value.if_object();
        if (s == nullptr) continue;
        const bool required = is_required(schema, key);
        if (!required && !offers(*s)) continue;
        if (!required && form_of(*s) == form::section)
            below += table(path + '.' + toml_key(key), *s);
        else
            (required ? must : may) += line(*s, key, value_for(owner, key, *s, required), required);
    }
    return must + may + below;
}

// Names of the system, and mappings, are what differs from one company to the next.
bool is_of_the_house(const json::object& s) {
    for (const char* key : {"x-names", "x-key-names", "x-mapping"})
        if (member(s, key) != nullptr) return true;
    if (const auto* items = object_of(s, "items"); items != nullptr && is_of_the_house(*items))
        return true;
    const auto* properties = object_of(s, "properties");
    if (properties == nullptr) return false;
    return std::any_of(properties->begin(), properties->end(), [](const auto& p) {
        const auto* one = p.value().if_object();
        return one != nullptr && is_of_the_house(*one);
    });
}

std::string connection_text(const connector_descriptor& c) {
    const auto schema = parsed(c.config_schema);
    // What stands in the group of a secret belongs to signing in.
    std::string group;
    if (const auto* properties = object_of(schema, "properties"))
        for (const auto& p : *properties)
            if (const auto* s = p.value().if_object();
                group.empty() && s != nullptr && is_secret(*s))
                group = text_of(*s, "x-group");
    const auto path = "connections." + toml_key(c.id);
    return '\n' + wrapped(sentence(c.title) + ' ' + c.doc, "# ") + '[' + path +
           "]\nconnector = " + toml_value(json::value(c.id)) + '\n' +
           settings(c.id, path, schema, [&](const json::object& s) {
               return is_secret(s) || (!group.empty() && text_of(s, "x-group") == group);
           });
}

std::string flow_text(const flow_descriptor& f, const json::object& roles) {
    const auto path = "flows." + toml_key(f.id);
    const auto own = settings(f.id, path + ".settings", parsed(f.config_schema), is_of_the_house);
    return '\n' + wrapped(sentence(f.title) + ' ' + f.doc, "# ") + '[' + path +
           "]\nflow = " + toml_value(json::value(f.id)) + "\nconnections = " + toml_value(roles) +
           '\n' + (own.empty() ? "" : "\n[" + path + ".settings]\n" + own);
}

} // namespace

result<std::string> config_text(const new_config& wanted, const plugin_catalog& plugins) {
    std::vector<std::string> connectors, flows;
    for (const auto& p : plugins.list()) {
        if (p.state != plugin_state::loaded) continue;
        if (p.kind == "connector") connectors.push_back(p.id);
        if (p.kind == "flow") flows.push_back(p.id);
    }
    if (wanted.connectors.empty() && wanted.flows.empty()) {
        return error(category::input, "new.config.empty",
                     "say what it is for with --flow or --connector; there are the flows " +
                         either(flows) + ", and the connectors " + either(connectors));
    }
    std::vector<std::string> needed;
    const auto need = [&needed](const std::string& id) {
        if (std::find(needed.begin(), needed.end(), id) == needed.end()) needed.push_back(id);
    };
    for (const auto& id : wanted.connectors)
        need(id);
    std::string below;
    std::vector<std::string> made;
    for (const auto& id : wanted.flows) {
        if (std::find(made.begin(), made.end(), id) != made.end()) continue; // named twice
        made.push_back(id);
        const auto* f = plugins.find_flow(id);
        if (f == nullptr) return unknown("flow", id, flows);
        json::object roles;
        for (const auto& r : f->roles) {
            // One that is wanted anyhow, else the first that fits.
            const auto known =
                std::find_if(r.connectors.begin(), r.connectors.end(), [&](const std::string& c) {
                    return std::find(needed.begin(), needed.end(), c) != needed.end();
                });
            const auto loaded =
                std::find_if(r.connectors.begin(), r.connectors.end(), [&](const std::string& c) {
                    return std::find(connectors.begin(), connectors.end(), c) != connectors.end();
                });
            const auto& connector = known != r.connectors.end()    ? *known
                                    : loaded != r.connectors.end() ? *loaded
                                                                   : r.connectors.front();
            need(connector);
            roles[r.name] = connector;
        }
        below += flow_text(*f, roles);
    }
    json::array folders;
    for (const auto& p : wanted.plugin_folders)
        folders.emplace_back(p.string());
    std::string out(opening);
    out += "\n[plugins]\npaths = " + toml_value(folders) + '\n';
    for (const auto& id : needed) {
        const auto* c = plugins.find_connector(id);
        if (c == nullptr) return unknown("connector", id, connectors);
        out += connection_text(*c);
    }
    return out + below;
}

} // namespace mortise::host::cli
