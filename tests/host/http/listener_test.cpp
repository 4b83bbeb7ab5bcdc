// SPDX-License-Identifier: Apache-2.0
#include "listener_fixture.hpp"
#include "support/catch.hpp"
#include "support/test_certificate.hpp"

#include <atomic>
#include <mutex>

using namespace mortise::test;
using fixture = listener_fixture;

TEST_CASE("a request is handed over and its answer written", "[http][listener][net]") {
    std::promise<inbound_request> seen;
    fixture f([&](inbound_request q, responder reply) {
        inbound_response r = text("made", 201);
        r.headers = {{"location", "/x/1"}, {"Content-Length", "999"}, {"Connection", "upgrade"}};
        reply(r);
        seen.set_value(std::move(q));
    });
    const auto answer =
        f.ask("PUT /x?y=z HTTP/1.1\r\nHost: a\r\nX-A: b\r\nContent-Length: 2\r\n\r\nhi");
    CHECK(answer.starts_with("HTTP/1.1 201 Created\r\n"));
    CHECK(contains(answer, "\r\ncontent-type: text/plain\r\n"));
    CHECK(contains(answer, "\r\ncontent-length: 4\r\n"));
    CHECK(contains(answer, "\r\nlocation: /x/1\r\n"));
    CHECK(contains(answer, "\r\ndate: "));
    CHECK_FALSE(contains(answer, "999"));
    CHECK_FALSE(contains(answer, "upgrade"));
    CHECK(answer.ends_with("\r\n\r\nmade"));
    const auto q = seen.get_future().get();
    CHECK(q.method == "PUT");
    CHECK(q.path == "/x");
    CHECK(q.query == "y=z");
    CHECK(q.body == "hi");
    CHECK(*q.header("x-a") == "b");
    CHECK(q.remote.starts_with("127.0.0.1:"));
}

TEST_CASE("connections are kept, and closed when asked to", "[http][listener][net]") {
    fixture f;
    auto c = f.connect();
    for (int i = 0; i < 3; ++i) {
        c.write(get("/" + std::to_string(i)));
        CHECK(contains(c.read_message(), "GET /" + std::to_string(i)));
    }
    c.write(get("/last", "Connection: close\r\n"));
    CHECK(contains(c.read_message(), "\r\nconnection: close\r\n"));
    c.finish_writing();
    CHECK(c.wait_closed());

    auto old = f.connect();
    old.write("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(contains(old.read_message(), "\r\nconnection: keep-alive\r\n"));
    old.write("GET /b HTTP/1.0\r\n\r\n");
    CHECK(contains(old.read_message(), "\r\nconnection: close\r\n"));
}

TEST_CASE("pipelined requests are answered one by one and in order", "[http][listener][net]") {
    std::mutex m;
    std::vector<responder> held;
    std::promise<void> first;
    fixture f([&](inbound_request q, responder reply) {
        if (q.path != "/slow") return echo(std::move(q), std::move(reply));
        const std::lock_guard lock(m);
        held.push_back(std::move(reply));
        first.set_value();
    });
    auto c = f.connect();
    c.write(get("/slow") + get("/b") + "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" +
            get("/d"));
    REQUIRE(first.get_future().wait_for(20s) == std::future_status::ready);
    {
        const std::lock_guard lock(m);
        held[0](text("slow one"));
    }
    CHECK(contains(c.read_message(), "slow one"));
    CHECK(contains(c.read_message(), "GET /b"));
    CHECK(contains(c.read_message(), "POST /c? x"));
    CHECK(contains(c.read_message(), "GET /d"));
}

TEST_CASE("HEAD is answered with the length but without the body", "[http][listener][net]") {
    fixture f;
    auto c = f.connect();
    c.write("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/y"));
    const auto head = c.read_message(true);
    CHECK(contains(head, "\r\ncontent-length: 9\r\n"));
    CHECK(contains(c.read_message(), "GET /y"));
}

TEST_CASE("answers without content carry none", "[http][listener][net]") {
    fixture f([](inbound_request, responder reply) { reply(text("never seen", 204)); });
    auto c = f.connect();
    c.write(get("/") + get("/"));
    for (int i = 0; i < 2; ++i) {
        const auto answer = c.read_message();
        CHECK(answer.starts_with("HTTP/1.1 204 No Content\r\n"));
        CHECK_FALSE(contains(answer, "content-length"));
        CHECK_FALSE(contains(answer, "never seen"));
    }
}

TEST_CASE("a client that waits for 100 Continue gets it before the body", "[http][listener][net]") {
    fixture f;
    auto c = f.connect();
    c.write("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(c.read_message(true) == "HTTP/1.1 100 Continue\r\n\r\n");
    c.write("hi");
    CHECK(contains(c.read_message(), "POST /x? hi"));
    // Too large a body is refused instead.
    c.write(
        "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
    CHECK(c.read_message().starts_with("HTTP/1.1 413 "));
}

TEST_CASE("bad requests get their status as problem+json and the connection ends",
          "[http][listener][net]") {
    fixture f(echo, {.max_body = 1000, .max_header = 512});
    const std::string big(600, 'x');
    const std::vector<std::pair<std::string, std::string>> rows{
        {"nonsense\r\n\r\n", "400 Bad Request"},
        {"GET / HTTP/1.1\r\n\r\n", "400 Bad Request"},
        {"POST / HTTP/1.0\r\n\r\n", "411 Length Required"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", "413 "},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", "413 "},
        {"GET /" + big + " HTTP/1.1\r\n", "414 "},
        {get("/", "X: " + big + "\r\n"), "431 "},
        {get("/", "Expect: tea\r\n"), "417 Expectation Failed"},
        {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "501 Not Implemented"},
        {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", "505 "},
    };
    for (const auto& [bytes, status] : rows) {
        INFO(bytes);
        auto c = f.connect();
        c.write(bytes);
        const auto answer = c.read_message();
        CHECK(answer.starts_with("HTTP/1.1 " + status));
        CHECK(contains(answer, "application/problem+json"));
        CHECK(contains(answer, "connection: close"));
        c.finish_writing();
        CHECK(c.read_all().empty());
        CHECK(f.is_well());
    }
}

TEST_CASE("the answer reaches a peer that is still sending", "[http][listener][net]") {
    fixture f(echo, {.max_body = 1000});
    auto c = f.connect();
    c.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" +
            std::string(100'000, 'x'));
    CHECK(c.read_message().starts_with("HTTP/1.1 413 "));
}

TEST_CASE("slow peers are told so and cut off", "[http][listener][net]") {
    fixture f(echo, {.header_timeout = 60ms, .body_timeout = 60ms, .idle_timeout = 60ms});
    SECTION("in the header, though bytes keep coming") {
        auto c = f.connect();
        c.write("GET / HTTP/1.1\r\nX: ");
        std::promise<void> done;
        std::thread drip([&, end = done.get_future()] {
            while (end.wait_for(5ms) == std::future_status::timeout && c.write("x")) {}
        });
        const auto answer = c.read_message();
        done.set_value();
        drip.join();
        CHECK(answer.starts_with("HTTP/1.1 408 "));
    }
    SECTION("in the body") {
        auto c = f.connect();
        c.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123");
        CHECK(c.read_message().starts_with("HTTP/1.1 408 "));
    }
    SECTION("who says nothing is closed without a word") {
        auto c = f.connect();
        CHECK(c.read_all().empty());
    }
    SECTION("who says nothing more is closed without a word") {
        auto c = f.connect();
        c.write(get("/"));
        CHECK(contains(c.read_message(), "200 OK"));
        CHECK(c.read_all().empty());
    }
    CHECK(f.is_well());
}

TEST_CASE("handlers that fail to answer are answered for", "[http][listener][net]") {
    std::mutex m;
    std::vector<responder> held;
    fixture f(
        [&](inbound_request q, responder reply) {
            if (q.path == "/throw") throw std::runtime_error("oops");
            if (q.path == "/split") {
                auto r = text("x");
                r.headers = {{"x", "a\r\nset-cookie: b"}};
                return reply(r);
            }
            if (q.path == "/status") return reply(text("x", 42));
            if (q.path == "/late") {
                const std::lock_guard lock(m);
                held.push_back(reply);
                return;
            }
            if (q.path != "/drop") echo(std::move(q), std::move(reply));
        },
        {.answer_timeout = 60ms});
    for (const char* path : {"/drop", "/throw", "/split", "/status"}) {
        INFO(path);
        const auto answer = f.ask(get(path));
        CHECK(answer.starts_with("HTTP/1.1 500 "));
        CHECK_FALSE(contains(answer, "oops"));
        CHECK_FALSE(contains(answer, "set-cookie"));
    }
    CHECK(f.ask(get("/late")).starts_with("HTTP/1.1 504 "));
    {
        const std::lock_guard lock(m);
        REQUIRE(held.size() == 1);
        held[0](text("too late"));
        held.clear();
    }
    CHECK(f.is_well());
}

TEST_CASE("the first answer wins, from whichever thread", "[http][listener][net]") {
    std::vector<std::thread> threads;
    std::mutex m;
    fixture f([&](inbound_request, responder reply) {
        const std::lock_guard lock(m);
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([reply] { reply(text("one of four")); });
    });
    auto c = f.connect();
    for (int i = 0; i < 20; ++i) {
        c.write(get("/"));
        CHECK(c.read_message().ends_with("\r\n\r\none of four"));
    }
    const std::lock_guard lock(m);
    for (auto& t : threads)
        t.join();
}

TEST_CASE("connections past the limit get 503 and room comes back", "[http][listener][net]") {
    fixture f(echo, {.max_connections = 2});
    {
        auto a = f.connect();
        auto b = f.connect();
        for (auto* c : {&a, &b}) {
            c->write(get("/"));
            CHECK(contains(c->read_message(), "200 OK"));
        }
        auto over = f.connect();
        const auto answer = over.read_message();
        CHECK(answer.starts_with("HTTP/1.1 503 "));
        CHECK(contains(answer, "\r\nretry-after: 1\r\n"));
        over.finish_writing();
        CHECK(over.wait_closed());
        a.write(get("/again"));
        CHECK(contains(a.read_message(), "GET /again"));
    }
    // The listener notices the closed connections in its own time.
    bool well = false;
    for (int i = 0; i < 1000 && !well; ++i)
        well = f.is_well();
    CHECK(well);
}

TEST_CASE("stopping lets running requests finish and closes the idle", "[http][listener][net]") {
    std::promise<responder> held;
    fixture f([&](inbound_request q, responder reply) {
        if (q.path == "/slow")
            held.set_value(std::move(reply));
        else
            echo(std::move(q), std::move(reply));
    });
    auto idle = f.connect();
    idle.write(get("/"));
    CHECK(contains(idle.read_message(), "200 OK"));
    auto busy = f.connect();
    busy.write(get("/slow"));
    auto reply = held.get_future().get();
    auto stopped = f.begin_stop(20s);
    CHECK(idle.read_all().empty());
    CHECK(stopped.wait_for(0ms) == std::future_status::timeout);
    reply(text("finished"));
    const auto answer = busy.read_message();
    CHECK(contains(answer, "finished"));
    CHECK(contains(answer, "connection: close"));
    busy.finish_writing();
    REQUIRE(stopped.wait_for(20s) == std::future_status::ready);
    CHECK_THROWS(f.connect());
    CHECK(f.listener->connections() == 0);
}

TEST_CASE("stopping cuts what does not finish in time", "[http][listener][net]") {
    std::promise<responder> held;
    fixture f([&](inbound_request, responder reply) { held.set_value(std::move(reply)); });
    auto c = f.connect();
    c.write(get("/"));
    auto reply = held.get_future().get();
    f.stop(20ms);
    CHECK(c.read_all().empty());
    reply(text("nobody listens"));
}

TEST_CASE("a listener that cannot start says why", "[http][listener]") {
    boost::asio::io_context io;
    const temp_dir dir;
    const auto why = [&](listener_options o) {
        http_listener l(io, std::move(o), echo);
        const auto r = l.start();
        REQUIRE_FALSE(r);
        CHECK(r.error().category == category::config);
        return r.error().message;
    };
    CHECK(contains(why({.address = "localhost"}), "\"localhost\""));
    CHECK(contains(why({.max_header = 10}), "max_header"));
    CHECK(contains(why({.tls_cert_file = "/nonexistent.pem"}), "together"));
    CHECK(contains(why({.tls_cert_file = "/nonexistent.pem", .tls_key_file = "/k.pem"}),
                   "/nonexistent.pem"));
    const test_certificate cert(dir);
    CHECK(contains(why({.tls_cert_file = cert.cert_file, .tls_key_file = cert.cert_file}),
                   "key_file"));
    fixture f;
    const auto taken = f.listener->port();
    CHECK(contains(why({.port = taken}), "port " + std::to_string(taken)));
}

TEST_CASE("with a certificate the listener speaks TLS only", "[http][listener][tls][net]") {
    const temp_dir dir;
    const test_certificate cert(dir);
    fixture f(
        echo,
        {.header_timeout = 500ms, .tls_cert_file = cert.cert_file, .tls_key_file = cert.key_file});
    auto c = net_stream::connect_tls(f.listener->port(), cert.cert_file);
    for (int i = 0; i < 3; ++i) {
        c.write(get("/sealed"));
        CHECK(contains(c.read_message(), "GET /sealed"));
    }
    c.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
    CHECK(c.read_message().starts_with("HTTP/1.1 413 "));

    auto plain = f.connect();
    plain.write(get("/"));
    CHECK_FALSE(contains(plain.read_all(), "HTTP/1.1 200"));
    auto silent = f.connect(); // never begins its handshake
    CHECK(silent.read_all().empty());
    auto again = net_stream::connect_tls(f.listener->port(), cert.cert_file);
    again.write(get("/well"));
    CHECK(contains(again.read_message(), "GET /well"));
}

TEST_CASE("many connections at once are all served", "[http][listener][net]") {
    fixture f;
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 5; ++i) {
                auto c = f.connect();
                for (int k = 0; k < 5; ++k) {
                    const auto path = "/" + std::to_string(t * 100 + i * 10 + k);
                    c.write(get(path));
                    good += contains(c.read_message(), "GET " + path + "? ");
                }
                if (i % 2 == 0) c.reset();
            }
        });
    for (auto& t : threads)
        t.join();
    CHECK(good.load() == 8 * 5 * 5);
}
