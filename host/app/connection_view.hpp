// SPDX-License-Identifier: Apache-2.0
// A connection at work as JSON, for the admin listener.
#pragma once

#include "app/deployment.hpp"

#include <boost/json/object.hpp>

namespace mortise::host {

boost::json::object to_view(const connection_state& c);

} // namespace mortise::host
