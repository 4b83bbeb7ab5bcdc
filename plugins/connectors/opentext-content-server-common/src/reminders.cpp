// SPDX-License-Identifier: Apache-2.0
//
// Reminders on items ("followups"), and the audit trail.
#include "content_server/social.hpp"
#include "content_server/text.hpp"

#include <algorithm>

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

constexpr std::int64_t completed = 2;

object reminder_of(const object& from) {
    object out;
    out["reminder_id"] = int_at(from, "followup_id");
    out["text"] = text_at(from, "description");
    out["due_date"] = text_at(from, "due_date");
    out["completed"] = int_at(from, "status") == completed;
    if (const auto* assignees = from.if_contains("assignees")) out["recipients"] = *assignees;
    return out;
}

// "2026-08-29" as the server writes it in a reminder: "D/2026/8/29:0:0:0".
std::string reminder_date(const std::string& date) {
    const auto number = [&](std::size_t at, std::size_t n) {
        return std::to_string(to_integer(json::value(date.substr(at, n))).value_or(0));
    };
    return "D/" + number(0, 4) + '/' + number(5, 2) + '/' + number(8, 2) + ":0:0:0";
}

// The server answers dates in either form.
bool same_day(const std::string& a, const std::string& day) {
    return a.starts_with(day) || a.starts_with(reminder_date(day).substr(0, a.find(':')));
}

} // namespace

task<object> social::list_reminders(context& c, node_id_only in) {
    const std::int64_t id = id_of(in.id, "id");
    client& server = all_.server();
    const json::value answer =
        co_await server.get(c, server.at_node(id, "followups").str(),
                            subject("reminder", "the reminders on item " + std::to_string(id)));
    json::array list;
    if (const json::value* items = part(answer, "results.followups"); items && items->is_array()) {
        for (const auto& item : items->get_array())
            list.push_back(reminder_of(object_part(item, "data.followup")));
    }
    object out;
    out["reminders"] = std::move(list);
    co_return out;
}

task<object> social::find_reminder(context& c, reminder_find in) {
    node_id_only which;
    which.id = in.id;
    const object all = co_await list_reminders(c, std::move(which));
    object out;
    out["found"] = false;
    for (const auto& item : all.at("reminders").as_array()) {
        const object& one = item.as_object();
        if (text_at(one, "text") != in.text || one.at("completed").as_bool()) continue;
        if (!same_day(text_at(one, "due_date"), in.due_date)) continue;
        out["found"] = true;
        out["result"] = one;
        break;
    }
    co_return out;
}

task<object> social::create_reminder(context& c, reminder_create in) {
    const std::int64_t id = id_of(in.id, "id");
    json::array recipients;
    for (const auto& who : in.recipients)
        recipients.emplace_back(co_await all_.member_id(c, who));
    if (recipients.empty()) recipients.emplace_back(co_await all_.own_id(c));
    object data;
    data["recipients"] = std::move(recipients);
    data["RSDESCRIPTION"] = in.text;
    data["RSTYPE"] = "2";
    data["RSACTIVATIONBDAY"] = "1";
    data["RSACTIVATIONUNIT"] = "1";
    data["RSACTIVATION"] = 0;
    data["PRIORITY"] = in.priority == "low" ? "0" : in.priority == "high" ? "100" : "50";
    data["ESCALTO"] = 1;
    data["escalationEnabled"] = "0";
    data["RSRULE"] = "0";
    data["RSRULEUNIT"] = 1;
    data["RSDATE"] = reminder_date(in.due_date);
    // Here the structure travels in a field "data", not in "body".
    mortise::form_body form;
    form.add("data", mortise::serialize_json(data));
    const std::string text = std::to_string(id);
    co_await all_.server().write_form(
        c, "POST", all_.server().at("v2/resubmission/" + text + "/addreminder").str(), form,
        subject("reminder", "the reminder on item " + text));
    // Servers before 26.2 do not tell the new id.
    reminder_find which;
    which.id = in.id;
    which.text = in.text;
    which.due_date = in.due_date;
    object found;
    try {
        found = co_await find_reminder(c, std::move(which));
    } catch (error& e) {
        e.effect = mortise::effect::done;
        throw;
    }
    if (const auto* result = found.if_contains("result")) co_return result->as_object();
    object out;
    out["text"] = in.text;
    out["due_date"] = in.due_date;
    co_return out;
}

task<object> social::remove_reminder(context& c, reminder_ref in) {
    const std::int64_t id = id_of(in.id, "id");
    const std::int64_t reminder = id_of(in.reminder_id, "reminder_id");
    node_id_only which;
    which.id = in.id;
    const object all = co_await list_reminders(c, std::move(which));
    const auto& list = all.at("reminders").as_array();
    const auto there = std::find_if(list.begin(), list.end(), [&](const json::value& item) {
        const object& one = item.as_object();
        return int_at(one, "reminder_id") == reminder && !one.at("completed").as_bool();
    });
    object out;
    out["removed"] = there != list.end();
    if (there == list.end()) co_return out;
    mortise::form_body form;
    form.add("status", std::to_string(completed));
    client& server = all_.server();
    co_await server.write_form(
        c, "PUT", server.at_node(id, "followups/" + std::to_string(reminder)).str(), form,
        subject("reminder", "the reminder " + std::to_string(reminder)));
    co_return out;
}

task<object> social::list_audit(context& c, audit_list in) {
    const std::int64_t id = id_of(in.id, "id");
    mortise::url url = all_.server().at_node(id, "audit");
    url.query("sort", "desc_audit_date");
    if (!in.since.empty()) url.query("where_audit_date_start", in.since);
    std::vector<std::string> names;
    for (const auto& type : in.types) {
        if (const auto number = to_integer(type)) {
            url.query("where_type", std::to_string(*number));
        } else if (const auto* name = type.if_string()) {
            names.emplace_back(*name);
        } else {
            throw error(category::input, "xecm.audit.bad-type",
                        "\"types\" takes names or numbers of audit events.");
        }
    }
    subject about("audit", "the history of item " + std::to_string(id));
    const auto limit = static_cast<std::size_t>(in.limit);
    list_request what(std::move(url), std::move(about), names.empty() ? limit : 100'000);
    const json::array items = co_await all_.server().list(c, std::move(what));
    json::array entries;
    for (const auto& item : items) {
        const auto* o = item.if_object();
        if (!o || entries.size() == limit) continue;
        const std::string name = text_at(*o, "audit_name");
        const bool wanted = names.empty() || std::any_of(names.begin(), names.end(), [&](auto& n) {
                                return equal_ignoring_case(n, name);
                            });
        if (!wanted) continue;
        object one;
        one["event"] = name;
        one["event_type"] = int_at(*o, "event_type");
        one["date"] = text_at(*o, "audit_date");
        one["user_id"] = int_at(*o, "user_id");
        entries.push_back(std::move(one));
    }
    object out;
    out["entries"] = std::move(entries);
    co_return out;
}

} // namespace content_server
