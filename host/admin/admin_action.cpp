// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_action.hpp"

#include <algorithm>
#include <array>

namespace mortise::host {
namespace {

constexpr std::array<std::string_view, 3> names = {"viewer", "operator", "admin"};
constexpr std::array<std::string_view, 5> kinds = {"token", "account", "local", "signal", "system"};

} // namespace

std::string_view to_string(role r) noexcept {
    return names[static_cast<std::size_t>(r)];
}

std::string to_actor(actor_kind kind, std::string_view name) {
    std::string out(kinds[static_cast<std::size_t>(kind)]);
    return out.append(1, ':').append(name);
}

std::string_view actor_name(std::string_view actor) noexcept {
    const auto colon = std::min(actor.find(':'), actor.size());
    const bool known = colon < actor.size() &&
                       std::find(kinds.begin(), kinds.end(), actor.substr(0, colon)) != kinds.end();
    return known ? actor.substr(colon + 1) : actor;
}

std::optional<role> role_from_string(std::string_view text) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == text) return static_cast<role>(i);
    return std::nullopt;
}

} // namespace mortise::host
