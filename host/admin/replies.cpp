// SPDX-License-Identifier: Apache-2.0
#include "admin/replies.hpp"

#include "admin/hidden.hpp"
#include "plugin/names.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {

namespace json = boost::json;

namespace {

std::string_view title_of(unsigned status) {
    switch (status) {
    case 400:
        return "Bad request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not found";
    case 405:
        return "Method not allowed";
    case 409:
        return "Conflict";
    case 421:
        return "Misdirected request";
    case 429:
        return "Too many requests";
    case 503:
        return "Service unavailable";
    default:
        return status < 500 ? "Refused" : "Failed";
    }
}

// No answer gives a known secret away, whoever put it where.
std::string text_of(const json::value& body) {
    if (!holds_known_secret(body)) return json::serialize(body);
    auto clean = body;
    hide_known_secrets(clean);
    return json::serialize(clean);
}

} // namespace

inbound_response json_reply(unsigned status, const json::value& body) {
    inbound_response r;
    r.status = status;
    r.body = text_of(body);
    return r;
}

inbound_response
problem_reply(unsigned status, std::string_view code, std::string_view detail, json::object more) {
    more["type"] = "about:blank";
    more["title"] = title_of(status);
    more["status"] = status;
    // It may repeat what a stranger sent.
    std::string text(detail);
    if (!is_utf8(text))
        std::replace_if(
            text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7e; },
            '?');
    more["detail"] = text;
    more["code"] = code;
    inbound_response r;
    r.status = status;
    r.content_type = "application/problem+json";
    r.body = text_of(json::value(std::move(more)));
    return r;
}

inbound_response refusal(const error& e) {
    unsigned status = 502;
    switch (e.category) {
    case category::not_found:
        status = 404;
        break;
    case category::conflict:
        status = 409;
        break;
    case category::input:
    case category::config:
        status = 400;
        break;
    case category::unavailable:
    case category::rate_limit:
        status = 503;
        break;
    case category::internal:
        status = 500;
        break;
    default:
        break;
    }
    json::object o;
    if (!e.details.empty()) {
        boost::system::error_code ec;
        const auto details = json::parse(e.details, ec);
        if (!ec && details.is_object()) o = details.get_object();
    }
    o["type"] = "about:blank";
    o["title"] = to_string(e.category);
    o["status"] = status;
    o["detail"] = e.message;
    o["code"] = e.code;
    inbound_response r;
    r.status = status;
    r.content_type = "application/problem+json";
    r.body = text_of(json::value(std::move(o)));
    return r;
}

} // namespace mortise::host
