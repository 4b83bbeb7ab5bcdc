// SPDX-License-Identifier: Apache-2.0
//
// Texts that let in whoever has them: signatures of presigned URLs, tickets, access tokens,
// passwords in URLs. Nobody declared them secret, as systems hand them out in the middle of their
// answers; they are known by where they stand. What is hidden reads "***", so that host, path and
// the other parameters stay readable. Pure; [any-thread].
#pragma once

#include <string>
#include <string_view>

namespace mortise::host {

// Values of query parameters, cookies and header fields of such names ("X-Amz-Signature=",
// "OTCSTicket: ", "Authorization: Bearer "), JSON Web Tokens, and user:password@ of URLs, anywhere
// in the text. Applied twice it changes nothing more.
std::string without_bearer(std::string text);

// A member of that name holds nothing else: "Authorization", "access_token", "set-cookie".
bool is_bearer_member(std::string_view name) noexcept;

} // namespace mortise::host
