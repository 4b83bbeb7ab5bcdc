// SPDX-License-Identifier: Apache-2.0
#include "http/request_rules.hpp"

#include <algorithm>
#include <array>

namespace mortise::host {
namespace {

error bad_input(const char* code, std::string message) {
    error e(category::input, code, std::move(message));
    e.effect = effect::none;
    return e;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view n) { return equal_no_case(n, name); });
}

bool is_trace_parent(std::string_view text) {
    // version "-" trace id "-" parent id "-" flags, lower-case hex (W3C Trace Context)
    if (text.size() != 55 || text.starts_with("ff")) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 2 || i == 35 || i == 52;
        const char c = text[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

result<void> check_header(const http_header& h, const url_origin& origin) {
    if (!is_http_token(h.name))
        return bad_input("http.header.malformed",
                         h.name.empty() ? "a header has no name"
                                        : "a header name has characters that are not allowed");
    if (!is_header_value(h.value))
        return bad_input("http.header.malformed",
                         "header \"" + h.name +
                             "\" has a line break or another control character in its value");
    if (equal_no_case(h.name, "host")) {
        // Another name here would reach a site the egress list does not name.
        const auto host = to_lower(h.value);
        if (host != origin.host && host != origin.host + ":" + std::to_string(origin.port))
            return bad_input("http.header.refused",
                             "header \"Host\" names another host than the URL; leave it out");
    }
    if (is_one_of(h.name, {"content-length", "transfer-encoding", "connection", "keep-alive",
                           "proxy-connection", "proxy-authorization", "upgrade", "te", "trailer",
                           "expect"}))
        return bad_input("http.header.refused",
                         "header \"" + h.name + "\" is set by the host; leave it out");
    return {};
}

} // namespace

bool is_idempotent(std::string_view method) noexcept {
    constexpr std::array<std::string_view, 5> names{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    return std::find(names.begin(), names.end(), method) != names.end();
}

result<void> check_request_parts(const http_request& request, const url_origin& origin) {
    if (!is_http_token(request.method) || request.method.size() > 32)
        return bad_input("http.method.malformed",
                         "the method is not an HTTP method such as GET or POST");
    if (is_one_of(request.method, {"CONNECT", "TRACE"}))
        return bad_input("http.method.refused", "the method " + request.method +
                                                    " cannot be used; use GET, POST, PUT, "
                                                    "PATCH, DELETE, HEAD or OPTIONS");
    for (const auto& h : request.headers)
        if (auto ok = check_header(h, origin); !ok) return ok.error();
    const bool has_body = !request.body.empty() || request.body_source;
    if (request.method == "HEAD" && has_body)
        return bad_input("http.body.refused", "a HEAD request cannot have a body");
    if (request.body_source && !request.body.empty())
        return bad_input("http.body.refused", "both a body and a body source are given; give one");
    if (request.body_source && !request.body_source->read)
        return bad_input("http.body.refused", "the body source has nothing to read from");
    if (request.timeout.count() < 0)
        return bad_input("http.timeout.malformed", "the time-out is negative");
    if (!request.trace_parent.empty() && !is_trace_parent(request.trace_parent))
        return bad_input("http.trace.malformed",
                         "the trace parent is not \"00-<32 hex>-<16 hex>-<2 hex>\"");
    return {};
}

bool is_redirect(const http_response& r) {
    const bool status =
        r.status == 301 || r.status == 302 || r.status == 303 || r.status == 307 || r.status == 308;
    return status && find_header(r.headers, "location") != nullptr;
}

result<url_origin> follow_redirect(http_request& request,
                                   const url_origin& from,
                                   const http_response& response,
                                   const std::vector<std::string>& sensitive) {
    const std::string& location = *find_header(response.headers, "location");
    auto url = resolve_url(request.url, location);
    auto to = url ? parse_origin(*url) : result<url_origin>(url.error());
    if (!to)
        return error(category::remote_protocol, "http.redirect.malformed",
                     "redirected to an unusable Location: " + to.error().message);
    if (from.scheme == "https" && to->scheme == "http")
        return error(category::denied, "http.redirect.downgrade",
                     "redirected from https to http (" + to->host +
                         "), which would send the request in the clear");
    const bool to_get =
        (response.status == 303 && request.method != "HEAD") ||
        ((response.status == 301 || response.status == 302) && request.method == "POST");
    if (to_get) {
        request.method = "GET";
        request.body.clear();
        request.body_source.reset();
        std::erase_if(request.headers, [](const http_header& h) {
            return to_lower(h.name).starts_with("content-");
        });
    } else if (request.body_source) {
        if (!request.body_source->rewind || !request.body_source->rewind())
            return error(category::input, "http.redirect.body",
                         "redirected with a body that cannot be read a second time");
    }
    std::erase_if(request.headers, [&](const http_header& h) {
        if (equal_no_case(h.name, "host")) return true; // it was the old URL's
        if (*to == from) return false;
        return is_one_of(h.name, {"authorization", "cookie", "proxy-authorization"}) ||
               std::any_of(sensitive.begin(), sensitive.end(),
                           [&](const std::string& name) { return equal_no_case(name, h.name); });
    });
    request.url = std::move(*url);
    return to;
}

} // namespace mortise::host
