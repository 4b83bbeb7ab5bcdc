// SPDX-License-Identifier: Apache-2.0
//
// Who is signed in at the console, and the codes that sign in once. All of it in memory: a restart
// signs everybody out. A session rests on the token it was opened with and ends with it; that is
// for the caller to check.
#pragma once

#include "admin/admin_action.hpp"
#include "base/clock.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::host {

struct admin_session {
    std::string who;
    role as = role::viewer;
    std::string token; // hash of the token it rests on
    std::string csrf;
    unix_ms expires_at = 0;
};

class admin_sessions { // [any-thread]
public:
    static constexpr std::chrono::hours lifetime{12};
    static constexpr std::chrono::hours idle_lifetime{2}; // without a request
    static constexpr std::chrono::minutes code_lifetime{2};
    static constexpr std::size_t most_sessions = 256; // the oldest is signed out
    static constexpr std::size_t most_codes = 64;

    explicit admin_sessions(const clock& time) : time_(time) {}

    struct opened {
        std::string id; // for the cookie
        admin_session session;
    };
    opened open(std::string who, role as, std::string token);
    // Prolongs it.
    std::optional<admin_session> find(std::string_view id);
    bool is_open(std::string_view id); // leaves it as it is
    void close(std::string_view id);
    void close_all_of(std::string_view token);
    std::size_t size() const;

    struct code {
        std::string text;
        unix_ms expires_at = 0;
    };
    code make_code(std::string who, role as, std::string token);
    struct ticket {
        std::string who;
        role as = role::viewer;
        std::string token;
    };
    // Once.
    std::optional<ticket> take_code(std::string_view text);

private:
    struct held {
        admin_session session;
        std::uint64_t ends_ns = 0;
        std::uint64_t idle_ns = 0;
    };
    struct held_code {
        ticket what;
        std::uint64_t ends_ns = 0;
    };
    void forget_ended();

    const clock& time_;
    mutable std::mutex guard_;
    // By SHA-256: how long a look-up takes says nothing of the id.
    std::map<std::string, held, std::less<>> sessions_;
    std::map<std::string, held_code, std::less<>> codes_;
};

} // namespace mortise::host
