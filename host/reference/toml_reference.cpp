// SPDX-License-Identifier: Apache-2.0
#include "config/host_schemas.hpp"
#include "reference/reference.hpp"
#include "reference/schema_words.hpp"
#include "reference/toml_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cctype>

namespace mortise::host::reference {

namespace json = boost::json;

namespace {

constexpr std::string_view opening =
    R"(# Every key of the configuration, with its default or an example. Generated from the schemas that the
# host checks by; do not edit. The same as pages to read: docs/reference/configuration.md.
#
# A line "#key = value" or "#[section]" is configuration: take what you need without the "#". What
# stands there is the default; where there is none, an example. A configuration needs no more than what
# differs from the defaults.
)";

// Keys of which a table takes one: the first stands as configuration, the others as text.
struct instead {
    std::string_view path, first, key;
};
constexpr instead alternatives[] = {{"alerts.NAME", "webhook", "secret_webhook"},
                                    {"alerts.NAME", "webhook", "command"}};

std::string_view instead_of(std::string_view path, std::string_view key) {
    for (const instead& a : alternatives)
        if (a.path == path && a.key == key) return a.first;
    return {};
}

// What a section of the file is made with.
struct place {
    std::string path;                    // "connections.iconik.limits"
    const json::object* whole = nullptr; // the default of the table as a whole, or null
    const json::object* said = nullptr;  // values that stand instead of defaults, or null
};

json::value example_of(const json::object& s, const std::string& path);

std::string environment_name(const json::object& s, const std::string& path) {
    if (std::string name = text_of(s, "x-env"); !name.empty()) return name;
    std::string out = path.substr(path.find('.') + 1);
    for (char& c : out)
        c = std::isalnum(static_cast<unsigned char>(c)) != 0
                ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                : '_';
    return out;
}

json::value example_text(const json::object& s) {
    const std::string words = type_words(s);
    if (words == "duration") return "30s";
    if (words == "size") return "1MiB";
    if (words == "address (URI)") return "https://system.example.com";
    if (words == "date and time") return "2026-01-01T00:00:00Z";
    return "text";
}

// Something of the right kind, where the schema has neither default nor example.
json::value example_of(const json::object& s, const std::string& path) {
    if (member(s, "x-secret") != nullptr) return {{"env", environment_name(s, path)}};
    for (const char* key : {"examples", "enum"}) {
        const json::value* all = member(s, key);
        if (all != nullptr && all->is_array() && !all->get_array().empty())
            return all->get_array().front();
    }
    const std::string type = text_of(s, "type");
    if (type == "boolean") return false;
    if (type == "integer" || type == "number") {
        const json::value* least = member(s, "minimum");
        return least != nullptr ? *least : json::value(1);
    }
    if (type == "array") return json::array();
    if (type == "object" || member(s, "x-mapping") != nullptr) return json::object();
    return example_text(s);
}

const json::value* default_of(const json::object& s, std::string_view key, const place& at) {
    if (member(s, "x-secret") != nullptr) return nullptr; // its default is a text, which is refused
    if (at.whole != nullptr)
        if (const json::value* v = member(*at.whole, key)) return v;
    return member(s, "default");
}

void write_value(const json::object& parent,
                 std::string_view key,
                 const json::object& s,
                 const place& at,
                 std::string& out) {
    const json::value* given = at.said != nullptr ? member(*at.said, key) : nullptr;
    const json::value* standard = default_of(s, key, at);
    std::string words = meaning(s);
    if (!words.empty()) words += ' ';
    const json::value* examples = member(s, "examples");
    if (standard != nullptr && examples != nullptr && examples->is_array() &&
        !examples->get_array().empty() && examples->get_array().front() != *standard)
        words += "For example " + toml_value(examples->get_array().front()) + ". ";
    words += "(" + type_words(s);
    if (is_required(parent, key))
        words += "; required";
    else if (standard == nullptr)
        words += "; no default";
    words += ")";
    std::erase(words, '`');
    const json::value value = given != nullptr ? *given
                              : standard != nullptr
                                  ? *standard
                                  : example_of(s, at.path + "." + std::string(key));
    const std::string_view first = instead_of(at.path, key);
    if (!first.empty()) words += " Instead of " + std::string(first) + ":";
    out += wrapped(words, "# ") + (first.empty() ? "#" : "# ") + toml_key(key) + " = " +
           toml_value(value) + "\n";
}

// The section's own keys, then those below it, as TOML wants them.
void write_section(const json::object& schema, const place& at, std::string& out) {
    const json::object* properties = object_of(schema, "properties");
    if (properties == nullptr) return;
    std::string own, below;
    for (const auto& p : *properties) {
        const json::object* s = p.value().if_object();
        if (s == nullptr) continue;
        const std::string path = at.path + "." + toml_key(p.key());
        if (form_of(*s) == form::value) {
            write_value(schema, p.key(), *s, at, own);
            continue;
        }
        const json::value* inherited = default_of(*s, p.key(), at);
        const json::value* said = at.said != nullptr ? member(*at.said, p.key()) : nullptr;
        place next{path, inherited != nullptr ? inherited->if_object() : nullptr,
                   said != nullptr ? said->if_object() : nullptr};
        if (form_of(*s) == form::section) {
            write_section(*s, next, below);
        } else {
            // One entry stands for all; its name is the first one said, or "NAME".
            std::string name = "NAME";
            if (next.said != nullptr && !next.said->empty()) {
                name = next.said->begin()->key();
                next.said = next.said->begin()->value().if_object();
            }
            next.path += "." + toml_key(name);
            next.whole = nullptr;
            write_section(*object_of(*s, "additionalProperties"), next, below);
        }
    }
    out += "\n";
    if (const std::string words = meaning(schema); !words.empty()) out += wrapped(words, "# ");
    out += "#[" + at.path + "]\n" + own + below;
}

json::object parsed(std::string_view text) {
    return json::parse(text).as_object();
}

// Properties of b behind those of a, b's "required" too.
json::object joined(json::object a, const json::object& b) {
    json::object& properties = a["properties"].as_object();
    if (const json::object* more = object_of(b, "properties"))
        for (const auto& p : *more)
            properties[p.key()] = p.value();
    if (const json::value* more = member(b, "required"); more != nullptr && more->is_array()) {
        json::value& all = a["required"];
        if (!all.is_array()) all = json::array();
        for (const json::value& v : more->get_array())
            all.as_array().push_back(v);
    }
    return a;
}

void keep_only(json::object& schema, const std::vector<std::string_view>& keys) {
    json::object kept;
    for (const auto& p : schema.at("properties").as_object())
        if (std::find(keys.begin(), keys.end(), std::string_view(p.key())) != keys.end())
            kept[p.key()] = p.value();
    schema["properties"] = std::move(kept);
}

void write_connection(const json::object& c, bool first, std::string& out) {
    const std::string id = text_of(c, "id");
    json::object host = parsed(connection_schema_text());
    const json::array& triggers = c.at("triggers").as_array();
    const json::array& operations = c.at("operations").as_array();
    json::object said{{"connector", id}};
    if (!triggers.empty()) {
        const json::object& t = triggers.front().as_object();
        said["triggers"] = json::object{{text_of(t, "id"), json::object()}};
    }
    if (!operations.empty()) {
        const json::object& o = operations.front().as_object();
        said["operations"] = json::object{{text_of(o, "id"), json::object()}};
    }
    if (!first) keep_only(host, {"connector"});
    out += "\n" + wrapped("---- Connection to " + text_of(c, "title") +
                              ": docs/reference/connectors/" + id + ".md" +
                              (first ? "" : "; the keys that every connection has are shown above"),
                          "# ");
    write_section(joined(std::move(host), c.at("config_schema").as_object()),
                  {"connections." + toml_key(id), nullptr, &said}, out);
}

// The connector ids of a role are the names of the connections above.
json::object roles_of(const json::object& f) {
    json::object out;
    for (const json::value& v : f.at("roles").as_array()) {
        const json::object& r = v.as_object();
        const json::array& connectors = r.at("connectors").as_array();
        if (!connectors.empty()) out[text_of(r, "name")] = connectors.front();
    }
    return out;
}

void write_flow(const json::object& f, bool first, std::string& out) {
    const std::string id = text_of(f, "id");
    json::object host = parsed(flow_schema_text());
    json::object& properties = host.at("properties").as_object();
    properties["settings"] = f.at("config_schema");
    const json::object said{
        {"flow", id}, {"version", text_of(f, "version")}, {"connections", roles_of(f)}};
    if (!first) keep_only(host, {"flow", "connections", "settings"});
    out += "\n" + wrapped("---- Flow " + id + ": docs/reference/flows/" + id + ".md" +
                              (first ? "" : "; the keys that every flow has are shown above"),
                          "# ");
    write_section(host, {"flows." + toml_key(id), nullptr, &said}, out);
}

bool has_schedule(const json::object& f) {
    for (const json::value& s : f.at("subscriptions").as_array())
        if (text_of(s.as_object(), "event_type") == "mortise.schedule") return true;
    return false;
}

} // namespace

std::string toml_reference(const manifests& plugins) {
    std::string out(opening);
    const json::object root = parsed(root_schema_text());
    for (const auto& section : root.at("properties").as_object()) {
        const std::string key = section.key();
        if (key == "connections" || key == "flows" || key == "mappings") continue;
        const json::object& s = section.value().as_object();
        const json::value* whole = member(s, "default");
        if (form_of(s) == form::map)
            write_section(*object_of(s, "additionalProperties"), {key + ".NAME"}, out);
        else
            write_section(s, {key, whole != nullptr ? whole->if_object() : nullptr, nullptr}, out);
    }
    std::vector<const json::object*> connectors, flows;
    for (const json::object& p : plugins) {
        for (const json::value& c : p.at("connectors").as_array())
            connectors.push_back(&c.as_object());
        for (const json::value& f : p.at("flows").as_array())
            flows.push_back(&f.as_object());
    }
    const auto by_id = [](const json::object* a, const json::object* b) {
        return text_of(*a, "id") < text_of(*b, "id");
    };
    std::sort(connectors.begin(), connectors.end(), by_id);
    // One that may have a schedule comes first, because there all keys are shown.
    std::sort(flows.begin(), flows.end(), [&](const json::object* a, const json::object* b) {
        const bool x = has_schedule(*a), y = has_schedule(*b);
        return x != y ? x : by_id(a, b);
    });
    for (std::size_t i = 0; i < connectors.size(); ++i)
        write_connection(*connectors[i], i == 0, out);
    for (std::size_t i = 0; i < flows.size(); ++i)
        write_flow(*flows[i], i == 0, out);
    out += "\n# Mappings by name, for settings that take one: docs/mappings.md\n"
           "# [mappings.NAME]\n# \"Title\" = \"asset.title\"\n";
    return out;
}

} // namespace mortise::host::reference
