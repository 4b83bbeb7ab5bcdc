// SPDX-License-Identifier: Apache-2.0
#include "client_fixture.hpp"
#include "support/catch.hpp"
#include "support/result_text.hpp"

#include <algorithm>
#include <mutex>

using namespace mortise::host;
using namespace mortise::test;
using namespace std::chrono_literals;

namespace {

scripted_server::script always_ok() {
    return answering([](const std::string&) { return http_answer(200, "ok"); });
}

} // namespace

TEST_CASE("requests past the rate wait in order for their token", "[http][client][lane][net]") {
    scripted_server server([&server](scripted_server::peer& p) {
        for (;;) {
            const auto q = p.stream.read_message();
            if (q.empty()) return;
            server.note(q.substr(0, q.find(" HTTP")));
            p.stream.write(http_answer(200, ""));
        }
    });
    client_fixture f;
    const auto lane = f.lane({.requests_per_second = 1, .burst = 2, .max_concurrent = 1});
    std::vector<pending_call> calls;
    for (int i = 0; i < 4; ++i)
        calls.push_back(f.start(lane, request("GET", server.url("/" + std::to_string(i)))));
    CHECK(calls[0].get().has_value());
    CHECK(calls[1].get().has_value());
    f.settle();
    CHECK_FALSE(calls[2].ready());
    CHECK(f.client->status(*lane).queued == 2);
    f.time.advance(1s);
    f.client->wake();
    CHECK(calls[2].get().has_value());
    f.settle();
    CHECK_FALSE(calls[3].ready());
    f.time.advance(1s);
    f.client->wake();
    CHECK(calls[3].get().has_value());
    CHECK(server.noted() == std::vector<std::string>{"GET /0", "GET /1", "GET /2", "GET /3"});
}

TEST_CASE("no more requests run than the lane allows", "[http][client][lane][net]") {
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    scripted_server server([&](scripted_server::peer& p) {
        while (!p.stream.read_message().empty()) {
            const int n = ++now;
            int seen = most.load();
            while (seen < n && !most.compare_exchange_weak(seen, n)) {}
            --now;
            p.stream.write(http_answer(200, ""));
        }
    });
    client_fixture f(2);
    const auto lane = f.lane({.max_concurrent = 3});
    std::vector<pending_call> calls;
    for (int i = 0; i < 60; ++i)
        calls.push_back(f.start(lane, request("GET", server.url("/"))));
    for (auto& c : calls)
        CHECK(c.get().has_value());
    CHECK(most.load() <= 3);
    CHECK(server.connections() <= 3);
    const auto s = f.client->status(*lane);
    CHECK(s.queued == 0);
    CHECK(s.in_flight == 0);
}

TEST_CASE("Retry-After pauses the lane and the answer is still given",
          "[http][client][lane][net]") {
    const int status = GENERATE(429, 503);
    std::atomic<int> n{0};
    scripted_server server(answering([&](const std::string&) {
        return n++ == 0 ? http_answer(status, "slow down", "retry-after: 30\r\n")
                        : http_answer(200, "ok");
    }));
    client_fixture f;
    const auto lane = f.lane();
    const auto first = f.call(lane, request("GET", server.url("/")));
    REQUIRE(first);
    CHECK(first->status == static_cast<std::uint32_t>(status));
    CHECK(f.client->status(*lane).paused_for == 30s);
    auto second = f.start(lane, request("GET", server.url("/")));
    f.time.advance(29s);
    f.client->wake();
    f.settle();
    CHECK_FALSE(second.ready());
    CHECK(n.load() == 1);
    f.time.advance(1s);
    f.client->wake();
    const auto r = second.get();
    REQUIRE(r);
    CHECK(r->status == 200);
    CHECK(f.client->status(*lane).paused_for == 0s);
}

TEST_CASE("a Retry-After date counts from the clock and is capped", "[http][client][lane][net]") {
    scripted_server server(answering([](const std::string& q) {
        const bool far = q.find("/far") != std::string::npos;
        return http_answer(503, "",
                           far ? "retry-after: Fri, 01 Jan 2100 00:00:00 GMT\r\n"
                               : "retry-after: Tue, 14 Nov 2023 22:13:25 GMT\r\n");
    }));
    client_fixture f; // the clock begins at 22:13:20
    const auto lane = f.lane();
    REQUIRE(f.call(lane, request("GET", server.url("/near"))));
    CHECK(f.client->status(*lane).paused_for == 5s);
    const auto capped = f.lane({.max_pause = 60s});
    REQUIRE(f.call(capped, request("GET", server.url("/far"))));
    CHECK(f.client->status(*capped).paused_for == 60s);
    CHECK(f.client->status(*lane).paused_for == 5s); // lanes do not share pauses
}

TEST_CASE("a Retry-After that cannot be read pauses nothing", "[http][client][lane][net]") {
    scripted_server server(answering(
        [](const std::string&) { return http_answer(503, "", "retry-after: soon\r\n"); }));
    client_fixture f;
    const auto lane = f.lane();
    CHECK(f.call(lane, request("GET", server.url("/"))));
    CHECK(f.call(lane, request("GET", server.url("/"))));
}

TEST_CASE("a request cancelled in the queue never leaves", "[http][client][cancel][net]") {
    test_gate arrived;
    test_gate go;
    scripted_server server([&](scripted_server::peer& p) {
        for (;;) {
            const auto q = p.stream.read_message();
            if (q.empty()) return;
            server.note(q.substr(0, q.find(" HTTP")));
            if (server.noted().size() == 1) {
                arrived.open();
                go.wait();
            }
            p.stream.write(http_answer(200, ""));
        }
    });
    client_fixture f;
    const auto lane = f.lane({.max_concurrent = 1});
    auto a = f.start(lane, request("GET", server.url("/a")));
    auto b = f.start(lane, request("POST", server.url("/b"), "x"));
    auto c = f.start(lane, request("GET", server.url("/c")));
    REQUIRE(arrived.wait());
    f.client->cancel(b.id);
    f.client->cancel(b.id);
    const auto r = b.get();
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::cancelled);
    CHECK(r.error().effect == effect::none);
    go.open();
    CHECK(a.get().has_value());
    CHECK(c.get().has_value());
    f.client->cancel(a.id); // too late
    f.client->cancel(request_id{987654321});
    f.stop();
    CHECK(server.noted() == std::vector<std::string>{"GET /a", "GET /c"});
    for (const auto* call : {&a, &b, &c})
        CHECK(call->times() == 1);
}

TEST_CASE("a request cancelled in flight has an unknown effect and frees its place",
          "[http][client][cancel][net]") {
    test_gate arrived;
    test_gate closed;
    scripted_server server([&](scripted_server::peer& p) {
        p.stream.read_message();
        if (p.index == 0) {
            arrived.open();
            if (p.stream.wait_closed()) closed.open();
        } else {
            p.stream.write(http_answer(200, ""));
        }
    });
    client_fixture f;
    const auto lane = f.lane({.max_concurrent = 1});
    auto a = f.start(lane, request("POST", server.url("/"), "x"));
    auto b = f.start(lane, request("GET", server.url("/")));
    REQUIRE(arrived.wait());
    f.client->cancel(a.id);
    const auto r = a.get();
    REQUIRE_FALSE(r);
    CHECK(r.error().category == category::cancelled);
    CHECK(r.error().effect == effect::unknown);
    CHECK(b.get().has_value());
    CHECK(closed.wait());
    f.stop();
    CHECK(a.times() == 1);
}

TEST_CASE("stop completes everything once and refuses what comes later",
          "[http][client][cancel][net]") {
    test_gate arrived;
    scripted_server server([&](scripted_server::peer& p) {
        p.stream.read_message();
        arrived.open();
        p.stream.wait_closed();
    });
    client_fixture f;
    const auto lane = f.lane({.max_concurrent = 1});
    std::vector<pending_call> calls;
    for (int i = 0; i < 5; ++i)
        calls.push_back(f.start(lane, request("GET", server.url("/"))));
    REQUIRE(arrived.wait());
    f.stop();
    calls.push_back(f.start(lane, request("GET", server.url("/"))));
    for (auto& c : calls) {
        const auto r = c.get();
        REQUIRE_FALSE(r);
        CHECK(r.error().category == category::cancelled);
    }
    f.stop(); // again
    for (auto& c : calls)
        CHECK(c.times() == 1);
}

TEST_CASE("a completion may start the next request", "[http][client][net]") {
    scripted_server server(always_ok());
    client_fixture f;
    const auto lane = f.lane({.max_concurrent = 1});
    std::promise<int> done;
    std::function<void(int)> next = [&](int n) {
        f.client->start(lane, request("GET", server.url("/")), [&, n](result<http_response> r) {
            if (!r || n == 200)
                done.set_value(r ? n : -1);
            else
                next(n + 1);
        });
    };
    next(1);
    auto end = done.get_future();
    REQUIRE(end.wait_for(20s) == std::future_status::ready);
    CHECK(end.get() == 200);
    CHECK(server.connections() == 1);
}

TEST_CASE("requests started and cancelled from many threads complete exactly once",
          "[http][client][cancel][net]") {
    scripted_server server(always_ok());
    client_fixture f(3);
    const auto lane = f.lane({.max_concurrent = 4});
    std::vector<std::vector<pending_call>> calls(4);
    std::vector<std::thread> threads;
    for (auto& mine : calls)
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) {
                mine.push_back(f.start(lane, request("GET", server.url("/"))));
                if (i % 3 == 0) f.client->cancel(mine.back().id);
            }
        });
    for (auto& t : threads)
        t.join();
    int ok = 0;
    for (auto& mine : calls)
        for (auto& c : mine) {
            const auto r = c.get();
            ok += r.has_value();
            if (!r) CHECK(r.error().category == category::cancelled);
        }
    CHECK(ok >= 4 * 33);
    f.stop();
    for (auto& mine : calls)
        for (auto& c : mine)
            CHECK(c.times() == 1);
}

TEST_CASE("a lane may outlive its client", "[http][client]") {
    std::shared_ptr<http_lane> lane;
    scripted_server server(always_ok());
    {
        client_fixture f;
        lane = f.lane();
        CHECK(f.call(lane, request("GET", server.url("/"))));
    }
    CHECK(lane.use_count() == 1);
}

TEST_CASE("whoever watches is told of each request once, redirects and all",
          "[http][client][lane][net]") {
    scripted_server server(answering([](const std::string& q) {
        if (q.starts_with("GET /moved")) return http_answer(302, "", "location: /there\r\n");
        return http_answer(q.starts_with("GET /bad") ? 503 : 200, "ok");
    }));
    client_fixture f;
    std::mutex guard;
    std::vector<std::string> seen;
    f.client->watch([&](const http_exchange_seen& e) {
        const std::lock_guard lock(guard);
        seen.push_back(std::string(e.connection) + ' ' + std::to_string(e.status) + ' ' +
                       (e.failure != nullptr ? e.failure->code : "-") +
                       (e.took.count() > 0 ? " sent" : " held") +
                       (e.waited.count() >= 0 ? "" : " before it came"));
    });
    const auto lane = f.lane({.name = "dam", .requests_per_second = 1, .burst = 3});
    CHECK(f.call(lane, request("GET", server.url("/moved"))).has_value()); // costs two tokens
    CHECK(f.call(lane, request("GET", server.url("/bad"))).has_value());
    auto later = request("GET", server.url("/later"));
    later.queued_ns = std::make_shared<std::atomic<std::int64_t>>(0);
    const auto counted = later.queued_ns;
    const auto held = f.start(lane, std::move(later));
    f.settle();
    f.client->cancel(held.id);
    auto waiting = held;
    CHECK_FALSE(waiting.get().has_value());
    CHECK(*counted > 0);
    const auto other = f.lane({.name = "gone"});
    CHECK_FALSE(f.call(other, request("GET", "http://127.0.0.1:1/")).has_value());
    const std::lock_guard lock(guard);
    REQUIRE(seen.size() == 4);
    CHECK(seen[0] == "dam 200 - sent");
    CHECK(seen[1] == "dam 503 - sent");
    CHECK(seen[2] == "dam 0 http.request.cancelled held");
    CHECK(seen[3].starts_with("gone 0 http."));
    CHECK(seen[3].ends_with(" sent"));
}
