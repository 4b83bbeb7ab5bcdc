// SPDX-License-Identifier: Apache-2.0
// Incoming HTTP/1.1 for webhooks and for the admin interface: a socket that hands complete, bounded
// requests to a handler. Whatever a peer sends, it answers with a status and stays well: 400 not
// HTTP, 408 too slow, 411 HTTP/1.0 body without a length, 413 body too large, 414/431 request
// line/header too large, 417 expectation, 500 handler gave no answer, 501 method or coding, 503 too
// many connections, 504 handler too late, 505 version. Error bodies are problem+json (RFC 9457).
#pragma once

#include "base/result.hpp"
#include "http/message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace mortise::host {

class answer_outlet;
class tls_identity;

struct inbound_request {
    std::string method; // as sent: "POST"
    std::string path;   // as sent, still percent-encoded, begins with "/" ("*" for OPTIONS *)
    std::string query;  // after "?", without it
    std::vector<http_header> headers; // lower-case names, in order, repeated headers repeated
    std::string body;
    std::string remote; // "192.0.2.1:4711", "[2001:db8::1]:4711"

    // First value of that (lower-case) name, or null.
    const std::string* header(std::string_view lower_name) const;
};

struct inbound_response {
    unsigned status = 200;            // 200 to 599
    std::vector<http_header> headers; // content-length, connection, date are the listener's own
    std::string body;
    std::string content_type = "application/json";
    // Instead of body: sent as it is written, see answer_stream.hpp.
    std::shared_ptr<answer_outlet> stream = nullptr;
};

// problem+json (RFC 9457) for the given status.
inbound_response problem(unsigned status, std::string_view title, std::string_view detail);

// Answers one request. Copyable, [any-thread]; the first call wins and later ones do nothing. When
// the last copy dies unanswered, the client gets 500. Keep it no longer than the io_context.
class responder {
public:
    struct state;
    // Sees an answer before it is sent, and hands it (or another) on, at once or later.
    using filter = std::function<void(inbound_response, const responder& next)>;

    responder() = default;
    explicit responder(std::shared_ptr<state> s) : state_(std::move(s)) {}
    void operator()(inbound_response response) const;
    // One whose answer goes through f, on the thread that answers.
    responder through(filter f) const;

private:
    struct filtered;

    std::shared_ptr<state> state_;
    std::shared_ptr<filtered> filtered_; // instead of state_
};

// What is decided on the head of a request alone, before its body is read.
struct admission {
    // Sent at once, also in the place of "100 Continue"; the body is not read, and the connection
    // closes.
    std::optional<inbound_response> refusal = std::nullopt;
    std::uint64_t max_body = UINT64_MAX; // where that is less than the listener's
};

struct listener_options {
    std::string address = "127.0.0.1"; // an IP address
    unsigned short port = 0;           // 0 = any free one, see port()
    std::uint64_t max_body = 1u << 20;
    std::uint32_t max_header = 16u << 10; // request line and header fields together
    std::chrono::milliseconds header_timeout{std::chrono::seconds(10)}; // first byte to last field
    std::chrono::milliseconds body_timeout{std::chrono::seconds(30)};   // header to last body byte
    std::chrono::milliseconds idle_timeout{std::chrono::seconds(60)};   // between requests
    std::chrono::milliseconds answer_timeout{std::chrono::seconds(60)}; // handler; then 504
    std::uint32_t max_connections = 1024;
    std::string tls_cert_file{}; // PEM chain; with tls_key_file: https only
    std::string tls_key_file{};
    // A listening TCP socket to take over; address and port are then what it is bound to.
    int inherited = -1;
    bool waits = false; // start() only listens: clients wait until accept_from_now()
};

class http_listener {
public:
    // Called on a thread of the io_context, for one connection never twice at a time; must not
    // block. An exception from it is logged and answered with 500. It may be called until stop()
    // has called back: wait for that before destroying what it uses.
    using handler = std::function<void(inbound_request, responder)>;

    // Asked, as the handler is called, when a request is to bring a body that is not all there
    // yet. The head has no body. The handler decides anew: one whose body came along with its head
    // goes there at once, and time passes while a body is read.
    using gate = std::function<admission(const inbound_request& head)>;

    // on_head may be empty: every body within the limits is read.
    http_listener(boost::asio::io_context& io,
                  listener_options options,
                  handler on_request,
                  gate on_head = {});
    // As stop(0).
    ~http_listener();
    http_listener(const http_listener&) = delete;
    http_listener& operator=(const http_listener&) = delete;

    // [main] Binds and begins to accept. Errors: category config, naming address, port or file.
    result<void> start();
    void accept_from_now(); // [any-thread] after start() with `waits`
    // [any-thread] The bound port; 0 before start().
    unsigned short port() const noexcept;
    // [any-thread]
    std::size_t connections() const noexcept;
    // [any-thread] No new connections; those open go on.
    void stop_accepting();
    // [any-thread] stop_accepting(), lets running requests be answered for at most `drain`, with
    // "connection: close", closes the rest, then calls on_stopped (may be empty) on the io_context.
    // An idle connection is closed a moment later, as its next request may be on its way.
    void stop(std::chrono::milliseconds drain, std::function<void()> on_stopped = {});

    // [any-thread] What it shows who connects; null: it speaks plain HTTP, or was not started.
    std::shared_ptr<const tls_identity> identity() const;
    // [any-thread] For connections from now on; those open go on with theirs. Only with TLS.
    void use(std::shared_ptr<const tls_identity> identity);

    // ---- for another program that goes on with the sockets ----
    // [any-thread] The listening socket once more, close-on-exec, the caller's; while it is open,
    // clients that connect after stop() wait for whoever accepts next. -1 before start().
    int share_socket() const;
    // [any-thread] As stop(), but idle plain connections are not closed: done gets their
    // descriptors, close-on-exec.
    void hand_over(std::chrono::milliseconds drain, std::function<void(std::vector<int>)> done);
    // [any-thread] After start(): serves a connection that was accepted elsewhere and is idle.
    void adopt(int connection);

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace mortise::host
