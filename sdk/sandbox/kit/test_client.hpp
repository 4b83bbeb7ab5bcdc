// SPDX-License-Identifier: Apache-2.0
// Small blocking HTTP client and a small webhook receiver, for tests of emulators.
#pragma once

#include "kit/message.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace mortise::sandbox {

struct http_answer {
    unsigned status = 0; // 0: the connection ended or timed out without an answer
    header_list headers;
    std::string body;
    bool complete = true; // false: cut in the middle of the body
    std::string error;
    std::string header(std::string_view name) const;
    boost::json::value json() const; // throws when the body is not JSON
};

// One keep-alive connection; reconnects as needed. Not thread-safe.
class http_client {
public:
    // base_url "http://127.0.0.1:port[/prefix]"; headers are sent with every request.
    explicit http_client(std::string base_url, header_list headers = {});
    ~http_client();
    http_client(http_client&&) noexcept;
    http_client& operator=(http_client&&) noexcept;

    // target: a path (put behind the base URL's prefix) or an absolute http URL.
    http_answer send(std::string method,
                     const std::string& target,
                     std::string body = {},
                     header_list headers = {});
    http_answer get(const std::string& target, header_list headers = {});
    http_answer post(const std::string& target, const boost::json::value& body);
    http_answer put(const std::string& target, const boost::json::value& body);
    http_answer patch(const std::string& target, const boost::json::value& body);
    http_answer del(const std::string& target);

    void set_header(const std::string& name, std::string value); // replaces
    void timeout(std::chrono::milliseconds t);                   // default 10 s

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

// A multipart/form-data body; returns {content type with boundary, body}.
std::pair<std::string, std::string> make_multipart(const std::vector<form_field>& fields);

// Receives webhooks on a loopback port of its own.
class webhook_receiver {
public:
    webhook_receiver();
    ~webhook_receiver();
    std::string url(const std::string& path = "/hook") const;
    // Waits until n have come (in all) and returns them; fewer when the deadline passes.
    std::vector<request> wait(std::size_t n,
                              std::chrono::milliseconds deadline = std::chrono::seconds(10));
    // The status it answers with from now on; default 200.
    void answer_with(unsigned status);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace mortise::sandbox
