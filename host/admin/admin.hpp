// SPDX-License-Identifier: Apache-2.0
//
// The operator's way into a running host: a listener of its own. Who may do what is decided in
// access.hpp, what can be asked for is described by the routes themselves (GET
// /api/v1/openapi.json, docs/admin-api.md); what is done is done by the engine's classes, so that
// the command line can do it without a host. Also serves the console's files.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
class tls_identity;
class transfer_board;
class metric_registry;
class route_table;
class traffic_meter;
struct at_work;

struct admin_options {
    admin_config config;
    std::optional<std::uint16_t> port; // instead of the configured
    std::string local_token;           // of the command line on this machine
    std::string version;               // of the program
    int inherited = -1; // a listening socket to take over; config.address is where it is bound
};

// What it gives access to; all of it outlives the server.
struct admin_parts {
    boost::asio::thread_pool& workers; // for what may take long
    engine& runs;
    journal& store;
    metric_registry& metrics;
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
    const transfer_board* transfers = nullptr; // outlives the listener
    // Routes of layers above this one; called once.
    std::function<void(route_table&)> add_routes = {};
};

class admin_server {
public:
    admin_server(boost::asio::io_context& io, admin_options options, admin_parts parts);
    ~admin_server();

    // [main] Errors: config, when the address may not be listened on as it is configured; the
    // journal's.
    result<void> start();
    // [any-thread] Names and tokens of a reloaded configuration, in force at once.
    void use(const admin_config& config);
    // [any-thread] As of http_listener.
    std::shared_ptr<const tls_identity> identity() const;
    void use(std::shared_ptr<const tls_identity> identity);
    std::uint16_t port() const; // [any-thread]
    int share_socket() const;   // [main] the listening socket once more, the caller's; -1: none
    void stop(std::function<void()> stopped); // [any-thread]

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace mortise::host
