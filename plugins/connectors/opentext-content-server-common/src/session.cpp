// SPDX-License-Identifier: Apache-2.0
#include "content_server/session.hpp"

#include "content_server/errors.hpp"
#include "content_server/text.hpp"

#include <mortise/sdk/json.hpp>
#include <mortise/sdk/url.hpp>

namespace content_server {

namespace json = mortise::json;
using mortise::category;
using mortise::error;
using mortise::task;

namespace {

constexpr std::string_view ticket_header = "otcsticket";

// A refused log-in is AUTH whatever its status was; a server that is away stays UNAVAILABLE.
error log_in_error(const mortise::http_response& response, const subject& about) {
    error e = error_of(response, about, access::read);
    if (response.status >= 400 && response.status < 500 && response.status != 408 &&
        response.status != 429 && e.category != category::config) {
        e.category = category::auth;
        e.code = "xecm." + about.object + ".unauthorized";
    }
    return e;
}

} // namespace

void connection::check() const {
    const auto wrong = [](std::string_view reason, std::string text) {
        throw error(category::config, "xecm.settings." + std::string(reason), std::move(text));
    };
    const bool user = !username.empty() || !password.empty();
    const bool client = !client_id.empty() || !client_secret.empty();
    if (user && client) {
        wrong("two-logins", "Give either username and password, or client_id and client_secret.");
    }
    if (!user && !client) {
        wrong("no-login", "Give username and password, or otds_url, client_id and client_secret.");
    }
    if (user && (username.empty() || password.empty())) {
        wrong("half-login", "username and password belong together; one of them is missing.");
    }
    if (client && (client_id.empty() || client_secret.empty() || otds_url.empty())) {
        wrong("half-login",
              "otds_url, client_id and client_secret belong together; one of them is missing.");
    }
    if (base_url.ends_with("/api") || base_url.ends_with("/api/")) {
        wrong("base-url", "base_url ends before \"/api\": leave that part out.");
    }
}

log_in_session::log_in_session(mortise::instance& in, const connection& to)
    : in_(in), to_(to), logins_([this] { return log_in(); }) {}

task<pass> log_in_session::get(mortise::call_context& c) {
    co_await logins_.get(c);
    co_return now_;
}

void log_in_session::renew(const pass& used, std::string_view fresh_ticket) {
    // A late answer of the log-in before must not bring its ticket back.
    if (fresh_ticket.empty() || used.login != now_.login) return;
    now_.header = "OTCSTicket";
    now_.value = fresh_ticket;
}

task<std::uint64_t> log_in_session::log_in() {
    try {
        if (to_.by_client()) {
            co_await log_in_by_client();
        } else if (!to_.otds_url.empty()) {
            co_await log_in_by_otds_password();
        } else {
            co_await log_in_by_password();
        }
    } catch (error& e) {
        // What waits for the log-in has not been sent yet.
        e.effect = mortise::effect::none;
        throw;
    }
    now_.login = ++count_;
    co_return now_.login;
}

task<void> log_in_session::log_in_by_password() {
    const subject about("login", "the login of " + to_.username);
    mortise::form_body form;
    form.add("username", to_.username).add("password", in_.secrets().read(to_.password));
    if (!to_.domain.empty()) form.add("domain", to_.domain);
    const std::string url = mortise::url(to_.base_url).path("api/v1/auth").str();
    auto request = mortise::http_request::post(url).text(std::string(form.media_type), form.str());
    request.header("Accept", "application/json");
    const auto response = co_await in_.http().send(std::move(request));
    if (!response.ok()) throw log_in_error(response, about);
    const json::value answer = json_of(response, about, access::read);
    now_ = pass(0, "OTCSTicket", mortise::require_string(answer, "ticket"));
}

task<void> log_in_session::log_in_by_client() {
    const subject about("login", "the token of client " + to_.client_id);
    mortise::form_body form;
    form.add("grant_type", "client_credentials").add("client_id", to_.client_id);
    form.add("client_secret", in_.secrets().read(to_.client_secret));
    const std::string url = mortise::url(to_.otds_url).path("oauth2/token").str();
    auto request = mortise::http_request::post(url).text(std::string(form.media_type), form.str());
    request.header("Accept", "application/json");
    const auto response = co_await in_.http().send(std::move(request));
    if (!response.ok()) throw log_in_error(response, about);
    const json::value answer = json_of(response, about, access::read);
    co_await exchange("Authorization", "Bearer " + mortise::require_string(answer, "access_token"));
}

task<void> log_in_session::log_in_by_otds_password() {
    const subject about("login", "the OTDS login of " + to_.username);
    json::object body;
    body["userName"] = to_.username;
    body["password"] = in_.secrets().read(to_.password);
    const std::string url =
        mortise::url(to_.otds_url).path("rest/authentication/credentials").str();
    auto request = mortise::http_request::post(url).json(json::value(std::move(body)));
    // Otherwise XML may come back.
    request.header("Accept", "application/json");
    const auto response = co_await in_.http().send(std::move(request));
    if (!response.ok()) throw log_in_error(response, about);
    const json::value answer = json_of(response, about, access::read);
    const std::string ticket = mortise::optional_string(answer, "ticket").value_or("");
    if (ticket.empty()) {
        throw error(category::auth, "xecm.login.unauthorized",
                    "OTDS gave no ticket to " + to_.username + ": \"" + vendor_text(response.body) +
                        "\".");
    }
    co_await exchange("OTDSTicket", ticket);
}

task<void> log_in_session::exchange(std::string header, std::string value) {
    const subject about("login", "the exchange of the OTDS login for a ticket");
    const std::string url = mortise::url(to_.base_url).path("api/v1/auth").str();
    auto request = mortise::http_request::get(url);
    request.header(header, value).header("Accept", "application/json");
    const auto response = co_await in_.http().send(std::move(request));
    if (!response.ok()) {
        error e = log_in_error(response, about);
        if (response.status == 401 && to_.by_client()) {
            e.message += " An OTDS client is no Content Server user unless it is mapped to one.";
        }
        throw e;
    }
    json_of(response, about, access::read);
    const std::string_view ticket = response.header(ticket_header);
    // Without a ticket the proof itself goes with every request.
    now_ = ticket.empty() ? pass(0, std::move(header), std::move(value))
                          : pass(0, "OTCSTicket", std::string(ticket));
}

} // namespace content_server
