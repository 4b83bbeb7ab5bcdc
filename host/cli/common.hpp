// SPDX-License-Identifier: Apache-2.0
//
// What every command of `mortise` can be told, and how it ends (docs/cli.md).
#pragma once

#include <cstdint>
#include <filesystem>
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
    exit_denied = 7,        // the host wants another token or a higher role
    exit_interrupted = 130, // Ctrl-C while waiting; what was begun goes on
};

struct common {
    std::string config; // resolved by config_file()
    std::vector<std::string> plugin_folders;
    bool json = false;
    bool quiet = false;         // no progress
    std::string color = "auto"; // always, never
    // A host that is reached over the network instead of through the state
    // folder.
    std::string host_url;   // "https://mortise.example.com:8081"; else $MORTISE_HOST
    std::string token_file; // else $MORTISE_TOKEN
    std::string ca_file;    // PEM; else the system's authorities
    // --watch and --count of the commands that have them.
    double watch_seconds = 0; // 0: once
    std::uint32_t watch_count = 0;
    std::filesystem::path program;
};

// --config, or $MORTISE_CONFIG, or ./mortise.toml, or
// /etc/mortise/mortise.toml.
std::filesystem::path config_file(const common& c);
std::vector<std::filesystem::path> plugin_folders(const common& c);

// Empty: the host of this machine's configuration.
std::string remote_host(const common& c);

} // namespace mortise::host::cli
