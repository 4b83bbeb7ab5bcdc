// SPDX-License-Identifier: Apache-2.0
#include "address.hpp"

#include <mortise/sdk/url.hpp>

namespace iconik {

address::address(std::string_view base_url, std::string_view at) {
    while (base_url.ends_with('/'))
        base_url.remove_suffix(1);
    path_.append(base_url).append("/API/").append(at);
}

address& address::part(std::string_view text) {
    path_.append("/").append(mortise::percent_encode(text));
    return *this;
}

address& address::query(std::string_view name, std::string_view value) {
    query_.append(query_.empty() ? "?" : "&");
    query_.append(mortise::percent_encode(name)).append("=");
    query_.append(mortise::percent_encode(value));
    return *this;
}

bool is_id(std::string_view text) noexcept {
    if (text.empty() || text.size() > 128 || text.front() == '-' || text.front() == '_') {
        return false;
    }
    for (const char c : text) {
        const bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        if (!good) return false;
    }
    return true;
}

std::string escape_query(std::string_view text) {
    constexpr std::string_view special = "+-&|!(){}[]^\"~*?:\\/ ";
    std::string out;
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

} // namespace iconik
