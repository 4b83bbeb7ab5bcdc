// SPDX-License-Identifier: Apache-2.0
#include "nearest.hpp"

#include <mortise/sdk/detail/codec.hpp>
#include <mortise/sdk/time_text.hpp>

#include <charconv>
#include <limits>

namespace mortise::detail {

std::string location::pointer() const {
    if (!up) return "(top)";
    std::string out = up->up ? up->pointer() : std::string();
    out += '/';
    if (index != no_index) return out + std::to_string(index);
    for (const char c : key) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

void location::fail(std::string_view reason, std::string_view text) const {
    std::string message = pointer().append(": ").append(text);
    if (message.back() != '?') message += '.';
    throw error(blame, std::string("sdk.json.").append(reason), std::move(message));
}

void location::expected(std::string_view what, const json::value& found) const {
    std::string text = "expected ";
    text.append(what).append(", found ").append(type_in_words(found));
    fail("type", text);
}

namespace {

json::object typed(std::string_view type) {
    json::object out;
    out["type"] = json::string(type);
    return out;
}

} // namespace

json::object codec<bool>::schema() {
    return typed("boolean");
}
void codec<bool>::read(const json::value& from, bool& to, const location& where) {
    if (!from.is_bool()) where.expected("true or false", from);
    to = from.get_bool();
}
void codec<bool>::write(const bool& from, json::value& to) {
    to = from;
}

json::object codec<std::int64_t>::schema() {
    return typed("integer");
}
void codec<std::int64_t>::read(const json::value& from, std::int64_t& to, const location& where) {
    if (const auto* i = from.if_int64()) {
        to = *i;
    } else if (from.is_uint64()) {
        if (from.get_uint64() > INT64_MAX) out_of_range(where, INT64_MIN, INT64_MAX);
        to = static_cast<std::int64_t>(from.get_uint64());
    } else {
        where.expected("a whole number", from);
    }
}
void codec<std::int64_t>::write(const std::int64_t& from, json::value& to) {
    to = from;
}

json::object codec<std::uint64_t>::schema() {
    return integer_schema(0, UINT64_MAX);
}
void codec<std::uint64_t>::read(const json::value& from, std::uint64_t& to, const location& where) {
    if (const auto* u = from.if_uint64()) {
        to = *u;
    } else if (from.is_int64()) {
        if (from.get_int64() < 0) where.fail("range", "must be 0 or more");
        to = static_cast<std::uint64_t>(from.get_int64());
    } else {
        where.expected("a whole number", from);
    }
}
void codec<std::uint64_t>::write(const std::uint64_t& from, json::value& to) {
    to = from;
}

json::object codec<double>::schema() {
    return typed("number");
}
void codec<double>::read(const json::value& from, double& to, const location& where) {
    if (!from.is_number()) where.expected("a number", from);
    to = from.to_number<double>();
}
void codec<double>::write(const double& from, json::value& to) {
    to = from;
}

json::object codec<std::string>::schema() {
    return typed("string");
}
void codec<std::string>::read(const json::value& from, std::string& to, const location& where) {
    if (!from.is_string()) where.expected("text", from);
    to = std::string(from.get_string());
}
void codec<std::string>::write(const std::string& from, json::value& to) {
    to = json::string(from);
}

json::object codec<secret_ref>::schema() {
    json::object out = typed("string");
    out["x-secret"] = true;
    return out;
}
void codec<secret_ref>::read(const json::value& from, secret_ref& to, const location& where) {
    const auto* o = from.if_object();
    const auto* name = o && o->size() == 1 ? o->if_contains("$secret") : nullptr;
    if (!name || !name->is_string()) {
        // Never the value: it may be the secret itself.
        where.fail("type", "expected a secret reference such as { env = \"NAME\" } in the "
                           "configuration, not the secret itself");
    }
    to.name = std::string(name->get_string());
}
void codec<secret_ref>::write(const secret_ref& from, json::value& to) {
    to.emplace_object()["$secret"] = json::string(from.name);
}

json::object codec<json::value>::schema() {
    return {};
}
void codec<json::value>::read(const json::value& from, json::value& to, const location&) {
    to = from;
}
void codec<json::value>::write(const json::value& from, json::value& to) {
    to = from;
}

json::object codec<json::object>::schema() {
    return typed("object");
}
void codec<json::object>::read(const json::value& from, json::object& to, const location& where) {
    to = object_of(from, where);
}
void codec<json::object>::write(const json::object& from, json::value& to) {
    to = from;
}

json::object codec<json::array>::schema() {
    return typed("array");
}
void codec<json::array>::read(const json::value& from, json::array& to, const location& where) {
    to = array_of(from, where);
}
void codec<json::array>::write(const json::array& from, json::value& to) {
    to = from;
}

json::object codec<std::chrono::milliseconds>::schema() {
    json::object out = typed("string");
    out["pattern"] = "^[0-9]+(ms|s|m|h|d)$";
    return out;
}
void codec<std::chrono::milliseconds>::read(const json::value& from,
                                            std::chrono::milliseconds& to,
                                            const location& where) {
    constexpr std::string_view what = "a duration such as \"30s\", \"5m\", \"2h\" or \"14d\"";
    const auto* s = from.if_string();
    if (!s) where.expected(what, from);
    const auto d = parse_duration(*s);
    if (!d) where.fail("type", std::string("expected ").append(what));
    to = *d;
}
void codec<std::chrono::milliseconds>::write(const std::chrono::milliseconds& from,
                                             json::value& to) {
    to = json::string(format_duration(from));
}

json::object codec<time_point>::schema() {
    json::object out = typed("string");
    out["format"] = "date-time";
    return out;
}
void codec<time_point>::read(const json::value& from, time_point& to, const location& where) {
    constexpr std::string_view what = "a time stamp such as \"2026-03-01T12:00:00Z\"";
    const auto* s = from.if_string();
    if (!s) where.expected(what, from);
    const auto t = parse_time(*s);
    if (!t) where.fail("type", std::string("expected ").append(what));
    to = *t;
}
void codec<time_point>::write(const time_point& from, json::value& to) {
    to = json::string(format_time(from));
}

json::object integer_schema(std::int64_t low, std::uint64_t high) {
    json::object out = typed("integer");
    if (low > INT64_MIN) out["minimum"] = low;
    if (high < INT64_MAX) out["maximum"] = high;
    return out;
}

void out_of_range(const location& where, std::int64_t low, std::uint64_t high) {
    where.fail("range", "must be from " + std::to_string(low) + " to " + std::to_string(high));
}

json::object enum_schema(const std::string_view* names, std::size_t n) {
    json::object out = typed("string");
    json::array& values = out["enum"].emplace_array();
    for (std::size_t i = 0; i < n; ++i)
        values.emplace_back(json::string(names[i]));
    return out;
}

std::size_t enum_index(const json::value& from,
                       const std::string_view* names,
                       std::size_t n,
                       const location& where) {
    const auto* s = from.if_string();
    if (!s) where.expected("one of the allowed words", from);
    std::string all;
    for (std::size_t i = 0; i < n; ++i) {
        if (names[i] == std::string_view(*s)) return i;
        all.append(i ? ", \"" : "\"").append(names[i]).append("\"");
    }
    std::string text = "\"" + std::string(*s) + "\" is not allowed here";
    const std::string_view near = nearest(*s, names, n);
    if (!near.empty()) text.append(" (did you mean \"").append(near).append("\"?)");
    where.fail("value", text.append("; allowed are ").append(all));
}

const json::array& array_of(const json::value& from, const location& where) {
    if (!from.is_array()) where.expected("an array", from);
    return from.get_array();
}

const json::object& object_of(const json::value& from, const location& where) {
    if (!from.is_object()) where.expected("an object", from);
    return from.get_object();
}

} // namespace mortise::detail
