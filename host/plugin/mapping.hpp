// SPDX-License-Identifier: Apache-2.0
// The one place that loads a library into this process. [any-thread]
#pragma once

#include "plugin/library.hpp"

namespace mortise::host {

using entry_function = const mortise_entry* (*)();

// Runs the library's constructors when it is not mapped yet, and gives its entry function. The
// library stays mapped, also when it is refused.
plugin_result<entry_function> map_library(const plugin_file& file);

} // namespace mortise::host
