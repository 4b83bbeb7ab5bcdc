// SPDX-License-Identifier: Apache-2.0
// What may be asked of an outgoing request and where a redirect leads it; pure decisions, no I/O.
#pragma once

#include "base/result.hpp"
#include "http/client.hpp"
#include "http/url.hpp"

namespace mortise::host {

// Method, headers, body and trace parent. Errors: category input, effect none.
result<void> check_request_parts(const http_request& request, const url_origin& origin);

// Is this a status and Location to follow?
bool is_redirect(const http_response& response);

// Rewrites the request into the next hop: 303 (and 301/302 for POST) become GET without a body,
// 307/308 keep both. On a change of origin Authorization, Cookie and `sensitive` go. Errors:
// denied for https to http, remote_protocol for a Location that cannot be used, input for a body
// that cannot be sent again.
result<url_origin> follow_redirect(http_request& request,
                                   const url_origin& from,
                                   const http_response& response,
                                   const std::vector<std::string>& sensitive);

// The method may be repeated by the transport when a kept connection turns out dead.
bool is_idempotent(std::string_view method) noexcept;

} // namespace mortise::host
