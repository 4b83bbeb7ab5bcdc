// SPDX-License-Identifier: Apache-2.0
// mortise.toml(5), from the schemas of the host's own sections.
#include "cli/manual.hpp"
#include "cli/words.hpp"
#include "config/host_schemas.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

std::string toml(const json::value& v) {
    if (v.is_object()) {
        std::string out = "{";
        for (const auto& [key, value] : v.get_object())
            out += (out.size() > 1 ? ", " : " ") + std::string(key) + " = " + toml(value);
        return out + (out.size() > 1 ? " }" : "}");
    }
    return json::serialize(v);
}

std::string sentence(std::string text) {
    if (!text.empty() && !text.ends_with('.')) text += '.';
    return text;
}

std::string values_of(const json::value& schema) {
    std::string out;
    for (const auto& one : list_in(schema, "enum"))
        out += (out.empty() ? " One of " : ", ") + toml(one);
    if (!out.empty()) out += '.';
    const auto least = member(schema, "minimum"), most = member(schema, "maximum");
    if (!least.empty() && !most.empty())
        out += " From " + least + " to " + most + '.';
    else if (!least.empty())
        out += " At least " + least + '.';
    const auto format = member(schema, "format");
    if (format == "duration") out += " A duration, such as \"30s\".";
    if (format == "size") out += " A size, such as \"8MiB\".";
    if (const auto& d = part(schema, "default"); !d.is_null() && !d.is_object())
        out += " Default: " + toml(d) + '.';
    if (const auto& e = list_in(schema, "examples");
        !e.empty() && part(schema, "default").is_null())
        out += " Example: " + toml(e.front()) + '.';
    return out;
}

std::string macro_word(const std::string& text) {
    std::string out = "\"";
    for (const char c : text)
        out += c == '"' ? std::string("\\(dq") : c == '-' ? std::string("\\-") : std::string(1, c);
    return out + '"';
}

// A table with its keys, then the tables below it.
void describe(std::string& out, const std::string& path, const json::value& schema) {
    std::string keys;
    std::vector<std::pair<std::string, const json::value*>> below;
    if (const auto* properties = part(schema, "properties").if_object()) {
        for (const auto& [key, value] : *properties) {
            const auto& more = part(value, "additionalProperties");
            if (part(value, "properties").is_object()) {
                below.emplace_back(path + '.' + std::string(key), &value);
                continue;
            }
            if (part(more, "properties").is_object()) {
                below.emplace_back(path + '.' + std::string(key) + ".NAME", &more);
                continue;
            }
            keys += ".It Xo\n.Sy " + macro_word(std::string(key)) + "\n.Xc\n" +
                    manual_text(sentence(member(value, "title")) +
                                (member(value, "description").empty()
                                     ? ""
                                     : ' ' + sentence(member(value, "description"))) +
                                values_of(value));
        }
    }
    out += ".Ss " + macro_word("Table " + path) + '\n';
    const auto title = member(schema, "title");
    if (!title.empty())
        out += manual_text(sentence(title) + (member(schema, "description").empty()
                                                  ? ""
                                                  : ' ' + sentence(member(schema, "description"))));
    if (!keys.empty()) out += ".Bl -tag -width Ds\n" + keys + ".El\n";
    for (const auto& [name, table] : below)
        describe(out, name, *table);
}

void sections(std::string& out, const json::value& root) {
    for (const auto& [name, schema] : part(root, "properties").as_object()) {
        if (name == "connections" || name == "flows" || name == "mappings") continue;
        const auto& more = part(schema, "additionalProperties");
        if (part(more, "properties").is_object())
            describe(out, std::string(name) + ".NAME", more);
        else
            describe(out, std::string(name), schema);
    }
}

} // namespace

std::string configuration_manual() {
    std::string out = ".\\\" Made from the schemas of the configuration.\n.Dd $Mdocdate$\n"
                      ".Dt MORTISE.TOML 5\n.Os\n.Sh NAME\n.Nm mortise.toml\n.Nd configuration "
                      "of "
                      "the integration host\n.Sh DESCRIPTION\n";
    out += manual_text("One TOML file, and the files conf.d/*.toml beside it, "
                       "which are read with it. A key that "
                       "is not known is an error, and so is one that stands in "
                       "two files. The settings of "
                       "connectors and flows are those of their plugins: mortise "
                       "inspect shows them.");
    out += ".Pp\n";
    out += manual_text("A secret is never written down but named: { env = \"NAME\" } is a "
                       "variable, "
                       "{ file = \"PATH\" } a file, { credential = \"NAME\" } a credential of "
                       "systemd.");
    out += ".Pp\n";
    out += manual_text("After a change, mortise check says what is wrong and where, and mortise "
                       "reload puts it in force as a whole or not at all.");
    out += ".Sh SECTIONS\n";
    sections(out, json::parse(root_schema_text()));
    describe(out, "connections.NAME", json::parse(connection_schema_text()));
    describe(out, "flows.NAME", json::parse(flow_schema_text()));
    out += ".Ss Table mappings.NAME\n" +
           manual_text("A table of target fields and where their values come "
                       "from, for settings "
                       "that take a mapping.") +
           ".Sh FILES\n.Bl -tag -width Ds\n.It Pa /etc/mortise/mortise.toml\nThe "
           "configuration of "
           "the packaged service.\n.El\n.Sh SEE ALSO\n.Xr mortise 1\n";
    return out;
}

} // namespace mortise::host::cli
