// SPDX-License-Identifier: Apache-2.0
//
// Pairs of fields whose names `mortise check --online` looks up in the systems. The names of a
// sync_field mean something else in each flow, so a flow says in a type of its own what they name:
//
//     struct rights_field : mortise::sync_field {
//         static mortise::sync_names names_a() { return {"dam", "metadata-field", "view", {}}; }
//         static mortise::sync_names names_b() { return {"ecm", "attribute", "category", {}}; }
//     };
//     std::vector<rights_field> fields; // in the settings, written as sync_field is
//
// plain_fields() hands them to two_way_sync.
#pragma once

#include <mortise/sdk/sync_field.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace mortise {

// As .names() of object_schema; of may also be a setting around the list of pairs. except: words
// that the flow itself understands in the place of a name.
struct sync_names {
    std::string role;
    std::string kind;
    std::string of;
    std::vector<std::string> except;
};

template <class T>
concept named_sync_field = std::derived_from<T, sync_field> && requires {
    { T::names_a() } -> std::same_as<sync_names>;
    { T::names_b() } -> std::same_as<sync_names>;
};

template <named_sync_field T>
std::vector<sync_field> plain_fields(const std::vector<T>& fields) {
    return {fields.begin(), fields.end()};
}

namespace detail {

inline json::object names_keyword(const sync_names& n) {
    json::object out{{"role", json::string(n.role)}, {"kind", json::string(n.kind)}};
    if (!n.of.empty()) out["of"] = json::string(n.of);
    json::array except;
    for (const auto& word : n.except)
        except.emplace_back(json::string(word));
    if (!except.empty()) out["except"] = std::move(except);
    return out;
}

template <named_sync_field T>
struct codec<T> {
    static json::object schema() {
        json::object out = codec<sync_field>::schema();
        json::object& fields = out.at("properties").as_object();
        fields.at("a").as_object()["x-names"] = names_keyword(T::names_a());
        fields.at("b").as_object()["x-names"] = names_keyword(T::names_b());
        return out;
    }
    static void read(const json::value& from, T& to, const location& where) {
        codec<sync_field>::read(from, to, where);
    }
    static void write(const T& from, json::value& to) { codec<sync_field>::write(from, to); }
};

} // namespace detail
} // namespace mortise
