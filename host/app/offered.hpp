// SPDX-License-Identifier: Apache-2.0
// Keys the configuration may hold that this version does not act on yet. Taking them in silence
// would be a promise not kept, so each is an error that says what happens instead.
#pragma once

#include "config/config.hpp"

#include <vector>

namespace mortise::host {

std::vector<config_problem> not_offered(const configuration& config);

} // namespace mortise::host
