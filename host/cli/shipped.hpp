// SPDX-License-Identifier: Apache-2.0
//
// What is installed beside the program.
#pragma once

#include "cli/common.hpp"

#include <filesystem>

namespace mortise::host::cli {

// lib/mortise/plugins beside the program's bin folder; empty when there is none.
std::filesystem::path shipped_plugins(const common& c);

} // namespace mortise::host::cli
