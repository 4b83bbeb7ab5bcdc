// SPDX-License-Identifier: Apache-2.0
#include "address.hpp"
#include "client.hpp"
#include "connector.hpp"
#include "hook.hpp"
#include "moment.hpp"

#include <set>
#include <utility>

namespace iconik {

namespace json = mortise::json;
using mortise::category;
using mortise::error;

namespace {

std::vector<std::string> checked_ids(const json::value& body, std::string_view key) {
    std::vector<std::string> out = ids_in(body, key);
    for (const auto& id : out) {
        if (is_id(id)) continue;
        throw error(category::input, "iconik.custom-action.id",
                    "The custom action's " + std::string(key) + " hold something that is no id.");
    }
    return out;
}

} // namespace

std::optional<click> read_click(const json::value& body) {
    if (!body.is_object()) return {};
    const json::object& o = body.get_object();
    if (o.contains("event_type") || !o.contains("action_id") || !o.contains("context")) return {};
    click out;
    out.action_id = mortise::require_string(body, "action_id", category::input);
    out.context = mortise::require_string(body, "context", category::input);
    out.user_id = text_at(body, "user_id");
    out.date = canonical_date(text_at(body, "date_created"));
    if (!is_id(out.action_id) || (!out.user_id.empty() && !is_id(out.user_id))) {
        throw error(category::input, "iconik.custom-action.id",
                    "The custom action's action_id or user_id is no id.");
    }
    out.assets = checked_ids(body, "asset_ids");
    out.collections = checked_ids(body, "collection_ids");
    if (const json::value* values = mortise::find_json(body, "metadata_values");
        values && values->is_object()) {
        out.values = plain_metadata(body);
    }
    return out;
}

std::vector<mortise::event>
events_of(const click& what, const std::string& title, const std::string& email) {
    std::vector<mortise::event> out;
    const auto add = [&](const std::string& id, const char* type) {
        json::object data;
        data["action_id"] = what.action_id;
        if (!title.empty()) data["action"] = title;
        data["context"] = what.context;
        data["object_type"] = type;
        if (std::string_view(type) == "assets") data["asset_id"] = id;
        if (std::string_view(type) == "collections") data["collection_id"] = id;
        if (!what.user_id.empty()) data["user_id"] = what.user_id;
        if (!email.empty()) data["user_email"] = email;
        if (!what.date.empty()) data["clicked_at"] = what.date;
        data["values"] = what.values;
        // iconik numbers clicks by nothing; who, when and on what is the same in a repeat.
        mortise::event e("iconik.custom-action",
                         "click:" + what.action_id + ":" + what.user_id + ":" + what.date + ":" +
                             id,
                         id, json::value(std::move(data)));
        if (const auto t = micros_of(what.date)) e.time = time_of(*t);
        out.push_back(std::move(e));
    };
    std::set<std::string> told;
    for (const auto& id : what.assets) {
        if (told.insert(id).second) add(id, "assets");
    }
    for (const auto& id : what.collections) {
        if (told.insert(id).second) add(id, "collections");
    }
    if (out.empty()) add(what.action_id, "none");
    return out;
}

mortise::task<void> connector::take_click(mortise::delivery_context& c, click what) {
    auto title = action_titles_.find(what.action_id);
    std::string email;
    // What reads better with names does not fail without them.
    try {
        if (title == action_titles_.end()) {
            const json::array all = co_await all_custom_actions(c);
            for (const auto& action : all)
                action_titles_[text_at(action, "id")] = text_at(action, "title");
            title = action_titles_.find(what.action_id);
        }
        if (!what.user_id.empty()) {
            std::set<std::string> who{what.user_id};
            const auto known = co_await known_users(c, std::move(who));
            if (const auto user = known.find(what.user_id); user != known.end()) {
                email = text_at(user->second, "email");
            }
        }
    } catch (const error& e) {
        if (e.category != category::denied) throw;
    }
    std::string name;
    if (title != action_titles_.end()) name = title->second;
    std::vector<mortise::event> events = events_of(what, name, email);
    co_await c.emit(std::move(events));
}

} // namespace iconik
