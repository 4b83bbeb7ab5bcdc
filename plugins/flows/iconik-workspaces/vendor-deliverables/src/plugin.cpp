// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

MORTISE_PLUGIN("io.mortise.vendor-deliverables",
               "1.0.0",
               mortise::flow<vendor_deliverables::flow>())
