// SPDX-License-Identifier: Apache-2.0
#include "admin/login_throttle.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace mortise::host {

namespace ip = boost::asio::ip;

std::string throttled_address(std::string_view remote) {
    auto text = remote.substr(0, remote.rfind(':'));
    if (text.size() > 2 && text.front() == '[') text = text.substr(1, text.size() - 2);
    boost::system::error_code ec;
    const auto address = ip::make_address(std::string(text), ec);
    if (ec || address.is_v4()) return std::string(text);
    if (address.to_v6().is_v4_mapped())
        return ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string();
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return ip::make_address_v6(bytes).to_string();
}

std::chrono::milliseconds login_throttle::wait(std::string_view remote, time now) const {
    const auto it = seen_.find(throttled_address(remote));
    if (it == seen_.end() || it->second.until <= now) return std::chrono::milliseconds(0);
    return std::chrono::ceil<std::chrono::milliseconds>(it->second.until - now);
}

void login_throttle::failed(std::string_view remote, time now) {
    auto key = throttled_address(remote);
    if (!seen_.contains(key)) make_room(now);
    auto& r = seen_[std::move(key)];
    if (r.failures > 0 && now - r.last >= forgotten_after) r = {};
    r.last = now;
    ++r.failures;
    if (r.failures < free_failures) return;
    const auto doublings = std::min(r.failures - free_failures, 16u);
    const auto wait = std::min<std::chrono::seconds>(first_wait * (1 << doublings), longest_wait);
    r.until = now + wait;
}

void login_throttle::succeeded(std::string_view remote) {
    seen_.erase(throttled_address(remote));
}

void login_throttle::make_room(time now) {
    if (seen_.size() < most_addresses) return;
    std::erase_if(seen_, [now](const auto& s) { return now - s.second.last >= forgotten_after; });
    if (seen_.size() < most_addresses) return;
    seen_.erase(std::min_element(seen_.begin(), seen_.end(), [](const auto& a, const auto& b) {
        return a.second.last < b.second.last;
    }));
}

} // namespace mortise::host
