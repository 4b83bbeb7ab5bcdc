// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

MORTISE_PLUGIN("io.mortise.rights-metadata-sync",
               "1.0.0",
               mortise::flow<rights_metadata_sync::flow>())
