// SPDX-License-Identifier: Apache-2.0
//
// The operator's way into a running host: a listener of its own, loopback only, one token. Every
// request carries "Authorization: Bearer <token>"; the token lies in <state_dir>/admin-token,
// readable by the host's user.
//   GET  /metrics
//   POST /api/v1/runs/{id}/retry      {"redo":bool,"result":any}   both optional, for runs in doubt
//   POST /api/v1/runs/{id}/discard    {"reason":string}
//   POST /api/v1/flows/{name}/start   {"type":string,"subject":string,"data":any}
//   POST /api/v1/connections/{name}/test
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace mortise::host {

class engine;
class journal;
class metric_registry;

struct admin_options {
    std::string address = "127.0.0.1"; // loopback; anything else is refused by start()
    std::uint16_t port = 0;
    std::string token;
};

class admin_server {
public:
    using tester = std::function<void(const std::string& connection,
                                      std::function<void(result<std::string>)> done)>;

    // All of them outlive it.
    admin_server(boost::asio::io_context& io,
                 admin_options options,
                 engine& runs,
                 journal& store,
                 const metric_registry& metrics,
                 const clock& time,
                 tester test_connection);
    ~admin_server();

    result<void> start();                     // [main]
    std::uint16_t port() const;               // [any-thread]
    void stop(std::function<void()> stopped); // [any-thread]

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace mortise::host
