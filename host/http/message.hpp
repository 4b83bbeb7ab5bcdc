// SPDX-License-Identifier: Apache-2.0
// The header field both directions of HTTP use, and what may be written on the wire.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct http_header {
    std::string name; // lower case in everything received
    std::string value;
};

// First value of that name or null; names compare without case.
const std::string* find_header(const std::vector<http_header>& headers, std::string_view name);

// RFC 9110 token (header names, methods).
bool is_http_token(std::string_view text) noexcept;
// No CR, LF, NUL or other control characters (a tab is allowed): nothing that could end the line.
bool is_header_value(std::string_view text) noexcept;
bool equal_no_case(std::string_view a, std::string_view b) noexcept;
std::string to_lower(std::string_view text); // ASCII only

} // namespace mortise::host
