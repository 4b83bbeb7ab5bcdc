// SPDX-License-Identifier: Apache-2.0
#include "http/request_parser.hpp"
#include "support/catch.hpp"

using namespace mortise::host;
using state = request_parser::state;

namespace {

constexpr parse_limits limits{.max_body = 1000, .max_header = 512};

// Fed whole and byte by byte: the outcome must not depend on how the network cuts it.
unsigned refusal_of(const std::string& bytes) {
    request_parser whole(limits);
    const auto at = whole.feed(bytes);
    request_parser slow(limits);
    for (const char c : bytes)
        if (slow.feed({&c, 1}) == state::refused) break;
    const unsigned a = at == state::refused ? whole.refusal().status : 0;
    const unsigned b = slow.now() == state::refused ? slow.refusal().status : 0;
    CHECK(a == b);
    CHECK(at == slow.now());
    return a;
}

std::string get(std::string_view extra) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(extra) + "\r\n";
}

std::string post(std::string_view extra) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(extra);
}

} // namespace

TEST_CASE("a request is taken apart", "[http][parser]") {
    request_parser p(limits);
    REQUIRE(p.feed("\r\nPOST /a%20b?c=d&e HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\nx-TWO:  2 \r\n"
                   "Content-Length: 4\r\n\r\nbodyGET") == state::done);
    CHECK(p.keep_alive());
    const auto r = p.take();
    CHECK(r.method == "POST");
    CHECK(r.path == "/a%20b");
    CHECK(r.query == "c=d&e");
    CHECK(r.body == "body");
    REQUIRE(r.headers.size() == 4);
    CHECK(r.headers[1].name == "x-two");
    CHECK(r.headers[2].value == "2");
    CHECK(*r.header("x-two") == "1");
    CHECK(r.header("y") == nullptr);
    CHECK(p.feed({}) == state::header);
    CHECK(p.feed(" / HTTP/1.0\r\n\r\n") == state::done);
    CHECK_FALSE(p.keep_alive());
    CHECK(p.is_http_1_0());
    CHECK(p.take().method == "GET");
}

TEST_CASE("chunked bodies are joined and their trailers read", "[http][parser]") {
    request_parser p(limits);
    REQUIRE(p.feed(post("Transfer-Encoding: chunked\r\n\r\n4;x=y\r\nbody\r\n3\r\n123\r\n0\r\n"
                        "Trailer: t\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n")) == state::done);
    CHECK(p.take().body == "body123");
    REQUIRE(p.feed({}) == state::done);
    CHECK(p.take().path == "/next");
    CHECK(p.feed({}) == state::idle);
}

TEST_CASE("the absolute form and OPTIONS * are understood", "[http][parser]") {
    const auto path_of = [](const std::string& target, const std::string& method) {
        request_parser p(limits);
        if (p.feed(method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n") != state::done)
            return std::to_string(p.refusal().status);
        const auto r = p.take();
        return r.path + "|" + r.query;
    };
    CHECK(path_of("http://a.b:80/x?y", "GET") == "/x|y");
    CHECK(path_of("http://a.b", "GET") == "/|");
    CHECK(path_of("http://a.b?q", "GET") == "/|q");
    CHECK(path_of("*", "OPTIONS") == "*|");
    CHECK(path_of("*", "GET") == "400");
    CHECK(path_of("x/y", "GET") == "400");
    CHECK(path_of("/a#b", "GET") == "400");
    CHECK(path_of("a:443", "CONNECT") == "501");
}

TEST_CASE("what is not HTTP is refused", "[http][parser]") {
    for (const std::string& bad :
         std::vector<std::string>{"hello\r\n\r\n", "\x16\x03\x01\x02\x01\r\n\r\n", "GET /\r\n\r\n",
                                  "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
                                  get("Host: b\r\n"), get("X Y: z\r\n"), get("X: a\r\x01\r\n"),
                                  get("X : a\r\n"), "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
                                  std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28)}) {
        INFO(bad);
        CHECK(refusal_of(bad) == 400);
    }
    request_parser bare(limits); // seen at once only when the whole line is there
    REQUIRE(bare.feed("GET / HTTP/1.1\nHost: a\n\n") == state::refused);
    CHECK(bare.refusal().status == 400);
    CHECK(refusal_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
    CHECK(refusal_of("GET / HTTP/0.9\r\nHost: a\r\n\r\n") == 505);
}

TEST_CASE("bodies whose end is in doubt are refused", "[http][parser]") {
    CHECK(refusal_of(post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Content-Length: 4\r\nContent-Length: 5\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Content-Length: -4\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Content-Length: 4x\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Content-Length: 99999999999999999999999\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n")) ==
          400);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n\r\nxyz\r\n")) == 400);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Transfer-Encoding: gzip, chunked\r\n\r\n")) == 501);
    CHECK(refusal_of(post("Transfer-Encoding: gzip\r\n\r\n")) == 501);
    CHECK(refusal_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
    CHECK(refusal_of("POST / HTTP/1.0\r\n\r\n") == 411);
    CHECK(refusal_of(post("\r\n")) == 0); // HTTP/1.1: no body
}

TEST_CASE("limits hold whichever way they are reached", "[http][parser]") {
    CHECK(refusal_of(post("Content-Length: 1000\r\n\r\n") + std::string(1000, 'x')) == 0);
    CHECK(refusal_of(post("Content-Length: 1001\r\n\r\n")) == 413);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n\r\n3e9\r\n")) == 413);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + std::string(500, 'x') +
                          "\r\n1f5\r\n")) == 413);
    CHECK(refusal_of("GET /" + std::string(600, 'x')) == 414);
    CHECK(refusal_of(get("X: " + std::string(600, 'x') + "\r\n")) == 431);
    std::string many;
    for (int i = 0; i < 100; ++i)
        many += "X: y\r\n";
    CHECK(refusal_of(get(many)) == 431);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n\r\n1;" + std::string(600, 'x'))) == 431);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(600, 'x'))) ==
          431);
}

TEST_CASE("expectations are kept or refused", "[http][parser]") {
    CHECK(refusal_of(post("Expect: tea\r\nContent-Length: 1\r\n\r\n")) == 417);
    request_parser p(limits);
    CHECK(p.feed(post("Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n")) == state::body);
    CHECK(p.wants_continue());
    CHECK_FALSE(p.wants_continue());
    CHECK(p.feed("x") == state::done);
    p.take();
    // Nothing to wait for without a body.
    CHECK(p.feed(post("Expect: 100-continue\r\nContent-Length: 0\r\n\r\n")) == state::done);
    CHECK_FALSE(p.wants_continue());
}

TEST_CASE("a refusal says why as problem+json and ends the connection", "[http][parser]") {
    request_parser p(limits);
    REQUIRE(p.feed(post("Content-Length: 5000\r\n\r\n")) == state::refused);
    CHECK_FALSE(p.keep_alive());
    CHECK(p.refusal().content_type == "application/problem+json");
    CHECK(p.refusal().body.find("\"status\":413") != std::string::npos);
    CHECK(p.refusal().body.find("1000 bytes") != std::string::npos);
    CHECK(p.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == state::refused);
}
