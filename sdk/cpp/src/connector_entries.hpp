// SPDX-License-Identifier: Apache-2.0
// The C entries that every connector shares. Private to the SDK.
#pragma once

#include <mortise/connector.h>

namespace mortise::detail {

void set_connector_entries(mortise_connector& c) noexcept;

} // namespace mortise::detail
