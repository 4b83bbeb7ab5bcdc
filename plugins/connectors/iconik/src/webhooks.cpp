// SPDX-License-Identifier: Apache-2.0
//
// webhooks.*: the definitions in iconik that call this connection.
#include "connector.hpp"
#include "hook.hpp"

#include <mortise/sdk/instance.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

// Headers of webhooks are secrets: theirs are not for a journal.
json::object without_secrets(const json::value& hook) {
    json::object out = mortise::require_object(hook, "");
    if (json::value* headers = out.if_contains("headers"); headers && headers->is_object()) {
        for (auto& header : headers->get_object())
            header.value() = "***";
    }
    // Holds an event with whatever data it had.
    out.erase("last_payload");
    return out;
}

bool is_ours(const json::value& hook, const std::string& url, const std::string& event_type) {
    return text_at(hook, "url") == url && text_at(hook, "event_type") == event_type &&
           text_at(hook, "status") != "DELETED";
}

// Everything of the type comes, with the secret.
bool is_right(const json::value& hook, const std::string& secret) {
    for (const std::string_view filter : {"object_id", "realm", "operation", "query"}) {
        if (!text_at(hook, filter).empty()) return false;
    }
    if (text_at(hook, "status") != "ENABLED") return false;
    if (secret.empty()) return true;
    const json::value* headers = mortise::find_json(hook, "headers");
    return headers && mortise::constant_time_equal(text_at(*headers, secret_header), secret);
}

} // namespace

mortise::task<json::object> connector::list_webhooks(context& c, nothing) {
    std::string url = client_.to("notifications/v1/webhooks").str();
    subject_of about("webhook", "the webhooks");
    const json::value answer = co_await client_.get(c, std::move(url), std::move(about));
    json::array list;
    for (const auto& hook : objects_of(answer))
        list.emplace_back(without_secrets(hook));
    json::object out;
    out["webhooks"] = std::move(list);
    co_return std::move(out);
}

mortise::task<json::object> connector::ensure_webhooks(context& c, webhooks_ensure in) {
    if (settings_.webhook_secret.empty() && !settings_.allow_unauthenticated_webhooks) {
        throw error(category::config, "iconik.webhook.no-secret",
                    "Without webhook_secret this connection refuses every webhook; set it (or "
                    "allow_unauthenticated_webhooks) before creating webhooks.");
    }
    std::string secret;
    if (!settings_.webhook_secret.empty()) secret = in_.secrets().read(settings_.webhook_secret);
    std::string url = client_.to("notifications/v1/webhooks").str();
    subject_of about("webhook", "the webhooks");
    const json::value answer = co_await client_.get(c, std::move(url), std::move(about));
    const json::array& there = objects_of(answer);
    json::array list;
    std::int64_t created = 0;
    std::int64_t updated = 0;
    for (const std::string& event_type : in.event_types) {
        const json::value* present = nullptr;
        for (const auto& hook : there) {
            if (!is_ours(hook, in.url, event_type)) continue;
            // Of several the right one counts; a wrong one is mended only when there is no other.
            if (!present || is_right(hook, secret)) present = &hook;
        }
        if (present && is_right(*present, secret)) {
            list.emplace_back(without_secrets(*present));
            continue;
        }
        std::string id;
        if (present) id = mortise::require_string(*present, "id");
        std::string target = in.url;
        std::string type = event_type;
        std::string name = in.name;
        const json::value made = co_await save_webhook(c, std::move(id), std::move(target),
                                                       std::move(type), std::move(name));
        list.emplace_back(without_secrets(made));
        ++(present ? updated : created);
    }
    json::object out;
    out["webhooks"] = std::move(list);
    out["created"] = created;
    out["updated"] = updated;
    co_return std::move(out);
}

mortise::task<json::value> connector::save_webhook(
    context& c, std::string id, std::string url, std::string event_type, std::string name) {
    json::object body;
    body["name"] = name;
    body["url"] = url;
    body["event_type"] = event_type;
    body["status"] = "ENABLED";
    for (const std::string_view filter : {"object_id", "realm", "operation", "query"})
        body[filter] = nullptr;
    json::object headers;
    if (!settings_.webhook_secret.empty()) {
        headers[secret_header] = in_.secrets().read(settings_.webhook_secret);
    }
    body["headers"] = std::move(headers);
    address target = client_.to("notifications/v1/webhooks");
    if (!id.empty()) target.part(id);
    std::string method = id.empty() ? "POST" : "PUT";
    std::string text = target.str();
    json::value sent(std::move(body));
    subject_of what("webhook", "the webhook for " + event_type);
    json::value made = co_await client_.write(c, std::move(method), std::move(text),
                                              std::move(sent), std::move(what));
    co_return std::move(made);
}

mortise::task<void> connector::mend_webhooks(context& c) {
    std::string url = client_.to("notifications/v1/webhooks").str();
    subject_of about("webhook", "the webhooks");
    const json::value answer = co_await client_.get(c, std::move(url), std::move(about));
    for (const auto& hook : objects_of(answer)) {
        if (text_at(hook, "url") != settings_.webhook_url) continue;
        const std::string status = text_at(hook, "status");
        const std::string reason = text_at(hook, "last_error");
        // One that a person switched off has no error and stays off.
        if (status != "FAILING" && !(status == "DISABLED" && !reason.empty())) continue;
        const std::string type = text_at(hook, "event_type");
        std::string id = mortise::require_string(hook, "id");
        std::string target = settings_.webhook_url;
        std::string type_copy = type;
        std::string name = text_at(hook, "name");
        co_await save_webhook(c, std::move(id), std::move(target), std::move(type_copy),
                              std::move(name));
        json::object fields;
        fields["event_type"] = type;
        fields["status"] = status;
        fields["last_error"] = reason;
        fields["first_failed_at"] = text_at(hook, "first_failed_at");
        in_.log().warn("iconik had given up on the webhook for " + type +
                           "; it is enabled again, and the poll has what it missed",
                       fields);
        webhooks_mended_.add();
    }
}

mortise::task<void> connector::look_after_webhooks(context& c) {
    constexpr std::chrono::minutes every{5};
    const auto now = in_.time().now();
    if (webhooks_seen_ && now - *webhooks_seen_ < every) co_return;
    webhooks_seen_ = now;
    co_await forget_old_calls("made/");
    co_await forget_old_calls("upload/");
    if (settings_.webhook_url.empty()) co_return;
    std::optional<error> failure;
    try {
        co_await mend_webhooks(c);
    } catch (const error& e) {
        failure = e;
    }
    // The poll itself has done its work.
    if (failure) {
        json::object fields;
        fields["code"] = failure->code;
        in_.log().warn("The webhooks could not be looked after: " + failure->message, fields);
    }
}

} // namespace iconik
