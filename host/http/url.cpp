// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"

#include "http/message.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace mortise::host {
namespace {

struct url_deleter {
    void operator()(CURLU* u) const noexcept { curl_url_cleanup(u); }
};
using url_handle = std::unique_ptr<CURLU, url_deleter>;

std::string part(CURLU* u, CURLUPart what, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(u, what, &text, flags) != CURLUE_OK) return {};
    std::string out(text);
    curl_free(text);
    return out;
}

error bad_url(std::string why) {
    error e(category::input, "http.url.malformed", "the URL " + std::move(why));
    e.effect = effect::none;
    return e;
}

bool only_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

void normalise_host(std::string& host) {
    host = to_lower(host);
    if (host.size() > 1 && host.back() == '.') host.pop_back();
}

std::string_view without_brackets(std::string_view host) {
    if (host.size() > 2 && host.front() == '[') return host.substr(1, host.size() - 2);
    return host;
}

} // namespace

std::string url_origin::text() const {
    std::string out = scheme + "://" + host;
    if (port != (scheme == "https" ? 443 : 80)) out += ":" + std::to_string(port);
    return out;
}

result<url_origin> parse_origin(std::string_view url) {
    if (url.empty()) return bad_url("is empty; give an absolute http or https URL");
    if (!only_visible_ascii(url))
        return bad_url("has spaces, control or non-ASCII characters; percent-encode them");
    const url_handle u(curl_url());
    if (!u) return error(category::internal, "http.url.memory", "out of memory");
    const auto rc = curl_url_set(u.get(), CURLUPART_URL, std::string(url).c_str(), 0);
    if (rc != CURLUE_OK)
        return bad_url("is not an absolute http or https URL (" +
                       std::string(curl_url_strerror(rc)) + ")");
    url_origin out;
    out.scheme = to_lower(part(u.get(), CURLUPART_SCHEME));
    if (out.scheme != "http" && out.scheme != "https")
        return bad_url("has the scheme \"" + out.scheme.substr(0, 20) +
                       "\"; only http and https can be used");
    if (!part(u.get(), CURLUPART_USER).empty() || !part(u.get(), CURLUPART_PASSWORD).empty())
        return bad_url("holds a user name or password; send them in an Authorization header");
    out.host = part(u.get(), CURLUPART_HOST);
    normalise_host(out.host);
    const auto port = part(u.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    unsigned number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    if (out.host.empty() || number == 0 || number > 65535)
        return bad_url("has no usable host or port");
    out.port = static_cast<std::uint16_t>(number);
    return out;
}

result<std::string> resolve_url(std::string_view base, std::string_view reference) {
    const url_handle u(curl_url());
    if (!u) return error(category::internal, "http.url.memory", "out of memory");
    if (!only_visible_ascii(reference) ||
        curl_url_set(u.get(), CURLUPART_URL, std::string(base).c_str(), 0) != CURLUE_OK ||
        curl_url_set(u.get(), CURLUPART_URL, std::string(reference).c_str(),
                     CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return bad_url("reference cannot be resolved");
    curl_url_set(u.get(), CURLUPART_FRAGMENT, nullptr, 0);
    auto text = part(u.get(), CURLUPART_URL);
    if (text.empty()) return bad_url("reference cannot be resolved");
    return text;
}

result<egress_list> egress_list::parse(const std::vector<std::string>& entries) {
    egress_list out;
    for (const auto& text : entries) {
        const auto bad = [&](const char* why) {
            return error(category::config, "http.egress.malformed",
                         "egress entry \"" + text.substr(0, 200) + "\" " + why +
                             "; write \"host:port\", \"*.example.com:443\" or \"[::1]:8080\"");
        };
        const auto colon = text.rfind(':');
        if (colon == std::string::npos || colon + 1 == text.size() || text.back() == ']')
            return bad("has no port");
        entry e;
        const std::string_view port(text.data() + colon + 1, text.size() - colon - 1);
        if (port != "*") {
            const auto parsed = std::from_chars(port.data(), port.data() + port.size(), e.port);
            if (parsed.ec != std::errc() || parsed.ptr != port.data() + port.size() || e.port == 0)
                return bad("has a port that is not 1 to 65535 or \"*\"");
        }
        std::string host = text.substr(0, colon);
        if (host == "*") {
            e.any_host = true;
        } else {
            if (host.starts_with("*.")) {
                e.sub_domains = true;
                host.erase(0, 2);
            }
            if (host.find_first_of("*/@?# \t") != std::string::npos)
                return bad("has a host that is not a name, an address or \"*.name\"");
            // Through the URL parser, so that an address is written the way targets are.
            const auto origin = parse_origin("http://" + host + ":1/");
            if (!origin || host.empty())
                return bad("has a host that is not a name, an address or \"*.name\"");
            e.host = origin->host;
        }
        out.entries_.push_back(std::move(e));
    }
    return out;
}

bool egress_list::allows(const url_origin& target) const noexcept {
    return std::any_of(entries_.begin(), entries_.end(), [&](const entry& e) {
        if (e.port != 0 && e.port != target.port) return false;
        if (e.any_host) return true;
        if (!e.sub_domains) return without_brackets(e.host) == without_brackets(target.host);
        return target.host.size() > e.host.size() + 1 && target.host.ends_with(e.host) &&
               target.host[target.host.size() - e.host.size() - 1] == '.';
    });
}

} // namespace mortise::host
