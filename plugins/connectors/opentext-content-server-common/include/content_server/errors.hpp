// SPDX-License-Identifier: Apache-2.0
//
// What Content Server's refusals mean. Its status codes alone are not enough: a missing node is 400
// or 500, a duplicate name is 500, so the text decides.
#pragma once

#include <mortise/sdk/error.hpp>
#include <mortise/sdk/http.hpp>
#include <mortise/sdk/json.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace content_server {

// What a request is about: code "xecm.<object>.<reason>", message "... for <what>".
class subject {
public:
    subject(std::string object_word, std::string what_text)
        : object(std::move(object_word)), what(std::move(what_text)) {}
    std::string object;
    std::string what;
};

// Did the request only read? Then its failure left no effect whatever the answer was.
enum class access { read, write };

// The text of {"error": ...} and its relatives, one line of bounded length; empty when there is
// none.
std::string vendor_text(std::string_view body);

bool is_html(std::string_view body) noexcept;

mortise::error error_of(const mortise::http_response& response, const subject& about, access how);

// The JSON of a successful answer. REMOTE_PROTOCOL for HTML and other text; an empty body is an
// empty object.
mortise::json::value
json_of(const mortise::http_response& response, const subject& about, access how);

} // namespace content_server
