// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_action.hpp"

#include <array>

namespace mortise::host {
namespace {

constexpr std::array<std::string_view, 3> names = {"viewer", "operator", "admin"};

} // namespace

std::string_view to_string(role r) noexcept {
    return names[static_cast<std::size_t>(r)];
}

std::optional<role> role_from_string(std::string_view text) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == text) return static_cast<role>(i);
    return std::nullopt;
}

} // namespace mortise::host
