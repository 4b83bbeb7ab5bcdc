// SPDX-License-Identifier: Apache-2.0
// Bodies that are not in memory: pausing, going on, time-outs by progress, the place in the lane.
#include "host/http/client_fixture.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/result_text.hpp"

using namespace mortise;
using namespace mortise::host;
using namespace mortise::test;
using namespace std::chrono_literals;

namespace {

// A reader that takes what it is told to and pauses otherwise.
struct slow_reader {
    std::mutex guard;
    std::string got;
    std::size_t allowed = 0;
    int pauses = 0;
    std::atomic<int> heads{0};

    void attach(http_request& r, const std::shared_ptr<slow_reader>& self) {
        r.body_sink = [self](std::string_view piece) {
            const std::lock_guard lock(self->guard);
            if (self->got.size() + piece.size() > self->allowed) {
                ++self->pauses;
                return http_piece::later;
            }
            self->got += piece;
            return http_piece::taken;
        };
        r.on_head = [self](http_response head) {
            if (head.status == 200 && find_header(head.headers, "content-length")) ++self->heads;
        };
    }
    void allow(std::size_t n) {
        const std::lock_guard lock(guard);
        allowed = n;
    }
    int paused() {
        const std::lock_guard lock(guard);
        return pauses;
    }
};

} // namespace

TEST_CASE("a body waits for its reader and loses nothing", "[http][client][stream][net]") {
    std::string body;
    for (int i = 0; i < 60'000; ++i)
        body += std::to_string(i) + ' ';
    scripted_server server(answering([&](const std::string&) { return http_answer(200, body); }));
    client_fixture f;
    auto reader = std::make_shared<slow_reader>();
    auto q = request("GET", server.url("/"));
    q.id = f.client->reserve();
    reader->attach(q, reader);
    auto call = f.start(f.lane(), q);
    for (std::size_t allowed = 0; !call.ready(); allowed += 50'000) {
        const int before = reader->paused();
        reader->allow(allowed + 50'000);
        f.client->resume(q.id);
        REQUIRE(eventually([&] { return call.ready() || reader->paused() > before; }));
    }
    REQUIRE(call.get());
    CHECK(reader->got == body);
    CHECK(reader->heads == 1);
    CHECK(reader->paused() > 3);
}

TEST_CASE("a body from a source that has nothing yet goes on later",
          "[http][client][stream][net]") {
    const bool length_known = GENERATE(true, false);
    scripted_server server([&](scripted_server::peer& p) {
        server.note(length_known ? p.stream.read_message() : p.stream.read_until("0\r\n\r\n"));
        p.stream.write(http_answer(200, "thanks"));
    });
    client_fixture f;
    auto q = request("POST", server.url("/"));
    q.id = f.client->reserve();
    q.body_source = std::make_shared<http_body_source>();
    q.body_source->size = length_known ? 10 : http_body_source::unknown;
    auto turns = std::make_shared<std::atomic<int>>(0);
    q.body_source->read = [turns](char* to, std::size_t) -> std::size_t {
        const int turn = turns->fetch_add(1);
        if (turn % 2 == 0) return http_body_source::later;
        if (turn == 5) return 0;
        std::fill_n(to, 5, turn == 1 ? 'a' : 'b');
        return 5;
    };
    auto call = f.start(f.lane(), q);
    REQUIRE(eventually([&] {
        f.client->resume(q.id);
        return call.ready();
    }));
    const auto r = call.get();
    REQUIRE(r);
    CHECK(r->body == "thanks");
    const auto sent = server.noted().at(0);
    if (length_known) {
        CHECK(sent.find("Content-Length: 10\r\n") != std::string::npos);
        CHECK(sent.ends_with("\r\n\r\naaaaabbbbb"));
    } else {
        CHECK(sent.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
        CHECK(sent.find("aaaaa") != std::string::npos);
        CHECK(sent.find("bbbbb") != std::string::npos);
    }
}

TEST_CASE("a source that breaks off fails the request with its reason",
          "[http][client][stream][net]") {
    scripted_server server([](scripted_server::peer& p) { p.stream.read_message(); });
    client_fixture f;
    auto q = request("PUT", server.url("/secret/path"));
    q.body_source = std::make_shared<http_body_source>();
    q.body_source->size = http_body_source::unknown;
    q.body_source->read = [](char*, std::size_t) { return http_body_source::broken; };
    q.body_source->why = [] {
        return error{category::unavailable, "source.lost", "the source went away"};
    };
    const auto r = f.call(f.lane(), q);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == "source.lost");
    CHECK(r.error().category == category::unavailable);
    CHECK(r.error().message.find("secret") == std::string::npos);
}

TEST_CASE("a streamed exchange times out when nothing moves, not for its length",
          "[http][client][stream][net]") {
    test_gate gate;
    scripted_server server([&](scripted_server::peer& p) {
        p.stream.read_message();
        p.stream.write("HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\n");
        // Longer in all than the time-out, never as long without a byte.
        for (int i = 0; i < 10; ++i) {
            p.stream.write("xx");
            std::this_thread::sleep_for(40ms);
        }
        gate.wait(); // the rest never comes
    });
    client_fixture f;
    auto reader = std::make_shared<slow_reader>();
    reader->allow(1000);
    auto q = request("GET", server.url("/"));
    q.timeout = 200ms;
    reader->attach(q, reader);
    const auto r = f.call(f.lane(), q);
    gate.open();
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::timeout);
    CHECK(r.error().code == "http.timeout.progress");
    CHECK(reader->got.size() == 20);
}

TEST_CASE("a reader's pause is no time-out", "[http][client][stream][net]") {
    scripted_server server(
        answering([](const std::string&) { return http_answer(200, std::string(200'000, 'p')); }));
    client_fixture f;
    auto reader = std::make_shared<slow_reader>();
    auto q = request("GET", server.url("/"));
    q.timeout = 50ms;
    q.id = f.client->reserve();
    reader->attach(q, reader);
    auto call = f.start(f.lane(), q);
    REQUIRE(eventually([&] { return reader->paused() > 0; }));
    std::this_thread::sleep_for(200ms); // what is tested: that this much waiting is allowed
    CHECK_FALSE(call.ready());
    reader->allow(1'000'000);
    f.client->resume(q.id);
    REQUIRE(call.get());
    CHECK(reader->got.size() == 200'000);
}

TEST_CASE("a streamed answer leaves its place in the lane to others",
          "[http][client][stream][net]") {
    scripted_server server(answering([](const std::string& q) {
        return http_answer(200, q.starts_with("GET /large") ? std::string(2'000'000, 'l') : "ok");
    }));
    client_fixture f;
    const auto lane = f.lane({.max_concurrent = 1});
    auto reader = std::make_shared<slow_reader>();
    auto q = request("GET", server.url("/large"));
    reader->attach(q, reader);
    q.id = f.client->reserve();
    auto large = f.start(lane, q);
    REQUIRE(eventually([&] { return reader->paused() > 0; }));
    const auto other = f.call(lane, request("GET", server.url("/small")));
    REQUIRE(other);
    CHECK(other->body == "ok");
    CHECK_FALSE(large.ready());
    CHECK(f.client->status(*lane).in_flight == 0);
    f.client->cancel(q.id);
    const auto r = large.get();
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::cancelled);
    CHECK(f.client->status(*lane).in_flight == 0);
    REQUIRE(f.call(lane, request("GET", server.url("/small"))));
}

TEST_CASE("a body that is cut ends the exchange with an error after its head",
          "[http][client][stream][net]") {
    scripted_server server([](scripted_server::peer& p) {
        p.stream.read_message();
        p.stream.write("HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\nhalf of it");
    });
    client_fixture f;
    auto reader = std::make_shared<slow_reader>();
    reader->allow(1000);
    auto q = request("GET", server.url("/"));
    reader->attach(q, reader);
    const auto r = f.call(f.lane(), q);
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::unavailable);
    CHECK(reader->heads == 1);
    CHECK(reader->got == "half of it");
}
