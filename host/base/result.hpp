// SPDX-License-Identifier: Apache-2.0
// The host uses the SDK's error type; this only brings it into the host's namespace.
#pragma once

#include <mortise/sdk/error.hpp>

namespace mortise::host {
using mortise::category;
using mortise::effect;
using mortise::error;
using mortise::result;
using mortise::retry_advice;
} // namespace mortise::host
