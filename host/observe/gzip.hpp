// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mortise::host {

// RFC 1952, for bodies that are sent.
std::string gzip(std::string_view data);

} // namespace mortise::host
