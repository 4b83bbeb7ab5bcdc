// SPDX-License-Identifier: Apache-2.0
// mortise check, plugins, inspect
#include "app/host.hpp"
#include "base/stored_json.hpp"
#include "cli/check_online.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/shipped.hpp"
#include "cli/view.hpp"
#include "plugin/inspect.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

// [mappings.<name>] with the settings that use each.
boost::json::array mappings_of(const configuration& config) {
    boost::json::array out;
    for (const auto& member : config.mappings) {
        boost::json::array users;
        for (const mapping_use& use : config.mapping_uses)
            if (use.mapping == std::string_view(member.key()))
                users.emplace_back(use.owner + ": " + use.setting_name);
        out.push_back({{"mapping", member.key()}, {"used_by", std::move(users)}});
    }
    return out;
}

int check(const common& c, bool online) {
    if (!is_local(c, "check")) return exit_usage;
    const auto ready = prepare(options_of(c));
    if (online && ready.ok) return check_online_command(c, options_of(c), ready.problems);
    if (c.json) {
        boost::json::array refused;
        if (ready.plugins) {
            for (const auto& r : ready.plugins->refusals())
                refused.push_back(
                    {{"file", r.file.string()}, {"code", r.reason_code}, {"message", r.text()}});
        }
        print_json({{"ok", ready.ok},
                    {"problems", stored_json(problems_to_json(ready.problems))},
                    {"mappings", ready.config ? mappings_of(*ready.config) : boost::json::array()},
                    {"refused_plugins", refused}});
    } else {
        std::fputs(problems_to_text(ready.problems).c_str(), stdout);
        if (ready.plugins) {
            for (const auto& r : ready.plugins->refusals())
                std::printf("%s\n", r.text().c_str());
        }
        if (ready.ok) {
            std::printf("%s: %zu connections, %zu flows, %zu mappings: good\n",
                        config_file(c).c_str(), ready.config->connections.size(),
                        ready.config->flows.size(), ready.config->mappings.size());
        }
    }
    return ready.ok ? exit_ok : exit_configuration;
}

// What the host has loaded.
int list_loaded(const common& c) {
    view v;
    v.path = "/api/v1/plugins";
    return show(c, v, [](const boost::json::value& all) {
        table t({{"ID", matters::most},
                 {"VERSION", matters::most},
                 "TITLE",
                 {"ABI", matters::less},
                 {"STATE", matters::most},
                 {"FILE", matters::text}});
        for (const auto& p : list_in(all, "plugins"))
            t.row({member(p, "id"), member(p, "version"), member(p, "title"), member(p, "abi"),
                   member(p, "state"), member(p, "file")});
        return t.text();
    });
}

int list_plugins(const common& c) {
    if (!remote_host(c).empty()) return list_loaded(c);
    // Works without a configuration when folders are given.
    catalog_options o;
    for (const auto& p : plugin_folders(c))
        o.scan.folders.push_back(p);
    if (const auto file = config_file(c); std::filesystem::exists(file)) {
        const auto sections = load_host_sections(file);
        if (!sections.ok()) {
            std::fputs(problems_to_text(sections.problems).c_str(), stderr);
            return exit_configuration;
        }
        for (const auto& p : sections.config.plugins.paths)
            o.scan.folders.push_back(p);
        o.scan.pins = sections.config.plugins.pin;
    } else if (o.scan.folders.empty()) {
        const auto shipped = shipped_plugins(c);
        if (shipped.empty())
            return fail(exit_usage, "no configuration found and no --plugins folder given");
        o.scan.folders.push_back(shipped);
    }
    o.probe_program = c.program;
    o.host_for_init = [](const plugin_descriptor&) { return log_only_host(); };
    plugin_catalog catalog(std::move(o));
    catalog.load_folders();
    bool refused = false;
    boost::json::array out;
    table t({{"ID", matters::most},
             {"VERSION", matters::most},
             "KIND",
             {"ABI", matters::less},
             {"STATE", matters::most},
             {"FILE", matters::text}});
    for (const auto& l : catalog.list()) {
        const bool bad = l.state == plugin_state::refused;
        refused = refused || bad;
        if (c.json) {
            boost::json::object o2{{"id", l.id},
                                   {"version", l.version},
                                   {"kind", l.kind},
                                   {"title", l.title},
                                   {"plugin", l.plugin_id},
                                   {"abi", l.abi},
                                   {"sdk", l.sdk},
                                   {"state", bad ? "refused" : "loaded"},
                                   {"file", l.file.string()}};
            if (bad)
                o2["refusal"] = {{"code", l.refusal.reason_code},
                                 {"message", l.refusal.message},
                                 {"hint", l.refusal.hint}};
            out.push_back(std::move(o2));
        } else {
            t.row({l.id.empty() ? "-" : l.id, l.version.empty() ? "-" : l.version, l.kind,
                   l.abi.empty() ? "-" : l.abi,
                   bad ? "refused: " + l.refusal.reason_code : "loaded", l.file.string()});
        }
    }
    if (c.json) {
        print_json({{"plugins", std::move(out)}});
    } else {
        print(t.text());
        if (catalog.list().empty() && !c.quiet)
            std::fprintf(stderr, "no plugins: name their folders in [plugins] paths of %s\n",
                         config_file(c).c_str());
        for (const auto& r : catalog.refusals())
            std::printf("\n%s\n", r.text().c_str());
    }
    return refused ? exit_plugin : exit_ok;
}

int inspect(const common& c, const std::string& file, bool raw) {
    if (raw) run_raw_inspect(file);
    const auto manifest = inspect_in_child(file, {c.program, std::chrono::seconds(10)});
    if (!manifest) return fail(exit_plugin, manifest.error().text());
    const auto value = stored_json(*manifest);
    if (c.json)
        print_json(value);
    else
        std::printf("%s\n", pretty(value).c_str());
    return exit_ok;
}

} // namespace

void add_check(command& program, common& c) {
    auto& cmd = program.sub("check", "Checks the configuration against the plugins' "
                                     "schemas, without starting anything");
    auto online = std::make_shared<bool>(false);
    cmd.flag("--online", *online,
             "Also asks the systems: credentials, rights, and whether what "
             "settings name is there");
    cmd.example("mortise check", "before a start or a reload")
        .example("mortise check --online", "before going live");
    cmd.does([&c, online] { return check(c, *online); });
}

void add_plugins(command& program, common& c) {
    auto& list = program.sub("plugins", "Lists plugins: id, version, kind, ABI, state, file");
    list.watchable(c);
    list.example("mortise plugins", "those of the configuration")
        .example("mortise --plugins ./build/plugins plugins", "those of a folder");
    list.does([&c] { return list_plugins(c); });
    auto& cmd =
        program.sub("inspect", "Prints what a plugin file says about itself, from a child process");
    auto file = std::make_shared<std::string>();
    auto raw = std::make_shared<bool>(false);
    cmd.argument("file", *file, "The plugin").required().completes("files");
    cmd.flag("--raw", *raw, "Loads it in this process (the child's half)").hidden();
    cmd.example("mortise inspect ./acme.so", "operations, triggers, schemas");
    cmd.does([&c, file, raw] { return inspect(c, *file, *raw); });
}

} // namespace mortise::host::cli
