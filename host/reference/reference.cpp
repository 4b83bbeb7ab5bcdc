// SPDX-License-Identifier: Apache-2.0
#include "reference/reference.hpp"

#include "reference/schema_words.hpp"

#include <boost/json/array.hpp>

namespace mortise::host::reference {

namespace json = boost::json;

namespace {

std::string row(const std::string& folder, const json::object& o) {
    const std::string id = text_of(o, "id");
    return "| [" + id + "](" + folder + "/" + id + ".md) | " + sentence(text_of(o, "doc")) + " |\n";
}

} // namespace

std::map<std::string, std::string> make_files(const manifests& plugins) {
    std::map<std::string, std::string> out, connectors, flows;
    for (const json::object& p : plugins) {
        for (const json::value& v : p.at("connectors").as_array()) {
            const json::object& c = v.as_object();
            connectors[text_of(c, "id")] = row("connectors", c);
            out["docs/reference/connectors/" + text_of(c, "id") + ".md"] = connector_page(c);
        }
        for (const json::value& v : p.at("flows").as_array()) {
            const json::object& f = v.as_object();
            flows[text_of(f, "id")] = row("flows", f);
            out["docs/reference/flows/" + text_of(f, "id") + ".md"] = flow_page(f);
        }
    }
    std::string index =
        "# Reference\n\nGenerated from the schemas of the host and the plugins; do not edit. What "
        "is here is "
        "what the program checks by.\n\n"
        "- [Configuration](configuration.md): every key of the TOML file; as a file to copy from:\n"
        "  [config/reference.toml](../../config/reference.toml)\n\n## Connectors\n\n"
        "| connector | what it does |\n|---|---|\n";
    for (const auto& [id, text] : connectors)
        index += text;
    index += "\n## Flows\n\n| flow | what it does |\n|---|---|\n";
    for (const auto& [id, text] : flows)
        index += text;
    out["docs/reference/README.md"] = index;
    out["docs/reference/configuration.md"] = configuration_page();
    out["config/reference.toml"] = toml_reference(plugins);
    // Files end with one line end.
    for (auto& [path, text] : out) {
        while (!text.empty() && text.back() == '\n')
            text.pop_back();
        text += '\n';
    }
    return out;
}

} // namespace mortise::host::reference
