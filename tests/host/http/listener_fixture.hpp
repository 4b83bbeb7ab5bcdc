// SPDX-License-Identifier: Apache-2.0
// A listener on a free loopback port with threads of its own, for the tests of the listener.
#pragma once

#include "http/listener.hpp"
#include "support/net_stream.hpp"
#include "support/result_text.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <future>
#include <thread>

namespace mortise::test {

using namespace mortise::host;
using namespace std::chrono_literals;

inline inbound_response text(std::string body, unsigned status = 200) {
    inbound_response r;
    r.status = status;
    r.body = std::move(body);
    r.content_type = "text/plain";
    return r;
}

inline void echo(inbound_request q, responder reply) {
    reply(text(q.method + " " + q.path + "?" + q.query + " " + q.body));
}

class listener_fixture {
public:
    explicit listener_fixture(http_listener::handler h = echo,
                              listener_options o = {},
                              int threads = 2,
                              http_listener::gate on_head = {})
        : guard_(boost::asio::make_work_guard(io_)),
          listener(std::make_unique<http_listener>(
              io_, std::move(o), std::move(h), std::move(on_head))) {
        listener->start().value();
        for (int i = 0; i < threads; ++i)
            threads_.emplace_back([this] { io_.run(); });
    }
    ~listener_fixture() {
        stop(0ms);
        listener.reset();
        guard_.reset();
        for (auto& t : threads_)
            t.join();
    }
    std::future<void> begin_stop(std::chrono::milliseconds drain) {
        auto done = std::make_shared<std::promise<void>>();
        listener->stop(drain, [done] { done->set_value(); });
        return done->get_future();
    }
    void stop(std::chrono::milliseconds drain) {
        if (begin_stop(drain).wait_for(20s) != std::future_status::ready) std::abort();
    }
    net_stream connect() { return net_stream::connect(listener->port()); }
    // One request on a connection of its own; the whole answer.
    std::string ask(std::string_view bytes) {
        auto c = connect();
        c.write(bytes);
        return c.read_message();
    }
    bool is_well() {
        return ask("GET /well HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200");
    }

private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::vector<std::thread> threads_;

public:
    std::unique_ptr<http_listener> listener;
};

inline std::string get(std::string_view path, std::string_view extra = {}) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(extra) + "\r\n";
}

inline bool contains(const std::string& s, std::string_view part) {
    return s.find(part) != std::string::npos;
}

} // namespace mortise::test
