// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

MORTISE_PLUGIN("io.mortise.production-coordination",
               "1.0.0",
               mortise::flow<production_coordination::flow>())
