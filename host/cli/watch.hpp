// SPDX-License-Identifier: Apache-2.0
// --watch: a command again and again, until Ctrl-C or --count.
#pragma once

#include "cli/command.hpp"

namespace mortise::host::cli {

// On a terminal each time replaces the one before, and the last one stays when
// it ends; in a pipe they follow one another. Without --watch the command runs
// once. Returns its exit code, 0 when it was ended by Ctrl-C.
int run_watched(const common& c, const std::string& title, const action& once);

} // namespace mortise::host::cli
