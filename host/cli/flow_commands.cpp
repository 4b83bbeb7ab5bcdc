// SPDX-License-Identifier: Apache-2.0
// mortise flows: what the flows are bound to, and how safe a repeat of what they do is.
#include "admin/views.hpp"
#include "app/host.hpp"
#include "cli/changes.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

host_options options_of(const common& c) {
    host_options o;
    o.config = config_file(c);
    o.program = c.program;
    o.plugin_folders = plugin_folders(c);
    o.quiet = true;
    return o;
}

std::string weakest_text(const flow_entry& f) {
    const auto* w = f.weakest();
    if (w == nullptr) return f.descriptor == nullptr ? "?" : "- (calls nothing)";
    return std::string(to_string(w->repeat())) + ": " + w->target();
}

std::string roles_text(const flow_entry& f) {
    std::string out;
    for (const auto& r : f.roles)
        out += (out.empty() ? "" : ", ") + r.name + "=" +
               (r.connection.empty() ? std::string("(unbound)") : r.connection);
    return out.empty() ? "-" : out;
}

std::string operations_text(const flow_entry& f) {
    table t({"ROLE", "CONNECTION", "OPERATION", "CLASS", "LOOK-UP"});
    for (const auto& r : f.roles) {
        for (const auto& o : r.operations)
            t.row({r.name, r.connection.empty() ? "-" : r.connection, o.operation,
                   std::string(o.offered != nullptr ? to_string(o.repeat()) : "not offered"),
                   o.offered != nullptr ? o.offered->lookup_operation : ""});
    }
    return t.text();
}

int flows(const common& c, const std::string& name) {
    const auto ready = prepare(options_of(c));
    if (!ready.ok) {
        std::fputs(problems_to_text(ready.problems).c_str(), stderr);
        return exit_configuration;
    }
    const flow_directory all(*ready.config, *ready.plugins);
    if (!name.empty()) {
        const auto* flow = all.find(name);
        if (flow == nullptr) return fail(exit_not_found, "no flow \"" + name + "\" is configured");
        if (c.json)
            print_json(to_view(*flow));
        else
            std::printf("flow     %s (%s %s)\nweakest  %s\n\n%s", flow->name.c_str(),
                        flow->flow.c_str(), flow->version.c_str(), weakest_text(*flow).c_str(),
                        operations_text(*flow).c_str());
        return exit_ok;
    }
    boost::json::array out;
    table t({"FLOW", "PLUGIN", "VERSION", "ENABLED", "ROLES", "WEAKEST EFFECT CLASS"});
    for (const auto& [key, f] : all.flows()) {
        if (c.json)
            out.push_back(to_view(f));
        else
            t.row({f.name, f.flow, f.version, f.enabled ? "yes" : "no", roles_text(f),
                   weakest_text(f)});
    }
    if (c.json)
        print_json(out);
    else
        std::fputs(t.text().c_str(), stdout);
    return exit_ok;
}

} // namespace

readable_flows flows_for_reading(const common& c) {
    auto ready = std::make_shared<prepared>(prepare(options_of(c)));
    readable_flows out;
    out.directory = ready->ok
                        ? std::make_shared<const flow_directory>(*ready->config, *ready->plugins)
                        : std::make_shared<const flow_directory>();
    out.kept = std::move(ready);
    return out;
}

void add_flows(CLI::App& app, common& c, action& chosen) {
    auto* cmd = app.add_subcommand("flows", "Flows: roles, connections, and how safe a repeat of "
                                            "their operations is");
    auto name = std::make_shared<std::string>();
    cmd->add_option("name", *name, "One flow with each of its operations");
    cmd->callback([&c, &chosen, name] { chosen = [&c, name] { return flows(c, *name); }; });
}

} // namespace mortise::host::cli
