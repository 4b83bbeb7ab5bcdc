// SPDX-License-Identifier: Apache-2.0
//
// Logging in: /api/v1/auth, and the part of OTDS that Content Server clients use.
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

constexpr const char* partition = "Mortise";

std::string without_partition(std::string_view name) {
    return std::string(name.substr(0, name.find('@')));
}

member* check_password(service& s, const std::string& login, const std::string& password) {
    auto* m = s.repo().find_login(without_partition(login));
    return m != nullptr && m->password == password ? m : nullptr;
}

reply log_in(service& s, call& c) {
    const std::string login = c.args.required_text("username");
    const std::string password = c.args.required_text("password");
    if (!c.args.text("domain").empty())
        throw failure{401, "Unable to login. Domain support is disabled", {}};
    const auto* m = check_password(s, login, password);
    if (m == nullptr) throw failure{401, "Invalid username/password specified.", {}};
    const std::string ticket = s.open_session(m->id);
    auto answer = reply::json(200, json::object{{"ticket", ticket}});
    answer.set("OTCSTicket", ticket);
    answer.set("Set-Cookie", "LLCookie=" + percent_encode(ticket) + "; HttpOnly; Path=/");
    return answer;
}

reply who_am_i(service& s, call& c) {
    const auto& m = s.repo().require_member(c.user);
    json::object body;
    body["data"] = member_properties(s, m, c.user);
    if (c.args.present("perspective") && c.args.flag("perspective", true))
        body["perspective"] = json::object{{"type", "flow"}, {"options", json::object()}};
    return reply::json(200, body);
}

reply log_out(service& s, const request& r) {
    if (!s.close_session(service::presented_ticket(r)))
        throw failure{500, "There is no session data for this request.", {}};
    return reply::json(200, json::object());
}

// OTDS, both spellings: rest (camelCase) and v1 (snake_case).
reply otds_answer(service& s, const member& m, bool snake) {
    const std::string ticket = s.issue_otds_ticket(m.id);
    json::object o;
    o["token"] = ticket.substr(9);
    o[snake ? "user_id" : "userId"] = m.name + "@" + partition;
    o["ticket"] = ticket;
    o["resourceID"] = nullptr;
    o["failureReason"] = nullptr;
    o[snake ? "password_expiration_time" : "passwordExpirationTime"] = 0;
    o["continuation"] = false;
    o[snake ? "continuation_context" : "continuationContext"] = nullptr;
    o[snake ? "continuation_data" : "continuationData"] = nullptr;
    return reply::json(200, o);
}

reply otds_refusal() {
    return reply::json(401, json::object{{"status", 401},
                                         {"error", "Authentication failed for the credentials."},
                                         {"errorDetails", nullptr}});
}

reply otds_credentials(service& s, call& c, bool snake) {
    // The name of the field depends on the path; the other one is not understood.
    const std::string login = c.args.text(snake ? "user_name" : "userName");
    const auto* m = check_password(s, login, c.args.text("password"));
    return m == nullptr ? otds_refusal() : otds_answer(s, *m, snake);
}

reply otds_ticket_for_user(service& s, call& c, bool snake) {
    const auto admin = s.user_of_otds_ticket(c.args.text("ticket"));
    if (!admin || !s.repo().is_admin(*admin)) return otds_refusal();
    const auto* m =
        s.repo().find_login(without_partition(c.args.text(snake ? "user_name" : "userName")));
    return m == nullptr ? otds_refusal() : otds_answer(s, *m, snake);
}

reply oauth_error(std::string_view error, std::string_view text) {
    return reply::json(error == "invalid_client" ? 401 : 400,
                       json::object{{"error", error}, {"error_description", text}});
}

struct oauth_client {
    std::string_view id, secret;
    member_id user; // 0: not mapped to a user; Content Server then refuses the token
};
constexpr oauth_client oauth_clients[] = {{"mortise-client", "mortise-secret", 1010},
                                          {"unmapped-client", "unmapped-secret", 0}};

// Blanks and line ends are not expected in a header; anything else outside the alphabet ends it.
std::string base64_decode(std::string_view text) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    unsigned have = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) break;
        bits = (bits << 6U) | static_cast<unsigned>(value);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out += static_cast<char>((bits >> have) & 0xFFU);
    }
    return out;
}

const oauth_client* find_client(const call& c) {
    std::string id = c.args.text("client_id");
    std::string secret = c.args.text("client_secret");
    const std::string authorization = c.raw.header("Authorization");
    if (authorization.starts_with("Basic ")) {
        const std::string decoded = base64_decode(std::string_view(authorization).substr(6));
        const auto colon = decoded.find(':');
        if (colon != std::string::npos) {
            id = percent_decode(decoded.substr(0, colon), true);
            secret = percent_decode(decoded.substr(colon + 1), true);
        }
    }
    for (const auto& client : oauth_clients)
        if (client.id == id && client.secret == secret) return &client;
    return nullptr;
}

reply oauth_token(service& s, call& c) {
    using namespace std::chrono_literals;
    const std::string grant = c.args.text("grant_type");
    if (grant.empty()) return oauth_error("invalid_request", "grant_type is missing");
    std::string principal;
    if (grant == "client_credentials") {
        const auto* client = find_client(c);
        if (client == nullptr)
            return oauth_error("invalid_client", "unknown client or wrong secret");
        principal =
            client->user != 0 ? std::to_string(client->user) : "client:" + std::string(client->id);
    } else if (grant == "password") {
        const auto* m = check_password(s, c.args.text("username"), c.args.text("password"));
        if (m == nullptr) return oauth_error("invalid_grant", "wrong user name or password");
        principal = std::to_string(m->id);
    } else if (grant == "urn:ietf:params:oauth:grant-type:token-exchange") {
        if (find_client(c) == nullptr)
            return oauth_error("invalid_client", "unknown client or wrong secret");
        const auto* m = s.repo().find_login(without_partition(c.args.text("subject_token")));
        if (m == nullptr) return oauth_error("invalid_grant", "unknown subject");
        principal = std::to_string(m->id);
    } else {
        return oauth_error("unsupported_grant_type", "the grant type is not supported");
    }
    const auto life = std::min<milliseconds>(s.session_timeout(), 3600s);
    json::object o;
    o["access_token"] = s.issue_access_token(principal, life);
    o["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token";
    o["token_type"] = "Bearer";
    o["expires_in"] = std::chrono::duration_cast<std::chrono::seconds>(life).count();
    return reply::json(200, o);
}

} // namespace

void add_auth_routes(service& s) {
    s.add_open("POST", "v1/auth", [&s](call& c) { return log_in(s, c); });
    s.add("GET", "v1/auth", [&s](call& c) { return who_am_i(s, c); });
    s.add("GET", "v2/auth", [&s](call& c) { return who_am_i(s, c); });
    for (const char* path : {"v1/auth", "v2/auth"})
        s.add_open("DELETE", path, [&s](call& c) {
            s.authenticate(c.raw);
            return log_out(s, c.raw);
        });
    const auto otds = [&s](const std::string& root, bool snake) {
        s.add_open("POST", root + "/authentication/credentials",
                   [&s, snake](call& c) { return otds_credentials(s, c, snake); });
        s.add_open("POST", root + "/authentication/ticketforuser",
                   [&s, snake](call& c) { return otds_ticket_for_user(s, c, snake); });
        s.add_open("GET", root + "/currentuser", [&s](call& c) {
            const auto user = s.user_of_otds_ticket(c.raw.header("OTDSTicket"));
            const auto* m = user ? s.repo().find_member(*user) : nullptr;
            if (m == nullptr) return otds_refusal();
            json::object o;
            o["id"] = m->name + "@" + partition;
            o["name"] = m->name;
            o["userPartitionID"] = partition;
            return reply::json(200, json::object{{"user", std::move(o)}});
        });
    };
    otds("/otdsws/rest", false);
    otds("/otdsws/v1", true);
    s.add_open("POST", "/otdsws/oauth2/token", [&s](call& c) { return oauth_token(s, c); });
}

} // namespace mortise::sandbox::content_server
