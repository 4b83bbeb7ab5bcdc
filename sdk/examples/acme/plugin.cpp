// SPDX-License-Identifier: Apache-2.0
#include "acme.hpp"
#include "copy_flow.hpp"

MORTISE_PLUGIN("com.example.acme",
               "1.0.0",
               mortise::connector<acme::connector>(),
               mortise::flow<acme::copy_flow>())
