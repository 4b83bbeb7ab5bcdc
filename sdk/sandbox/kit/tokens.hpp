// SPDX-License-Identifier: Apache-2.0
// Tokens that expire: tickets, sessions, access tokens.
#pragma once

#include "kit/clock.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::sandbox {

class token_store {
public:
    struct entry {
        std::string principal; // whom it stands for: a user's id
        time_point expires;
        std::map<std::string, std::string> facts; // what the system wants to remember
    };
    void put(std::string token, entry e) { tokens_[std::move(token)] = std::move(e); }
    // Nothing when unknown or expired.
    std::optional<entry> find(std::string_view token, time_point now) const;
    // Moves the expiry; false when unknown or expired.
    bool extend(std::string_view token, time_point now, milliseconds life);
    bool revoke(std::string_view token);
    std::size_t revoke_all_of(std::string_view principal);
    void clear() { tokens_.clear(); }
    std::size_t size() const noexcept { return tokens_.size(); }

private:
    std::map<std::string, entry, std::less<>> tokens_;
};

} // namespace mortise::sandbox
