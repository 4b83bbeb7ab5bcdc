// SPDX-License-Identifier: Apache-2.0
// The configuration and the plugins a host works with at this moment, for the pages about them.
#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "plugin/catalog.hpp"

#include <memory>
#include <string>

namespace mortise::host {

struct at_work {
    std::shared_ptr<const configuration> config;
    const plugin_catalog* plugins = nullptr; // outlives the admin server
    std::string version;                     // of the host
    std::string host_id;
    std::string config_file;
    unix_ms started_at = 0;
    unix_ms loaded_at = 0; // the configuration
};

} // namespace mortise::host
