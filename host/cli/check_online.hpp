// SPDX-License-Identifier: Apache-2.0
// mortise check --online
#pragma once

#include "app/host.hpp"
#include "cli/common.hpp"

namespace mortise::host::cli {

// Behind a check that found no error: asks every system. warnings are what that
// check had to say.
int check_online_command(const common& c,
                         host_options options,
                         const std::vector<config_problem>& warnings);

} // namespace mortise::host::cli
