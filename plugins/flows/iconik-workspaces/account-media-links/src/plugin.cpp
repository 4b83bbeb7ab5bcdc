// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

MORTISE_PLUGIN("io.mortise.account-media-links", "1.0.0", mortise::flow<account_links::flow>())
