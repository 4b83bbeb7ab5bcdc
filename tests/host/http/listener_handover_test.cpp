// SPDX-License-Identifier: Apache-2.0
// A listener that stops, or gives its sockets to another, loses no request on the way.
#include "listener_fixture.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <sys/socket.h>
#include <unistd.h>

using namespace mortise::test;
using fixture = listener_fixture;

namespace {

std::vector<int> handed_over(fixture& f, std::chrono::milliseconds drain = 5s) {
    std::promise<std::vector<int>> handed;
    f.listener->hand_over(drain, [&](std::vector<int> fds) { handed.set_value(std::move(fds)); });
    return handed.get_future().get();
}

listener_options going_on_with(int socket) {
    listener_options o;
    o.inherited = socket;
    return o;
}

} // namespace

TEST_CASE("an idle connection that sends during a stop is answered, and told that it closes",
          "[http][listener][net]") {
    fixture f;
    auto kept = f.connect(), silent = f.connect();
    for (auto* c : {&kept, &silent}) {
        c->write(get("/a"));
        CHECK_FALSE(contains(c->read_message(), "connection: close"));
    }
    auto stopped = f.begin_stop(10s);
    bool told = false;
    for (int i = 0; i < 10'000 && !told; ++i) { // the stop may not have come this far yet
        kept.write(get("/b"));
        const auto answer = kept.read_message();
        REQUIRE(contains(answer, "GET /b"));
        told = contains(answer, "\r\nconnection: close\r\n");
    }
    CHECK(told);
    kept.finish_writing();
    CHECK(kept.wait_closed());
    // The twin that says nothing is closed long before the drain ends.
    CHECK(silent.wait_closed());
    CHECK(stopped.wait_for(5s) == std::future_status::ready);
}

TEST_CASE("who connects while nobody accepts is answered by whoever goes on",
          "[http][listener][net]") {
    auto before = std::make_unique<fixture>();
    const auto port = before->listener->port();
    const int socket = before->listener->share_socket();
    REQUIRE(socket >= 0);
    before->stop(1s);
    auto waiting = net_stream::connect(port);
    waiting.write(get("/early"));
    before.reset();
    fixture after(echo, going_on_with(socket));
    CHECK(after.listener->port() == port);
    CHECK(contains(waiting.read_message(), "GET /early"));
    CHECK(after.is_well());
}

TEST_CASE("idle connections go on at another listener, with what was sent in between",
          "[http][listener][net]") {
    auto before = std::make_unique<fixture>();
    const int socket = before->listener->share_socket();
    auto served = before->connect(), fresh = before->connect();
    served.write(get("/a"));
    CHECK(contains(served.read_message(), "GET /a"));
    { // Who comes later is accepted later. It is gone before the others are handed over.
        auto last = before->connect();
        last.write(get("/last", "Connection: close\r\n"));
        CHECK(contains(last.read_message(), "GET /last"));
        REQUIRE(last.wait_closed());
    }
    const auto connections = handed_over(*before);
    REQUIRE(connections.size() == 2);
    before.reset();
    served.write(get("/b"));
    fresh.write(get("/c"));
    fixture after(echo, going_on_with(socket));
    for (const int c : connections)
        after.listener->adopt(c);
    CHECK(contains(served.read_message(), "GET /b"));
    CHECK(contains(fresh.read_message(), "GET /c"));
    served.write(get("/d"));
    const auto answer = served.read_message();
    CHECK(contains(answer, "GET /d"));
    CHECK_FALSE(contains(answer, "connection: close"));
}

TEST_CASE("a connection with a request under way is answered and not handed over",
          "[http][listener][net]") {
    std::promise<responder> asked;
    fixture f([&](inbound_request, responder reply) { asked.set_value(std::move(reply)); });
    auto c = f.connect();
    c.write(get("/slow"));
    auto reply = asked.get_future().get();
    std::promise<std::vector<int>> handed;
    auto future = handed.get_future();
    f.listener->hand_over(10s, [&](std::vector<int> fds) { handed.set_value(std::move(fds)); });
    CHECK(future.wait_for(20ms) == std::future_status::timeout);
    reply(text("done"));
    const auto answer = c.read_message();
    CHECK(contains(answer, "done"));
    CHECK(contains(answer, "\r\nconnection: close\r\n"));
    c.finish_writing();
    CHECK(c.wait_closed());
    CHECK(future.get().empty());
}

TEST_CASE("a listener that waits serves nobody before it is told to", "[http][listener][net]") {
    listener_options o;
    o.waits = true;
    std::atomic<bool> ready{false};
    std::atomic<int> early{0};
    fixture f(
        [&](inbound_request q, responder reply) {
            if (!ready) ++early;
            echo(std::move(q), std::move(reply));
        },
        o);
    auto c = f.connect();
    c.write(get("/a"));
    ready = true;
    f.listener->accept_from_now();
    CHECK(contains(c.read_message(), "GET /a"));
    CHECK(early == 0);
}

TEST_CASE("a socket that does not listen is refused", "[http][listener][net]") {
    boost::asio::io_context io;
    const int plain = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int local = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (const int fd : {plain, local, 987}) {
        http_listener l(io, going_on_with(fd), echo);
        const auto started = l.start();
        REQUIRE_FALSE(started.has_value());
        CHECK(started.error().message.find("no listening TCP socket") != std::string::npos);
    }
    ::close(plain);
    ::close(local);
}
