// SPDX-License-Identifier: Apache-2.0
// Turns the bytes of a connection into inbound requests, within limits. No I/O: it is fed, and says
// what to do next. Used by the listener and by the fuzzer. One thread at a time.
#pragma once

#include "http/listener.hpp"

#include <cstddef>
#include <memory>

namespace mortise::host {

struct parse_limits {
    std::uint64_t max_body = 0;
    std::uint32_t max_header = 0;
};

class request_parser {
public:
    enum class state {
        idle,    // nothing of the next request has come
        header,  // in the request line or the fields
        body,    // the fields are complete and accepted, the body is not
        done,    // take() it
        refused, // see refusal(); the connection must be closed after the answer
    };

    explicit request_parser(const parse_limits& limits);
    ~request_parser();
    request_parser(const request_parser&) = delete;
    request_parser& operator=(const request_parser&) = delete;

    // Takes bytes that follow those before. What belongs to a next request (pipelining) is kept.
    state feed(std::string_view bytes);
    state now() const noexcept;
    // After done: the request. feed({}) then goes on with the bytes kept.
    inbound_request take();

    // Of the request in work or just taken, until the next feed():
    bool keep_alive() const noexcept;
    bool is_head() const noexcept;
    bool is_http_1_0() const noexcept;
    // In state body: the request without its body.
    inbound_request head() const;
    // In state body: takes less of it than the limits say. False: it is known to be longer, and now
    // refused.
    bool limit_body(std::uint64_t most);
    // True once for each request whose sender waits for "100 Continue" before the body.
    bool wants_continue() noexcept;
    // The answer to give when refused.
    const inbound_response& refusal() const noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace mortise::host
