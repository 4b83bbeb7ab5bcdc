// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/detail/guard.hpp>
#include <mortise/sdk/plugin.hpp>

namespace mortise::detail {

const void*
find_factory(const factory_ref* all, std::size_t n, mortise_str id, std::uint64_t index) noexcept {
    const bool connectors = view(id) == MORTISE_FACTORY_CONNECTOR;
    if (!connectors && view(id) != MORTISE_FACTORY_FLOW) return nullptr;
    for (std::size_t i = 0; i < n; ++i) {
        if (all[i].is_connector != connectors || index-- != 0) continue;
        const void* found = nullptr;
        guarded_void([&] { found = all[i].descriptor(); }); // init() reports why it is null
        return found;
    }
    return nullptr;
}

mortise_status
init_factories(const factory_ref* all, std::size_t n, mortise_error_sink err) noexcept {
    return guarded(err, [&] {
        for (std::size_t i = 0; i < n; ++i)
            all[i].descriptor();
    });
}

mortise_entry make_entry(std::string_view id,
                         std::string_view version,
                         mortise_status (*init)(const mortise_host*, mortise_error_sink),
                         const void* (*get_factory)(mortise_str, std::uint64_t)) noexcept {
    mortise_entry e{};
    e.magic = MORTISE_ABI_MAGIC;
    e.struct_size = sizeof(e);
    e.abi_major = MORTISE_ABI_MAJOR;
    e.abi_minor = MORTISE_ABI_MINOR;
    e.id = c_str_of(id);
    e.version = c_str_of(version);
    e.sdk = c_str_of("cpp-sdk 0.1.0");
    e.init = init;
    e.get_factory = get_factory;
    return e;
}

} // namespace mortise::detail
