// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/http.hpp>
#include <mortise/sdk/time_text.hpp>
#include <mortise/sdk/url.hpp>

#include <charconv>

namespace mortise {

http_request& http_request::header(std::string name, std::string value) & {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
}
http_request&& http_request::header(std::string name, std::string value) && {
    return std::move(header(std::move(name), std::move(value)));
}
http_request& http_request::bearer(std::string_view token) & {
    return header("Authorization", "Bearer " + std::string(token));
}
http_request&& http_request::bearer(std::string_view token) && {
    return std::move(bearer(token));
}
http_request& http_request::basic(std::string_view user, std::string_view password) & {
    return header("Authorization",
                  "Basic " + base64_encode(std::string(user).append(":").append(password)));
}
http_request&& http_request::basic(std::string_view user, std::string_view password) && {
    return std::move(basic(user, password));
}
http_request& http_request::json(const json::value& value) & {
    return text("application/json", serialize_json(value));
}
http_request&& http_request::json(const json::value& value) && {
    return std::move(json(value));
}
http_request& http_request::text(std::string media_type, std::string body_text) & {
    std::erase_if(headers, [](const auto& h) { return h.first == "Content-Type"; });
    header("Content-Type", std::move(media_type));
    body = std::move(body_text);
    return *this;
}
http_request&& http_request::text(std::string media_type, std::string body_text) && {
    return std::move(text(std::move(media_type), std::move(body_text)));
}

std::string_view http_response::header(std::string_view name) const noexcept {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

json::value http_response::json(const parse_options& options) const {
    return parse_json(body, options);
}

const http_response& http_response::require_ok(std::string_view object) const {
    if (!ok()) throw to_error(object);
    return *this;
}

namespace {

struct meaning {
    enum category kind;
    std::string_view reason;
};

meaning meaning_of(std::uint32_t status) noexcept {
    switch (status) {
    case 401:
        return {category::auth, "unauthorized"};
    case 403:
        return {category::denied, "denied"};
    case 404:
    case 410:
        return {category::not_found, "not-found"};
    case 408:
        return {category::timeout, "timeout"};
    case 409:
    case 412:
        return {category::conflict, "conflict"};
    case 413:
        return {category::limit, "too-large"};
    case 429:
        return {category::rate_limit, "rate-limit"};
    default:
        break;
    }
    if (status >= 500) return {category::unavailable, "unavailable"};
    if (status >= 400) return {category::input, "rejected"};
    return {category::remote_protocol, "unexpected-status"};
}

std::optional<std::chrono::milliseconds> retry_after(std::string_view text,
                                                     std::string_view date) noexcept {
    if (text.empty()) return std::nullopt;
    std::uint32_t seconds = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (ec == std::errc() && end == text.data() + text.size()) {
        return std::chrono::seconds(seconds);
    }
    // Measured against the server's own clock, so that a wrong one there does no harm.
    const auto until = parse_http_date(text);
    const auto now = parse_http_date(date);
    if (!until || !now || *until < *now) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(*until - *now);
}

bool is_page(std::string_view body) noexcept {
    const std::size_t first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    return first != std::string_view::npos && body[first] == '<';
}

// The beginning of a body that is text, on one line.
std::string excerpt(std::string_view body) {
    constexpr std::size_t longest = 300;
    std::string out(body.substr(0, longest));
    for (char& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) c = ' ';
    }
    // Never cut a character in two.
    if (body.size() > longest) {
        while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0u) == 0x80u) {
            out.pop_back();
        }
        if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0u) out.pop_back();
        out += "...";
    }
    return out;
}

} // namespace

error http_response::to_error(std::string_view object) const {
    const meaning m = meaning_of(status);
    std::string message = "The system answered with status " + std::to_string(status) + " for ";
    message += object;
    if (!body.empty()) message += ": " + (is_page(body) ? "(an HTML page)" : excerpt(body));
    error e(m.kind, std::string(object).append(".").append(m.reason), std::move(message));
    e.http_status = status;
    e.retry_after = retry_after(header("retry-after"), header("date"));
    const bool refused = (status >= 400 && status < 500 && status != 408) || status == 503;
    e.effect = refused ? effect::none : effect::unknown;
    return e;
}

} // namespace mortise
