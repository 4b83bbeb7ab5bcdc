// SPDX-License-Identifier: Apache-2.0
#include "depot.hpp"
#include "release_flow.hpp"

MORTISE_PLUGIN("com.example.depot",
               "1.0.0",
               mortise::connector<depot::connector>(),
               mortise::flow<depot::release_flow>())
