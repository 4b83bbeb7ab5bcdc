// SPDX-License-Identifier: Apache-2.0
//
// custom_actions.ensure: buttons in iconik that call this connection.
#include "connector.hpp"
#include "hook.hpp"

#include <mortise/sdk/instance.hpp>

#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

json::object without_secrets(const json::value& action) {
    json::object out = mortise::require_object(action, "");
    if (json::value* headers = out.if_contains("headers"); headers && headers->is_object()) {
        for (auto& header : headers->get_object())
            header.value() = "***";
    }
    return out;
}

} // namespace

mortise::task<json::array> connector::all_custom_actions(context& c) {
    std::string url = client_.to("assets/v1/custom_actions").str();
    subject_of about("custom-action", "the custom actions");
    const json::value answer = co_await client_.get(c, std::move(url), std::move(about));
    co_return objects_of(answer);
}

mortise::task<json::object> connector::ensure_custom_action(context& c, custom_action_ensure in) {
    std::string secret;
    if (!settings_.webhook_secret.empty()) {
        secret = in_.secrets().read(settings_.webhook_secret);
    } else if (!settings_.allow_unauthenticated_webhooks) {
        throw error(category::config, "iconik.custom-action.no-secret",
                    "Without webhook_secret this connection refuses every call; set it (or "
                    "allow_unauthenticated_webhooks) before creating custom actions.");
    }
    std::string view;
    if (!in.metadata_view.empty()) {
        std::string wanted = in.metadata_view;
        view = co_await view_id(c, std::move(wanted), category::input);
    }
    const json::array there = co_await all_custom_actions(c);
    const json::value* present = nullptr;
    for (const auto& action : there) {
        if (text_at(action, "context") != in.context || text_at(action, "title") != in.title) {
            continue;
        }
        if (text_at(action, "url") == in.url || !present) present = &action;
    }
    json::object out;
    if (present) {
        const json::value* headers = mortise::find_json(*present, "headers");
        const std::string known = headers ? text_at(*headers, secret_header) : std::string();
        const json::value* disabled = mortise::find_json(*present, "disabled");
        const bool off = disabled && disabled->is_bool() && disabled->get_bool();
        if (text_at(*present, "url") == in.url && text_at(*present, "type") != "OPEN" && !off &&
            mortise::constant_time_equal(known, secret) &&
            text_at(*present, "metadata_view") == view) {
            out["action"] = without_secrets(*present);
            out["changed"] = false;
            co_return std::move(out);
        }
    }
    json::object body;
    body["title"] = in.title;
    body["context"] = in.context;
    body["url"] = in.url;
    body["type"] = "POST";
    body["disabled"] = false;
    if (!settings_.app_id.empty()) body["app_id"] = settings_.app_id;
    json::object headers;
    if (!secret.empty()) headers[secret_header] = secret;
    body["headers"] = std::move(headers);
    if (!view.empty()) body["metadata_view"] = view;
    address url = client_.to("assets/v1/custom_actions");
    url.part(in.context);
    std::string method = "POST";
    if (present) {
        url.part(mortise::require_string(*present, "id"));
        method = "PUT";
    }
    std::string text = url.str();
    json::value sent(std::move(body));
    subject_of about("custom-action", "the custom action \"" + in.title + "\"");
    const json::value made = co_await client_.write(c, std::move(method), std::move(text),
                                                    std::move(sent), std::move(about));
    out["action"] = without_secrets(made);
    out["changed"] = true;
    co_return std::move(out);
}

} // namespace iconik
