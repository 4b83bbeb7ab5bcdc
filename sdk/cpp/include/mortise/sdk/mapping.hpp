// SPDX-License-Identifier: Apache-2.0
//
// A setting that says which target field gets its value from which source field (docs/mappings.md):
// the operator writes a table, or the name of a [mappings.<name>], and the flow applies it.
//
//     struct settings {
//         mortise::mapping fields = mortise::mapping({{"Campaign/Title", "asset.title"},
//                                                     {"Campaign/Region", {{"from", "meta.region"},
//                                                                          {"values", {...}}}}});
//         static auto describe() {
//             return mortise::object<settings>("...")
//                 .field("fields", &settings::fields, "Which attribute gets which field")
//                 .key_names("workspaces", "attribute", "category");
//         }
//     };
//     const json::object attributes = settings_.fields.apply({{"asset", asset}, {"meta", meta}});
#pragma once

#include <mortise/sdk/detail/codec.hpp>
#include <mortise/sdk/json.hpp>

#include <memory>
#include <string_view>

namespace mortise {

class instance;

// A value: cheap to copy, immutable, [any-thread]. One that is read from settings, or made while
// they are read (a default), belongs to the instance that gets them and must not outlive it.
class mapping {
public:
    mapping() noexcept = default; // maps nothing: apply() gives an empty object
    // A default in code. What is wrong in it is said when the configuration is checked.
    explicit mapping(json::object table);

    // Without target fields.
    bool empty() const noexcept;
    const json::object& table() const noexcept;
    // Does it say where this target field comes from?
    bool has(std::string_view target) const;

    // The target fields for these facts. The same facts give the same result, so it may stand
    // between the steps of a run. Throws INPUT when the facts do not fit ("mapping.*"; names
    // target, source, value and fix), CONFIG when the host has no mappings or the table is wrong.
    json::object apply(const json::value& facts) const;

    // Only for a mapping that does not come from the instance's settings.
    mapping bound_to(instance& in) const;

    // For the schema: an empty one has no default.
    friend bool is_absent(const mapping& value) noexcept { return value.empty(); }

private:
    friend struct detail::codec<mapping>;
    struct state;
    std::shared_ptr<const state> state_;
};

namespace detail {

// While one lives, mappings made on this thread belong to its instance.
class mapping_scope {
public:
    explicit mapping_scope(instance& in) noexcept;
    ~mapping_scope();
    mapping_scope(const mapping_scope&) = delete;
    mapping_scope& operator=(const mapping_scope&) = delete;

private:
    const void* outer_;
};

template <>
struct codec<mapping> {
    static json::object schema();
    static void read(const json::value& from, mapping& to, const location& where);
    static void write(const mapping& from, json::value& to);
};

} // namespace detail
} // namespace mortise
