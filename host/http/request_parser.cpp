// SPDX-License-Identifier: Apache-2.0
#include "http/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <optional>

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

namespace mortise::host {
namespace {

using message_parser = beast_http::request_parser<beast_http::string_body>;

std::string_view view(boost::beast::string_view s) {
    return {s.data(), s.size()};
}

// The request line ends in " HTTP/<digit>.<digit>", whichever they are.
bool names_a_version(std::string_view request) {
    const auto line = request.substr(0, request.find("\r\n"));
    const auto at = line.rfind(" HTTP/");
    const auto digit = [&](std::size_t i) { return line[i] >= '0' && line[i] <= '9'; };
    return at != std::string_view::npos && line.size() == at + 9 && digit(at + 6) &&
           line[at + 7] == '.' && digit(at + 8);
}

// Method and fields.
inbound_request read_head(const message_parser::value_type& message) {
    inbound_request r;
    r.method.assign(message.method_string().data(), message.method_string().size());
    for (const auto& f : message)
        r.headers.push_back({to_lower(view(f.name_string())), std::string(view(f.value()))});
    return r;
}

} // namespace

struct request_parser::impl {
    explicit impl(const parse_limits& l) : limits(l) { renew(); }

    void renew();
    void run();
    void judge(beast_http::error e, const std::string& text);
    bool accept_header();
    bool accept_framing();
    bool accept_host();
    bool accept_target();
    void too_large();
    bool refuse(unsigned status, std::string_view title, std::string_view detail);
    std::string_view pending() const { return std::string_view(bytes).substr(used); }

    parse_limits limits;
    std::optional<message_parser> parser;
    std::uint64_t most_body = 0;
    std::string bytes;
    std::size_t used = 0;
    request_parser::state at = request_parser::state::idle;
    std::string path;
    std::string query;
    bool keep_alive = false;
    bool head = false;
    bool old_version = false;
    bool expects_continue = false;
    inbound_response refusal;
};

void request_parser::impl::renew() {
    parser.emplace();
    parser->header_limit(limits.max_header);
    parser->body_limit(limits.max_body);
    most_body = limits.max_body;
    parser->eager(false); // stop after the header, to judge it before the body
}

bool request_parser::impl::refuse(unsigned status,
                                  std::string_view title,
                                  std::string_view detail) {
    at = state::refused;
    keep_alive = false;
    expects_continue = false;
    refusal = problem(status, title, detail);
    return false;
}

void request_parser::impl::run() {
    while (at != state::done && at != state::refused) {
        // RFC 9112 2.2: an empty line before a request is to be ignored.
        if (at == state::idle)
            while (pending().starts_with("\r\n"))
                used += 2;
        if (pending().empty() || (at == state::idle && pending() == "\r")) return;
        // Beast 1.81 asserts that a last chunk comes with five bytes. No chunked body ends in
        // fewer, so nothing is delayed by waiting for them.
        if (at == state::body && parser->chunked() && pending().size() < 5) return;
        if (at == state::idle) {
            at = state::header;
            keep_alive = head = old_version = false;
        }
        boost::system::error_code ec;
        const auto waiting = pending();
        used += parser->put(asio::buffer(waiting.data(), waiting.size()), ec);
        // The parser judges a chunk by the limit of the time when it met its header, which may have
        // been before the gate narrowed it.
        if (at == state::body && parser->get().body().size() > most_body) return too_large();
        if (ec == beast_http::error::need_more) {
            // Chunk headers and trailers have no limit of their own in the parser.
            if (pending().size() > limits.max_header)
                refuse(431, "Request header fields too large",
                       "a chunk header or the trailer is larger than " +
                           std::to_string(limits.max_header) + " bytes");
            return;
        }
        if (ec) {
            head = parser->get().method() == beast_http::verb::head;
            judge(static_cast<beast_http::error>(ec.value()), ec.message());
            return;
        }
        if (at == state::header && parser->is_header_done()) {
            if (!accept_header()) return;
            at = state::body;
            parser->eager(true);
        }
        if (parser->is_done()) at = state::done;
    }
}

void request_parser::impl::too_large() {
    refuse(413, "Content too large",
           "the body may have at most " + std::to_string(most_body) + " bytes");
}

void request_parser::impl::judge(beast_http::error e, const std::string& text) {
    using beast_http::error;
    const auto max_header = std::to_string(limits.max_header) + " bytes";
    switch (e) {
    case error::body_limit:
        too_large();
        return;
    case error::header_limit:
        // The parser consumes the request line once it is complete.
        if (parser->get().target().empty() &&
            pending().substr(0, limits.max_header).find("\r\n") == std::string_view::npos)
            refuse(414, "URI too long", "the request line does not fit into " + max_header);
        else
            refuse(431, "Request header fields too large",
                   "request line and header fields may have at most " + max_header);
        return;
    case error::bad_version:
        if (names_a_version(pending()))
            refuse(505, "HTTP version not supported", "use HTTP/1.1");
        else
            refuse(400, "Bad request", "the request line is not valid HTTP/1.1");
        return;
    default:
        refuse(400, "Bad request", "the request is not valid HTTP/1.1: " + text);
        return;
    }
}

bool request_parser::impl::accept_header() {
    const auto& m = parser->get();
    keep_alive = m.keep_alive();
    head = m.method() == beast_http::verb::head;
    old_version = m.version() == 10;
    if (m.method() == beast_http::verb::connect)
        return refuse(501, "Not implemented", "this is not a proxy: CONNECT is not supported");
    if (!accept_target() || !accept_host() || !accept_framing()) return false;
    const auto expect = m.equal_range(beast_http::field::expect);
    for (auto i = expect.first; i != expect.second && !old_version; ++i) {
        if (!equal_no_case(view(i->value()), "100-continue"))
            return refuse(417, "Expectation failed", "the only known expectation is 100-continue");
        expects_continue = !parser->is_done();
    }
    return true;
}

bool request_parser::impl::accept_target() {
    std::string_view target = view(parser->get().target());
    if (target.find('#') != std::string_view::npos)
        return refuse(400, "Bad request", "the request target has a fragment");
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto slash = target.find_first_of("/?", scheme.size());
        target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
        break;
    }
    const auto mark = target.find('?');
    path.assign(target.substr(0, mark));
    query.assign(mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1));
    if (path.empty()) path = "/"; // "http://host?query"
    const bool whole_server = path == "*" && parser->get().method() == beast_http::verb::options;
    if (path.front() != '/' && !whole_server)
        return refuse(400, "Bad request", "the request target does not begin with \"/\"");
    return true;
}

bool request_parser::impl::accept_host() {
    const auto& m = parser->get();
    const auto hosts = m.count(beast_http::field::host);
    if (hosts == 1 || (hosts == 0 && old_version)) return true;
    return refuse(400, "Bad request",
                  hosts == 0 ? "the Host header is missing" : "there is more than one Host header");
}

bool request_parser::impl::accept_framing() {
    const auto& m = parser->get();
    const auto codings = m.count(beast_http::field::transfer_encoding);
    const auto lengths = m.count(beast_http::field::content_length);
    // Two ways to tell where the body ends are how requests are smuggled past a proxy.
    if (codings > 0 && (old_version || codings > 1 || lengths > 0))
        return refuse(400, "Bad request", "the length of the body is given in two ways");
    if (codings == 1 && !equal_no_case(view(m[beast_http::field::transfer_encoding]), "chunked"))
        return refuse(501, "Not implemented", "the only known transfer coding is chunked");
    const auto method = m.method();
    const bool carries = method == beast_http::verb::post || method == beast_http::verb::put ||
                         method == beast_http::verb::patch;
    if (old_version && carries && lengths == 0)
        return refuse(411, "Length required", "send a Content-Length");
    return true;
}

request_parser::request_parser(const parse_limits& limits)
    : impl_(std::make_unique<impl>(limits)) {}

request_parser::~request_parser() = default;

request_parser::state request_parser::feed(std::string_view more) {
    auto& s = *impl_;
    if (s.used > 0) {
        s.bytes.erase(0, s.used);
        s.used = 0;
    }
    s.bytes.append(more);
    s.run();
    return s.at;
}

request_parser::state request_parser::now() const noexcept {
    return impl_->at;
}

inbound_request request_parser::take() {
    auto& s = *impl_;
    auto message = s.parser->release();
    auto r = read_head(message);
    r.path = std::move(s.path);
    r.query = std::move(s.query);
    r.body = std::move(message.body());
    s.path.clear();
    s.query.clear();
    s.expects_continue = false;
    s.renew();
    s.at = state::idle;
    return r;
}

inbound_request request_parser::head() const {
    auto r = read_head(impl_->parser->get());
    r.path = impl_->path;
    r.query = impl_->query;
    return r;
}

bool request_parser::limit_body(std::uint64_t most) {
    auto& s = *impl_;
    if (most >= s.most_body) return true;
    s.most_body = most;
    const auto length = s.parser->content_length();
    if ((length && *length > most) || s.parser->get().body().size() > most) {
        s.too_large();
        return false;
    }
    s.parser->body_limit(most);
    return true;
}

bool request_parser::keep_alive() const noexcept {
    return impl_->keep_alive;
}

bool request_parser::is_head() const noexcept {
    return impl_->head;
}

bool request_parser::is_http_1_0() const noexcept {
    return impl_->old_version;
}

bool request_parser::wants_continue() noexcept {
    return std::exchange(impl_->expects_continue, false);
}

const inbound_response& request_parser::refusal() const noexcept {
    return impl_->refusal;
}

} // namespace mortise::host
