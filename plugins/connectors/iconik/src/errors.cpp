// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"

#include <mortise/sdk/json.hpp>

#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

constexpr std::size_t longest_quote = 300;

bool is_html(std::string_view body) noexcept {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && body[first] == '<';
}

void add_text(std::string& to, std::string_view text) {
    if (text.empty()) return;
    if (!to.empty()) to += "; ";
    to += text;
}

void add_messages(std::string& to, std::string_view field, const json::value& messages) {
    std::string inner;
    if (const auto* list = messages.if_array()) {
        for (const auto& m : *list) {
            if (const auto* s = m.if_string()) {
                add_text(inner, *s);
            } else {
                add_text(inner, mortise::serialize_json(m));
            }
        }
    } else if (const auto* s = messages.if_string()) {
        inner = *s;
    } else {
        inner = mortise::serialize_json(messages);
    }
    add_text(to, field.empty() ? inner : std::string(field).append(": ").append(inner));
}

// One line of bounded length that never ends within a UTF-8 character.
std::string shorten(std::string_view text) {
    std::string out(text.substr(0, longest_quote));
    for (char& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) c = ' ';
    }
    if (text.size() > longest_quote) {
        while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0u) == 0x80u) {
            out.pop_back();
        }
        if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0u) out.pop_back();
        out += "...";
    }
    return out;
}

std::string_view advice(std::uint32_t status) noexcept {
    switch (status) {
    case 401:
        return " Check app_id and auth_token (or email and password) and that base_url is the "
               "cluster of your region.";
    case 403:
        return " Give the connection's user the role and the permission on the object.";
    default:
        return {};
    }
}

} // namespace

std::string vendor_text(std::string_view body) {
    if (body.empty()) return {};
    if (is_html(body)) return "(an HTML page)";
    std::string out;
    try {
        const json::value parsed = mortise::parse_json(body);
        if (const json::value* errors = mortise::find_json(parsed, "errors")) {
            if (const auto* fields = errors->if_object()) {
                for (const auto& field : *fields)
                    add_messages(out, field.key(), field.value());
            } else {
                add_messages(out, {}, *errors);
            }
        }
    } catch (const error&) {
        // Not JSON: quoted as it is.
    }
    return shorten(out.empty() ? body : std::string_view(out));
}

error error_of(const mortise::http_response& response,
               std::string_view object,
               std::string_view what,
               bool is_read) {
    error e = response.to_error(std::string("iconik.").append(object));
    const std::string text = vendor_text(response.body);
    e.message = "iconik answered status " + std::to_string(response.status) + " for ";
    e.message.append(what);
    if (!text.empty()) e.message += ": \"" + text + "\"";
    e.message += ".";
    e.message += advice(response.status);
    if (response.status == 501) {
        // Not a fault that passes: this storage or object cannot do it.
        e.category = category::input;
        e.code = std::string("iconik.").append(object).append(".not-supported");
        e.retry = mortise::retry_advice::no;
        e.effect = mortise::effect::none;
    }
    if (is_read) e.effect = mortise::effect::none;
    return e;
}

json::value
json_of(const mortise::http_response& response, std::string_view object, std::string_view what) {
    if (response.body.find_first_not_of(" \t\r\n") == std::string::npos) return nullptr;
    if (is_html(response.body)) {
        error e(category::remote_protocol,
                std::string("iconik.").append(object).append(".not-json"),
                "iconik answered an HTML page instead of JSON for " + std::string(what) +
                    "; check that base_url is the address of an iconik cluster.");
        e.http_status = response.status;
        throw e;
    }
    mortise::parse_options options;
    const std::string place = "iconik's answer for " + std::string(what);
    options.what = place;
    return mortise::parse_json(response.body, options);
}

} // namespace iconik
