// SPDX-License-Identifier: Apache-2.0
// JSON text that was kept as text, as a value again.
#pragma once

#include <boost/json/value.hpp>

#include <string_view>

namespace mortise::host {

// Text that is no JSON becomes a string, empty text null.
boost::json::value stored_json(std::string_view text);

} // namespace mortise::host
