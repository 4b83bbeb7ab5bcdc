// SPDX-License-Identifier: Apache-2.0
// The flows as configured, without a host.
#pragma once

#include "cli/common.hpp"
#include "operate/flow_directory.hpp"

#include <memory>

namespace mortise::host::cli {

// Empty (and silent) when the configuration cannot be used, as reading the
// journal must not depend on it.
struct readable_flows {
    std::shared_ptr<void> kept; // what the directory points into
    std::shared_ptr<const flow_directory> directory;
};
readable_flows flows_for_reading(const common& c);

} // namespace mortise::host::cli
