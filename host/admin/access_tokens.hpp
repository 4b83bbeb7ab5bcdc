// SPDX-License-Identifier: Apache-2.0
//
// The tokens that open the admin API, known by their SHA-256 only: the local one of this start,
// those of the configuration, and those made at run time, which lie in the journal (state scope
// "host/tokens"). A token is 256 random bits, so that nothing is won by a slower hash.
#pragma once

#include "admin/admin_action.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

class journal;

enum class token_source : std::uint8_t { local, configuration, journal };

struct access_token {
    std::string name; // empty: the local one
    role as = role::viewer;
    std::string hash;
    unix_ms created_at = 0;   // 0: of the configuration, not known
    unix_ms expires_at = 0;   // 0: never
    unix_ms last_used_at = 0; // 0: not yet; kept to the minute over restarts
    token_source source = token_source::journal;

    std::string actor() const {
        return source == token_source::local ? to_actor(actor_kind::local, "admin")
                                             : to_actor(actor_kind::token, name);
    }
};

class access_tokens { // [any-thread]
public:
    // Both outlive it.
    access_tokens(journal& store, const clock& time);
    ~access_tokens();

    result<void> load(); // [main] Those of the journal; once.
    void set_local(std::string_view token);
    // Replaces those of the configuration; in force at once.
    void configure(std::vector<access_token> tokens);

    struct found {
        std::optional<access_token> token; // in force
        bool expired = false;              // it is known, and has ended
    };
    // Notes the use.
    found find(std::string_view presented);
    // Whether the token with this hash is in force.
    bool in_force(std::string_view hash) const;

    // Without the local one; by name.
    std::vector<access_token> list() const;
    struct created {
        std::string token; // the only time that it is seen
        access_token what;
    };
    // Errors: conflict, when the name is taken; the journal's.
    void create(std::string name,
                role as,
                unix_ms expires_at,
                std::function<void(result<created>)> done);
    // Answers with the hash of what is no longer in force. Errors: not_found; conflict, when it is
    // of the configuration; the journal's.
    void remove(const std::string& name, std::function<void(result<std::string>)> done);

private:
    struct shared_state;
    std::shared_ptr<shared_state> s_;
};

// 1 to 64 letters, digits, "-", "_", ".".
bool is_token_name(std::string_view name) noexcept;

} // namespace mortise::host
