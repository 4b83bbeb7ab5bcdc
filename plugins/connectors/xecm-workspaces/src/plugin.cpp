// SPDX-License-Identifier: Apache-2.0
#include "connector.hpp"

MORTISE_PLUGIN("io.mortise.xecm-workspaces",
               "1.0.0",
               mortise::connector<xecm_workspaces::connector>())
