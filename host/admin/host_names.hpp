// SPDX-License-Identifier: Apache-2.0
//
// Which names a browser may have used to get here. A page of another site can make a name of its
// own point at this listener (DNS rebinding); then the Host field has that name. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// host: of the Host field, with or without a port. Addresses and "localhost" cannot be rebound;
// names must be among `names` (lower case).
bool names_this_host(std::string_view host, const std::vector<std::string>& names);

// Is the Origin field that of a page that this listener served?
bool is_own_origin(std::string_view origin, std::string_view host, bool tls);

// "127.0.0.1", "::1", and what maps to them.
bool is_loopback_address(std::string_view address);

} // namespace mortise::host
