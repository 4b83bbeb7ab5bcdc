// SPDX-License-Identifier: Apache-2.0
// The bytes of an answer of the listener. Pure.
#pragma once

#include "http/listener.hpp"

#include <string>

namespace mortise::host {

struct answer_frame {
    bool keep_alive = true;
    bool head = false;        // answer to HEAD: no body, but its length
    bool old_version = false; // HTTP/1.0 needs to be told that the connection stays
};

// Status line and fields up to and with the empty line. An answer that cannot be written safely
// (status out of range, line breaks in a header) becomes a 500, and `response` with it; `complaint`
// then tells why. The body to send after it is response.body unless without_body() says so.
std::string
response_head(inbound_response& response, const answer_frame& frame, std::string& complaint);
bool without_body(const inbound_response& response, const answer_frame& frame) noexcept;

} // namespace mortise::host
