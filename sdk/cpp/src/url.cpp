// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/url.hpp>

#include <array>
#include <cstdint>

namespace mortise {
namespace {

bool unreserved(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Quotes and line ends would break out of a header's value.
std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') {
            out += "%22";
        } else if (c == '\r') {
            out += "%0D";
        } else if (c == '\n') {
            out += "%0A";
        } else {
            out += c;
        }
    }
    return out += '"';
}

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (unreserved(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4u];
            out += digits[byte & 15u];
        }
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        const std::size_t equals = pair.find('=');
        const auto key = percent_decode(pair.substr(0, equals), true);
        if (!key || *key != name) continue;
        if (equals == std::string_view::npos) return std::string();
        return percent_decode(pair.substr(equals + 1), true);
    }
    return std::nullopt;
}

url::url(std::string_view base) : path_(base) {
    while (!path_.empty() && path_.back() == '/')
        path_.pop_back();
}

url& url::path(std::string_view encoded) {
    while (!encoded.empty() && encoded.front() == '/')
        encoded.remove_prefix(1);
    while (!encoded.empty() && encoded.back() == '/')
        encoded.remove_suffix(1);
    path_.append("/").append(encoded);
    return *this;
}

url& url::segment(std::string_view text) {
    // "." and ".." would be resolved away by whoever reads the address.
    if (text == "." || text == "..") {
        path_ += '/';
        for (std::size_t i = 0; i < text.size(); ++i)
            path_ += "%2E";
        return *this;
    }
    path_.append("/").append(percent_encode(text));
    return *this;
}

url& url::query(std::string_view name, std::string_view value) {
    query_ += query_.empty() && path_.find('?') == std::string::npos ? '?' : '&';
    query_.append(percent_encode(name)).append("=").append(percent_encode(value));
    return *this;
}

form_body& form_body::add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_.append(percent_encode(name)).append("=").append(percent_encode(value));
    return *this;
}

multipart_body& multipart_body::add(std::string_view name, std::string_view value) {
    parts_.push_back(
        {"Content-Disposition: form-data; name=" + in_quotes(name) + "\r\n", std::string(value)});
    return *this;
}

multipart_body& multipart_body::add_file(std::string_view name,
                                         std::string_view filename,
                                         std::string_view media_type,
                                         std::string_view bytes) {
    std::string head = "Content-Disposition: form-data; name=" + in_quotes(name) +
                       "; filename=" + in_quotes(filename) + "\r\nContent-Type: ";
    head.append(media_type).append("\r\n");
    parts_.push_back({std::move(head), std::string(bytes)});
    return *this;
}

std::string multipart_body::boundary() const {
    std::string out = "mortise-part-boundary";
    for (bool again = true; again;) {
        again = false;
        for (const auto& p : parts_) {
            if (p.body.find("--" + out) != std::string::npos) {
                out += "-x";
                again = true;
            }
        }
    }
    return out;
}

std::string multipart_body::media_type() const {
    return "multipart/form-data; boundary=" + boundary();
}

std::string multipart_body::str() const {
    const std::string line = "--" + boundary();
    std::string out;
    for (const auto& p : parts_) {
        out.append(line).append("\r\n").append(p.head).append("\r\n");
        out.append(p.body).append("\r\n");
    }
    return out.append(line).append("--\r\n");
}

std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t word = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            word = word << 8u | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= n ? alphabet[word >> (18 - 6 * k) & 63u] : '=';
        }
    }
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    while (!text.empty() && text.back() == '=')
        text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    std::uint32_t word = 0;
    int bits = 0;
    for (char c : text) {
        if (c == '-') c = '+';
        if (c == '_') c = '/';
        const std::size_t value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        word = word << 6u | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>(word >> bits & 255u);
        }
    }
    return out;
}

} // namespace mortise
