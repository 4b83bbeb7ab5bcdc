// SPDX-License-Identifier: Apache-2.0
#include "connector.hpp"
#include "flows.hpp"

MORTISE_PLUGIN("org.mortise.probe",
               "1.0.0",
               mortise::connector<probe::connector>(),
               mortise::flow<probe::steps_flow>(),
               mortise::flow<probe::order_flow>(),
               mortise::flow<probe::w1_flow>())
