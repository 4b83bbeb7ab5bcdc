// SPDX-License-Identifier: Apache-2.0
#include "fuzz/listener_fuzz.hpp"
#include "http/request_parser.hpp"
#include "http/response_text.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace mortise::host {
namespace {

constexpr parse_limits limits{.max_body = 2048, .max_header = 512};

void promise(bool kept, const char* what) {
    if (kept) return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

void check_request(const inbound_request& q) {
    promise(is_http_token(q.method), "the method is a token");
    promise(q.path == "*" || q.path.starts_with('/'), "the path begins with a slash");
    promise(q.path.find_first_of(" \r\n?#") == std::string::npos, "the path is a path");
    promise(q.body.size() <= limits.max_body, "the body is within its limit");
    std::size_t header_bytes = 0;
    for (const auto& h : q.headers) {
        header_bytes += h.name.size() + h.value.size();
        promise(is_http_token(h.name) && h.name == to_lower(h.name), "names are lower-case tokens");
        promise(h.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                "values cannot end their line");
    }
    promise(header_bytes <= 2 * limits.max_header, "the header is within its limit");
}

// An answer that repeats foreign text must stay one answer.
void check_answer(const inbound_request& q) {
    inbound_response r;
    r.body = q.body;
    r.content_type = q.query;
    r.headers.push_back({q.path, q.body});
    std::string complaint;
    const auto head = response_head(r, {.keep_alive = true, .head = q.method == "HEAD"}, complaint);
    promise(head.find("\r\n\r\n") == head.size() - 4, "a response head ends where it ends");
}

} // namespace

std::size_t fuzz_listener(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t cut = data[0] == 0 ? size : data[0];
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    request_parser parser(limits);
    std::size_t understood = 0;
    while (!rest.empty()) {
        auto at = parser.feed(rest.substr(0, cut));
        rest.remove_prefix(std::min(cut, rest.size()));
        while (at == request_parser::state::done) {
            const auto request = parser.take();
            check_request(request);
            check_answer(request);
            ++understood;
            at = parser.feed({});
        }
        if (at != request_parser::state::refused) continue;
        const auto& refusal = parser.refusal();
        promise(refusal.status >= 400 && refusal.status < 600, "a refusal is an error status");
        promise(!parser.keep_alive(), "a refusal ends the connection");
        break;
    }
    return understood;
}

} // namespace mortise::host
