// SPDX-License-Identifier: Apache-2.0
// Request and reply as an emulator's handlers see them. Plain values, no sockets.
#pragma once

#include "kit/blob.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mortise::sandbox {

using header_list = std::vector<std::pair<std::string, std::string>>;

// First value of a header, case-insensitive name; nullptr when absent.
const std::string* find_header(const header_list& headers, std::string_view name);

// One field of a form; a file part has a filename.
struct form_field {
    std::string name;
    std::string filename;     // empty: an ordinary field
    std::string content_type; // of a multipart part; may be empty
    blob content;
    bool is_file() const noexcept { return !filename.empty(); }
    std::string text() const { return content.text(); }
};

struct request {
    std::string method;                // upper case
    std::string target;                // as sent: path and query
    std::string path;                  // percent-decoded, without query; a trailing slash is kept
    std::vector<std::string> segments; // decoded, no empty ones
    std::multimap<std::string, std::string> query;
    std::map<std::string, std::string> params; // filled in by the router
    std::string route;                         // name of the matched route, or its pattern
    header_list headers;
    blob content; // the body; above 1 MiB it lies in a temporary file

    // "" when absent, the first when repeated.
    std::string header(std::string_view name) const;
    bool has_header(std::string_view name) const { return find_header(headers, name) != nullptr; }
    std::string query_value(std::string_view name, std::string_view otherwise = {}) const;
    bool has_query(std::string_view name) const;
    std::vector<std::string> query_values(std::string_view name) const;
    // A whole number; throws http_error(400) naming the parameter when it is not one.
    std::int64_t query_int(std::string_view name, std::int64_t otherwise) const;
    // Path capture; throws std::logic_error when the route has no such capture.
    const std::string& param(std::string_view name) const;
    std::string cookie(std::string_view name) const;

    // The body as text (for small bodies: throws http_error(413) above 16 MiB).
    std::string body() const;
    // The body as JSON; throws http_error(400). An empty body is null.
    boost::json::value json() const;
    boost::json::object json_object() const; // 400 unless an object
    // Fields of application/x-www-form-urlencoded or multipart/form-data, in order, repeated ones
    // kept; empty for other types. File parts refer into the body, nothing is copied.
    std::vector<form_field> form() const;
};

// First field with that name, or nullptr.
const form_field* find_field(const std::vector<form_field>& form, std::string_view name);

// How the server treats the connection while or instead of answering; set by faults.
enum class delivery {
    normal,
    cut_before_reply, // connection reset, nothing sent
    cut_mid_body,     // half the body, then reset
    withhold,         // never answered; the connection stays open until the client leaves
};

struct reply {
    unsigned status = 200;
    header_list headers;
    blob content;
    enum delivery delivery = delivery::normal;
    std::chrono::milliseconds delay{0}; // real time, before the first byte
    std::uint64_t declared_length = 0;  // Content-Length of a HEAD reply without content

    reply& set(std::string name, std::string value) &; // replaces
    reply&& set(std::string name, std::string value) &&;
    reply& add(std::string name, std::string value) &; // repeats (Set-Cookie)

    static reply json(unsigned status, const boost::json::value& body);
    static reply text(unsigned status, std::string body, std::string type = "text/plain");
    static reply empty(unsigned status);
    // Content with Range and If-None-Match support (200, 206, 304 or 416). filename, when given,
    // becomes Content-Disposition: attachment.
    static reply file(const request& r,
                      blob content,
                      std::string type,
                      std::string filename = {},
                      std::string etag = {});
};

// Thrown by handlers and helpers; emulator::error_reply shapes it the vendor's way.
class http_error : public std::runtime_error {
public:
    http_error(unsigned status_code, const std::string& message)
        : std::runtime_error(message), status(status_code) {}
    // With an answer of its own, sent as it is.
    http_error(const std::string& message, reply answer)
        : std::runtime_error(message), status(answer.status),
          whole(std::make_shared<const reply>(std::move(answer))) {}
    unsigned status;
    std::shared_ptr<const reply> whole;
};

// Helpers shared by handlers.
std::string percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text); // RFC 3986 unreserved stay
std::multimap<std::string, std::string> parse_query(std::string_view query);
// A request for emulator::handle without a socket; target may have a query.
request make_request(std::string method,
                     std::string target,
                     header_list headers = {},
                     std::string body = {});
std::string_view reason_phrase(unsigned status);

} // namespace mortise::sandbox
