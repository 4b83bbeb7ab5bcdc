// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

MORTISE_PLUGIN("io.mortise.project-archive", "1.0.0", mortise::flow<project_archive::flow>())
