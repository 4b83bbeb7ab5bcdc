// SPDX-License-Identifier: Apache-2.0
// A run with everything that is known of it, for people.
#pragma once

#include "cli/view.hpp"

#include <string>

namespace mortise::host::cli {

view run_view(const common& c, const std::string& id);
// Of the run as the admin API gives it.
std::string run_text(const boost::json::value& run);
// runs show, dead-letters show
int show_run(const common& c, const std::string& id);
// Stays until the run has come to an end, then shows it.
int wait_for_run(const common& c, const std::string& id);

} // namespace mortise::host::cli
