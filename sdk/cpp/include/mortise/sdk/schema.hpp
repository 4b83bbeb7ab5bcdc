// SPDX-License-Identifier: Apache-2.0
//
// One declaration of a struct gives its binding to JSON, its JSON Schema (subset of
// docs/schemas.md) and its documentation:
//
//     struct asset_get {
//         std::string id;
//         bool include_collections = false;
//         static auto describe() {
//             return mortise::object<asset_get>("Which asset")
//                 .field("id", &asset_get::id, "Asset id", mortise::required)
//                 .field("include_collections", &asset_get::include_collections, "With its
//                 places");
//         }
//     };
//
// For a type of others specialise mortise::described<T> with a static schema(). Defaults are the
// values of T{}. Member types: bool, integers, double, std::string, std::optional, std::vector,
// std::map<std::string, T>, described structs (not recursive), enums with mortise::enum_names,
// std::chrono durations ("30s", "5m"), secret_ref, json::value and json::object (anything).
#pragma once

#include <mortise/sdk/detail/codec.hpp>
#include <mortise/sdk/json.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mortise {

struct required_tag {};
// The field must be given; without it the default-constructed value is the default.
inline constexpr required_tag required{};

namespace detail {

struct object_field;

// The part of object_schema that does not depend on the type.
class object_core {
public:
    explicit object_core(std::string_view title);
    object_core(const object_core&);
    object_core(object_core&&) noexcept;
    object_core& operator=(const object_core&) = delete;
    ~object_core();

    void add(std::string_view name,
             std::string_view doc,
             const type_ops& ops,
             std::size_t offset,
             bool is_required);
    object_field& last();
    void allow_unknown() noexcept { unknown_allowed_ = true; }

    json::object schema(const void* prototype) const;
    void read(const json::value& from, void* to, const location& where) const;
    void write(const void* from, json::value& to) const;

private:
    std::string title_;
    std::vector<object_field> fields_;
    bool unknown_allowed_ = false;
};

void set_min(object_field& f, double value);
void set_max(object_field& f, double value);
void set_pattern(object_field& f, std::string_view pattern);
void set_format(object_field& f, std::string_view format);
void add_example(object_field& f, json::value example);
void set_key(object_field& f, std::string_view key, json::value value);
void set_named(object_field& f,
               std::string_view key,
               std::string_view role,
               std::string_view kind,
               std::string_view of);

} // namespace detail

template <class T>
class object_schema {
public:
    explicit object_schema(std::string_view title)
        : core_(title), prototype_(std::make_shared<T>()) {}

    template <class M>
    object_schema&& field(std::string_view name, M T::*member, std::string_view doc) && {
        core_.add(name, doc, detail::ops_of<M>(), offset(member), false);
        return std::move(*this);
    }
    template <class M>
    object_schema&&
    field(std::string_view name, M T::*member, std::string_view doc, required_tag) && {
        core_.add(name, doc, detail::ops_of<M>(), offset(member), true);
        return std::move(*this);
    }

    // The rest applies to the field declared last. min and max are the value of a number, the
    // length of text, the number of items of an array.
    object_schema&& min(double value) && {
        detail::set_min(core_.last(), value);
        return std::move(*this);
    }
    object_schema&& max(double value) && {
        detail::set_max(core_.last(), value);
        return std::move(*this);
    }
    // An ECMAScript expression; write ^ and $ for the whole text.
    object_schema&& pattern(std::string_view expression) && {
        detail::set_pattern(core_.last(), expression);
        return std::move(*this);
    }
    // "uri" is checked here and opens the host's egress to that address; others are hints.
    object_schema&& format(std::string_view name) && {
        detail::set_format(core_.last(), name);
        return std::move(*this);
    }
    object_schema&& uri() && { return std::move(*this).format("uri"); }
    template <class... V>
    object_schema&& examples(V&&... values) && {
        (detail::add_example(core_.last(), json::value(std::forward<V>(values))), ...);
        return std::move(*this);
    }
    object_schema&& title(std::string_view text) && {
        detail::set_key(core_.last(), "title", json::string(text));
        return std::move(*this);
    }
    object_schema&& group(std::string_view name) && {
        detail::set_key(core_.last(), "x-group", json::string(name));
        return std::move(*this);
    }
    // The text (each item of a list, each value of a map) names an object of this kind in the
    // system behind the connection of role ("" in a connector's own settings: the connection
    // itself). `mortise check --online` asks its operation names.list whether there is one. of: the
    // sibling setting whose value scopes it, e.g. the category of an attribute.
    object_schema&&
    names(std::string_view role, std::string_view kind, std::string_view of = {}) && {
        detail::set_named(core_.last(), "x-names", role, kind, of);
        return std::move(*this);
    }
    // The same for the keys of a map, and for the target fields of a mapping.
    object_schema&&
    key_names(std::string_view role, std::string_view kind, std::string_view of = {}) && {
        detail::set_named(core_.last(), "x-key-names", role, kind, of);
        return std::move(*this);
    }
    // Keys that are not declared are ignored instead of refused: for answers of systems, not for
    // configuration.
    object_schema&& allow_unknown() && {
        core_.allow_unknown();
        return std::move(*this);
    }

    json::object schema() const { return core_.schema(prototype_.get()); }
    void read(const json::value& from, T& to, const detail::location& where) const {
        core_.read(from, &to, where);
    }
    void write(const T& from, json::value& to) const { core_.write(&from, to); }

private:
    template <class M>
    std::size_t offset(M T::*member) const {
        const T& object = *prototype_;
        return static_cast<std::size_t>(reinterpret_cast<const char*>(&(object.*member)) -
                                        reinterpret_cast<const char*>(&object));
    }

    detail::object_core core_;
    std::shared_ptr<const T> prototype_;
};

template <class T>
object_schema<T> object(std::string_view title) {
    return object_schema<T>(title);
}

// JSON Schema of a type. [any-thread]
template <class T>
json::object schema_of() {
    return detail::codec<T>::schema();
}
template <class T>
std::string schema_text() {
    return serialize_json(schema_of<T>());
}

// Reads a value; throws error{blame, "sdk.json.*"} that names the JSON pointer, what is wrong and
// how to mend it.
template <class T>
T from_json(const json::value& from, enum category blame = category::input) {
    T to{};
    const detail::location top{nullptr, {}, detail::location::no_index, blame};
    detail::codec<T>::read(from, to, top);
    return to;
}

template <class T>
json::value to_json(const T& from) {
    json::value to;
    detail::codec<T>::write(from, to);
    return to;
}

} // namespace mortise
