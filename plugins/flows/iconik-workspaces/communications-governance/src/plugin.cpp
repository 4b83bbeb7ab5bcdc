// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

MORTISE_PLUGIN("io.mortise.communications-governance",
               "1.0.0",
               mortise::flow<communications::flow>())
