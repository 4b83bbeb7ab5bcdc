// SPDX-License-Identifier: Apache-2.0
#include "cli/common.hpp"

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

std::string remote_host(const common& c) {
    if (!c.host_url.empty()) return c.host_url;
    const char* env = std::getenv("MORTISE_HOST");
    return env != nullptr ? env : "";
}

} // namespace mortise::host::cli
