// SPDX-License-Identifier: Apache-2.0
//
// Who is it, and may he be here at all? Looks at every request of the admin listener before a route
// does: the Host field, the token or the session, the page a browser's request comes from, and how
// often this address has guessed wrong.
#pragma once

#include "admin/access_tokens.hpp"
#include "admin/login_throttle.hpp"
#include "admin/sessions.hpp"
#include "http/listener.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace mortise::host {

class answer_outlet;
class metric_registry;
class route_table;
struct admin_call;

struct access_options {
    bool tls = false;
    std::string address; // listened on; the local token counts from there and from loopback only
    std::string local_token;
};

class admin_access { // [any-thread]
public:
    // All outlive it.
    admin_access(access_options options,
                 journal& store,
                 const clock& time,
                 metric_registry& metrics);

    access_tokens& tokens() noexcept { return tokens_; }
    void set_names(std::vector<std::string> names);

    // A refusal (421), when the Host field names something else.
    std::optional<inbound_response> check_host(const inbound_request& request) const;

    struct verdict {
        std::optional<admin_caller> caller; // or:
        inbound_response refusal;           // 400, 401, 403, 429
    };
    verdict identify(const inbound_request& request);

    // Whether what let the caller in still holds.
    bool still_in_force(const admin_caller& caller);
    // Ends this answer when that is no longer so.
    void watch(const admin_caller& caller, const std::shared_ptr<answer_outlet>& stream);
    // Looks at all of them; now and then, because tokens expire.
    void end_streams();

    // Sign-in, sign-out, one-time codes; tokens. It must outlive the table.
    void add_routes(route_table& to);

private:
    verdict by_token(const inbound_request& request, std::string_view authorization);
    verdict by_cookie(const inbound_request& request, std::string_view id);
    std::optional<inbound_response> throttled(std::string_view remote);
    void note_failure(std::string_view remote, std::string_view what);
    bool is_here(std::string_view remote) const;
    void count_sign_in(const char* outcome);

    void sign_in(const admin_call& call);
    void show_session(const admin_call& call);
    void sign_out(const admin_call& call);
    void make_code(const admin_call& call);
    void list_tokens(const admin_call& call);
    void create_token(const admin_call& call);
    void remove_token(const admin_call& call);

    const access_options options_;
    const clock& time_;
    metric_registry& metrics_;
    access_tokens tokens_;
    admin_sessions sessions_;
    mutable std::mutex guard_; // of what is below
    login_throttle throttle_;
    struct watched {
        admin_caller caller;
        std::weak_ptr<answer_outlet> stream;
    };
    std::vector<watched> streams_;
    std::vector<std::string> names_;
};

} // namespace mortise::host
