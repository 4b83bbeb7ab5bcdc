// SPDX-License-Identifier: Apache-2.0
#include "http/lane.hpp"

#include "http/request_rules.hpp"

#include <cmath>
#include <fstream>

namespace mortise::host {

result<url_origin> check_request(const http_lane& lane, const http_request& request) {
    auto origin = parse_origin(request.url);
    if (!origin) return origin.error();
    if (auto ok = check_request_parts(request, *origin); !ok) return ok.error();
    if (!lane.egress.allows(*origin)) {
        error e(category::denied, "http.egress.refused",
                request.method + " " + origin->text() + ": not in the egress list of \"" +
                    lane.options.name + "\"; add \"" + origin->host + ":" +
                    std::to_string(origin->port) + "\" to it if this is meant");
        e.effect = effect::none;
        return e;
    }
    return origin;
}

result<egress_list> check_lane_options(const http_lane_options& o) {
    const auto bad = [&](const char* option, const char* why) {
        error e(category::config, "http.lane.malformed",
                "connection \"" + o.name + "\": " + option + " " + why);
        e.effect = effect::none;
        return e;
    };
    if (!std::isfinite(o.requests_per_second) || o.requests_per_second < 0)
        return bad("requests_per_second", "must be a number of at least 0 (0 = unlimited)");
    if (!std::isfinite(o.burst) || o.burst < 1) return bad("burst", "must be at least 1");
    if (o.max_concurrent < 1) return bad("max_concurrent", "must be at least 1");
    if (o.timeout.count() <= 0) return bad("timeout", "must be more than 0");
    if (o.connect_timeout.count() <= 0) return bad("connect_timeout", "must be more than 0");
    if (o.max_pause.count() < 0) return bad("max_pause", "must not be negative");
    if (!o.ca_file.empty() && !std::ifstream(o.ca_file).good())
        return bad("ca_file", "cannot be read; give the path of a PEM file");
    if (!o.proxy.empty()) {
        bool known = false;
        for (const std::string_view scheme : {"http://", "https://", "socks5://", "socks5h://"})
            known = known || (o.proxy.starts_with(scheme) && o.proxy.size() > scheme.size() &&
                              is_header_value(o.proxy));
        if (!known) return bad("proxy", "must be http://, https:// or socks5:// host:port");
    }
    for (const auto& name : o.sensitive_headers)
        if (!is_http_token(name)) return bad("sensitive_headers", "has a malformed header name");
    auto egress = egress_list::parse(o.egress);
    if (!egress) {
        auto e = egress.error();
        return std::move(e.context("connection \"" + o.name + "\""));
    }
    return egress;
}

} // namespace mortise::host
