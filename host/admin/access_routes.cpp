// SPDX-License-Identifier: Apache-2.0
// Sessions of the console, one-time codes, tokens.
#include "admin/access.hpp"
#include "admin/host_names.hpp"
#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "admin/session_cookie.hpp"
#include "base/log.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

json::object to_view(const admin_session& s) {
    return {{"who", actor_name(s.who)},
            {"role", to_string(s.as)},
            {"csrf", s.csrf},
            {"expires_at", s.expires_at}};
}

json::object to_view(const access_token& t) {
    return {{"name", t.name},
            {"role", to_string(t.as)},
            {"created_at", t.created_at},
            {"expires_at", t.expires_at},
            {"last_used_at", t.last_used_at},
            {"source", t.source == token_source::configuration ? "configuration" : "journal"}};
}

const std::string* header_of(const admin_call& call, std::string_view name) {
    return find_header(call.headers, name);
}

} // namespace

void admin_access::sign_in(const admin_call& call) {
    if (const auto* origin = header_of(call, "origin")) {
        const auto* host = header_of(call, "host");
        if (host == nullptr || !is_own_origin(*origin, *host, options_.tls)) {
            call.reply(problem_reply(403, "admin.origin",
                                     "a page of " + *origin + " may not sign in here"));
            return;
        }
    }
    const auto token = call.text("token"), code = call.text("code");
    if (token.empty() == code.empty()) {
        call.reply(problem_reply(400, "admin.input", "give either token or code"));
        return;
    }
    if (auto wait = throttled(call.remote)) {
        count_sign_in("throttled");
        call.reply(std::move(*wait));
        return;
    }
    std::optional<admin_sessions::ticket> ticket;
    if (!code.empty()) {
        ticket = sessions_.take_code(code);
        if (ticket && !tokens_.in_force(ticket->token)) ticket.reset();
    } else if (const auto found = tokens_.find(token); found.token) {
        const bool local = found.token->source == token_source::local;
        if (!local || is_here(call.remote))
            ticket.emplace(
                admin_sessions::ticket{found.token->actor(), found.token->as, found.token->hash});
    }
    if (!ticket) {
        note_failure(call.remote, code.empty() ? "sign-in with a wrong or expired token"
                                               : "sign-in with a wrong, used or expired code");
        count_sign_in("refused");
        call.reply(problem_reply(401, "admin.sign-in",
                                 code.empty()
                                     ? "this token is not known here, or has expired"
                                     : "the code is not known here, was used, or is older than two "
                                       "minutes; ask for a new one with `mortise console`"));
        return;
    }
    {
        const std::lock_guard lock(guard_);
        throttle_.succeeded(call.remote);
    }
    count_sign_in("accepted");
    log(log_level::info, "signed in at the console",
        {{"who", ticket->who}, {"role", to_string(ticket->as)}, {"remote", call.remote}});
    const auto opened = sessions_.open(ticket->who, ticket->as, ticket->token);
    auto answer = json_reply(200, to_view(opened.session));
    answer.headers.push_back({"set-cookie", set_session_cookie(opened.id, options_.tls)});
    call.reply(std::move(answer));
}

void admin_access::show_session(const admin_call& call) {
    if (const auto session = sessions_.find(call.session)) {
        call.reply(json_reply(200, to_view(*session)));
        return;
    }
    call.reply(json_reply(200, to_view(admin_session{call.actor, call.as, {}, {}, 0})));
}

void admin_access::sign_out(const admin_call& call) {
    if (!call.session.empty()) {
        sessions_.close(call.session);
        end_streams();
        log(log_level::info, "signed out of the console",
            {{"who", call.who}, {"remote", call.remote}});
    }
    inbound_response answer;
    answer.status = 204;
    answer.headers.push_back({"set-cookie", clear_session_cookie(options_.tls)});
    call.reply(std::move(answer));
}

void admin_access::make_code(const admin_call& call) {
    const auto made = sessions_.make_code(call.actor, call.as, call.token);
    const auto* host = header_of(call, "host");
    call.reply(
        json_reply(201, json::object{{"code", made.text},
                                     {"expires_at", made.expires_at},
                                     {"url", std::string(options_.tls ? "https://" : "http://") +
                                                 (host != nullptr ? *host : options_.address) +
                                                 "/#/login?code=" + made.text}}));
}

void admin_access::list_tokens(const admin_call& call) {
    json::array out;
    for (const auto& t : tokens_.list())
        out.push_back(to_view(t));
    call.reply(json_reply(200, json::object{{"tokens", std::move(out)}}));
}

void admin_access::create_token(const admin_call& call) {
    const auto name = call.text("name");
    call.about(name);
    const auto as = role_from_string(call.text("role"));
    const auto* expires = call.body.if_contains("expires_at");
    const auto expires_at = expires != nullptr && expires->is_number()
                                ? expires->to_number<std::int64_t>()
                                : std::int64_t{0};
    if (!is_token_name(name) || !as) {
        call.reply(problem_reply(400, "admin.input",
                                 "name: 1 to 64 letters, digits, \"-\", \"_\" and \".\"; role: "
                                 "viewer, operator or admin"));
        return;
    }
    if (expires_at != 0 && expires_at <= time_.now_unix_ms()) {
        call.reply(problem_reply(400, "admin.input",
                                 "expires_at lies in the past; it is Unix milliseconds"));
        return;
    }
    tokens_.create(name, *as, expires_at,
                   [reply = call.reply](result<access_tokens::created> made) {
                       if (!made) {
                           reply(refusal(made.error()));
                           return;
                       }
                       auto view = to_view(made->what);
                       view["token"] = made->token;
                       reply(json_reply(201, view));
                   });
}

void admin_access::remove_token(const admin_call& call) {
    tokens_.remove(call.args[0], [this, reply = call.reply](result<std::string> hash) {
        if (!hash) {
            reply(refusal(hash.error()));
            return;
        }
        sessions_.close_all_of(*hash);
        end_streams();
        inbound_response done;
        done.status = 204;
        reply(std::move(done));
    });
}

void admin_access::add_routes(route_table& to) {
    const auto with = [this](void (admin_access::*fn)(const admin_call&)) {
        return [this, fn](const admin_call& call) { (this->*fn)(call); };
    };
    to.add(
        {.method = "POST",
         .pattern = "/api/v1/session",
         .id = "signIn",
         .summary = "Signs in with a token or a one-time code; answers with a cookie.",
         .tag = "access",
         .request =
             R"({"type":"object","properties":{"token":{"type":"string"},"code":{"type":"string"}}})",
         .answer = "#/components/schemas/session",
         .audited = false,
         .open = true},
        with(&admin_access::sign_in));
    to.add({.method = "GET",
            .pattern = "/api/v1/session",
            .id = "getSession",
            .summary = "Who is signed in, and the value for X-CSRF-Token.",
            .tag = "access",
            .answer = "#/components/schemas/session"},
           with(&admin_access::show_session));
    to.add({.method = "DELETE",
            .pattern = "/api/v1/session",
            .id = "signOut",
            .summary = "Ends the session.",
            .tag = "access",
            .status = 204,
            .audited = false},
           with(&admin_access::sign_out));
    to.add({.method = "POST",
            .pattern = "/api/v1/session/codes",
            .id = "createSessionCode",
            .summary = "A code that signs in once, within two minutes, with the caller's role.",
            .tag = "access",
            .answer = "#/components/schemas/session_code",
            .status = 201},
           with(&admin_access::make_code));
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/tokens",
         .id = "listTokens",
         .summary = "Named tokens, without their secrets.",
         .tag = "access",
         .least = role::admin,
         .answer =
             R"({"type":"object","required":["tokens"],"properties":{"tokens":{"type":"array","items":{"$ref":"#/components/schemas/token"}}}})"},
        with(&admin_access::list_tokens));
    to.add(
        {.method = "POST",
         .pattern = "/api/v1/tokens",
         .id = "createToken",
         .summary = "Makes a named token; it is shown this once.",
         .tag = "access",
         .least = role::admin,
         .request =
             R"({"type":"object","required":["name","role"],"properties":{"name":{"type":"string","minLength":1,"maxLength":64,"pattern":"^[A-Za-z0-9._-]+$"},"role":{"type":"string","enum":["viewer","operator","admin"]},"expires_at":{"type":"integer","minimum":0}}})",
         .answer = "#/components/schemas/token_created",
         .status = 201},
        with(&admin_access::create_token));
    to.add({.method = "DELETE",
            .pattern = "/api/v1/tokens/{name}",
            .id = "removeToken",
            .summary = "Removes a token; what was signed in with it ends at once.",
            .tag = "access",
            .least = role::admin,
            .status = 204},
           with(&admin_access::remove_token));
}

} // namespace mortise::host
