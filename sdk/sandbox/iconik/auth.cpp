// SPDX-License-Identifier: Apache-2.0
// Sign-in, tokens, applications, users and groups.
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {
constexpr milliseconds token_life = std::chrono::hours(24 * 30);
}

// show: the token's text is part of the answer only where one is made.
json::object
iconik_system::issue_token(const std::string& user_id, const std::string& app_id, bool show) {
    const std::string token = "eyJhbGciOiJub25lIn0." + ids().token(60) + "." + ids().token(20);
    const std::string id = ids().uuid();
    tokens_.put(token, {user_id, now() + token_life, {{"app_id", app_id}, {"id", id}}});
    const doc domain{
        {"id", system_domain_}, {"system_domain_id", system_domain_},
        {"name", "Sandbox"},    {"token", show ? json::value(token) : json::value(nullptr)},
        {"app_id", app_id},     {"user_id", user_id}};
    return {{"id", id},
            {"token", show ? json::value(token) : json::value(nullptr)},
            {"app_id", app_id},
            {"user_id", user_id},
            {"system_domain_id", system_domain_},
            {"system_domain_status", "ACTIVE"},
            {"auth_system_domains", json::array{domain}},
            {"expires", iso_micros(now() + token_life)},
            {"is_admin", is_admin(user_id)},
            {"is_mfa_authenticated", false},
            {"date_created", stamp()},
            {"date_modified", stamp()}};
}

void iconik_system::auth_routes() {
    on("POST", "/API/auth/v1/auth/simple/login", "", [this](const request& r) {
        const doc body = r.json_object();
        const std::string email = require_text(body, "email");
        const std::string password = require_text(body, "password");
        for (const doc* user : users_.all())
            if (text_of(*user, "email") == email && password == iconik_seed::password) {
                if (text_of(*user, "status") != "ACTIVE")
                    throw http_error(403, "The user is not active");
                return reply::json(201,
                                   issue_token(text_of(*user, "id"), iconik_seed::app_id, true));
            }
        throw http_error(400, "Invalid e-mail or password");
    });
    on("GET", "/API/auth/v1/auth/token", "", [this](const request& r) {
        const auto known = tokens_.find(r.header("Auth-Token"), now());
        return reply::json(200, doc{{"id", known->facts.at("id")},
                                    {"token", r.header("Auth-Token")},
                                    {"app_id", caller_.app_id},
                                    {"user_id", caller_.user_id},
                                    {"system_domain_id", system_domain_},
                                    {"system_domain_status", "ACTIVE"},
                                    {"is_admin", is_admin(caller_.user_id)},
                                    {"expires", iso_micros(known->expires)}});
    });
    on("PUT", "/API/auth/v1/auth/token", "", [this](const request& r) {
        doc fresh = issue_token(caller_.user_id, caller_.app_id, true);
        tokens_.revoke(r.header("Auth-Token"));
        return reply::json(200, fresh);
    });
    on("POST", "/API/auth/v1/auth/token", "", [this](const request&) {
        return reply::json(201, issue_token(caller_.user_id, caller_.app_id, true));
    });
    on("DELETE", "/API/auth/v1/auth/token", "", [this](const request& r) {
        tokens_.revoke(r.header("Auth-Token"));
        return reply::json(200, doc{});
    });
    on("GET", "/API/auth/v1/apps", "can_read_apps", [this](const request& r) {
        std::vector<doc> out;
        for (const doc* app : apps_.all())
            out.push_back(*app);
        return page(r, std::move(out));
    });
    on("POST", "/API/auth/v1/apps", "can_write_apps", [this](const request& r) {
        const doc body = r.json_object();
        doc app{{"id", ids().uuid()},      {"name", require_text(body, "name")},
                {"description", nullptr},  {"default_user_id", nullptr},
                {"url", nullptr},          {"date_created", stamp()},
                {"date_modified", stamp()}};
        take(app, body, {"description", "default_user_id", "url"});
        return reply::json(201, apps_.add(std::move(app)));
    });
    on("POST", "/API/auth/v1/apps/{app_id}/token", "can_read_apps", [this](const request& r) {
        const doc& app = apps_.need(r.param("app_id"));
        const std::string as = text_of(app, "default_user_id");
        return reply::json(200,
                           issue_token(as.empty() ? caller_.user_id : as, r.param("app_id"), true));
    });
    on("GET", "/API/auth/v1/system_domains/{id}", "can_read_system_domains",
       [this](const request& r) {
           if (r.param("id") != system_domain_)
               throw http_error(404, "System domain does not exist");
           return reply::json(200, doc{{"id", system_domain_},
                                       {"name", "Sandbox"},
                                       {"base_url", base_url()},
                                       {"status", "ACTIVE"},
                                       {"billing_tier", "ENTERPRISE"},
                                       {"features", json::array{}}});
       });
}

void iconik_system::user_routes() {
    on("GET", "/API/users/v1/users/current", "",
       [this](const request&) { return reply::json(200, users_.need(caller_.user_id)); });
    on("GET", "/API/users/v1/users/current/roles", "", [this](const request&) {
        const std::set<std::string> roles = roles_of(caller_.user_id);
        return reply::json(
            200, doc{{"objects", to_array(std::vector<std::string>(roles.begin(), roles.end()))}});
    });
    const auto list = [this](const request& r) {
        std::vector<doc> out;
        const std::vector<std::string> wanted = split_list(r.query_value("ids"));
        const std::string query = r.query_value("query");
        for (const doc* user : users_.all()) {
            if (!wanted.empty() && !contains(wanted, text_of(*user, "id"))) continue;
            bool fits = true;
            for (const char* key : {"email", "first_name", "last_name", "status", "type"})
                fits = fits && (!r.has_query(key) || text_of(*user, key) == r.query_value(key));
            for (const std::string& group : split_list(r.query_value("groups")))
                fits = fits && contains(texts_of(*user, "groups"), group);
            const std::string all = text_of(*user, "email") + " " + text_of(*user, "first_name") +
                                    " " + text_of(*user, "last_name");
            if (fits && (query.empty() || all.find(query) != std::string::npos))
                out.push_back(*user);
        }
        return page(r, std::move(out));
    };
    on("GET", "/API/users/v1/users", "can_read_users", list);
    on("GET", "/API/users/v1/users/basic", "can_read_users", list);
    on("GET", "/API/users/v1/users/{user_id}", "can_read_users",
       [this](const request& r) { return reply::json(200, users_.need(r.param("user_id"))); });
    on("GET", "/API/users/v1/groups", "can_read_groups", [this](const request& r) {
        std::vector<doc> out;
        for (const doc* group : groups_.all())
            if (!r.has_query("name") || text_of(*group, "name") == r.query_value("name"))
                out.push_back(*group);
        return page(r, std::move(out));
    });
    on("GET", "/API/users/v1/groups/{group_id}", "can_read_groups",
       [this](const request& r) { return reply::json(200, groups_.need(r.param("group_id"))); });
}

} // namespace mortise::sandbox::iconik
