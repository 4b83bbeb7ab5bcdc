// SPDX-License-Identifier: Apache-2.0
//
// Content Server's REST API as the operations see it: requests with the shared ticket, one repeat
// after a re-login, bodies in the form the server takes, answers as JSON, lists page by page.
// [strand] of the instance.
#pragma once

#include "content_server/errors.hpp"
#include "content_server/session.hpp"

#include <mortise/sdk/body_stream.hpp>
#include <mortise/sdk/call.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/sdk/url.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace content_server {

// A list to read. body: the fields of a POST list (search); null for a GET list.
class list_request {
public:
    list_request(mortise::url at, subject of_what, std::size_t most)
        : url(std::move(at)), about(std::move(of_what)), limit(most) {}
    mortise::url url;
    subject about;
    std::size_t limit;           // items wanted at most
    std::size_t page_size = 100; // asked for; a server may give fewer
    mortise::json::value body;
};

class client {
public:
    // Throws CONFIG when the connection's settings do not fit together.
    client(mortise::instance& in, connection to);

    // path below "/api", already encoded: "v2/nodes".
    mortise::url at(std::string_view path) const;
    mortise::url at_node(std::int64_t id, std::string_view below = {}) const;

    // Any status. A 401 renews the log-in, once for all calls, and repeats the request once. A
    // request with a content stream cannot be repeated: it ends with a retryable error instead.
    mortise::task<mortise::http_response> send(mortise::call_context& c,
                                               mortise::http_request request);

    mortise::task<mortise::json::value>
    get(mortise::call_context& c, std::string url, subject about);
    // body null: none.
    mortise::task<mortise::json::value> write(mortise::call_context& c,
                                              std::string method,
                                              std::string url,
                                              mortise::json::value body,
                                              subject about);
    // Plain form fields, where a family of addresses takes nothing else.
    mortise::task<mortise::json::value> write_form(mortise::call_context& c,
                                                   std::string method,
                                                   std::string url,
                                                   mortise::form_body form,
                                                   subject about);
    // A POST that only reads.
    mortise::task<mortise::json::value>
    query(mortise::call_context& c, std::string url, mortise::json::value body, subject about);
    // multipart/form-data: the fields as "body" and one file part.
    mortise::task<mortise::json::value> upload(mortise::call_context& c,
                                               std::string url,
                                               mortise::json::value fields,
                                               std::string file_name,
                                               std::string media_type,
                                               std::string bytes,
                                               subject about);
    // The same with a content, in constant memory. When the ticket has expired the content is sent
    // again if its source can be read again, otherwise it ends with a retryable error.
    mortise::task<mortise::json::value> upload(mortise::call_context& c,
                                               std::string url,
                                               mortise::json::value fields,
                                               std::string file_name,
                                               std::string media_type,
                                               mortise::content_stream& from,
                                               subject about);
    // One try at sending a piece of a content as the file of a form; any status. A refused ticket
    // is given up, so that the next try logs in.
    mortise::task<mortise::http_response> send_piece(mortise::call_context& c,
                                                     std::string url,
                                                     mortise::content_form form,
                                                     mortise::content_stream& from,
                                                     std::optional<std::uint64_t> bytes);
    // The items of a list, pages put together; what is "results" in the answers.
    mortise::task<mortise::json::array> list(mortise::call_context& c, list_request what);

    const connection& target() const noexcept { return to_; }
    mortise::instance& owner() noexcept { return in_; }

private:
    mortise::task<mortise::json::value>
    exchange(mortise::call_context& c, mortise::http_request request, subject about, access how);
    // Has this call written already? Then a later failure of it is not without effect.
    bool has_written(const mortise::call_context& c) const;
    void note_written(const mortise::call_context& c);
    void put_body(mortise::http_request& request, const mortise::json::value& body) const;

    mortise::instance& in_;
    const connection to_;
    log_in_session session_;
    std::set<mortise_handle> writers_; // calls that have written, the latest
};

} // namespace content_server
