// SPDX-License-Identifier: Apache-2.0
#include "http/answer_stream.hpp"
#include "listener_fixture.hpp"
#include "support/catch.hpp"
#include "support/test_certificate.hpp"

#include <mutex>

using namespace mortise::test;
using fixture = listener_fixture;
using taken = answer_stream::taken;

namespace {

// Hands the streams it began to the test.
class streams {
public:
    explicit streams(stream_limits limits = {}) : limits_(limits) {}
    http_listener::handler handler() {
        return [this](inbound_request q, responder reply) {
            if (q.path != "/stream") return echo(std::move(q), std::move(reply));
            auto out = std::make_shared<answer_stream>(limits_);
            auto over = std::make_shared<std::promise<void>>();
            if (watched_)
                out->on_change([raw = out.get(), over] {
                    if (raw->is_over()) over->set_value();
                });
            auto r = text("not sent");
            r.stream = out->outlet();
            reply(std::move(r));
            begun_.set_value({std::move(out), over->get_future()});
        };
    }
    struct begun {
        std::shared_ptr<answer_stream> out;
        std::future<void> over;
    };
    begun take() {
        auto f = begun_.get_future();
        if (f.wait_for(20s) != std::future_status::ready) std::abort();
        auto b = f.get();
        begun_ = {};
        return b;
    }
    void unwatched() { watched_ = false; }

private:
    stream_limits limits_;
    bool watched_ = true;
    std::promise<begun> begun_;
};

bool ends(const std::future<void>& f) {
    return f.wait_for(20s) == std::future_status::ready;
}

// Writes until the stream takes no more, and tells how much it took.
std::size_t fill(answer_stream& out, std::size_t piece, std::size_t most) {
    const std::string bytes(piece, 'x');
    std::size_t n = 0;
    while (n < most && out.write(bytes) == taken::all)
        n += piece;
    return n;
}

} // namespace

TEST_CASE("an answer is sent in chunks while it is made, and the connection stays",
          "[http][listener][stream][net]") {
    streams s;
    fixture f(s.handler());
    auto c = f.connect();
    c.write(get("/stream"));
    auto [out, over] = s.take();
    const auto head = c.read_message(true);
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(contains(head, "\r\ntransfer-encoding: chunked\r\n"));
    CHECK(contains(head, "\r\ncontent-type: text/plain\r\n"));
    CHECK_FALSE(contains(head, "content-length"));
    CHECK(out->write("first, ") == taken::all);
    CHECK(c.read_until("\r\n") == "7\r\n");
    CHECK(c.read_exactly(9) == "first, \r\n");
    CHECK(out->write(std::string(20, 'y')) == taken::all);
    CHECK(c.read_exactly(26) == "14\r\n" + std::string(20, 'y') + "\r\n");
    out->end();
    CHECK(c.read_exactly(5) == "0\r\n\r\n");
    CHECK(out->write("late") == taken::over);
    c.write(get("/next"));
    CHECK(contains(c.read_message(), "GET /next"));
}

TEST_CASE("requests sent behind a streamed answer wait for its end", "[http][listener][stream]") {
    streams s;
    fixture f(s.handler());
    auto c = f.connect();
    c.write(get("/stream") + get("/kept"));
    auto [out, over] = s.take();
    c.read_message(true);
    c.write(get("/held"));
    CHECK(out->write("a") == taken::all);
    CHECK(c.read_exactly(6) == "1\r\na\r\n");
    out->end();
    CHECK(c.read_exactly(5) == "0\r\n\r\n");
    CHECK(contains(c.read_message(), "GET /kept"));
    CHECK(contains(c.read_message(), "GET /held"));
    c.write(get("/after"));
    CHECK(contains(c.read_message(), "GET /after"));
}

TEST_CASE("HTTP/1.0 reads a streamed answer up to the end of the connection",
          "[http][listener][stream][net]") {
    streams s;
    fixture f(s.handler());
    auto c = f.connect();
    c.write("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto [out, over] = s.take();
    const auto head = c.read_message(true);
    CHECK(contains(head, "connection: close"));
    CHECK_FALSE(contains(head, "chunked"));
    out->write("bare ");
    out->write("bytes");
    out->end();
    CHECK(c.read_all() == "bare bytes");
}

TEST_CASE("HEAD begins no stream", "[http][listener][stream][net]") {
    streams s;
    fixture f(s.handler());
    auto c = f.connect();
    c.write("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"));
    auto [out, over] = s.take();
    CHECK(contains(c.read_message(true), "chunked"));
    CHECK(contains(c.read_message(), "GET /next"));
    CHECK(ends(over));
    CHECK(out->write("x") == taken::over);
}

TEST_CASE("a stream that cannot be finished does not look finished",
          "[http][listener][stream][net]") {
    streams s;
    s.unwatched();
    fixture f(s.handler());
    SECTION("because its maker cuts it") {
        auto c = f.connect();
        c.write(get("/stream"));
        auto [out, over] = s.take();
        out->write("half");
        c.read_until("half\r\n");
        out->cut();
        CHECK(c.read_all().empty());
    }
    SECTION("because its maker is gone") {
        auto c = f.connect();
        c.write(get("/stream"));
        auto [out, over] = s.take();
        out->write("half");
        c.read_until("half\r\n");
        out.reset();
        CHECK(c.read_all().empty());
    }
    CHECK(f.is_well());
}

TEST_CASE("what waits for a slow reader is bounded, and room is told of",
          "[http][listener][stream][net]") {
    std::promise<void> room;
    std::atomic<bool> told{false};
    auto out = std::make_shared<answer_stream>(stream_limits{.most = 200'000});
    out->on_change([&] {
        if (!told.exchange(true)) room.set_value();
    });
    fixture f([&](inbound_request, responder reply) {
        auto r = text("");
        r.stream = out->outlet();
        reply(std::move(r));
    });
    auto c = f.connect();
    c.write(get("/stream"));
    c.read_message(true);
    constexpr std::size_t endless = 256u << 20;
    REQUIRE(fill(*out, 50'000, endless) < endless); // the sockets' buffers, and `most` of ours
    CHECK(out->waiting() <= 200'000);
    std::thread reader([&] { c.read_until("END\r\n"); });
    CHECK(ends(room.get_future()));
    while (out->write("END") == taken::full)
        std::this_thread::yield();
    reader.join();
    out->end();
    CHECK(c.read_exactly(5) == "0\r\n\r\n");
}

TEST_CASE("a reader that takes nothing is cut off", "[http][listener][stream][net]") {
    streams s({.most = 100'000});
    fixture f(s.handler(), {.body_timeout = 60ms});
    auto c = f.connect();
    c.write(get("/stream"));
    auto [out, over] = s.take();
    c.read_message(true);
    // The sockets' own buffers fill first.
    const std::string piece(50'000, 'x');
    while (out->write(piece) != taken::over)
        if (out->waiting() > 50'000) over.wait_for(1ms);
    CHECK(ends(over));
    CHECK(out->write("x") == taken::over);
    CHECK(f.is_well());
}

TEST_CASE("a quiet stream is not cut off", "[http][listener][stream][net]") {
    streams s;
    fixture f(s.handler(), {.header_timeout = 20ms,
                            .body_timeout = 20ms,
                            .idle_timeout = 20ms,
                            .answer_timeout = 20ms});
    auto c = f.connect();
    c.write(get("/stream"));
    auto [out, over] = s.take();
    c.read_message(true);
    CHECK(over.wait_for(100ms) == std::future_status::timeout);
    CHECK(out->write("still here") == taken::all);
    CHECK(contains(c.read_until("here\r\n"), "still here"));
}

TEST_CASE("a reader that leaves is noticed though nothing is sent",
          "[http][listener][stream][net]") {
    streams s;
    fixture f(s.handler());
    {
        auto c = f.connect();
        c.write(get("/stream"));
        c.read_message(true);
    }
    CHECK(ends(s.take().over));
    auto c = f.connect();
    c.write(get("/stream"));
    c.read_message(true);
    c.reset();
    CHECK(ends(s.take().over));
}

TEST_CASE("stopping ends an endless stream and lets others finish",
          "[http][listener][stream][net]") {
    SECTION("endless") {
        streams s({.endless = true});
        fixture f(s.handler());
        auto c = f.connect();
        c.write(get("/stream"));
        auto [out, over] = s.take();
        out->write("last words");
        auto stopped = f.begin_stop(20s);
        CHECK(ends(over));
        CHECK(contains(c.read_all(), "last words\r\n0\r\n\r\n"));
        CHECK(ends(stopped));
    }
    SECTION("an export") {
        streams s;
        fixture f(s.handler());
        auto c = f.connect();
        c.write(get("/stream"));
        auto [out, over] = s.take();
        c.read_message(true);
        auto stopped = f.begin_stop(20s);
        CHECK(stopped.wait_for(20ms) == std::future_status::timeout);
        CHECK(out->write("the rest") == taken::all);
        out->end();
        CHECK(contains(c.read_all(), "the rest\r\n0\r\n\r\n"));
        CHECK(ends(stopped));
    }
    SECTION("an export that does not finish in time is cut") {
        streams s;
        fixture f(s.handler());
        auto c = f.connect();
        c.write(get("/stream"));
        auto [out, over] = s.take();
        c.read_message(true);
        f.stop(20ms);
        CHECK(ends(over));
        CHECK(c.read_all().empty());
    }
}

TEST_CASE("an answer that comes too late ends its stream", "[http][listener][stream][net]") {
    std::promise<responder> held;
    fixture f([&](inbound_request, responder reply) { held.set_value(std::move(reply)); },
              {.answer_timeout = 30ms});
    auto c = f.connect();
    c.write(get("/stream"));
    auto reply = held.get_future().get();
    CHECK(c.read_message().starts_with("HTTP/1.1 504 "));
    answer_stream out;
    auto over = std::make_shared<std::promise<void>>();
    out.on_change([over] { over->set_value(); });
    auto r = text("");
    r.stream = out.outlet();
    reply(std::move(r));
    CHECK(ends(over->get_future()));
    CHECK(out.is_over());
}

TEST_CASE("a stream goes through TLS and its reader's leaving is noticed",
          "[http][listener][stream][tls][net]") {
    const temp_dir dir;
    const test_certificate cert(dir);
    streams s;
    fixture f(s.handler(), {.tls_cert_file = cert.cert_file, .tls_key_file = cert.key_file});
    std::future<void> left;
    {
        auto c = net_stream::connect_tls(f.listener->port(), cert.cert_file);
        c.write(get("/stream"));
        auto first = s.take();
        c.read_message(true);
        for (int i = 0; i < 20; ++i) {
            const std::string piece(5000, static_cast<char>('a' + i));
            REQUIRE(first.out->write(piece) == taken::all);
            CHECK(contains(c.read_until(piece + "\r\n"), "1388\r\n"));
        }
        first.out->end();
        CHECK(c.read_exactly(5) == "0\r\n\r\n");
        c.write(get("/stream"));
        left = s.take().over;
        c.read_message(true);
    }
    CHECK(ends(left));
}
