// SPDX-License-Identifier: Apache-2.0
// What people do in review and with webhooks and custom actions, as actions of the control API.
#include "iconik/system.hpp"

#include <algorithm>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

std::string iconik_system::story_id(const doc& o,
                                    const char* key,
                                    const std::string& kind,
                                    const std::string& otherwise) {
    std::string given = text_of(o, key);
    if (given.empty()) given = otherwise;
    if (given.empty()) throw http_error(400, std::string(key) + " is missing");
    return given.size() == 36 ? given : iconik_seed::id(kind + "/" + given);
}

void iconik_system::people_in_review() {
    const auto by = [this](const doc& o, const char* otherwise) {
        const std::string user = story_id(o, "user", "user", otherwise);
        users_.need(user);
        return user;
    };
    play("add-comment",
         "Writes a comment: {\"asset\", \"text\", \"time_start_ms\", \"parent_id\", \"user\" "
         "(legal)}",
         [=, this](const doc& o) {
             const std::string id = story_id(o, "asset", "asset");
             assets_.need(id);
             doc body{{"segment_type", "COMMENT"}, {"segment_text", require_text(o, "text")}};
             if (o.contains("time_start_ms")) {
                 body["time_start_milliseconds"] = o.at("time_start_ms");
                 body["time_end_milliseconds"] = o.at("time_start_ms");
             }
             take(body, o, {"parent_id"});
             return as_user(by(o, "legal"),
                            [&]() -> json::value { return create_segment(id, body); });
         });
    play("withdraw-approval", "Cancels the request: {\"asset\", \"user\" (editor)}",
         [=, this](const doc& o) {
             const std::string id = story_id(o, "asset", "asset");
             assets_.need(id);
             return as_user(by(o, "editor"),
                            [&]() -> json::value { return withdraw_approval("assets", id); });
         });
    play("remove-from-collection",
         "Takes an asset out: {\"asset\", \"collection\", \"user\" (editor)}",
         [=, this](const doc& o) {
             const std::string id = story_id(o, "asset", "asset");
             const std::string place = story_id(o, "collection", "collection");
             return as_user(by(o, "editor"), [&]() -> json::value {
                 if (!remove_content(place, "assets", id))
                     throw http_error(404, "Object is not in the collection");
                 return to_array(parents_of("assets", id));
             });
         });
    play("set-group-rights",
         "Gives a group exactly these rights: {\"asset\" or \"collection\", \"group\", "
         "\"permissions\" [..] (none: takes them away), \"user\" (editor)}",
         [=, this](const doc& o) {
             const bool whole = !o.contains("asset");
             const char* kind = whole ? "collection" : "asset";
             const std::string id = story_id(o, kind, kind);
             (whole ? collections_ : assets_).need(id);
             const std::string group = story_id(o, "group", "group");
             groups_.need(group);
             const std::string type = std::string(kind) + 's';
             return as_user(by(o, "editor"), [&]() -> json::value {
                 set_group_rights(type, id, group, o);
                 return json::value(doc{});
             });
         });
    play("click-custom-action",
         "Clicks an action by its title: {\"title\", \"asset\" or \"assets\" [..], \"collection\", "
         "\"values\" {field: [values]}, \"user\" (editor)}",
         [=, this](const doc& o) {
             const std::string title = require_text(o, "title");
             const std::vector<doc*> all = custom_actions_.all();
             const auto found = std::find_if(all.begin(), all.end(), [&](const doc* a) {
                 return text_of(*a, "title") == title;
             });
             if (found == all.end())
                 throw http_error(404, "There is no custom action \"" + title + "\"");
             if (flag_of(**found, "disabled")) throw http_error(409, "The action is disabled");
             doc selection{{"asset_ids", json::array{}}, {"collection_ids", json::array{}}};
             std::vector<std::string> assets = texts_of(o, "assets");
             if (o.contains("asset")) assets.push_back(text_of(o, "asset"));
             for (const std::string& a : assets)
                 selection["asset_ids"].as_array().push_back(
                     json::value(a.size() == 36 ? a : iconik_seed::id("asset/" + a)));
             if (o.contains("collection"))
                 selection["collection_ids"].as_array().push_back(
                     json::value(story_id(o, "collection", "collection")));
             if (const json::value* given = o.if_contains("values"); given && given->is_object()) {
                 doc values;
                 for (const auto& member : given->get_object()) {
                     json::array list;
                     if (const json::array* many = member.value().if_array())
                         for (const json::value& v : *many)
                             list.push_back(doc{{"value", v}});
                     values[member.key()] = doc{{"field_values", std::move(list)}};
                 }
                 selection["metadata_view_id"] = (*found)->at("metadata_view");
                 selection["metadata_values"] = std::move(values);
             }
             run_custom_action(**found, selection, by(o, "editor"));
             return json::value(doc{});
         });
    play("fail-webhooks", "iconik gives up on all webhooks, as after many failed deliveries: {}",
         [this](const doc&) {
             std::int64_t many = 0;
             for (doc* hook : webhooks_.all()) {
                 if (text_of(*hook, "status") == "DISABLED") continue;
                 (*hook)["status"] = "FAILING";
                 (*hook)["first_failed_at"] = stamp();
                 (*hook)["last_error"] = "HTTP status 503";
                 failures_[text_of(*hook, "id")] = give_up_after_;
                 ++many;
             }
             return json::value(many);
         });
}

} // namespace mortise::sandbox::iconik
