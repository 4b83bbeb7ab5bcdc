// SPDX-License-Identifier: Apache-2.0
// Configuration and plugins, looked at together.
#include "app/host_impl.hpp"
#include "app/offered.hpp"
#include "app/schedules.hpp"
#include "plugin/inspect.hpp"

namespace mortise::host {
namespace {

// What load_configuration() wants to know of the plugins.
memory_catalog schemas_of(const plugin_catalog& plugins) {
    memory_catalog out;
    for (const auto* plugin : plugins.plugins()) {
        for (const auto& c : plugin->connectors) {
            const auto* newest = plugins.find_connector(c.id);
            if (newest != &c) continue;
            connector_description d;
            d.config_schema = c.config_schema;
            for (const auto& t : c.triggers)
                d.trigger_schemas[t.id] = t.config_schema;
            for (const auto& o : c.operations)
                d.operations.push_back(o.id);
            out.connectors.emplace(c.id, std::move(d));
        }
        for (const auto& f : plugin->flows) {
            auto& d = out.flows[f.id];
            d.versions.push_back(f.version);
            if (plugins.find_flow(f.id) != &f) continue;
            d.config_schema = f.config_schema;
            for (const auto& r : f.roles)
                d.roles.push_back({r.name, r.connectors, r.operations, r.doc});
        }
    }
    return out;
}

} // namespace

load_result load_and_check(const std::filesystem::path& file, const plugin_catalog& plugins) {
    auto loaded = load_configuration(file, schemas_of(plugins));
    for (auto& p : not_offered(loaded.config))
        loaded.problems.push_back(std::move(p));
    for (auto& p : check_schedules(loaded.config, plugins))
        loaded.problems.push_back(std::move(p));
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    for (auto& p : check_certificates(loaded.config, now))
        loaded.problems.push_back(std::move(p));
    return loaded;
}

prepared prepare(const host_options& options) {
    prepared out;
    auto sections = load_host_sections(options.config);
    if (!sections.ok()) {
        out.problems = std::move(sections.problems);
        return out;
    }
    catalog_options plugins;
    for (const auto& p : options.plugin_folders)
        plugins.scan.folders.push_back(p);
    for (const auto& p : sections.config.plugins.paths)
        plugins.scan.folders.push_back(p);
    plugins.scan.pins = sections.config.plugins.pin;
    plugins.probe_program = options.program;
    if (!options.program.empty())
        plugins.probe_memory = sections.config.host.state_dir / "plugins-seen.json";
    std::error_code ignored;
    std::filesystem::create_directories(sections.config.host.state_dir, ignored);
    plugins.host_for_init = [](const plugin_descriptor&) { return log_only_host(); };
    out.plugins = std::make_unique<plugin_catalog>(std::move(plugins));
    out.plugins->load_folders();
    auto loaded = load_and_check(options.config, *out.plugins);
    out.problems = std::move(loaded.problems);
    out.ok = !has_errors(out.problems);
    out.config = std::make_shared<configuration>(std::move(loaded.config));
    return out;
}

} // namespace mortise::host
