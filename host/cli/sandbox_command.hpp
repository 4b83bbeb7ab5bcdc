// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/common.hpp"

#include <string>
#include <vector>

namespace mortise::host::cli {

// Becomes mortise-sandbox, which lies beside this program; returns only when it
// is not there.
int start_sandbox(const common& c, const std::vector<std::string>& words);

} // namespace mortise::host::cli
