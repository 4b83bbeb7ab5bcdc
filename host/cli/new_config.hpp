// SPDX-License-Identifier: Apache-2.0
//
// Makes a configuration to begin with, from what the plugins' schemas say: the connections that the
// chosen flows need, what must be set, the ways to sign in, and the names that must be those of the
// systems. Everything else keeps its default.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace mortise::host {
class plugin_catalog;
}

namespace mortise::host::cli {

struct new_config {
    std::vector<std::string> connectors;               // besides those of the flows
    std::vector<std::string> flows;                    // ids
    std::vector<std::filesystem::path> plugin_folders; // named in [plugins]
};

// The text of the file. INPUT "new.config.*" names what is not offered, the nearest and what there
// is. [main]
result<std::string> config_text(const new_config& wanted, const plugin_catalog& plugins);

} // namespace mortise::host::cli
