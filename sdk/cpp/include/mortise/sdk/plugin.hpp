// SPDX-License-Identifier: Apache-2.0
//
// MORTISE_PLUGIN(id, version, factories...): the entry symbol of a plugin. Once per library, in any
// source file, at namespace scope.
#pragma once

#include <mortise/plugin.h>

#include <cstddef>
#include <string_view>

namespace mortise {

namespace detail {

template <class C>
struct connector_factory;
template <class F>
struct flow_factory;

struct factory_ref {
    bool is_connector;
    const void* (*descriptor)(); // throws when the declaration is wrong
};

const void*
find_factory(const factory_ref* all, std::size_t n, mortise_str id, std::uint64_t index) noexcept;
// Builds every descriptor, so that a wrong declaration is reported when the plugin is loaded.
mortise_status
init_factories(const factory_ref* all, std::size_t n, mortise_error_sink err) noexcept;
mortise_entry make_entry(std::string_view id,
                         std::string_view version,
                         mortise_status (*init)(const mortise_host*, mortise_error_sink),
                         const void* (*get_factory)(mortise_str, std::uint64_t)) noexcept;

} // namespace detail

template <class C>
constexpr detail::factory_ref connector() noexcept {
    return {true, &detail::connector_factory<C>::descriptor};
}
template <class F>
constexpr detail::factory_ref flow() noexcept {
    return {false, &detail::flow_factory<F>::descriptor};
}

} // namespace mortise

#define MORTISE_PLUGIN(id, version, ...)                                                           \
    namespace {                                                                                    \
    constexpr ::mortise::detail::factory_ref mortise_plugin_factories[] = {__VA_ARGS__};           \
    constexpr std::size_t mortise_plugin_factory_count =                                           \
        sizeof(mortise_plugin_factories) / sizeof(mortise_plugin_factories[0]);                    \
    const void* mortise_plugin_get_factory(mortise_str factory_id, std::uint64_t index) {          \
        return ::mortise::detail::find_factory(mortise_plugin_factories,                           \
                                               mortise_plugin_factory_count, factory_id, index);   \
    }                                                                                              \
    mortise_status mortise_plugin_init(const mortise_host*, mortise_error_sink err) {              \
        return ::mortise::detail::init_factories(mortise_plugin_factories,                         \
                                                 mortise_plugin_factory_count, err);               \
    }                                                                                              \
    }                                                                                              \
    extern "C" MORTISE_EXPORT const mortise_entry* mortise_plugin_entry_v1(void) {                 \
        static const mortise_entry entry = ::mortise::detail::make_entry(                          \
            id, version, &mortise_plugin_init, &mortise_plugin_get_factory);                       \
        return &entry;                                                                             \
    }
