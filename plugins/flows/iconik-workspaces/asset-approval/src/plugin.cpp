// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

MORTISE_PLUGIN("io.mortise.asset-approval", "1.0.0", mortise::flow<asset_approval::flow>())
