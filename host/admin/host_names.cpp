// SPDX-License-Identifier: Apache-2.0
#include "admin/host_names.hpp"

#include "http/message.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

namespace ip = boost::asio::ip;

// "[::1]:8081" -> "[::1]", "Example.com.:80" -> "example.com"; empty when it is neither.
std::string name_in(std::string_view host) {
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        if (end == std::string_view::npos) return {};
        const auto rest = host.substr(end + 1);
        return rest.empty() || rest.front() == ':' ? std::string(host.substr(0, end + 1))
                                                   : std::string();
    }
    const auto colon = host.find(':');
    if (colon != std::string_view::npos && host.find(':', colon + 1) != std::string_view::npos)
        return {};
    auto name = to_lower(host.substr(0, colon));
    if (name.ends_with('.')) name.pop_back();
    return name;
}

} // namespace

bool names_this_host(std::string_view host, const std::vector<std::string>& names) {
    const auto name = name_in(host);
    if (name == "localhost") return true;
    boost::system::error_code ec;
    if (name.starts_with('['))
        (void)ip::make_address_v6(name.substr(1, name.size() - 2), ec);
    else
        (void)ip::make_address_v4(name, ec);
    if (!ec) return true;
    return !name.empty() && std::find(names.begin(), names.end(), name) != names.end();
}

bool is_own_origin(std::string_view origin, std::string_view host, bool tls) {
    return equal_no_case(origin, std::string(tls ? "https://" : "http://") + std::string(host));
}

bool is_loopback_address(std::string_view address) {
    boost::system::error_code ec;
    const auto a = ip::make_address(std::string(address), ec);
    if (ec) return false;
    if (a.is_v6() && a.to_v6().is_v4_mapped())
        return ip::make_address_v4(ip::v4_mapped, a.to_v6()).is_loopback();
    return a.is_loopback();
}

} // namespace mortise::host
