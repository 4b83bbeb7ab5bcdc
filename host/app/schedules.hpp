// SPDX-License-Identifier: Apache-2.0
// The configured schedules: checked against cron, the time zones and the flows' plugins, and made
// into plans for the scheduler.
#pragma once

#include "config/config.hpp"
#include "intake/schedule.hpp"
#include "plugin/catalog.hpp"

#include <vector>

namespace mortise::host {

// Errors at the place in the file, to the character for a bad expression.
std::vector<config_problem> check_schedules(const configuration& config,
                                            const plugin_catalog& plugins);
// Of the enabled flows of a checked configuration.
std::vector<schedule_plan> schedule_plans(const configuration& config);

} // namespace mortise::host
