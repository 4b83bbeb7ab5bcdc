// SPDX-License-Identifier: Apache-2.0
// What requests to receivers of traces and alerts have in common.
#pragma once

#include "config/observe_config.hpp"
#include "config/secrets.hpp"
#include "http/client.hpp"

namespace mortise::host {

// Adds the headers, secrets as they are now. Errors: category config, naming the reference.
result<void>
add_headers(http_request& request, const receiver_headers& headers, const secret_store* secrets);

} // namespace mortise::host
