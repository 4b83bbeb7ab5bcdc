// SPDX-License-Identifier: Apache-2.0
//
// Text for requests: percent-encoding, addresses, forms, multipart bodies, base64.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise {

// RFC 3986: all but letters, digits and -._~ .
std::string percent_encode(std::string_view text);
// Nothing for a broken escape. plus_is_space: for form data and queries.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// The decoded value of a name in "a=1&b=2"; nothing when it is not there.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

// Builds an address from a base; every part is encoded.
//     url("https://api.example.com/v1").segment("assets").segment(id).query("page", "2").str()
class url {
public:
    // base: absolute; a trailing slash is dropped.
    explicit url(std::string_view base);
    // Already encoded, "API/assets/v1"; slashes at its ends do not matter.
    url& path(std::string_view encoded);
    url& segment(std::string_view text);
    url& query(std::string_view name, std::string_view value);
    std::string str() const { return path_ + query_; }

private:
    std::string path_;
    std::string query_;
};

// application/x-www-form-urlencoded.
class form_body {
public:
    static constexpr std::string_view media_type = "application/x-www-form-urlencoded";
    form_body& add(std::string_view name, std::string_view value);
    const std::string& str() const noexcept { return text_; }

private:
    std::string text_;
};

// multipart/form-data for small parts held in memory.
class multipart_body {
public:
    // The boundary must not occur in a part; random text of the caller's or the default, which is
    // checked against every part and lengthened until it fits.
    multipart_body& add(std::string_view name, std::string_view value);
    multipart_body& add_file(std::string_view name,
                             std::string_view filename,
                             std::string_view media_type,
                             std::string_view bytes);
    std::string media_type() const;
    std::string str() const;

private:
    struct part {
        std::string head, body;
    };
    std::string boundary() const;
    std::vector<part> parts_;
};

std::string base64_encode(std::string_view bytes);
// Standard or URL-safe alphabet, padding optional; nothing for anything else.
std::optional<std::string> base64_decode(std::string_view text);

} // namespace mortise
