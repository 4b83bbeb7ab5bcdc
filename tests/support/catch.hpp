// SPDX-License-Identifier: Apache-2.0
// The one place that names the test library, so that its major version touches one file.
#pragma once
#include <catch2/catch.hpp>
