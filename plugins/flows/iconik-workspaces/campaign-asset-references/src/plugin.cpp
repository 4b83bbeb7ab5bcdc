// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

MORTISE_PLUGIN("io.mortise.campaign-asset-references",
               "1.0.0",
               mortise::flow<campaign_references::flow>())
