// SPDX-License-Identifier: Apache-2.0
// The cookie of a console session: for this host alone, out of reach of scripts, never sent along
// from a page of another site. Pure.
#pragma once

#include "http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// The session id in the Cookie field; empty when there is none.
std::string session_cookie(const std::vector<http_header>& headers);
// Values of Set-Cookie.
std::string set_session_cookie(std::string_view id, bool tls);
std::string clear_session_cookie(bool tls);

} // namespace mortise::host
