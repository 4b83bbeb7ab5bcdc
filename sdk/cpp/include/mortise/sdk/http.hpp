// SPDX-License-Identifier: Apache-2.0
//
// Outgoing HTTP through the host. Any status is a response; http_response::require_ok() turns the
// bad ones into errors. The host does not retry: the engine does, by the operation's effect class.
#pragma once

#include <mortise/http.h>
#include <mortise/sdk/content.hpp>
#include <mortise/sdk/error.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/sdk/task.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mortise {

class instance;
class call_context;

// Classes with constructors on purpose: as temporaries they are safe on GCC 12, aggregates are not.
class http_request {
public:
    http_request(std::string method_name, std::string address)
        : method(std::move(method_name)), url(std::move(address)) {}

    static http_request get(std::string url) { return {"GET", std::move(url)}; }
    static http_request post(std::string url) { return {"POST", std::move(url)}; }
    static http_request put(std::string url) { return {"PUT", std::move(url)}; }
    static http_request patch(std::string url) { return {"PATCH", std::move(url)}; }
    static http_request del(std::string url) { return {"DELETE", std::move(url)}; }

    http_request& header(std::string name, std::string value) &;
    http_request&& header(std::string name, std::string value) &&;
    http_request& bearer(std::string_view token) &;
    http_request&& bearer(std::string_view token) &&;
    http_request& basic(std::string_view user, std::string_view password) &;
    http_request&& basic(std::string_view user, std::string_view password) &&;
    // Sets the body and its Content-Type.
    http_request& json(const json::value& value) &;
    http_request&& json(const json::value& value) &&;
    http_request& text(std::string media_type, std::string body_text) &;
    http_request&& text(std::string media_type, std::string body_text) &&;

    std::string method;
    std::string url; // absolute and percent-encoded: see url.hpp
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    content_stream content;               // instead of body; see also send_content()
    std::chrono::milliseconds timeout{0}; // whole exchange, with content in either direction the
                                          // longest time without progress; 0 = the connection's
    std::uint64_t max_response_bytes = 0; // 0 = the connection's default
    bool follow_redirects = true;
    bool stream_response = false; // a 2xx arrives in http_response::content
};

class http_response {
public:
    std::uint32_t status = 0;
    std::vector<std::pair<std::string, std::string>> headers; // lower-case names
    std::string body;
    content_stream content;
    std::string effective_url;
    std::chrono::microseconds elapsed{0};

    bool ok() const noexcept { return status >= 200 && status < 300; }
    // The first value, empty when there is none. name in lower case.
    std::string_view header(std::string_view name) const noexcept;
    // The body within the JSON profile; REMOTE_PROTOCOL when it is not.
    json::value json(const parse_options& options = {}) const;
    // Throws to_error(object) unless 2xx. object: "<plugin>.<object>", e.g. "acme.contact".
    const http_response& require_ok(std::string_view object) const;
    // What a status means: 400/422 input, 401 auth, 403 denied, 404/410 not_found, 408 timeout,
    // 409/412 conflict, 429 rate_limit, 5xx unavailable; Retry-After; a bit of the body; effect
    // none for 4xx and 503, unknown for other 5xx. code is "<object>.<reason>".
    error to_error(std::string_view object) const;
};

// A light handle: copy it. Comes from instance::http() (bound to no call: for logins) or
// call_context::http() (the call's deadline, cancel and trace apply).
class http_client {
public:
    http_client(instance& owner, call_context* call) noexcept : owner_(&owner), call_(call) {}
    // Throws mortise::error when there is no response; effect tells whether the request was sent.
    task<http_response> send(http_request request) const {
        return send_on(owner_, call_, std::move(request));
    }

private:
    static task<http_response> send_on(instance* owner, call_context* call, http_request request);
    instance* owner_;
    call_context* call_;
};

} // namespace mortise
