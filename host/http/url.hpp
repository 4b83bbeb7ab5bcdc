// SPDX-License-Identifier: Apache-2.0
// The parts of a URL that decide where a request goes, and the list of places it may go to. Uses
// the same parser as the transfer itself, so that the check and the connection cannot disagree.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct url_origin {
    std::string scheme; // "http" or "https"
    std::string host;   // lower case; IPv6 in brackets; numeric IPv4 normalised; no final dot
    std::uint16_t port = 0;

    std::string text() const; // "https://host:port", without a default port
    bool operator==(const url_origin&) const = default;
};

// Absolute http(s) URLs without user name and password. Errors: category input; the message does
// not repeat the URL.
result<url_origin> parse_origin(std::string_view url);

// A reference (Location) resolved against an absolute URL; the fragment is dropped.
result<std::string> resolve_url(std::string_view base, std::string_view reference);

// Entries as in http_lane_options::egress.
class egress_list {
public:
    // Errors: category config, naming the entry.
    static result<egress_list> parse(const std::vector<std::string>& entries);
    bool allows(const url_origin& target) const noexcept;

private:
    struct entry {
        std::string host; // without "*."
        bool sub_domains = false;
        bool any_host = false;
        std::uint16_t port = 0; // 0 = any
    };
    std::vector<entry> entries_;
};

} // namespace mortise::host
