// SPDX-License-Identifier: Apache-2.0
// Answers of the admin listener: JSON, and refusals as problem+json (RFC 9457).
#pragma once

#include "base/result.hpp"
#include "http/listener.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace mortise::host {

inbound_response json_reply(unsigned status, const boost::json::value& body);

// A refusal of the listener's own; code: "admin.<reason>". more: members beside "detail".
inbound_response problem_reply(unsigned status,
                               std::string_view code,
                               std::string_view detail,
                               boost::json::object more = {});

// status by category; "code" is the error's, and members of its details (such as "problems" with
// JSON pointers) stand beside "detail".
inbound_response refusal(const error& e);

} // namespace mortise::host
