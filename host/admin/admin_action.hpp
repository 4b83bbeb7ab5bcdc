// SPDX-License-Identifier: Apache-2.0
//
// Who asks for something at the admin listener, what each role may do, and what is kept of a
// request that changes something.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::host {

// Each may do what those before it may.
enum class role : std::uint8_t { viewer, operator_, admin };
std::string_view to_string(role r) noexcept; // "viewer", "operator", "admin"
std::optional<role> role_from_string(std::string_view text) noexcept;

// Who did something, as the ledger names it: a kind and a name, "token:night-shift" (a named token,
// also through a session that was opened with it), "account:anna" (at the command line of this
// machine), "local:admin" (the local token, nobody named), "signal:root" (who sent the signal),
// "system:plugin-folder" (the host itself). A token and an account of one name are two.
enum class actor_kind : std::uint8_t { token, account, local, signal, system };
std::string to_actor(actor_kind kind, std::string_view name);
// The name alone, for people; of entries from before there were kinds, all of it.
std::string_view actor_name(std::string_view actor) noexcept;

struct admin_caller {
    role as = role::viewer;
    std::string who;     // an actor
    std::string session; // id, when it came with the cookie
    std::string token;   // hash of the token that it rests on
};

// One entry of the ledger.
struct admin_action {
    std::string who;       // an actor
    std::string operation; // operationId
    std::string object;    // the arguments of the path, or what the handler says
    std::string request;   // SHA-256 of the body in hex
    std::string outcome;   // "done", "refused", "failed"
    std::string connection;
    std::string instance;
    std::string run;
    bool is_trial = false; // nothing was to be changed: no entry
};

} // namespace mortise::host
