// SPDX-License-Identifier: Apache-2.0
// What --help prints.
#pragma once

#include "cli/command.hpp"

#include <string>

namespace mortise::host::cli {

// In lines of at most so many columns.
std::string help_text(const command& of, std::size_t width);
// "mortise runs show RUN [options]"
std::string usage_of(const command& c);
// "-w, --watch [SECONDS]"
std::string spelled(const option_facts& o);
// Where the value is one of few, what it is without, and whether it may come
// again.
std::string said_of(const option_facts& o);

} // namespace mortise::host::cli
