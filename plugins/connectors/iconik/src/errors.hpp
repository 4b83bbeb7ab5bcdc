// SPDX-License-Identifier: Apache-2.0
//
// What iconik's refusals mean.
#pragma once

#include <mortise/sdk/http.hpp>

#include <string>
#include <string_view>

namespace iconik {

// The vendor's own words in an error body: {"errors": ["text"]} or {"errors": {"field": ["text"]}},
// else the text itself; one line, cut at 300 bytes, empty when there is nothing to quote.
std::string vendor_text(std::string_view body);

// The error of a response that is not 2xx. what: "asset 6f0c...", for the message; object: "asset",
// for the code "iconik.asset.<reason>". A failed GET has had no effect.
mortise::error error_of(const mortise::http_response& response,
                        std::string_view object,
                        std::string_view what,
                        bool is_read);

// The JSON of a 2xx response; null for an empty body. An HTML page or broken JSON is
// REMOTE_PROTOCOL.
mortise::json::value
json_of(const mortise::http_response& response, std::string_view object, std::string_view what);

} // namespace iconik
