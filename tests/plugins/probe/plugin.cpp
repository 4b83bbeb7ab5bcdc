// SPDX-License-Identifier: Apache-2.0
#include "connector.hpp"
#include "flows.hpp"

MORTISE_PLUGIN("org.mortise.probe",
               PROBE_VERSION,
               mortise::connector<probe::connector>(),
               mortise::flow<probe::steps_flow>(),
               mortise::flow<probe::order_flow>(),
               mortise::flow<probe::remind_flow>(),
               mortise::flow<probe::map_flow>(),
               mortise::flow<probe::w1_flow>())
