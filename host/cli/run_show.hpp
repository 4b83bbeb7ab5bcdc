// SPDX-License-Identifier: Apache-2.0
// A run as text for people.
#pragma once

#include "operate/run_details.hpp"

#include <string>

namespace mortise::host::cli {

std::string run_text(const run_details& d);

} // namespace mortise::host::cli
