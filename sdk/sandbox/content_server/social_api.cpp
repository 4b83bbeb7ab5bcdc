// SPDX-License-Identifier: Apache-2.0
//
// Pulse comments and reminders.
#include "render.hpp"

namespace mortise::sandbox::content_server {
namespace {

pulse_status& status_of(service& s, std::int64_t id) {
    for (auto& status : s.repo().data().pulse)
        if (status.id == id) return status;
    throw failure{400, "The comment " + std::to_string(id) + " does not exist.", {}};
}

std::int64_t comment_count(service& s, node_id object) {
    const auto& all = s.repo().data().pulse;
    return std::count_if(all.begin(), all.end(),
                         [object](const auto& status) { return status.object == object; });
}

std::string comment_text(const call& c) {
    const std::string text = c.args.required_text("status");
    if (text.size() > 1000)
        throw failure{400, "A comment cannot be longer than 1000 characters.", {}};
    return text;
}

reply write(service& s, call& c) {
    pulse_status status;
    status.text = comment_text(c);
    if (const auto to = c.args.integer("in_reply_to_status_id", 0); to != 0) {
        status.object = status_of(s, to).object;
        status.reply_to = to;
    } else {
        status.object = c.args.required_integer("in_comment_on_obj_id");
    }
    s.repo().require(status.object, c.user);
    status.attachment = c.args.integer("ATT_ID", 0);
    if (status.attachment != 0) s.repo().require(status.attachment, c.user);
    status.id = s.repo().next_sequence();
    status.user = c.user;
    status.created = s.now();
    const auto object = status.object;
    s.repo().data().pulse.push_back(std::move(status));
    return reply::json(200, json::object{{"commentCount", comment_count(s, object)}});
}

json::object status_json(service& s, const pulse_status& status, member_id viewer) {
    const auto* m = s.repo().find_member(status.user);
    const auto& all = s.repo().data().pulse;
    const auto replies = std::count_if(
        all.begin(), all.end(), [&](const auto& other) { return other.reply_to == status.id; });
    const bool own = status.user == viewer || s.repo().is_admin(viewer);
    json::object user;
    user["id"] = status.user;
    user["screen_name"] = m != nullptr ? m->name : "";
    user["name"] = m != nullptr ? m->first_name + " " + m->last_name : "";
    json::object o;
    o["id"] = status.id;
    o["data_id"] = status.object;
    o["created_at_iso8601"] = iso_seconds(status.created);
    o["text"] = status.text;
    o["rich_text"] = status.text;
    o["reply_count"] = replies;
    o["likes"] = status.likes.size();
    o["in_reply_to_status_id"] =
        status.reply_to != 0 ? json::value(status.reply_to) : json::value(nullptr);
    o["user"] = std::move(user);
    o["extended_info"] =
        json::object{{"object_id", status.object},
                     {"conversation_id", status.reply_to != 0 ? status.reply_to : status.id},
                     {"attachment_id", status.attachment != 0 ? json::value(status.attachment)
                                                              : json::value(nullptr)}};
    o["actions"] = json::object{{"edit", own}, {"delete", own}, {"reply", true}, {"like", true}};
    return o;
}

reply timeline(service& s, call& c) {
    const auto object = c.args.integer("data_id", c.args.integer("object_id", 0));
    const auto reply_to = c.args.integer("in_reply_to_status_id", 0);
    const auto since = c.args.integer("since_id", 0);
    const auto before = c.args.integer("max_id", 0);
    const auto count = c.args.integer("count", 5);
    json::array data;
    const auto& all = s.repo().data().pulse;
    for (auto it = all.rbegin(); it != all.rend(); ++it) {
        if (static_cast<std::int64_t>(data.size()) >= count) break;
        if (object != 0 && it->object != object) continue;
        if (reply_to != 0 && it->reply_to != reply_to) continue;
        if (it->id <= since || (before != 0 && it->id > before)) continue;
        const auto* n = s.repo().find(it->object);
        if (n == nullptr || !s.repo().may(c.user, *n, "see")) continue;
        data.push_back(status_json(s, *it, c.user));
    }
    return reply::json(
        200, json::object{{"config_settings",
                           json::object{{"commentingEnabled", true}, {"maxMessageLength", 1000}}},
                          {"data", std::move(data)}});
}

pulse_status& own_status(service& s, call& c) {
    auto& status = status_of(s, c.args.required_integer("id"));
    if (status.user != c.user && !s.repo().is_admin(c.user))
        throw failure{400, "Only the author can change a comment.", {}};
    return status;
}

reply remove(service& s, call& c) {
    const auto id = own_status(s, c).id;
    const auto object = status_of(s, id).object;
    std::erase_if(s.repo().data().pulse,
                  [id](const auto& each) { return each.id == id || each.reply_to == id; });
    return reply::json(200, json::object{{"commentCount", comment_count(s, object)}});
}

reply like(service& s, call& c) {
    auto& status = status_of(s, c.args.required_integer("id"));
    const auto action = c.args.required_text("action");
    if (action == "like")
        status.likes.insert(c.user);
    else if (action == "unlike")
        status.likes.erase(c.user);
    else
        throw failure{400, "Invalid value specified for argument 'action'.", {}};
    return reply::json(200, json::object{{"likes", status.likes.size()}});
}

// --- reminders

reply add_reminder(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user, 500);
    auto data = c.args.object("data");
    if (!data) throw failure{400, "Argument 'data' is required.", {}};
    reminder r;
    r.id = s.repo().next_sequence();
    r.node = n.id;
    r.data = std::move(*data);
    r.creator = c.user;
    r.created = s.now();
    const auto id = r.id;
    s.repo().data().reminders.push_back(std::move(r));
    // The id comes back from 26.2 on.
    if (s.server_version() >= "26.2") return v2_results(c, json::object{{"id", id}});
    return v2_empty(c);
}

json::object followup_json(service& s, const reminder& r) {
    json::object o;
    o["followup_id"] = r.id;
    o["data_id"] = r.node;
    o["parent_id"] = r.node;
    o["status"] = r.status;
    o["create_user_id"] = r.creator;
    o["create_date"] = s.plain_date(r.created);
    const auto take = [&](const char* from, const char* to) {
        const auto* v = r.data.if_contains(from);
        o[to] = v != nullptr ? *v : json::value(nullptr);
    };
    take("RSDATE", "due_date");
    take("RSDESCRIPTION", "description");
    take("RSRULE", "rule");
    take("recipients", "assignees");
    return json::object{{"data", json::object{{"followup", std::move(o)}}}};
}

reminder& reminder_of(service& s, call& c) {
    s.repo().require(c.id(), c.user, 500);
    for (auto& r : s.repo().data().reminders)
        if (r.node == c.id() && r.id == c.id("followup")) return r;
    throw failure{400, "The followup " + c.raw.param("followup") + " does not exist.", {}};
}

reply list_followups(service& s, call& c) {
    const auto& n = s.repo().require(c.id(), c.user, 500);
    json::array followups;
    for (const auto& r : s.repo().data().reminders)
        if (r.node == n.id) followups.push_back(followup_json(s, r));
    return v2_results(c, json::object{{"followups", std::move(followups)}});
}

reply change_followup(service& s, call& c) {
    auto& r = reminder_of(s, c);
    const auto status = c.args.required_integer("status");
    if (status != -2 && status != 2)
        throw failure{400, "Invalid value specified for argument 'status'.", {}};
    r.status = static_cast<int>(status);
    return v2_empty(c);
}

} // namespace

void add_social_routes(service& s) {
    s.module("pulse");
    s.add("POST", "v1/pulse/statuses/update", [&s](call& c) { return write(s, c); });
    s.add("GET", "v1/pulse/statuses/public_timeline", [&s](call& c) { return timeline(s, c); });
    s.add("PUT", "v1/pulse/comment", [&s](call& c) {
        auto& status = own_status(s, c);
        status.text = comment_text(c);
        return reply::json(200, status_json(s, status, c.user));
    });
    s.add("DELETE", "v1/pulse/statuses/destroy", [&s](call& c) { return remove(s, c); });
    s.add("PUT", "v1/pulse/statuses/action", [&s](call& c) { return like(s, c); });
    s.add("GET", "v1/objectsocialinfo", [&s](call& c) {
        const auto id = c.args.required_integer("object_id");
        s.repo().require(id, c.user);
        return reply::json(200, json::object{{"commentCount", comment_count(s, id)}});
    });
    s.module("");
    s.add("POST", "v2/resubmission/{id}/addreminder", [&s](call& c) { return add_reminder(s, c); });
    s.add("GET", "v2/nodes/{id}/followups", [&s](call& c) { return list_followups(s, c); });
    s.add("GET", "v2/nodes/{id}/followups/{followup}",
          [&s](call& c) { return v2_results(c, followup_json(s, reminder_of(s, c))); });
    s.add("PUT", "v2/nodes/{id}/followups/{followup}",
          [&s](call& c) { return change_followup(s, c); });
}

} // namespace mortise::sandbox::content_server
