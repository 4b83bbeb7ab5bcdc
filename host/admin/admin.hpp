// SPDX-License-Identifier: Apache-2.0
//
// The operator's way into a running host: a listener of its own, loopback only, one token. Every
// request carries "Authorization: Bearer <token>"; the token lies in <state_dir>/admin-token,
// readable by the host's user. What can be asked for is listed in docs/admin-api.md; what is done
// is done by the engine's classes, so that the command line can do it without a host.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
class thread_pool;
} // namespace boost::asio

namespace mortise::host {

class backfill;
class bulk_jobs;
class connection_gates;
class dead_letters;
class engine;
class journal;
class journal_reader;
class live_feed;
class metric_registry;
class traffic_meter;
struct at_work;

struct admin_options {
    std::string address = "127.0.0.1"; // loopback; anything else is refused by start()
    std::uint16_t port = 0;
    std::string token;
};

// What it gives access to; all of it outlives the server.
struct admin_parts {
    boost::asio::thread_pool& workers; // for what may take long
    engine& runs;
    journal& store;
    const metric_registry& metrics;
    const clock& time;
    dead_letters& letters;
    bulk_jobs& bulk;
    connection_gates* gates = nullptr;
    backfill* fills = nullptr;
    // Both answer later, from any thread.
    std::function<void(const std::string& connection,
                       std::function<void(result<std::string>)> done)>
        test_connection = {};
    std::function<void(std::function<void(boost::json::array)> done)> list_connections = {};
    // For the pages; without at_work there are none. [any-thread]
    std::function<std::shared_ptr<const mortise::host::at_work>()> at_work = {};
    std::function<boost::json::object()> health = {}; // as GET /health/ready
    std::shared_ptr<traffic_meter> traffic = {};
    std::shared_ptr<live_feed> live = {};
};

class admin_server {
public:
    admin_server(boost::asio::io_context& io, admin_options options, admin_parts parts);
    ~admin_server();

    result<void> start();                     // [main]
    std::uint16_t port() const;               // [any-thread]
    void stop(std::function<void()> stopped); // [any-thread]

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace mortise::host
