// SPDX-License-Identifier: Apache-2.0
// What the configuration says about keeping history, as the journal takes it.
#pragma once

#include "config/config.hpp"
#include "journal/retention_rules.hpp"

namespace mortise::host {

retention_rules retention_of(const configuration& config);

} // namespace mortise::host
