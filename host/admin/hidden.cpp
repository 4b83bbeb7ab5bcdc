// SPDX-License-Identifier: Apache-2.0
#include "admin/hidden.hpp"

#include "base/bearer.hpp"
#include "base/log.hpp"
#include "config/schema.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {

namespace json = boost::json;

namespace {

constexpr std::string_view stars = "***";

// The text of a member whose name says that it lets somebody in: {"Authorization": "x"}, or that of
// "value" in {"name": "Authorization", "value": "x"}, as lists of header fields are written.
bool is_bearer(const json::object& object, std::string_view key) {
    if (is_bearer_member(key)) return true;
    if (key != "value") return false;
    for (const char* naming : {"name", "key"})
        if (const auto* name = object.if_contains(naming); name != nullptr && name->is_string())
            return is_bearer_member(name->get_string());
    return false;
}

// Or a list of such, as header fields are kept that may come more than once.
bool has_text(const json::value& v) {
    if (const auto* list = v.if_array()) return std::any_of(list->begin(), list->end(), has_text);
    return v.is_string() && !v.get_string().empty() && v.get_string() != stars;
}

void cover(json::value& v) {
    if (auto* list = v.if_array())
        for (auto& one : *list)
            cover(one);
    else if (has_text(v))
        v = stars;
}

} // namespace

bool holds_known_secret(const json::value& value) {
    if (const auto* text = value.if_string()) return redacted(*text) != std::string_view(*text);
    if (const auto* list = value.if_array())
        return std::any_of(list->begin(), list->end(), holds_known_secret);
    if (const auto* object = value.if_object())
        return std::any_of(object->begin(), object->end(), [object](const auto& member) {
            return holds_known_secret(member.value()) ||
                   redacted(member.key()) != std::string_view(member.key()) ||
                   (has_text(member.value()) && is_bearer(*object, member.key()));
        });
    return false;
}

void hide_known_secrets(json::value& value) {
    if (auto* text = value.if_string()) {
        auto clean = redacted(*text);
        if (clean != std::string_view(*text)) *text = clean;
    } else if (auto* list = value.if_array()) {
        for (auto& one : *list)
            hide_known_secrets(one);
    } else if (auto* object = value.if_object()) {
        json::object clean;
        clean.reserve(object->size());
        for (auto& member : *object)
            if (is_bearer(*object, member.key())) cover(member.value());
        for (auto& member : *object) {
            hide_known_secrets(member.value());
            clean.insert_or_assign(redacted(member.key()), std::move(member.value()));
        }
        *object = std::move(clean);
    }
}

void hide_marked(json::value& value, std::string_view schema_text) {
    if (schema_text.find("x-secret") == std::string_view::npos) return;
    boost::system::error_code ec;
    const auto document = json::parse({schema_text.data(), schema_text.size()}, ec);
    if (!ec) redact(value, document);
}

void hide_url_passwords(json::value& value) {
    if (auto* text = value.if_string()) {
        const auto begin = text->find("://");
        if (begin == json::string::npos) return;
        const auto first = begin + 3;
        const auto end = std::min(text->find_first_of("/?# ", first), text->size());
        const auto at = std::string_view(*text).substr(first, end - first).rfind('@');
        if (at == std::string_view::npos) return;
        text->replace(first, at, "***");
    } else if (auto* list = value.if_array()) {
        for (auto& one : *list)
            hide_url_passwords(one);
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object)
            hide_url_passwords(member.value());
    }
}

} // namespace mortise::host
