// SPDX-License-Identifier: Apache-2.0
#include "kit/message.hpp"

#include <algorithm>

namespace mortise::sandbox {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), lower);
    return text;
}

// A parameter of a header such as `form-data; name="a"; filename="b"`.
std::string header_parameter(std::string_view header, std::string_view name) {
    std::size_t at = header.find(';');
    while (at != std::string_view::npos) {
        ++at;
        while (at < header.size() && (header[at] == ' ' || header[at] == '\t'))
            ++at;
        const std::size_t equals = header.find('=', at);
        if (equals == std::string_view::npos) return {};
        const std::string key = lowered(std::string(header.substr(at, equals - at)));
        std::string value;
        std::size_t i = equals + 1;
        if (i < header.size() && header[i] == '"') {
            for (++i; i < header.size() && header[i] != '"'; ++i) {
                if (header[i] == '\\' && i + 1 < header.size()) ++i;
                value += header[i];
            }
            at = header.find(';', std::min(i, header.size()));
        } else {
            at = header.find(';', i);
            value = std::string(header.substr(i, std::min(at, header.size()) - i));
            while (!value.empty() && value.back() == ' ')
                value.pop_back();
        }
        if (key == name) return value;
    }
    return {};
}

void read_part_headers(std::string_view text, form_field& field) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find("\r\n"), text.size());
        const std::string_view line = text.substr(0, end);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos) {
            const std::string key = lowered(std::string(line.substr(0, colon)));
            std::string_view value = line.substr(colon + 1);
            while (!value.empty() && value.front() == ' ')
                value.remove_prefix(1);
            if (key == "content-disposition") {
                field.name = header_parameter(value, "name");
                field.filename = header_parameter(value, "filename");
                // RFC 5987 form, sent by some clients for names outside ASCII.
                const std::string extended = header_parameter(value, "filename*");
                if (extended.starts_with("UTF-8''") || extended.starts_with("utf-8''"))
                    field.filename = percent_decode(extended.substr(7), false);
            } else if (key == "content-type") {
                field.content_type = std::string(value);
            }
        }
        text.remove_prefix(std::min(end + 2, text.size()));
    }
}

std::vector<form_field> read_multipart(const blob& content, const std::string& boundary) {
    constexpr std::size_t max_part_header = 16 * 1024;
    constexpr std::size_t max_parts = 1000;
    const auto broken = [](const std::string& what) {
        return http_error(400, "the multipart body is broken: " + what);
    };
    if (boundary.empty()) throw broken("the Content-Type has no boundary");
    const std::string opening = "--" + boundary;
    const std::string between = "\r\n--" + boundary;

    std::vector<form_field> fields;
    std::uint64_t at = content.find(opening);
    if (at == blob::npos) throw broken("its boundary \"" + boundary + "\" does not occur");
    at += opening.size();
    while (content.read(at, 2) != "--") {
        if (content.read(at, 2) != "\r\n") throw broken("no line end after a boundary");
        at += 2;
        form_field field;
        if (content.read(at, 2) == "\r\n") {
            at += 2; // a part without headers
        } else {
            const std::string head = content.read(at, max_part_header);
            const std::size_t end = head.find("\r\n\r\n");
            if (end == std::string::npos) throw broken("a part's headers do not end");
            read_part_headers(std::string_view(head).substr(0, end), field);
            at += end + 4;
        }
        const std::uint64_t end = content.find(between, at);
        if (end == blob::npos) throw broken("the last part does not end");
        field.content = content.slice(at, end - at);
        fields.push_back(std::move(field));
        if (fields.size() > max_parts) throw broken("more than 1000 parts");
        at = end + between.size();
    }
    return fields;
}

} // namespace

std::vector<form_field> request::form() const {
    const std::string type = header("Content-Type");
    const std::string kind = lowered(type.substr(0, type.find(';')));
    if (kind == "multipart/form-data")
        return read_multipart(content, header_parameter(type, "boundary"));
    std::vector<form_field> fields;
    if (kind != "application/x-www-form-urlencoded") return fields;
    const std::string text = body();
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view pair = rest.substr(0, end);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (!pair.empty()) {
            form_field field;
            field.name = percent_decode(pair.substr(0, equals), true);
            field.content =
                blob(percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
            fields.push_back(std::move(field));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return fields;
}

} // namespace mortise::sandbox
