// SPDX-License-Identifier: Apache-2.0
// A client with an executor of its own, and calls that wait, with a deadline, for what they start.
#pragma once

#include "base/clock.hpp"
#include "http/client.hpp"
#include "support/scripted_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

namespace mortise::host {

// One request on its way; knows how often it was answered.
class pending_call {
public:
    http_client::completion completion() {
        return [s = state_](result<http_response> r) {
            if (s->times.fetch_add(1) == 0) s->promise.set_value(std::move(r));
        };
    }
    bool ready() const {
        return state_->future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
    result<http_response> get() {
        if (state_->future.wait_for(std::chrono::seconds(20)) != std::future_status::ready)
            throw std::runtime_error("the request did not complete");
        return state_->future.get();
    }
    int times() const { return state_->times.load(); }
    request_id id = request_id::none;

private:
    struct shared {
        std::promise<result<http_response>> promise;
        std::future<result<http_response>> future = promise.get_future();
        std::atomic<int> times{0};
    };
    std::shared_ptr<shared> state_ = std::make_shared<shared>();
};

class client_fixture {
public:
    explicit client_fixture(int threads = 1)
        : guard_(boost::asio::make_work_guard(io_)),
          client(std::make_unique<http_client>(io_.get_executor(), time)) {
        for (int i = 0; i < threads; ++i)
            threads_.emplace_back([this] { io_.run(); });
    }
    ~client_fixture() {
        stop();
        client.reset();
        guard_.reset();
        for (auto& t : threads_)
            t.join();
    }
    // Returns when everything has completed.
    void stop() {
        std::promise<void> done;
        client->stop([&done] { done.set_value(); });
        if (done.get_future().wait_for(std::chrono::seconds(20)) != std::future_status::ready)
            std::abort();
    }
    // After this, what was posted to the client before has run.
    void settle() {
        pending_call marker;
        client->start(nullptr, {}, marker.completion());
        marker.get();
    }
    std::shared_ptr<http_lane> lane(http_lane_options o = {}) {
        if (o.name.empty()) o.name = "test";
        if (o.egress.empty()) o.egress = {"127.0.0.1:*", "localhost:*"};
        return client->make_lane(std::move(o)).value();
    }
    pending_call start(const std::shared_ptr<http_lane>& l, http_request r) {
        pending_call c;
        c.id = client->start(l, std::move(r), c.completion());
        return c;
    }
    result<http_response> call(const std::shared_ptr<http_lane>& l, http_request r) {
        return start(l, std::move(r)).get();
    }
    result<http_response> get(std::string url) {
        http_request r;
        r.url = std::move(url);
        return call(lane(), std::move(r));
    }

private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::vector<std::thread> threads_;

public:
    manual_clock time;
    std::unique_ptr<http_client> client;
};

inline http_request request(std::string method, std::string url, std::string body = {}) {
    http_request r;
    r.method = std::move(method);
    r.url = std::move(url);
    r.body = std::move(body);
    return r;
}

// A gate a script waits at until the test opens it (or gives up).
class test_gate {
public:
    void open() { promise_.set_value(); }
    bool wait() { return future_.wait_for(std::chrono::seconds(20)) == std::future_status::ready; }

private:
    std::promise<void> promise_;
    std::shared_future<void> future_ = promise_.get_future().share();
};

} // namespace mortise::host
