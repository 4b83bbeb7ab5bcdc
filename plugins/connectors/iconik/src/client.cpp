// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

#include "errors.hpp"

#include <mortise/sdk/instance.hpp>

#include <algorithm>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;
using mortise::task;

namespace {
constexpr int most_pages = 10'000; // iconik has no page beyond
}

client::client(mortise::instance& in, const settings& s)
    : in_(in), settings_(s), session_([this] { return sign_in(); }) {
    const bool any_token = !s.app_id.empty() || !s.auth_token.empty();
    const bool any_login = !s.email.empty() || !s.password.empty();
    const bool token = !s.app_id.empty() && !s.auth_token.empty();
    const bool login = !s.email.empty() && !s.password.empty();
    if (any_token == any_login || any_token != token || any_login != login) {
        throw error(category::config, "iconik.settings.sign-in",
                    "Give either app_id and auth_token, or email and password.");
    }
}

std::string client::web_url(std::string_view kind, std::string_view id) const {
    std::string_view base = settings_.base_url;
    while (base.ends_with('/'))
        base.remove_suffix(1);
    return std::string(base).append("/").append(kind).append("/").append(id);
}

task<credentials> client::sign_in() {
    try {
        co_return co_await log_in();
    } catch (error& e) {
        // Whatever came of the login itself, nothing was changed by it.
        e.effect = mortise::effect::none;
        throw;
    }
}

task<credentials> client::log_in() {
    credentials out;
    if (!settings_.app_id.empty()) {
        // Nothing to ask iconik for; but the operator may have put a new token in place.
        out.app_id = settings_.app_id;
        out.token = in_.secrets().read(settings_.auth_token);
        co_return out;
    }
    json::object body;
    body["email"] = settings_.email;
    body["password"] = in_.secrets().read(settings_.password);
    body["app_name"] = "Mortise";
    const std::string url = to("auth/v1/auth/simple/login").str();
    auto request = mortise::http_request::post(url).json(json::value(std::move(body)));
    json::value answer;
    try {
        const auto response = co_await in_.http().send(std::move(request));
        if (!response.ok()) {
            error e = error_of(response, "login", "the login of " + settings_.email, true);
            // A wrong password comes as 400.
            if (response.status == 400) {
                e.category = category::auth;
                e.code = "iconik.login.unauthorized";
                e.message += " Check email and password.";
            }
            throw e;
        }
        answer = json_of(response, "login", "the login");
    } catch (error& e) {
        // What waits for the login has not been sent yet.
        e.effect = mortise::effect::none;
        throw;
    }
    out.app_id = mortise::require_string(answer, "app_id");
    // "token" at the top is deprecated and may be null.
    out.token = text_at(answer, "token");
    if (const auto* domains = mortise::find_json(answer, "auth_system_domains")) {
        if (const auto* list = domains->if_array()) {
            for (const auto& domain : *list) {
                const std::string token = text_at(domain, "token");
                if (token.empty()) continue;
                out.token = token;
                break;
            }
        }
    }
    if (out.token.empty()) {
        throw error(category::remote_protocol, "iconik.login.no-token",
                    "iconik's answer to the login holds no token.");
    }
    co_return out;
}

task<mortise::http_response> client::send(mortise::call_context& c, mortise::http_request request) {
    for (int round = 1;; ++round) {
        const credentials who = co_await session_.get(c);
        mortise::http_request signed_request(request.method, request.url);
        signed_request.headers = request.headers;
        signed_request.body = request.body;
        signed_request.header("App-ID", who.app_id);
        signed_request.header("Auth-Token", who.token);
        signed_request.header("Accept", "application/json");
        auto response = co_await c.http().send(std::move(signed_request));
        if (response.status != 401 || round == 2) co_return std::move(response);
        session_.invalidate(who);
    }
}

task<json::value> client::get(mortise::call_context& c, std::string url, subject_of about) {
    auto request = mortise::http_request::get(std::move(url));
    const auto response = co_await send(c, std::move(request));
    if (!response.ok()) throw error_of(response, about.object, about.what, true);
    co_return json_of(response, about.object, about.what);
}

task<std::optional<json::value>>
client::find(mortise::call_context& c, std::string url, subject_of about) {
    auto request = mortise::http_request::get(std::move(url));
    const auto response = co_await send(c, std::move(request));
    std::optional<json::value> out;
    if (response.status == 404) co_return out;
    if (!response.ok()) throw error_of(response, about.object, about.what, true);
    out = json_of(response, about.object, about.what);
    co_return out;
}

task<client::written> client::exchange(mortise::call_context& c,
                                       std::string method,
                                       std::string url,
                                       json::value body,
                                       subject_of about,
                                       std::uint32_t quiet) {
    mortise::http_request request(std::move(method), std::move(url));
    if (!body.is_null()) request.json(body);
    const auto response = co_await send(c, std::move(request));
    written out;
    out.status = response.status;
    if (quiet != 0 && response.status == quiet) co_return std::move(out);
    if (!response.ok()) throw error_of(response, about.object, about.what, false);
    try {
        out.answer = json_of(response, about.object, about.what);
    } catch (error& e) {
        e.effect = mortise::effect::done;
        throw;
    }
    co_return std::move(out);
}

task<json::value> client::write(mortise::call_context& c,
                                std::string method,
                                std::string url,
                                json::value body,
                                subject_of about) {
    written done = co_await exchange(c, std::move(method), std::move(url), std::move(body),
                                     std::move(about), 0);
    co_return std::move(done.answer);
}

task<std::optional<client::list_page>> client::page_of(
    mortise::call_context& c, address url, subject_of about, int page, std::size_t page_size) {
    url.query("per_page", std::to_string(page_size)).query("page", std::to_string(page));
    std::string text = url.str();
    std::optional<json::value> answer;
    if (page == 1) {
        answer = co_await get(c, std::move(text), std::move(about));
    } else {
        // The list may have become shorter: a page past its end is 404.
        answer = co_await find(c, std::move(text), std::move(about));
    }
    std::optional<list_page> out;
    if (!answer) co_return std::move(out);
    out.emplace();
    out->objects = objects_of(*answer);
    const auto pages = mortise::optional_int(*answer, "pages");
    out->last = out->objects.empty() || !pages || page >= *pages;
    co_return std::move(out);
}

task<json::array>
client::list(mortise::call_context& c, address url, subject_of about, std::size_t limit) {
    json::array out;
    const auto most = static_cast<std::size_t>(settings_.page_size);
    const std::size_t page_size = std::clamp<std::size_t>(limit, 1, most);
    for (int page = 1; page <= most_pages && out.size() < limit; ++page) {
        const auto one = co_await page_of(c, url, about, page, page_size);
        if (!one) break;
        for (const auto& o : one->objects) {
            if (out.size() < limit) out.push_back(o);
        }
        if (one->last) break;
    }
    co_return std::move(out);
}

task<json::array> client::list_by_last_id(
    mortise::call_context& c, address url, subject_of about, std::size_t limit, cursor_form form) {
    json::array out;
    const auto per_page =
        form.page_size != 0 ? form.page_size : static_cast<std::size_t>(settings_.page_size);
    url.query("per_page", std::to_string(per_page));
    std::string last;
    while (out.size() < limit) {
        address one = url;
        if (!last.empty()) one.query(form.parameter, last);
        std::string text = one.str();
        subject_of what = about;
        const json::value answer = co_await get(c, std::move(text), std::move(what));
        const json::array& objects = objects_of(answer);
        for (const auto& o : objects) {
            if (out.size() < limit) out.push_back(o);
        }
        if (objects.size() < per_page) break;
        std::string next = text_at(objects.back(), form.key);
        // A server that does not move on would keep us here for ever.
        if (next.empty() || next == last) break;
        last = std::move(next);
    }
    co_return out;
}

task<json::array>
client::search_page(mortise::call_context& c, json::object criteria, std::size_t page_size) {
    address url = to("search/v1/search");
    url.query("page", "1").query("per_page", std::to_string(page_size));
    url.query("save_search_history", "false").query("generate_signed_url", "false");
    auto request = mortise::http_request::post(url.str()).json(json::value(std::move(criteria)));
    const auto response = co_await send(c, std::move(request));
    if (!response.ok()) throw error_of(response, "search", "a search", true);
    const json::value answer = json_of(response, "search", "a search");
    co_return objects_of(answer);
}

const json::array& objects_of(const json::value& answer) {
    return mortise::require_array(answer, "objects");
}

std::string text_at(const json::object& from, std::string_view key) {
    const json::value* v = from.if_contains(key);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

std::string text_at(const json::value& from, std::string_view key) {
    const json::object* o = from.if_object();
    return o ? text_at(*o, key) : std::string();
}

std::optional<std::int64_t> number_at(const json::value& from, std::string_view key) {
    const json::value* v = mortise::find_json(from, key);
    return v && v->is_int64() ? std::optional(v->get_int64()) : std::nullopt;
}

} // namespace iconik
