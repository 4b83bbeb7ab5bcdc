// SPDX-License-Identifier: Apache-2.0
#include "kit/message.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace json = boost::json;

namespace mortise::sandbox {

namespace {

constexpr std::uint64_t max_text_body = 16 * 1024 * 1024;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

const std::string* find_header(const header_list& headers, std::string_view name) {
    for (const auto& [key, value] : headers)
        if (same_name(key, name)) return &value;
    return nullptr;
}

std::string request::header(std::string_view name) const {
    const std::string* found = find_header(headers, name);
    return found ? *found : std::string();
}

std::string request::query_value(std::string_view name, std::string_view otherwise) const {
    const auto found = query.find(std::string(name));
    return found == query.end() ? std::string(otherwise) : found->second;
}

bool request::has_query(std::string_view name) const {
    return query.find(std::string(name)) != query.end();
}

std::vector<std::string> request::query_values(std::string_view name) const {
    std::vector<std::string> out;
    const auto [first, last] = query.equal_range(std::string(name));
    for (auto it = first; it != last; ++it)
        out.push_back(it->second);
    return out;
}

std::int64_t request::query_int(std::string_view name, std::int64_t otherwise) const {
    const auto found = query.find(std::string(name));
    if (found == query.end() || found->second.empty()) return otherwise;
    const std::string& text = found->second;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        throw http_error(400, "query parameter " + std::string(name) +
                                  " must be a whole number, not \"" + text + "\"");
    return value;
}

const std::string& request::param(std::string_view name) const {
    const auto found = params.find(std::string(name));
    if (found == params.end())
        throw std::logic_error("route " + route + " has no capture {" + std::string(name) + "}");
    return found->second;
}

std::string request::cookie(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (!same_name(key, "Cookie")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            std::string_view pair = rest.substr(0, end);
            while (!pair.empty() && pair.front() == ' ')
                pair.remove_prefix(1);
            const std::size_t equals = pair.find('=');
            if (equals != std::string_view::npos && pair.substr(0, equals) == name)
                return std::string(pair.substr(equals + 1));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return {};
}

std::string request::body() const {
    if (content.size() > max_text_body)
        throw http_error(413, "a body of " + std::to_string(content.size()) +
                                  " bytes is too large here; the limit is 16 MiB");
    return content.text();
}

json::value request::json() const {
    const std::string text = body();
    if (text.empty()) return nullptr;
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    if (error) throw http_error(400, "the body is not JSON: " + error.message());
    return value;
}

json::object request::json_object() const {
    json::value value = json();
    if (!value.is_object()) throw http_error(400, "the body must be a JSON object");
    return std::move(value.as_object());
}

const form_field* find_field(const std::vector<form_field>& form, std::string_view name) {
    for (const form_field& f : form)
        if (f.name == name) return &f;
    return nullptr;
}

reply& reply::set(std::string name, std::string value) & {
    std::erase_if(headers, [&](const auto& h) { return same_name(h.first, name); });
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

reply&& reply::set(std::string name, std::string value) && {
    return std::move(set(std::move(name), std::move(value)));
}

reply& reply::add(std::string name, std::string value) & {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

reply reply::json(unsigned status, const json::value& body) {
    return text(status, json::serialize(body), "application/json");
}

reply reply::text(unsigned status, std::string body, std::string type) {
    reply a;
    a.status = status;
    a.content = blob(std::move(body));
    a.set("Content-Type", std::move(type));
    return a;
}

reply reply::empty(unsigned status) {
    reply a;
    a.status = status;
    return a;
}

namespace {

// One range of "bytes=a-b", "bytes=a-", "bytes=-n"; anything else is ignored as RFC 9110 allows.
struct byte_range {
    enum { whole, part, unsatisfiable } kind = whole;
    std::uint64_t first = 0;
    std::uint64_t length = 0;
};

byte_range read_range(std::string_view text, std::uint64_t size) {
    byte_range out;
    if (!text.starts_with("bytes=") || text.find(',') != std::string_view::npos) return out;
    text.remove_prefix(6);
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return out;
    const auto number = [](std::string_view t, std::uint64_t& value) {
        const auto [end, error] = std::from_chars(t.data(), t.data() + t.size(), value);
        return error == std::errc() && end == t.data() + t.size();
    };
    const std::string_view from = text.substr(0, dash);
    const std::string_view to = text.substr(dash + 1);
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    if (from.empty()) {
        if (!number(to, b)) return out;
        if (b == 0 || size == 0) return {byte_range::unsatisfiable, 0, 0};
        b = std::min(b, size);
        return {byte_range::part, size - b, b};
    }
    if (!number(from, a) || (!to.empty() && !number(to, b))) return out;
    if (!to.empty() && b < a) return out;
    if (a >= size) return {byte_range::unsatisfiable, 0, 0};
    const std::uint64_t last = to.empty() ? size - 1 : std::min(b, size - 1);
    return {byte_range::part, a, last - a + 1};
}

} // namespace

reply reply::file(
    const request& r, blob content, std::string type, std::string filename, std::string etag) {
    reply a;
    const std::uint64_t size = content.size();
    a.set("Accept-Ranges", "bytes");
    if (!etag.empty()) a.set("ETag", etag);
    if (!etag.empty() && r.header("If-None-Match") == etag) {
        a.status = 304;
        return a;
    }
    a.set("Content-Type", std::move(type));
    if (!filename.empty()) {
        std::string plain;
        for (const char c : filename)
            plain += c == '"' || c == '\\' || static_cast<unsigned char>(c) < 32 ? '_' : c;
        a.set("Content-Disposition", "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" +
                                         percent_encode(filename));
    }
    const std::string condition = r.header("If-Range");
    const bool use_range = condition.empty() || condition == etag;
    const byte_range range = use_range ? read_range(r.header("Range"), size) : byte_range{};
    if (range.kind == byte_range::unsatisfiable) {
        a.status = 416;
        a.set("Content-Range", "bytes */" + std::to_string(size));
        return a;
    }
    if (range.kind == byte_range::part) {
        a.status = 206;
        a.set("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                   std::to_string(range.first + range.length - 1) + "/" +
                                   std::to_string(size));
        a.content = content.slice(range.first, range.length);
        return a;
    }
    a.content = std::move(content);
    return a;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += "0123456789ABCDEF"[byte >> 4];
        out += "0123456789ABCDEF"[byte & 15];
    }
    return out;
}

std::multimap<std::string, std::string> parse_query(std::string_view query) {
    std::multimap<std::string, std::string> out;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (!pair.empty())
            out.emplace(percent_decode(pair.substr(0, equals), true),
                        percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return out;
}

request
make_request(std::string method, std::string target, header_list headers, std::string body) {
    request r;
    r.method = std::move(method);
    r.target = std::move(target);
    const std::string_view all = r.target;
    const std::size_t mark = std::min(all.find('?'), all.size());
    std::string_view raw = all.substr(0, mark);
    r.query = parse_query(all.substr(std::min(mark + 1, all.size())));
    // Split before decoding, so that an encoded slash stays inside its segment.
    r.path = percent_decode(raw, false);
    while (!raw.empty()) {
        const std::size_t end = std::min(raw.find('/'), raw.size());
        if (end != 0) r.segments.push_back(percent_decode(raw.substr(0, end), false));
        raw.remove_prefix(std::min(end + 1, raw.size()));
    }
    r.headers = std::move(headers);
    r.content = blob(std::move(body));
    return r;
}

std::string_view reason_phrase(unsigned status) {
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Range Not Satisfiable";
    case 422:
        return "Unprocessable Content";
    case 423:
        return "Locked";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return "Status";
    }
}

} // namespace mortise::sandbox
