// SPDX-License-Identifier: Apache-2.0
#include "http/response_text.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <ctime>

namespace mortise::host {
namespace {

// RFC 9110 IMF-fixdate; strftime would follow the locale.
void append_date(std::string& out) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // The same for every answer of a second.
    thread_local std::time_t made_at = -1;
    thread_local char text[64];
    thread_local int n = 0;
    if (const std::time_t now = std::time(nullptr); now != made_at) {
        std::tm t{};
        ::gmtime_r(&now, &t);
        n = std::snprintf(text, sizeof text, "date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                          days[t.tm_wday], t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour,
                          t.tm_min, t.tm_sec);
        made_at = now;
    }
    out.append(text, static_cast<std::size_t>(n));
}

bool is_listeners_own(std::string_view name) {
    for (const std::string_view own : {"content-length", "connection", "date", "transfer-encoding",
                                       "keep-alive", "content-type"})
        if (equal_no_case(own, name)) return true;
    return false;
}

std::string find_fault(const inbound_response& r) {
    if (r.status < 200 || r.status > 599) return "status " + std::to_string(r.status);
    if (!is_header_value(r.content_type)) return "a line break in the content type";
    for (const auto& h : r.headers) {
        if (!is_http_token(h.name)) return "a malformed header name";
        if (!is_header_value(h.value)) return "a line break in header " + h.name;
    }
    return {};
}

} // namespace

inbound_response problem(unsigned status, std::string_view title, std::string_view detail) {
    boost::json::object o;
    o["type"] = "about:blank";
    o["title"] = boost::json::string_view(title.data(), title.size());
    o["status"] = status;
    if (!detail.empty()) o["detail"] = boost::json::string_view(detail.data(), detail.size());
    inbound_response r;
    r.status = status;
    r.content_type = "application/problem+json";
    r.body = boost::json::serialize(o);
    return r;
}

bool without_body(const inbound_response& r, const answer_frame& frame) noexcept {
    return frame.head || r.status == 204 || r.status == 304;
}

std::string response_head(inbound_response& r, const answer_frame& frame, std::string& complaint) {
    complaint = find_fault(r);
    if (!complaint.empty())
        r = problem(500, "Internal server error", "the answer could not be written");
    const auto reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(r.status));
    std::string out;
    out.reserve(256);
    out.append("HTTP/1.1 ").append(std::to_string(r.status)).append(" ");
    out.append(reason.data(), reason.size()).append("\r\n");
    append_date(out);
    if (r.status != 204 && r.status != 304) {
        if (!r.content_type.empty() && (r.stream || !r.body.empty()))
            out.append("content-type: ").append(r.content_type).append("\r\n");
        if (!r.stream)
            out.append("content-length: ").append(std::to_string(r.body.size())).append("\r\n");
        else if (!frame.old_version)
            out.append("transfer-encoding: chunked\r\n");
    }
    for (const auto& h : r.headers)
        if (!is_listeners_own(h.name))
            out.append(h.name).append(": ").append(h.value).append("\r\n");
    if (!frame.keep_alive)
        out.append("connection: close\r\n");
    else if (frame.old_version)
        out.append("connection: keep-alive\r\n");
    out.append("\r\n");
    return out;
}

} // namespace mortise::host
