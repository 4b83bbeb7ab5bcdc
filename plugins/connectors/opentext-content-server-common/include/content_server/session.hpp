// SPDX-License-Identifier: Apache-2.0
//
// The log-in at Content Server, shared by all calls of a connection: one re-login serves everybody
// who was refused, and the ticket is replaced by the fresher ones the answers carry. [strand]
#pragma once

#include "content_server/connection.hpp"

#include <mortise/sdk/http.hpp>
#include <mortise/sdk/instance.hpp>
#include <mortise/sdk/session.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace content_server {

// What a request carries; login tells which log-in it stems from.
class pass {
public:
    pass() = default;
    pass(std::uint64_t from_login, std::string header_name, std::string header_value)
        : login(from_login), header(std::move(header_name)), value(std::move(header_value)) {}
    std::uint64_t login = 0;
    std::string header;
    std::string value;
};

class log_in_session {
public:
    log_in_session(mortise::instance& in, const connection& to);

    // The pass to send; logs in when there is none. Throws AUTH when that is refused, CANCELLED
    // when the call is cancelled meanwhile.
    mortise::task<pass> get(mortise::call_context& c);
    // A good answer to a request with this pass: takes over the ticket it carries.
    void renew(const pass& used, std::string_view fresh_ticket);
    // Content Server does not take this pass any more.
    void refuse(const pass& used) noexcept { logins_.invalidate(used.login); }

private:
    mortise::task<std::uint64_t> log_in();
    mortise::task<void> log_in_by_password();
    mortise::task<void> log_in_by_client();
    mortise::task<void> log_in_by_otds_password();
    // GET v1/auth with a foreign proof; the ticket is a header of the answer.
    mortise::task<void> exchange(std::string header, std::string value);

    mortise::instance& in_;
    const connection& to_;
    pass now_;
    std::uint64_t count_ = 0;
    mortise::session<std::uint64_t> logins_;
};

} // namespace content_server
