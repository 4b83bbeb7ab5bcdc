// SPDX-License-Identifier: Apache-2.0
#include "reference/toml_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>

namespace mortise::host::reference {

namespace json = boost::json;

namespace {

std::string quoted(std::string_view text) {
    const bool control = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    const bool awkward = text.find_first_of("\"\\") != std::string_view::npos;
    if (awkward && !control && text.find('\'') == std::string_view::npos)
        return "'" + std::string(text) + "'";
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            char code[8];
            std::snprintf(code, sizeof code, "\\u%04X", static_cast<unsigned>(c));
            out += code;
        } else {
            out += c;
        }
    }
    return out + '"';
}

} // namespace

std::string toml_key(std::string_view key) {
    const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
    return bare ? std::string(key) : quoted(key);
}

std::string toml_value(const json::value& value) {
    if (value.is_null()) return "\"\"";
    if (const json::string* s = value.if_string()) return quoted(*s);
    if (const json::array* all = value.if_array()) {
        std::string out = "[";
        for (const json::value& v : *all)
            out += (out.size() > 1 ? ", " : "") + toml_value(v);
        return out + "]";
    }
    if (const json::object* o = value.if_object()) {
        if (o->empty()) return "{}";
        std::string out = "{";
        for (const auto& m : *o)
            out +=
                (out.size() > 1 ? ", " : " ") + toml_key(m.key()) + " = " + toml_value(m.value());
        return out + " }";
    }
    if (value.is_double()) { // as people write it, not as 5E-1
        char text[64];
        std::snprintf(text, sizeof text, "%.15g", value.get_double());
        std::string out = text;
        return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
    }
    return json::serialize(value);
}

std::string wrapped(std::string_view text, std::string_view prefix, std::size_t width) {
    std::string out, line;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
        const std::string_view word = text.substr(at, end - at);
        at = end + 1;
        if (word.empty()) continue;
        if (!line.empty() && prefix.size() + line.size() + 1 + word.size() > width) {
            out += std::string(prefix) + line + "\n";
            line.clear();
        }
        if (!line.empty()) line += ' ';
        line += word;
    }
    return line.empty() ? out : out + std::string(prefix) + line + "\n";
}

} // namespace mortise::host::reference
