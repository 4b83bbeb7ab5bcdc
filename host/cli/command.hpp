// SPDX-License-Identifier: Apache-2.0
//
// The commands of `mortise`. Each registers itself with the parser and sets what is to be done;
// exit codes are the same for all of them (docs/cli.md).
#pragma once

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mortise::host::cli {

enum exit_code : int {
    exit_ok = 0,
    exit_failed = 1,        // the thing asked for was tried and did not succeed
    exit_usage = 2,         // the command line is wrong
    exit_configuration = 3, // the configuration has errors
    exit_plugin = 4,        // a plugin was refused or does not conform
    exit_not_found = 5,     // no such run, connection, flow, file
    exit_unreachable = 6,   // no running host answers
};

// What every command can be told.
struct common {
    std::string config; // resolved by config_file()
    std::vector<std::string> plugin_folders;
    bool json = false;
    std::filesystem::path program;
};

// --config, or $MORTISE_CONFIG, or ./mortise.toml, or /etc/mortise/mortise.toml.
std::filesystem::path config_file(const common& c);
std::vector<std::filesystem::path> plugin_folders(const common& c);

using action = std::function<int()>;

void add_run(CLI::App& app, common& c, action& chosen);
void add_check(CLI::App& app, common& c, action& chosen);
void add_map(CLI::App& app, common& c, action& chosen);
void add_plugins(CLI::App& app, common& c, action& chosen);
void add_connections(CLI::App& app, common& c, action& chosen);
void add_runs(CLI::App& app, common& c, action& chosen);
void add_events(CLI::App& app, common& c, action& chosen);
void add_dead_letters(CLI::App& app, common& c, action& chosen);
void add_flows(CLI::App& app, common& c, action& chosen);
void add_backfill(CLI::App& app, common& c, action& chosen);
void add_ledger(CLI::App& app, common& c, action& chosen);
void add_journal(CLI::App& app, common& c, action& chosen);
void add_links(CLI::App& app, common& c, action& chosen);
void add_validate(CLI::App& app, common& c, action& chosen);
void add_new(CLI::App& app, common& c, action& chosen);

} // namespace mortise::host::cli
