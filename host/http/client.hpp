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
//   timeout          connect or total time-out (time waiting in the lane does not count); with a
//                    streamed body, the time-out is for the longest time without a byte moved while
//                    the other side's turn it was
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

#include <atomic>
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
    static constexpr std::uint64_t unknown = UINT64_MAX;
    // What read() says instead of a number: nothing yet, resume() follows; or broken, see why().
    static constexpr std::size_t later = SIZE_MAX;
    static constexpr std::size_t broken = SIZE_MAX - 1;

    std::uint64_t size = 0; // unknown: sent in chunks
    // Writes up to n bytes to `to` and returns how many; 0 is the end, and a failure before `size`
    // bytes. Called on the client's strand and must not block for long.
    std::function<std::size_t(char* to, std::size_t n)> read;
    std::function<error()> why; // after broken
    // Starts again from the first byte, for 307/308; false or absent: the redirect is an error.
    std::function<bool()> rewind;
};

// What became of a piece of a body: later gives the same piece again after resume().
enum class http_piece { taken, later, give_up };

struct http_response {
    std::uint32_t status = 0;
    std::vector<http_header> headers; // lower-case names, repeated headers are repeated entries
    std::string body; // decoded; then content-encoding and content-length are not in headers
    std::string effective_url;
    std::chrono::microseconds elapsed{0};
};

enum class request_id : std::uint64_t { none = 0 };

struct http_request {
    std::string method = "GET";
    std::string url; // absolute, http or https, percent-encoded, without user name and password
    std::vector<http_header> headers;
    std::string body;
    std::shared_ptr<http_body_source> body_source; // instead of body
    std::chrono::milliseconds timeout{0};          // whole exchange, or without progress of a
                                                   // streamed one; 0 = the lane's
    std::uint64_t max_response_bytes = 0;          // 0 = the lane's
    bool follow_redirects = true;                  // up to 5, each checked
    std::string trace_parent;                      // W3C traceparent, or empty
    // Takes the body of a 2xx piece by piece on the strand, uncapped and as it was sent unless the
    // headers ask otherwise.
    std::function<http_piece(std::string_view)> body_sink;
    // With body_sink: the head of a 2xx, before the body. The place in the lane is free from then
    // on: what follows goes at the reader's pace. Called on the strand; must not throw.
    std::function<void(http_response)> on_head;
    // What it stood in the lane's queue is added to this before its completion.
    std::shared_ptr<std::atomic<std::int64_t>> queued_ns;
    request_id id = request_id::none; // from reserve(), for who needs it before start() returns

    bool streamed() const { return body_source || body_sink; }
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

struct http_lane_status {
    std::size_t queued = 0;
    std::size_t in_flight = 0;
    std::chrono::milliseconds paused_for{0}; // what is left of a Retry-After
};

// An exchange that has come to an end, redirects and all.
struct http_exchange_seen {
    std::string_view connection;        // the lane's name
    std::uint32_t status = 0;           // of the last answer; 0: there was none
    const error* failure = nullptr;     // without a status
    std::chrono::nanoseconds waited{0}; // in the lane, for its limits and pauses
    std::chrono::nanoseconds took{0};   // from its start to its end; 0: it never left
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

    // Before the first start(). fn is called on the client's strand, before the completion; it must
    // be quick and not throw.
    void watch(std::function<void(const http_exchange_seen&)> fn);
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
    // [any-thread] A body that said "later" may go on. Unknown ids are ignored.
    void resume(request_id id);
    request_id reserve();

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
