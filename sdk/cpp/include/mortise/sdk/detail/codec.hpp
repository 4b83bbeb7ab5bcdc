// SPDX-License-Identifier: Apache-2.0
//
// How each member type is read, written and described in JSON. The plain types live in the library;
// only containers are instantiated in the plugin.
#pragma once

#include <mortise/sdk/json.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mortise {

template <class T>
class object_schema;

// A reference to a secret in the configuration; instance::secrets() reads the value.
struct secret_ref {
    std::string name;
    bool empty() const noexcept { return name.empty(); }
    bool operator==(const secret_ref&) const = default;
};

// Specialise for an enum: static constexpr std::array values{std::pair{color::red, "red"}, ...};
template <class E>
struct enum_names;

// Where the schema of a struct comes from; specialise it for types that are not yours.
template <class T>
struct described {
    static auto schema() requires requires { T::describe(); }
    { return T::describe(); }
};

namespace detail {

// A place inside a document, for messages; a chain on the stack.
struct location {
    static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

    const location* up;
    std::string_view key;
    std::size_t index;
    enum category blame;

    location member(std::string_view name) const noexcept { return {this, name, no_index, blame}; }
    location item(std::size_t i) const noexcept { return {this, {}, i, blame}; }
    // RFC 6901, "(top)" for the document itself.
    std::string pointer() const;
    [[noreturn]] void fail(std::string_view reason, std::string_view text) const;
    [[noreturn]] void expected(std::string_view what, const json::value& found) const;
};

struct type_ops {
    json::object (*schema)();
    void (*read)(const json::value& from, void* to, const location& where);
    void (*write)(const void* from, json::value& to);
    // True: the value is left out when written and has no default (an empty optional, a secret).
    bool (*absent)(const void* value);
};

template <class T>
struct codec;

template <class T>
concept described_type = requires {
    { described<T>::schema() } -> std::same_as<object_schema<T>>;
};
template <class T>
concept named_enum = std::is_enum_v<T> && requires {
    enum_names<T>::values.size();
};

#define MORTISE_DETAIL_CODEC(T)                                                                    \
    template <>                                                                                    \
    struct codec<T> {                                                                              \
        static json::object schema();                                                              \
        static void read(const json::value& from, T& to, const location& where);                   \
        static void write(const T& from, json::value& to);                                         \
    };
MORTISE_DETAIL_CODEC(bool)
MORTISE_DETAIL_CODEC(std::int64_t)
MORTISE_DETAIL_CODEC(std::uint64_t)
MORTISE_DETAIL_CODEC(double)
MORTISE_DETAIL_CODEC(std::string)
MORTISE_DETAIL_CODEC(secret_ref)
MORTISE_DETAIL_CODEC(json::value)
MORTISE_DETAIL_CODEC(json::object)
MORTISE_DETAIL_CODEC(json::array)
MORTISE_DETAIL_CODEC(std::chrono::milliseconds)
MORTISE_DETAIL_CODEC(std::chrono::system_clock::time_point)
#undef MORTISE_DETAIL_CODEC

json::object integer_schema(std::int64_t low, std::uint64_t high);
[[noreturn]] void out_of_range(const location& where, std::int64_t low, std::uint64_t high);
json::object enum_schema(const std::string_view* names, std::size_t n);
std::size_t enum_index(const json::value& from,
                       const std::string_view* names,
                       std::size_t n,
                       const location& where);
const json::array& array_of(const json::value& from, const location& where);
const json::object& object_of(const json::value& from, const location& where);

template <class T>
requires(std::integral<T> && !std::same_as<T, bool>) struct codec<T> {
    using wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    static constexpr auto low = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    static constexpr auto high = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    static json::object schema() { return integer_schema(low, high); }
    static void read(const json::value& from, T& to, const location& where) {
        wide value{};
        codec<wide>::read(from, value, where);
        if (!std::in_range<T>(value)) out_of_range(where, low, high);
        to = static_cast<T>(value);
    }
    static void write(const T& from, json::value& to) { to = static_cast<wide>(from); }
};

template <class Rep, class Period>
struct codec<std::chrono::duration<Rep, Period>> {
    using type = std::chrono::duration<Rep, Period>;
    using ms = std::chrono::milliseconds;
    static json::object schema() { return codec<ms>::schema(); }
    static void read(const json::value& from, type& to, const location& where) {
        ms value{};
        codec<ms>::read(from, value, where);
        to = std::chrono::duration_cast<type>(value);
        if constexpr (!std::is_floating_point_v<Rep>) {
            if (std::chrono::duration_cast<ms>(to) != value) {
                where.fail("type", "this duration is too fine here; use a larger unit");
            }
        }
    }
    static void write(const type& from, json::value& to) {
        codec<ms>::write(std::chrono::duration_cast<ms>(from), to);
    }
};

template <class T>
struct codec<std::optional<T>> {
    static json::object schema() { return codec<T>::schema(); }
    static void read(const json::value& from, std::optional<T>& to, const location& where) {
        if (from.is_null()) {
            to.reset();
        } else {
            codec<T>::read(from, to.emplace(), where);
        }
    }
    static void write(const std::optional<T>& from, json::value& to) {
        if (from) {
            codec<T>::write(*from, to);
        } else {
            to = nullptr;
        }
    }
};

template <class T>
struct codec<std::vector<T>> {
    static json::object schema() {
        json::object out;
        out["type"] = "array";
        out["items"] = codec<T>::schema();
        return out;
    }
    static void read(const json::value& from, std::vector<T>& to, const location& where) {
        to.clear();
        std::size_t i = 0;
        for (const auto& item : array_of(from, where)) {
            T value{};
            codec<T>::read(item, value, where.item(i++));
            to.push_back(std::move(value));
        }
    }
    static void write(const std::vector<T>& from, json::value& to) {
        json::array& out = to.emplace_array();
        for (const auto& item : from) {
            json::value value;
            codec<T>::write(item, value);
            out.push_back(std::move(value));
        }
    }
};

template <class T>
struct codec<std::map<std::string, T>> {
    static json::object schema() {
        json::object out;
        out["type"] = "object";
        out["additionalProperties"] = codec<T>::schema();
        return out;
    }
    static void read(const json::value& from, std::map<std::string, T>& to, const location& where) {
        to.clear();
        for (const auto& entry : object_of(from, where)) {
            codec<T>::read(entry.value(), to[std::string(entry.key())], where.member(entry.key()));
        }
    }
    static void write(const std::map<std::string, T>& from, json::value& to) {
        json::object& out = to.emplace_object();
        for (const auto& [key, item] : from)
            codec<T>::write(item, out[key]);
    }
};

template <named_enum E>
struct codec<E> {
    static constexpr std::size_t n = enum_names<E>::values.size();
    static std::array<std::string_view, n> names() {
        std::array<std::string_view, n> out;
        for (std::size_t i = 0; i < n; ++i)
            out[i] = enum_names<E>::values[i].second;
        return out;
    }
    static json::object schema() { return enum_schema(names().data(), n); }
    static void read(const json::value& from, E& to, const location& where) {
        to = enum_names<E>::values[enum_index(from, names().data(), n, where)].first;
    }
    static void write(const E& from, json::value& to) {
        for (const auto& [value, name] : enum_names<E>::values) {
            if (value == from) to = json::string(name);
        }
    }
};

template <described_type T>
struct codec<T> {
    static const object_schema<T>& description() {
        // Kept to the end of the process, as the descriptors made from it are.
        static const auto& d = *new object_schema<T>(described<T>::schema());
        return d;
    }
    static json::object schema() { return description().schema(); }
    static void read(const json::value& from, T& to, const location& where) {
        description().read(from, to, where);
    }
    static void write(const T& from, json::value& to) { description().write(from, to); }
};

template <class T>
bool is_absent(const T&) {
    return false;
}
template <class T>
bool is_absent(const std::optional<T>& value) {
    return !value;
}
inline bool is_absent(const secret_ref& value) {
    return value.empty();
}

template <class T>
const type_ops& ops_of() {
    static constexpr type_ops ops{
        [] { return codec<T>::schema(); },
        [](const json::value& from, void* to, const location& where) {
            codec<T>::read(from, *static_cast<T*>(to), where);
        },
        [](const void* from, json::value& to) {
            codec<T>::write(*static_cast<const T*>(from), to);
        },
        [](const void* value) { return is_absent(*static_cast<const T*>(value)); }};
    return ops;
}

} // namespace detail
} // namespace mortise
