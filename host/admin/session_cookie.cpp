// SPDX-License-Identifier: Apache-2.0
#include "admin/session_cookie.hpp"

#include <algorithm>

namespace mortise::host {
namespace {

constexpr std::string_view cookie_name = "mortise_session";

std::string cookie(std::string_view id, std::string_view more, bool tls) {
    std::string out(cookie_name);
    out.append("=").append(id).append("; Path=/; HttpOnly; SameSite=Strict").append(more);
    if (tls) out.append("; Secure");
    return out;
}

} // namespace

std::string session_cookie(const std::vector<http_header>& headers) {
    for (const auto& h : headers) {
        if (h.name != "cookie") continue;
        std::string_view rest = h.value;
        while (!rest.empty()) {
            const auto end = std::min(rest.find(';'), rest.size());
            auto one = rest.substr(0, end);
            while (one.starts_with(' '))
                one.remove_prefix(1);
            const auto equals = one.find('=');
            if (equals != std::string_view::npos && one.substr(0, equals) == cookie_name)
                return std::string(one.substr(equals + 1));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return {};
}

std::string set_session_cookie(std::string_view id, bool tls) {
    return cookie(id, {}, tls);
}

std::string clear_session_cookie(bool tls) {
    return cookie({}, "; Max-Age=0", tls);
}

} // namespace mortise::host
