// SPDX-License-Identifier: Apache-2.0
#include "kit/tokens.hpp"

namespace mortise::sandbox {

std::optional<token_store::entry> token_store::find(std::string_view token, time_point now) const {
    const auto found = tokens_.find(token);
    if (found == tokens_.end() || found->second.expires <= now) return {};
    return found->second;
}

bool token_store::extend(std::string_view token, time_point now, milliseconds life) {
    const auto found = tokens_.find(token);
    if (found == tokens_.end() || found->second.expires <= now) return false;
    found->second.expires = now + life;
    return true;
}

bool token_store::revoke(std::string_view token) {
    const auto found = tokens_.find(token);
    if (found == tokens_.end()) return false;
    tokens_.erase(found);
    return true;
}

std::size_t token_store::revoke_all_of(std::string_view principal) {
    return std::erase_if(tokens_, [&](const auto& t) { return t.second.principal == principal; });
}

} // namespace mortise::sandbox
