// SPDX-License-Identifier: Apache-2.0
// Calls a plugin's init() and deinit() so that no exception comes back and every failure has a
// reason. [main]
#pragma once

#include "plugin/descriptors.hpp"
#include "plugin/refusal.hpp"

namespace mortise::host {

// Nothing when init() succeeded or is absent.
plugin_result<void> call_init(const plugin_descriptor& plugin, const mortise_host* host);
// False when deinit() threw; the reason is logged.
bool call_deinit(const plugin_descriptor& plugin) noexcept;

} // namespace mortise::host
