// SPDX-License-Identifier: Apache-2.0
// Outgoing HTTP for the whole host: one pool of connections (keep-alive, HTTP/2 over TLS), and one
// lane for each connection of the configuration, which holds its policy: egress list, rate and
// concurrency limits, time-outs, TLS and proxy. It never retries; the engine does.
//
// Errors (any HTTP status is a response, not an error):
//   input            malformed method, URL or header
//   denied           host not in the egress list, or a redirect from https to http
//   config           the server's certificate was not accepted, the CA file or proxy is unusable
//   unavailable      name, connect or TLS failure, connection lost, response cut short
//   timeout          connect or total time-out (time waiting in the lane does not count)
//   remote_protocol  what came back is not HTTP, or redirects without end
//   limit            response larger than allowed
//   cancelled        cancel() or stop()
// effect is none while nothing of the request was sent, unknown afterwards. Messages name method
// and host; never the path or query (they may hold tokens), a header value or a body.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// A request body that is read as it is sent, for content that does not belong in memory.
struct http_body_source {
    std::uint64_t size = 0;
    // Writes up to n bytes to `to` and returns how many; 0 before `size` bytes is a failure. Called
    // on the client's strand and must not block for long.
    std::function<std::size_t(char* to, std::size_t n)> read;
    // Starts again from the first byte, for 307/308; false or absent: the redirect is an error.
    std::function<bool()> rewind;
};

struct http_request {
    std::string method = "GET";
    std::string url; // absolute, http or https, percent-encoded, without user name and password
    std::vector<http_header> headers;
    std::string body;
    std::shared_ptr<http_body_source> body_source;   // instead of body
    std::chrono::milliseconds timeout{0};            // whole exchange; 0 = the lane's
    std::uint64_t max_response_bytes = 0;            // 0 = the lane's
    bool follow_redirects = true;                    // up to 5, each checked
    std::string trace_parent;                        // W3C traceparent, or empty
    std::function<bool(std::string_view)> body_sink; // takes the body of a 2xx piece by piece on
                                                     // the strand, uncapped; false gives up
};

struct http_response {
    std::uint32_t status = 0;
    std::vector<http_header> headers; // lower-case names, repeated headers are repeated entries
    std::string body; // decoded; then content-encoding and content-length are not in headers
    std::string effective_url;
    std::chrono::microseconds elapsed{0};
};

struct http_lane_options {
    std::string name{}; // the connection's, for messages and logs
    // "host:port", "*.example.com:443" (not example.com itself), "[::1]:80"; port "*" is any port,
    // host "*" any host. Empty refuses everything.
    std::vector<std::string> egress{};
    double requests_per_second = 0; // 0 = unlimited
    double burst = 1;               // requests that may go at once after a rest; at least 1
    std::uint32_t max_concurrent = 8;
    std::chrono::milliseconds timeout{std::chrono::seconds(30)};
    std::chrono::milliseconds connect_timeout{std::chrono::seconds(10)};
    std::chrono::milliseconds max_pause{std::chrono::minutes(10)}; // cap for Retry-After
    std::uint64_t max_response_bytes = 16u << 20;
    std::string proxy{};   // "http://host:port" or empty; the environment's proxy is never used
    std::string ca_file{}; // PEM, instead of the system's authorities
    bool verify_tls = true;
    std::vector<std::string> sensitive_headers{}; // dropped with Authorization and Cookie when a
                                                  // redirect leaves the host
};

enum class request_id : std::uint64_t { none = 0 };

struct http_lane_status {
    std::size_t queued = 0;
    std::size_t in_flight = 0;
    std::chrono::milliseconds paused_for{0}; // what is left of a Retry-After
};

class http_lane; // opaque; may outlive the client, then start() ends as cancelled

class http_client {
public:
    using completion = std::function<void(result<http_response>)>;

    // clock decides limits and Retry-After and must outlive the executor's last handler.
    http_client(boost::asio::any_io_executor executor, const clock& time);
    // As stop() without a callback: what is pending still completes while the executor runs.
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    // [any-thread] Errors: category config, naming the option.
    result<std::shared_ptr<http_lane>> make_lane(http_lane_options options);

    // [any-thread] What start() would refuse at once (input, denied), without starting anything.
    static result<void> check(const http_lane& lane, const http_request& request);

    // [any-thread] on_done is called exactly once, always through the executor, never from inside
    // this call; requests of a lane leave in the order of their start. It must not throw.
    request_id
    start(const std::shared_ptr<http_lane>& lane, http_request request, completion on_done);
    // [any-thread] The same, but what check() refuses is refused here and on_done is never called.
    result<request_id>
    try_start(const std::shared_ptr<http_lane>& lane, http_request request, completion on_done);
    // [any-thread] on_done still follows: cancelled unless the request had finished. Unknown ids
    // are ignored.
    void cancel(request_id id);

    // [any-thread]
    http_lane_status status(const http_lane& lane) const;
    // [any-thread] Looks at the clock again now; for tests that move a manual_clock.
    void wake();
    // [any-thread] Cancels everything, closes the connections, then calls on_stopped (may be empty)
    // through the executor. Later starts end as cancelled.
    void stop(std::function<void()> on_stopped);

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace mortise::host
