// SPDX-License-Identifier: Apache-2.0
//
// The manual pages, in mdoc(7): mortise(1) from the tree of commands,
// mortise.toml(5) from the schemas of the configuration.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <string_view>

namespace mortise::host::cli {

std::string program_manual(const command& program);
std::string configuration_manual();

// Text as lines of a page: one sentence begins a line, none is long, nothing in
// it is a macro.
std::string manual_text(std::string_view text);

} // namespace mortise::host::cli
