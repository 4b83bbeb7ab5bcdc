// SPDX-License-Identifier: Apache-2.0
#include "client_fixture.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <zlib.h>

using namespace mortise::host;
using namespace mortise::test;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string gzip(const std::string& text) {
    z_stream z{};
    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&z, text.size()), '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

} // namespace

TEST_CASE("a request arrives as it was given and its response comes back", "[http][client][net]") {
    scripted_server server([&server](scripted_server::peer& p) {
        server.note(p.stream.read_message());
        p.stream.write("HTTP/1.1 201 Created\r\nX-Two: a\r\nContent-Length: 5\r\nx-TWO:  b \r\n\r\n"
                       "hello");
    });
    client_fixture f;
    auto r = request("POST", server.url("/a%20b?c=d"), "the body");
    r.headers = {{"X-Mine", "1"}, {"X-Empty", ""}, {"Content-Type", "text/plain"}};
    r.trace_parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const auto got = f.call(f.lane(), r);
    REQUIRE(got);
    CHECK(got->status == 201);
    CHECK(got->body == "hello");
    CHECK(got->effective_url == server.url("/a%20b?c=d"));
    CHECK(got->elapsed > 0us);
    int twos = 0;
    for (const auto& h : got->headers)
        twos += h.name == "x-two";
    CHECK(twos == 2);
    CHECK(*find_header(got->headers, "x-two") == "a");

    REQUIRE(server.noted().size() == 1);
    const auto sent = server.noted()[0];
    CHECK(sent.starts_with("POST /a%20b?c=d HTTP/1.1\r\n"));
    CHECK(contains(sent, "\r\nX-Mine: 1\r\n"));
    CHECK(contains(sent, "\r\nX-Empty:\r\n"));
    CHECK(contains(sent, "\r\nContent-Type: text/plain\r\n"));
    CHECK(contains(sent, "\r\nContent-Length: 8\r\n"));
    CHECK(contains(sent, "\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736"));
    CHECK_FALSE(contains(sent, "Expect:"));
    CHECK(sent.ends_with("\r\n\r\nthe body"));
}

TEST_CASE("one handle serves every method in turn without leaving traces", "[http][client][net]") {
    scripted_server server([&server](scripted_server::peer& p) {
        for (;;) {
            const auto q = p.stream.read_message();
            if (q.empty()) return;
            server.note(q);
            p.stream.write(q.starts_with("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
                                                 : http_answer(200, "x"));
        }
    });
    client_fixture f;
    const auto lane = f.lane({.max_concurrent = 1});
    const std::vector<std::pair<std::string, std::string>> calls{
        {"POST", "one"}, {"GET", ""},         {"HEAD", ""},   {"PUT", "two"},
        {"DELETE", ""},  {"POST", ""},        {"PATCH", "z"}, {"OPTIONS", ""},
        {"HEAD", ""},    {"DELETE", "three"}, {"GET", ""}};
    for (const auto& [method, body] : calls) {
        INFO(method << " " << body);
        auto q = request(method, server.url("/"), body);
        if (method == "PUT") q.headers = {{"X-Once", "1"}};
        const auto r = f.call(lane, q);
        REQUIRE(r);
        CHECK(r->body == (method == "HEAD" ? "" : "x"));
    }
    const auto sent = server.noted();
    REQUIRE(sent.size() == calls.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const auto& [method, body] = calls[i];
        INFO(sent[i]);
        CHECK(sent[i].starts_with(method + " / HTTP/1.1\r\n"));
        CHECK(sent[i].ends_with("\r\n\r\n" + body));
        const bool says_length = !body.empty() || method == "POST" || method == "PUT";
        CHECK(contains(sent[i], "Content-Length: " + std::to_string(body.size()) + "\r\n") ==
              says_length);
        CHECK(contains(sent[i], "X-Once") == (method == "PUT"));
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("what the server encodes is decoded, and counted decoded", "[http][client][net]") {
    const std::string text(100'000, 'a');
    scripted_server server(answering([&](const std::string& q) {
        if (!contains(q, "Accept-Encoding: gzip, deflate\r\n")) return http_answer(406, "");
        return http_answer(200, gzip(text), "content-encoding: gzip\r\n");
    }));
    client_fixture f;
    const auto r = f.get(server.url("/"));
    REQUIRE(r);
    CHECK(r->body == text);
    CHECK_FALSE(find_header(r->headers, "content-encoding"));
    CHECK_FALSE(find_header(r->headers, "content-length"));

    auto small = request("GET", server.url("/"));
    small.max_response_bytes = 99'999;
    const auto bomb = f.call(f.lane(), small);
    REQUIRE_FALSE(bomb);
    CHECK(bomb.error().category == category::limit);
}

TEST_CASE("a response larger than allowed is a limit error", "[http][client][net]") {
    const bool announced = GENERATE(true, false);
    scripted_server server([&](scripted_server::peer& p) {
        p.stream.read_message();
        p.stream.write(announced ? "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
                                 : "HTTP/1.1 200 OK\r\n\r\n");
        p.stream.write(std::string(5000, 'x'));
    });
    client_fixture f;
    auto q = request("GET", server.url("/secret-path?token=hunter2"));
    q.max_response_bytes = 4999;
    const auto r = f.call(f.lane(), q);
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::limit);
    CHECK(r.error().effect == effect::unknown);
    CHECK(contains(r.error().message, "GET http://127.0.0.1:"));
    CHECK(contains(r.error().message, "4999 bytes"));
    CHECK_FALSE(contains(r.error().message, "hunter2"));
    CHECK_FALSE(contains(r.error().message, "secret-path"));
    q.max_response_bytes = 5000;
    const auto fits = f.call(f.lane(), q);
    REQUIRE(fits);
    CHECK(fits->body.size() == 5000);
}

TEST_CASE("endless response headers are a limit error", "[http][client][net]") {
    scripted_server server([](scripted_server::peer& p) {
        p.stream.read_message();
        p.stream.write("HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 10'000; ++i)
            if (!p.stream.write("x-h: " + std::string(1000, 'y') + "\r\n")) return;
    });
    client_fixture f;
    const auto r = f.get(server.url("/"));
    REQUIRE_FALSE(r);
    const auto c = r.error().category;
    CHECK((c == category::limit || c == category::remote_protocol));
}

TEST_CASE("broken answers are told apart", "[http][client][net]") {
    const auto row = GENERATE(table<std::string, category, std::string>({
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", category::unavailable,
         "http.response.truncated"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", category::unavailable,
         "http.response.truncated"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", category::unavailable,
         ""},
        {"SSH-2.0-OpenSSH_9.2\r\n", category::remote_protocol, "http.response.malformed"},
        {"\x16\x03\x01\x02garbage garbage garbage", category::remote_protocol,
         "http.response.malformed"},
        {"", category::unavailable, "http.connection.lost"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnotgzip",
         category::remote_protocol, "http.response.malformed"},
    }));
    const auto& [answer, what, code] = row;
    INFO(answer);
    scripted_server server([a = answer](scripted_server::peer& p) {
        p.stream.read_message();
        p.stream.write(a);
    });
    client_fixture f;
    const auto r = f.call(f.lane(), request("POST", server.url("/"), "x"));
    REQUIRE_FALSE(r);
    INFO(r.error().message << " " << r.error().code);
    if (!code.empty()) {
        CHECK(r.error().category == what);
        CHECK(r.error().code == code);
    }
    CHECK(r.error().effect == effect::unknown);
}

TEST_CASE("a refused connection has had no effect", "[http][client][net]") {
    unsigned short port = 0;
    {
        port = scripted_server([](scripted_server::peer&) {}).port();
    }
    client_fixture f;
    const auto r =
        f.call(f.lane(), request("POST", "http://127.0.0.1:" + std::to_string(port) + "/", "x"));
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::unavailable);
    CHECK(r.error().code == "http.connect.failed");
    CHECK(r.error().effect == effect::none);
}

TEST_CASE("an answer that does not come is a time-out of unknown effect", "[http][client][net]") {
    scripted_server server([](scripted_server::peer& p) {
        p.stream.read_message();
        p.stream.wait_closed();
    });
    client_fixture f;
    auto q = request("POST", server.url("/"), "x");
    q.timeout = 50ms;
    const auto r = f.call(f.lane(), q);
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::timeout);
    CHECK(r.error().effect == effect::unknown);
}

TEST_CASE("a TLS handshake that does not come is a time-out without effect",
          "[http][client][net]") {
    scripted_server server([](scripted_server::peer& p) { p.stream.wait_closed(); });
    client_fixture f;
    const auto r = f.call(f.lane({.connect_timeout = 50ms}),
                          request("POST", "https://" + server.host_port() + "/", "x"));
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::timeout);
    CHECK(r.error().code == "http.timeout.connect");
    CHECK(r.error().effect == effect::none);
}

TEST_CASE("nothing leaves for a host that is not in the egress list", "[http][client][net]") {
    scripted_server server(answering([](const std::string&) { return http_answer(200, ""); }));
    client_fixture f;
    const auto lane = f.lane({.name = "crm", .egress = {"api.example.com:443"}});
    const auto q = request("GET", server.url("/p?token=hunter2"));
    const auto refused = http_client::check(*lane, q);
    const auto r = f.call(lane, q);
    REQUIRE_FALSE(refused);
    REQUIRE_FALSE(r);
    for (const auto& e : {refused.error(), r.error()}) {
        CHECK(e.category == category::denied);
        CHECK(e.effect == effect::none);
        CHECK(contains(e.message, "\"crm\""));
        CHECK(contains(e.message, "\"127.0.0.1:" + std::to_string(server.port()) + "\""));
        CHECK_FALSE(contains(e.message, "hunter2"));
    }
    CHECK(server.connections() == 0);
}

TEST_CASE("malformed requests and lanes are refused with a reason", "[http][client]") {
    client_fixture f;
    CHECK(f.get("not a url").error().category == category::input);
    auto q = request("GET", "http://127.0.0.1:1/");
    q.headers = {{"X", "a\r\nInjected: yes"}};
    CHECK(f.call(f.lane(), q).error().category == category::input);
    const auto bad = [&](http_lane_options o) {
        const auto l = f.client->make_lane(std::move(o));
        REQUIRE_FALSE(l.has_value());
        CHECK(l.error().category == category::config);
        CHECK(contains(l.error().message, "\"x\""));
    };
    bad({.name = "x", .egress = {"nonsense"}});
    bad({.name = "x", .requests_per_second = -1});
    bad({.name = "x", .burst = 0});
    bad({.name = "x", .max_concurrent = 0});
    bad({.name = "x", .timeout = 0ms});
    bad({.name = "x", .proxy = "nonsense"});
    bad({.name = "x", .ca_file = "/nonexistent/ca.pem"});
    bad({.name = "x", .sensitive_headers = {"a b"}});
}

TEST_CASE("redirects are followed hop by hop", "[http][client][redirect][net]") {
    scripted_server server([&server](scripted_server::peer& p) {
        for (;;) {
            const auto q = p.stream.read_message();
            if (q.empty()) return;
            server.note(q);
            const auto to = [&](int status, std::string_view where) {
                p.stream.write(
                    http_answer(status, "moved", "location: " + std::string(where) + "\r\n"));
            };
            if (contains(q, " /start "))
                to(307, "/second");
            else if (contains(q, " /second "))
                to(303, "third?x=y");
            else if (contains(q, " /loop "))
                to(302, "/loop");
            else if (contains(q, " /away "))
                to(302, "http://127.0.0.2/");
            else
                p.stream.write(http_answer(200, "there"));
        }
    });
    client_fixture f;
    const auto lane = f.lane();
    SECTION("307 repeats the body and 303 turns to GET") {
        const auto r = f.call(lane, request("POST", server.url("/start"), "data"));
        REQUIRE(r);
        CHECK(r->body == "there");
        CHECK(r->effective_url == server.url("/third?x=y"));
        const auto sent = server.noted();
        REQUIRE(sent.size() == 3);
        CHECK(sent[1].starts_with("POST /second "));
        CHECK(sent[1].ends_with("\r\n\r\ndata"));
        CHECK(sent[2].starts_with("GET /third?x=y "));
        CHECK(sent[2].ends_with("\r\n\r\n"));
    }
    SECTION("a body from a source is rewound") {
        auto q = request("POST", server.url("/start"));
        q.body_source = std::make_shared<http_body_source>();
        auto at = std::make_shared<std::size_t>(0);
        q.body_source->size = 100'000;
        q.body_source->read = [at](char* to, std::size_t n) {
            n = std::min<std::size_t>({n, 100'000 - *at, 777});
            std::fill_n(to, n, 'b');
            *at += n;
            return n;
        };
        q.body_source->rewind = [at] { return *at = 0, true; };
        REQUIRE(f.call(lane, q));
        CHECK(server.noted()[0].ends_with(std::string(100'000, 'b')));
        CHECK(server.noted()[1].ends_with(std::string(100'000, 'b')));
    }
    SECTION("the caller may take the redirect itself") {
        auto q = request("GET", server.url("/start"));
        q.follow_redirects = false;
        const auto r = f.call(lane, q);
        REQUIRE(r);
        CHECK(r->status == 307);
        CHECK(*find_header(r->headers, "location") == "/second");
    }
    SECTION("a loop ends") {
        const auto r = f.call(lane, request("GET", server.url("/loop")));
        REQUIRE_FALSE(r);
        CHECK(r.error().code == "http.redirect.too-many");
        CHECK(server.noted().size() == 6);
    }
    SECTION("each hop is checked against the egress list") {
        const auto r = f.call(lane, request("GET", server.url("/away")));
        REQUIRE_FALSE(r);
        CHECK(r.error().category == category::denied);
        CHECK(r.error().effect == effect::unknown);
        CHECK(server.noted().size() == 1);
    }
}

TEST_CASE("credentials do not follow a redirect to another host", "[http][client][redirect][net]") {
    scripted_server other([&other](scripted_server::peer& p) {
        other.note(p.stream.read_message());
        p.stream.write(http_answer(200, ""));
    });
    scripted_server first(answering([&](const std::string&) {
        return http_answer(302, "", "location: " + other.url("/") + "\r\n");
    }));
    client_fixture f;
    auto q = request("GET", first.url("/"));
    q.headers = {{"Authorization", "Bearer hunter2"}, {"X-Api-Key", "hunter3"}, {"X-Keep", "k"}};
    REQUIRE(f.call(f.lane({.sensitive_headers = {"x-api-key"}}), q));
    REQUIRE(other.noted().size() == 1);
    CHECK_FALSE(contains(other.noted()[0], "hunter"));
    CHECK(contains(other.noted()[0], "X-Keep: k"));
}

TEST_CASE("a body goes to the sink piece by piece, past the cap", "[http][client][net]") {
    scripted_server server(answering([](const std::string& q) {
        return contains(q, "/bad") ? http_answer(404, "no such thing")
                                   : http_answer(200, std::string(300'000, 's'));
    }));
    client_fixture f;
    auto got = std::make_shared<std::string>();
    auto q = request("GET", server.url("/"));
    q.max_response_bytes = 100;
    q.body_sink = [got](std::string_view piece) { return got->append(piece), http_piece::taken; };
    const auto r = f.call(f.lane(), q);
    REQUIRE(r);
    CHECK(r->body.empty());
    CHECK(got->size() == 300'000);

    q.url = server.url("/bad");
    const auto bad = f.call(f.lane(), q);
    REQUIRE(bad);
    CHECK(bad->body == "no such thing");
    CHECK(got->size() == 300'000);

    q.url = server.url("/");
    q.body_sink = [](std::string_view) { return http_piece::give_up; };
    const auto given_up = f.call(f.lane(), q);
    REQUIRE_FALSE(given_up);
    CHECK(given_up.error().code == "http.response.refused");
}

TEST_CASE("a body source that ends early fails the request", "[http][client][net]") {
    scripted_server server([](scripted_server::peer& p) { p.stream.read_message(); });
    client_fixture f;
    auto q = request("PUT", server.url("/"));
    q.body_source = std::make_shared<http_body_source>();
    q.body_source->size = 10;
    q.body_source->read = [](char*, std::size_t) -> std::size_t { return 0; };
    const auto r = f.call(f.lane(), q);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == "http.request.body");
}

TEST_CASE("a write is not sent twice when a kept connection dies", "[http][client][net]") {
    // The second request on each connection is read and then answered with a reset.
    scripted_server server([&server](scripted_server::peer& p) {
        server.note(p.stream.read_message());
        p.stream.write(http_answer(200, ""));
        const auto second = p.stream.read_message();
        if (second.empty()) return;
        server.note(second);
        p.stream.reset();
    });
    client_fixture f;
    const auto lane = f.lane({.max_concurrent = 1});
    const std::string method = GENERATE("POST", "PATCH", "GET");
    REQUIRE(f.call(lane, request("GET", server.url("/warm"))));
    const auto r = f.call(lane, request(method, server.url("/x")));
    const auto sent = server.noted();
    const auto copies = std::count_if(sent.begin(), sent.end(),
                                      [](const std::string& q) { return contains(q, " /x "); });
    if (method == "GET") {
        CHECK(r.has_value());
        CHECK(copies == 2);
    } else {
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().category == category::unavailable);
        CHECK(r.error().effect == effect::unknown);
        CHECK(copies == 1);
    }
}
