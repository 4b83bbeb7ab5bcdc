// SPDX-License-Identifier: Apache-2.0
// Notifications going out: webhooks and custom actions.
#include "iconik/event_query.hpp"
#include "iconik/system.hpp"

#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

// What happens after a failed delivery is not documented by the vendor: this many more tries, each
// after twice the pause.
constexpr int retries = 3;

header_list headers_of(const json::object& definition) {
    header_list out;
    if (const json::value* h = definition.if_contains("headers"); h && h->is_object())
        for (const auto& member : h->get_object())
            if (member.value().is_string())
                out.emplace_back(std::string(member.key()),
                                 std::string(member.value().get_string()));
    return out;
}

bool filter_allows(const json::object& hook, const char* key, const std::string& value) {
    const std::string wanted = text_of(hook, key);
    return wanted.empty() || wanted == value;
}

} // namespace

void iconik_system::emit(const std::string& event_type,
                         const std::string& object_id,
                         const std::string& realm,
                         const std::string& operation,
                         doc data) {
    const doc event{{"system_domain_id", system_domain_},
                    {"event_type", event_type},
                    {"object_id", object_id},
                    {"user_id", caller_.user_id},
                    {"realm", realm},
                    {"operation", operation},
                    {"data", std::move(data)},
                    {"request_id", caller_.request_id}};
    std::string payload;
    for (const doc* hook : webhooks_.all()) {
        const std::string status = text_of(*hook, "status");
        if (status != "ENABLED" && status != "FAILING") continue;
        if (text_of(*hook, "event_type") != event_type || !filter_allows(*hook, "realm", realm) ||
            !filter_allows(*hook, "operation", operation) ||
            !filter_allows(*hook, "object_id", object_id))
            continue;
        if (!matches_event(event, text_of(*hook, "query"))) continue; // checked when it was saved
        if (payload.empty()) payload = json::serialize(event);
        deliver(text_of(*hook, "id"), payload, 0);
    }
}

void iconik_system::deliver(const std::string& hook_id, const std::string& payload, int attempt) {
    const doc* hook = webhooks_.find(hook_id);
    if (!hook || text_of(*hook, "status") == "DISABLED") return;
    // How long the vendor goes on is not documented; after so many failures in a row it is told
    // nothing more until somebody saves the webhook as ENABLED again.
    if (failures_[hook_id] >= give_up_after_) return;
    webhook out;
    out.url = text_of(*hook, "url");
    out.headers = headers_of(*hook);
    out.body = payload;
    post_webhook(std::move(out), [this, hook_id, payload, attempt](const webhook_result& result) {
        doc* done = webhooks_.find(hook_id);
        if (!done) return;
        if (result.ok()) {
            failures_.erase(hook_id);
            if (text_of(*done, "status") == "FAILING") {
                (*done)["status"] = "ENABLED";
                (*done)["first_failed_at"] = nullptr;
                (*done)["last_error"] = nullptr;
                (*done)["last_payload"] = nullptr;
            }
            return;
        }
        if (text_of(*done, "status") == "ENABLED") {
            (*done)["status"] = "FAILING";
            (*done)["first_failed_at"] = stamp();
        }
        (*done)["last_error"] =
            result.status == 0 ? result.error : "HTTP status " + std::to_string(result.status);
        (*done)["last_payload"] = payload;
        ++failures_[hook_id];
        if (attempt < retries)
            schedule(retry_delay_ * (1 << attempt),
                     [this, hook_id, payload, attempt] { deliver(hook_id, payload, attempt + 1); });
    });
}

void iconik_system::webhook_routes() {
    const auto read = [](doc& hook, const doc& body) {
        const std::string url = require_text(body, "url");
        if (!url.starts_with("http://") && !url.starts_with("https://"))
            invalid("url", "Not a valid URL.");
        require_text(body, "event_type");
        require_one_of(body, "status", {"ENABLED", "DISABLED", "FAILING", "DELETED"}, true);
        try {
            matches_event({}, text_of(body, "query"));
        } catch (const std::invalid_argument& e) {
            invalid("query", e.what());
        }
        for (const char* key : {"name", "description", "object_id", "realm", "operation", "query"})
            hook[key] = nullptr;
        hook["headers"] = doc{};
        take(hook, body,
             {"url", "event_type", "status", "name", "description", "object_id", "realm",
              "operation", "query", "headers"});
    };
    on("GET", "/API/notifications/v1/webhooks", "can_read_webhooks", [this](const request&) {
        json::array out;
        for (const doc* hook : webhooks_.all())
            out.push_back(*hook);
        return reply::json(200, doc{{"objects", std::move(out)}});
    });
    on("POST", "/API/notifications/v1/webhooks", "can_write_webhooks",
       [this, read](const request& r) {
           doc hook{{"id", ids().uuid()},       {"date_created", stamp()},
                    {"date_modified", stamp()}, {"first_failed_at", nullptr},
                    {"last_error", nullptr},    {"last_payload", nullptr},
                    {"deleted_at", nullptr}};
           read(hook, r.json_object());
           return reply::json(201, webhooks_.add(std::move(hook)));
       });
    on("GET", "/API/notifications/v1/webhooks/{id}", "can_read_webhooks",
       [this](const request& r) { return reply::json(200, webhooks_.need(r.param("id"))); });
    on("PUT", "/API/notifications/v1/webhooks/{id}", "can_write_webhooks",
       [this, read](const request& r) {
           doc hook = webhooks_.need(r.param("id"));
           read(hook, r.json_object());
           hook["date_modified"] = stamp();
           if (text_of(hook, "status") == "ENABLED") {
               failures_.erase(r.param("id"));
               for (const char* key : {"first_failed_at", "last_error", "last_payload"})
                   hook[key] = nullptr;
           }
           return reply::json(200, webhooks_.add(std::move(hook)));
       });
    on("DELETE", "/API/notifications/v1/webhooks/{id}", "can_delete_webhooks",
       [this](const request& r) {
           webhooks_.need(r.param("id"));
           webhooks_.erase(r.param("id"));
           return reply::empty(204);
       });
}

void iconik_system::run_custom_action(const doc& action,
                                      const doc& selection,
                                      const std::string& user_id) {
    const doc token = issue_token(
        user_id,
        text_of(action, "app_id").empty() ? iconik_seed::app_id : text_of(action, "app_id"), true);
    doc payload{{"user_id", user_id},
                {"system_domain_id", system_domain_},
                {"context", action.at("context")},
                {"action_id", action.at("id")},
                {"asset_ids", json::array{}},
                {"collection_ids", json::array{}},
                {"saved_search_ids", json::array{}},
                {"metadata_view_id", nullptr},
                {"metadata_values", nullptr},
                {"date_created", iso_micros(now(), false)},
                {"auth_token", token.at("token")}};
    take(
        payload, selection,
        {"asset_ids", "collection_ids", "saved_search_ids", "metadata_view_id", "metadata_values"});
    webhook out;
    out.url = text_of(action, "url");
    out.headers = headers_of(action);
    out.body = json::serialize(payload);
    const std::string id = text_of(action, "id");
    post_webhook(std::move(out), [this, id](const webhook_result& result) {
        doc* a = custom_actions_.find(id);
        if (!a) return;
        (*a)["status"] = result.ok() ? "HEALTHY" : "FAILING";
        if (result.ok()) return;
        (*a)["last_error"] =
            result.status == 0 ? result.error : "HTTP status " + std::to_string(result.status);
        (*a)["last_error_date"] = stamp();
    });
}

void iconik_system::custom_action_routes() {
    on("GET", "/API/assets/v1/custom_actions", "can_read_custom_actions", [this](const request&) {
        json::array out;
        for (const doc* a : custom_actions_.all())
            out.push_back(*a);
        return reply::json(200, doc{{"objects", std::move(out)}});
    });
    on("POST", "/API/assets/v1/custom_actions/{context}", "", [this](const request& r) {
        doc body = r.json_object();
        body["context"] = r.param("context");
        require_one_of(body, "context",
                       {"ASSET", "ASSET_SUBCLIP", "SHARED_ASSET", "COLLECTION", "SHARED_COLLECTION",
                        "BULK", "SAVED_SEARCH", "NONE"},
                       true);
        require_one_of(body, "type", {"POST", "OPEN"});
        require_text(body, "title");
        require_text(body, "url");
        doc a{{"id", ids().uuid()},
              {"type", "POST"},
              {"app_id", iconik_seed::app_id},
              {"headers", doc{}},
              {"metadata_view", nullptr},
              {"disabled", false},
              {"status", "HEALTHY"},
              {"last_error", nullptr},
              {"last_error_date", nullptr},
              {"system_domain_id", system_domain_},
              {"date_created", stamp()},
              {"date_modified", stamp()}};
        take(a, body,
             {"title", "url", "context", "type", "app_id", "headers", "metadata_view", "disabled"});
        return reply::json(201, custom_actions_.add(std::move(a)));
    });
    on("GET", "/API/assets/v1/custom_actions/{context}/{id}", "can_read_custom_actions",
       [this](const request& r) { return reply::json(200, custom_actions_.need(r.param("id"))); });
    const auto edit = [this](const request& r) {
        const doc body = r.json_object();
        require_one_of(body, "type", {"POST", "OPEN"});
        doc& a = custom_actions_.need(r.param("id"));
        if (r.method == "PUT") {
            require_text(body, "title");
            require_text(body, "url");
        }
        take(a, body, {"title", "url", "type", "app_id", "headers", "metadata_view", "disabled"});
        a["status"] = "HEALTHY";
        a["date_modified"] = stamp();
        return reply::json(200, a);
    };
    on("PUT", "/API/assets/v1/custom_actions/{context}/{id}", "", edit);
    on("PATCH", "/API/assets/v1/custom_actions/{context}/{id}", "", edit);
    on("DELETE", "/API/assets/v1/custom_actions/{context}/{id}", "", [this](const request& r) {
        custom_actions_.need(r.param("id"));
        custom_actions_.erase(r.param("id"));
        return reply::empty(204);
    });
    on("POST", "/API/assets/v1/custom_actions/{context}/{id}/callback", "can_read_custom_actions",
       [this](const request& r) {
           const doc selection = r.content.empty() ? doc() : r.json_object();
           run_custom_action(custom_actions_.need(r.param("id")), selection, caller_.user_id);
           return reply::json(200, doc{{"redirect_url", nullptr}});
       });
}

} // namespace mortise::sandbox::iconik
