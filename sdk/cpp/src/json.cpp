// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/json.hpp>

#include <boost/json/serialize.hpp>

#include <charconv>
#include <cmath>

namespace mortise {
namespace {

[[noreturn]] void fail_at(std::string_view path,
                          enum category blame,
                          const json::value* found,
                          std::string_view expected) {
    std::string message = "\"";
    message.append(path);
    if (found) {
        message.append("\": expected ").append(expected).append(", found ");
        message.append(type_in_words(*found)).append(".");
    } else {
        message.append("\" is missing; expected ").append(expected).append(".");
    }
    throw error(blame, found ? "sdk.json.type" : "sdk.json.missing", std::move(message));
}

const json::value&
at(const json::value& from, std::string_view path, enum category blame, std::string_view expected) {
    const json::value* v = find_json(from, path);
    if (!v) fail_at(path, blame, nullptr, expected);
    return *v;
}

const json::value* present(const json::value& from, std::string_view path) noexcept {
    const json::value* v = find_json(from, path);
    return v && !v->is_null() ? v : nullptr;
}

std::optional<std::int64_t> to_int(const json::value& v) noexcept {
    if (const auto* i = v.if_int64()) return *i;
    if (const auto* u = v.if_uint64(); u && *u <= INT64_MAX) return static_cast<std::int64_t>(*u);
    return std::nullopt;
}

bool is_decimal(std::string_view text) noexcept {
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    const std::size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    const std::string_view fraction =
        dot == std::string_view::npos ? std::string_view("0") : text.substr(dot + 1);
    constexpr std::string_view digits = "0123456789";
    return !whole.empty() && !fraction.empty() &&
           whole.find_first_not_of(digits) == std::string_view::npos &&
           fraction.find_first_not_of(digits) == std::string_view::npos;
}

} // namespace

std::string_view type_in_words(const json::value& value) noexcept {
    switch (value.kind()) {
    case json::kind::null:
        return "null";
    case json::kind::bool_:
        return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
        return "a whole number";
    case json::kind::double_:
        return "a number with a fraction";
    case json::kind::string:
        return "text";
    case json::kind::array:
        return "an array";
    case json::kind::object:
        return "an object";
    }
    return "something unknown";
}

const json::value* find_json(const json::value& from, std::string_view path) noexcept {
    const json::value* here = &from;
    while (!path.empty() && here) {
        const std::size_t dot = path.find('.');
        const std::string_view key = path.substr(0, dot);
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
        if (const auto* o = here->if_object()) {
            here = o->if_contains(key);
        } else if (const auto* a = here->if_array()) {
            std::size_t index = 0;
            const auto [end, ec] = std::from_chars(key.data(), key.data() + key.size(), index);
            const bool whole = ec == std::errc() && end == key.data() + key.size();
            here = whole && index < a->size() ? &(*a)[index] : nullptr;
        } else {
            here = nullptr;
        }
    }
    return here;
}

const json::value& require(const json::value& from, std::string_view path, enum category blame) {
    return at(from, path, blame, "a value");
}

std::string require_string(const json::value& from, std::string_view path, enum category blame) {
    const json::value& v = at(from, path, blame, "text");
    if (const auto* s = v.if_string()) return std::string(*s);
    fail_at(path, blame, &v, "text");
}

std::int64_t require_int(const json::value& from, std::string_view path, enum category blame) {
    const json::value& v = at(from, path, blame, "a whole number");
    if (const auto i = to_int(v)) return *i;
    fail_at(path, blame, &v, "a whole number below 2^63");
}

bool require_bool(const json::value& from, std::string_view path, enum category blame) {
    const json::value& v = at(from, path, blame, "true or false");
    if (const auto* b = v.if_bool()) return *b;
    fail_at(path, blame, &v, "true or false");
}

const json::object&
require_object(const json::value& from, std::string_view path, enum category blame) {
    const json::value& v = at(from, path, blame, "an object");
    if (const auto* o = v.if_object()) return *o;
    fail_at(path, blame, &v, "an object");
}

const json::array&
require_array(const json::value& from, std::string_view path, enum category blame) {
    const json::value& v = at(from, path, blame, "an array");
    if (const auto* a = v.if_array()) return *a;
    fail_at(path, blame, &v, "an array");
}

std::optional<std::string>
optional_string(const json::value& from, std::string_view path, enum category blame) {
    if (!present(from, path)) return std::nullopt;
    return require_string(from, path, blame);
}

std::optional<std::int64_t>
optional_int(const json::value& from, std::string_view path, enum category blame) {
    if (!present(from, path)) return std::nullopt;
    return require_int(from, path, blame);
}

std::optional<bool>
optional_bool(const json::value& from, std::string_view path, enum category blame) {
    if (!present(from, path)) return std::nullopt;
    return require_bool(from, path, blame);
}

std::string require_decimal(const json::value& from, std::string_view path, enum category blame) {
    constexpr std::string_view expected = "a decimal as text, such as \"12.50\"";
    const json::value& v = at(from, path, blame, expected);
    if (const auto* i = v.if_int64()) return std::to_string(*i);
    if (const auto* u = v.if_uint64()) return std::to_string(*u);
    if (const auto* s = v.if_string(); s && is_decimal(*s)) return std::string(*s);
    fail_at(path, blame, &v, expected);
}

std::string require_id(const json::value& from, std::string_view path, enum category blame) {
    const json::value& v = at(from, path, blame, "an id (text or a whole number)");
    if (const auto* s = v.if_string()) return std::string(*s);
    if (const auto* i = v.if_int64()) return std::to_string(*i);
    if (const auto* u = v.if_uint64()) return std::to_string(*u);
    fail_at(path, blame, &v, "an id (text or a whole number)");
}

namespace {

bool has_non_finite(const json::value& v) noexcept {
    if (const auto* d = v.if_double()) return !std::isfinite(*d);
    if (const auto* a = v.if_array()) {
        for (const auto& item : *a) {
            if (has_non_finite(item)) return true;
        }
    }
    if (const auto* o = v.if_object()) {
        for (const auto& member : *o) {
            if (has_non_finite(member.value())) return true;
        }
    }
    return false;
}

} // namespace

std::string serialize_json(const json::value& value) {
    if (has_non_finite(value)) {
        throw error(category::internal, "sdk.json.number",
                    "A number that JSON cannot hold (infinity or not a number) was to be sent; "
                    "check the computation that made it.");
    }
    return json::serialize(value);
}

} // namespace mortise
