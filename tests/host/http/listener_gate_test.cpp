// SPDX-License-Identifier: Apache-2.0
// What the listener's gate decides on the head of a request.
#include "listener_fixture.hpp"
#include "support/catch.hpp"
#include "support/test_certificate.hpp"

#include <atomic>
#include <stdexcept>

using namespace mortise::test;

namespace {

// Only those who say the word may send a body, and only a short one to /short.
struct gated {
    std::atomic<int> asked{0}, handled{0};
    listener_fixture f;

    explicit gated(listener_options o = {})
        : f(
              [this](inbound_request q, responder reply) {
                  ++handled;
                  echo(std::move(q), std::move(reply));
              },
              std::move(o),
              2,
              [this](const inbound_request& head) {
                  ++asked;
                  if (head.path == "/throws") throw std::runtime_error("out of order");
                  admission out;
                  const auto* word = head.header("word");
                  if (word == nullptr || *word != "please" || !head.body.empty() ||
                      !head.remote.starts_with("127.0.0.1:"))
                      out.refusal = problem(401, "Unauthorized", "say please");
                  if (head.path == "/short") out.max_body = 10;
                  return out;
              }) {}
};

std::string post(std::string_view path, std::string_view fields) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

} // namespace

TEST_CASE("who is refused by the head is answered before any of the body has come",
          "[http][listener][net]") {
    gated g;
    auto c = g.f.connect();
    c.write(post("/x", "Content-Length: 1000000\r\n"));
    const auto answer = c.read_message();
    CHECK(answer.starts_with("HTTP/1.1 401 "));
    CHECK(contains(answer, "\r\nconnection: close\r\n"));
    CHECK(contains(answer, "say please"));
    c.finish_writing();
    CHECK(c.read_all().empty());
    CHECK(g.handled == 0);
    CHECK(g.asked == 1);
    CHECK(g.f.is_well());
}

TEST_CASE("100 Continue is said to those only whom the gate lets in", "[http][listener][net]") {
    gated g;
    const std::string waits = "Expect: 100-continue\r\nContent-Length: 2\r\n";
    CHECK(g.f.ask(post("/x", waits)).starts_with("HTTP/1.1 401 "));
    auto c = g.f.connect();
    c.write(post("/x", "Word: please\r\n" + waits));
    CHECK(c.read_message(true) == "HTTP/1.1 100 Continue\r\n\r\n");
    c.write("hi");
    CHECK(contains(c.read_message(), "POST /x? hi"));
    // The next request of the connection is asked for anew.
    c.write(post("/x", waits));
    CHECK(c.read_message().starts_with("HTTP/1.1 401 "));
    CHECK(g.asked == 3);
    CHECK(g.handled == 1);
}

TEST_CASE("the gate is asked once for a body that comes in pieces, and not where there is none",
          "[http][listener][net]") {
    gated g;
    auto c = g.f.connect();
    c.write(get("/a"));
    CHECK(contains(c.read_message(), "GET /a"));
    CHECK(g.asked == 0);
    c.write(post("/x", "Word: please\r\nTransfer-Encoding: chunked\r\n"));
    for (int i = 0; i < 3; ++i)
        c.write("1\r\n" + std::string(1, static_cast<char>('a' + i)) + "\r\n");
    c.write("0\r\n\r\n");
    CHECK(contains(c.read_message(), "POST /x? abc"));
    CHECK(g.asked <= 1); // none when all of it came at once
    CHECK(g.handled == 2);
}

TEST_CASE("the gate may take less of a body than the listener does", "[http][listener][net]") {
    gated g;
    const std::string word = "Word: please\r\n";
    const auto too_long = g.f.ask(post("/short", word + "Content-Length: 11\r\n"));
    CHECK(too_long.starts_with("HTTP/1.1 413 "));
    CHECK(contains(too_long, "at most 10 bytes"));
    CHECK(contains(too_long, "\r\nconnection: close\r\n"));
    auto c = g.f.connect();
    c.write(post("/short", word + "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"));
    CHECK(c.read_message(true) == "HTTP/1.1 100 Continue\r\n\r\n");
    c.write("b\r\n0123456789x\r\n");
    CHECK(c.read_message().starts_with("HTTP/1.1 413 "));
    auto at_once = g.f.connect(); // the chunk's length is read before the gate is asked
    at_once.write(post("/short", word + "Transfer-Encoding: chunked\r\n") + "ffff\r\n0123456789x");
    CHECK(at_once.read_message().starts_with("HTTP/1.1 413 "));
    CHECK(g.handled == 0);

    auto good = g.f.connect();
    good.write(post("/short", word + "Expect: 100-continue\r\nContent-Length: 10\r\n"));
    CHECK(good.read_message(true) == "HTTP/1.1 100 Continue\r\n\r\n");
    good.write("0123456789");
    CHECK(contains(good.read_message(), "POST /short? 0123456789"));
    // Of that request alone.
    good.write(post("/x", word + "Expect: 100-continue\r\nContent-Length: 11\r\n"));
    CHECK(good.read_message(true) == "HTTP/1.1 100 Continue\r\n\r\n");
    good.write("0123456789x");
    CHECK(contains(good.read_message(), "POST /x? 0123456789x"));
}

TEST_CASE("a gate that throws lets nobody in", "[http][listener][net]") {
    gated g;
    const auto answer = g.f.ask(post("/throws", "Word: please\r\nContent-Length: 5\r\n"));
    CHECK(answer.starts_with("HTTP/1.1 500 "));
    CHECK_FALSE(contains(answer, "out of order"));
    CHECK(g.handled == 0);
    CHECK(g.f.is_well());
}

TEST_CASE("the refusal reaches a peer that is still sending, over TLS too",
          "[http][listener][tls][net]") {
    const temp_dir dir;
    const test_certificate cert(dir);
    const bool sealed = GENERATE(false, true);
    INFO(sealed);
    gated g(sealed
                ? listener_options{.tls_cert_file = cert.cert_file, .tls_key_file = cert.key_file}
                : listener_options{});
    const auto port = g.f.listener->port();
    auto c = sealed ? net_stream::connect_tls(port, cert.cert_file) : net_stream::connect(port);
    // Less than what the listener still reads of a refused peer.
    c.write(post("/x", "Content-Length: 200000\r\n") + std::string(100'000, 'x'));
    CHECK(c.read_message().starts_with("HTTP/1.1 401 "));
    c.write(std::string(50'000, 'x'));
    CHECK(g.handled == 0);
}
