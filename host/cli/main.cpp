// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/output.hpp"

#include <mortise/core.h>

#include <boost/json.hpp>

#include <cstdlib>

namespace mortise::host::cli {

std::filesystem::path config_file(const common& c) {
    if (!c.config.empty()) return c.config;
    if (const char* env = std::getenv("MORTISE_CONFIG"); env != nullptr && *env != '\0') return env;
    if (std::filesystem::exists("mortise.toml")) return "mortise.toml";
    return "/etc/mortise/mortise.toml";
}

std::vector<std::filesystem::path> plugin_folders(const common& c) {
    std::vector<std::filesystem::path> out;
    for (const auto& p : c.plugin_folders)
        out.push_back(std::filesystem::absolute(p));
    return out;
}

} // namespace mortise::host::cli

int main(int argc, char** argv) {
    using namespace mortise::host::cli;
    common c;
    std::error_code ec;
    c.program = std::filesystem::read_symlink("/proc/self/exe", ec);
    action chosen;
    CLI::App app("Mortise: a self-hosted integration host", "mortise");
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option(
        "-c,--config", c.config,
        "Configuration file (else $MORTISE_CONFIG, ./mortise.toml, /etc/mortise/mortise.toml)");
    app.add_option("--plugins", c.plugin_folders, "A further folder with plugins; may be repeated");
    app.add_flag("--json", c.json, "Print JSON for programs");
    add_run(app, c, chosen);
    add_check(app, c, chosen);
    add_map(app, c, chosen);
    add_plugins(app, c, chosen);
    add_connections(app, c, chosen);
    add_runs(app, c, chosen);
    add_events(app, c, chosen);
    add_dead_letters(app, c, chosen);
    add_flows(app, c, chosen);
    add_backfill(app, c, chosen);
    add_links(app, c, chosen);
    add_ledger(app, c, chosen);
    add_journal(app, c, chosen);
    add_validate(app, c, chosen);
    add_new(app, c, chosen);
    app.add_subcommand("version", "Print versions")->callback([&] {
        chosen = [&c] {
            if (c.json)
                print_json({{"version", MORTISE_VERSION},
                            {"abi_major", MORTISE_ABI_MAJOR},
                            {"abi_minor", MORTISE_ABI_MINOR}});
            else
                std::printf("mortise %s (plugin ABI %u.%u)\n", MORTISE_VERSION, MORTISE_ABI_MAJOR,
                            MORTISE_ABI_MINOR);
            return int(exit_ok);
        };
    });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        const int code = app.exit(e);
        return code == 0 ? exit_ok : exit_usage;
    }
    try {
        return chosen ? chosen() : exit_usage;
    } catch (const std::exception& e) {
        return fail(exit_failed, e.what());
    }
}
