// SPDX-License-Identifier: Apache-2.0
#include "config/jq_values.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cmath>
#include <limits>

namespace json = boost::json;

namespace mortise::host {

namespace {

constexpr int deepest = 128;

error too_large(const char* what) {
    return error(category::limit, "config.jq.size", what);
}

bool spend(std::size_t& budget, std::size_t n) {
    if (n > budget) return false;
    budget -= n;
    return true;
}

jv text(std::string_view s) {
    return jv_string_sized(s.data(), static_cast<int>(s.size()));
}

// False when the budget or the depth is passed; out is valid either way.
bool convert(const json::value& v, std::size_t& budget, int depth, jv& out) {
    out = jv_null();
    if (depth > deepest || !spend(budget, 4)) return false;
    switch (v.kind()) {
    case json::kind::null:
        return true;
    case json::kind::bool_:
        out = v.get_bool() ? jv_true() : jv_false();
        return true;
    case json::kind::int64:
        out = jv_number(static_cast<double>(v.get_int64()));
        return true;
    case json::kind::uint64:
        out = jv_number(static_cast<double>(v.get_uint64()));
        return true;
    case json::kind::double_:
        out = jv_number(v.get_double());
        return true;
    case json::kind::string:
        if (!spend(budget, v.get_string().size())) return false;
        out = text(v.get_string());
        return true;
    case json::kind::array: {
        out = jv_array();
        for (const json::value& item : v.get_array()) {
            jv made;
            const bool ok = convert(item, budget, depth + 1, made);
            out = jv_array_append(out, made);
            if (!ok) return false;
        }
        return true;
    }
    case json::kind::object: {
        out = jv_object();
        for (const auto& member : v.get_object()) {
            if (!spend(budget, member.key().size())) return false;
            jv made;
            const bool ok = convert(member.value(), budget, depth + 1, made);
            out = jv_object_set(out, text(member.key()), made);
            if (!ok) return false;
        }
        return true;
    }
    }
    return false;
}

json::value number(double d) {
    // As jq writes them: no NaN, and infinities become the largest numbers.
    if (std::isnan(d)) return nullptr;
    if (std::isinf(d))
        return d > 0 ? std::numeric_limits<double>::max() : std::numeric_limits<double>::lowest();
    if (d == std::floor(d) && std::fabs(d) <= 9007199254740992.0)
        return static_cast<std::int64_t>(d);
    return d;
}

bool convert(jv v, std::size_t& budget, int depth, json::value& out) {
    if (depth > deepest || !spend(budget, 4)) return false;
    switch (jv_get_kind(v)) {
    case JV_KIND_INVALID:
    case JV_KIND_NULL:
        out = nullptr;
        return true;
    case JV_KIND_FALSE:
        out = false;
        return true;
    case JV_KIND_TRUE:
        out = true;
        return true;
    case JV_KIND_NUMBER:
        out = number(jv_number_value(v));
        return true;
    case JV_KIND_STRING: {
        const auto n = static_cast<std::size_t>(jv_string_length_bytes(jv_copy(v)));
        if (!spend(budget, n)) return false;
        out = json::string(std::string_view(jv_string_value(v), n));
        return true;
    }
    case JV_KIND_ARRAY: {
        json::array& list = out.emplace_array();
        const int n = jv_array_length(jv_copy(v));
        for (int i = 0; i < n; ++i) {
            const jv item = jv_array_get(jv_copy(v), i);
            const bool ok = convert(item, budget, depth + 1, list.emplace_back(nullptr));
            jv_free(item);
            if (!ok) return false;
        }
        return true;
    }
    case JV_KIND_OBJECT: {
        json::object& o = out.emplace_object();
        // Sorted keys: the same value always gives the same text.
        const jv keys = jv_keys(jv_copy(v));
        const int n = jv_array_length(jv_copy(keys));
        bool ok = true;
        for (int i = 0; ok && i < n; ++i) {
            const jv key = jv_array_get(jv_copy(keys), i);
            const std::string_view name(
                jv_string_value(key),
                static_cast<std::size_t>(jv_string_length_bytes(jv_copy(key))));
            const jv item = jv_object_get(jv_copy(v), jv_copy(key));
            ok = spend(budget, name.size()) && convert(item, budget, depth + 1, o[name]);
            jv_free(item);
            jv_free(key);
        }
        jv_free(keys);
        return ok;
    }
    }
    return false;
}

} // namespace

result<jv> to_jv(const json::value& value, std::size_t budget) {
    jv made;
    if (convert(value, budget, 0, made)) return made;
    jv_free(made);
    return too_large("the input is too large or nested too deeply for an expression");
}

result<json::value> from_jv(jv v, std::size_t& budget) {
    json::value made;
    const bool ok = convert(v, budget, 0, made);
    jv_free(v);
    if (ok) return made;
    return too_large("the expression's result is too large or nested too deeply");
}

} // namespace mortise::host
