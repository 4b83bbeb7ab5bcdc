// SPDX-License-Identifier: Apache-2.0
//
// What the operations on comments, reminders and the audit trail take and answer.
#pragma once

#include <mortise/sdk/schema.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace content_server {

namespace json = mortise::json;

struct comment_list {
    json::value id;
    std::int64_t limit = 100;
    static auto describe() {
        return mortise::object<comment_list>("Comments on an item")
            .field("id", &comment_list::id, "Id of the item", mortise::required)
            .field("limit", &comment_list::limit, "Comments at most, newest first")
            .min(1)
            .max(1000);
    }
};

struct comment_add {
    json::value id;
    std::string text;
    static auto describe() {
        return mortise::object<comment_add>("A comment on an item")
            .field("id", &comment_add::id, "Id of the item", mortise::required)
            .field("text", &comment_add::text, "What to say", mortise::required)
            .min(1)
            .max(1000);
    }
};

// Also takes the input of comments.add, before which it looks.
struct comment_find {
    json::value id;
    std::string text;
    static auto describe() {
        return mortise::object<comment_find>("A comment of the connection's user")
            .field("id", &comment_find::id, "Id of the item", mortise::required)
            .field("text", &comment_find::text, "Exactly this text", mortise::required)
            .allow_unknown();
    }
};

struct comment {
    std::int64_t id = 0;
    std::string text;
    std::int64_t user_id = 0;
    std::string user;
    std::string date_created;
    std::optional<std::int64_t> reply_to;
    static auto describe() {
        return mortise::object<comment>("A comment")
            .field("id", &comment::id, "Id of the comment", mortise::required)
            .field("text", &comment::text, "Text", mortise::required)
            .field("user_id", &comment::user_id, "Who wrote it; 0 when not told", mortise::required)
            .field("user", &comment::user, "Login name of who wrote it", mortise::required)
            .field("date_created", &comment::date_created, "When", mortise::required)
            .field("reply_to", &comment::reply_to, "The comment it answers");
    }
};

struct comment_listed {
    std::vector<comment> comments;
    static auto describe() {
        return mortise::object<comment_listed>("Comments")
            .field("comments", &comment_listed::comments, "Newest first", mortise::required);
    }
};

struct comment_found {
    bool found = false;
    std::optional<comment> result;
    static auto describe() {
        return mortise::object<comment_found>("Was it found?")
            .field("found", &comment_found::found, "Is there one?", mortise::required)
            .field("result", &comment_found::result, "The newest such comment");
    }
};

struct reminder_create {
    json::value id;
    std::string text;
    std::string due_date;
    std::vector<json::value> recipients;
    std::string priority = "medium";
    static auto describe() {
        return mortise::object<reminder_create>("A reminder on an item")
            .field("id", &reminder_create::id, "Id of the item", mortise::required)
            .field("text", &reminder_create::text, "What to remember", mortise::required)
            .min(1)
            .field("due_date", &reminder_create::due_date, "YYYY-MM-DD", mortise::required)
            .pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
            .field("recipients", &reminder_create::recipients,
                   "Users or groups: login, group name, mail address or id; empty: the "
                   "connection's user")
            .field("priority", &reminder_create::priority, "low, medium or high")
            .pattern("^(low|medium|high)$");
    }
};

// Also takes the input of reminders.create, before which it looks.
struct reminder_find {
    json::value id;
    std::string text;
    std::string due_date;
    static auto describe() {
        return mortise::object<reminder_find>("A reminder on an item")
            .field("id", &reminder_find::id, "Id of the item", mortise::required)
            .field("text", &reminder_find::text, "Exactly this text", mortise::required)
            .field("due_date", &reminder_find::due_date, "YYYY-MM-DD", mortise::required)
            .allow_unknown();
    }
};

struct reminder_ref {
    json::value id;
    json::value reminder_id;
    static auto describe() {
        return mortise::object<reminder_ref>("Which reminder")
            .field("id", &reminder_ref::id, "Id of the item", mortise::required)
            .field("reminder_id", &reminder_ref::reminder_id, "Id of the reminder",
                   mortise::required);
    }
};

struct audit_list {
    json::value id;
    std::string since;
    std::vector<json::value> types;
    std::int64_t limit = 1000;
    static auto describe() {
        return mortise::object<audit_list>("The history of an item")
            .field("id", &audit_list::id, "Id of the item", mortise::required)
            .field("since", &audit_list::since,
                   "Only from this date on: YYYY-MM-DD, time may "
                   "follow, in the server's time")
            .field("types", &audit_list::types,
                   "Only these events, by name or number: Create, "
                   "Version Added, ...")
            .field("limit", &audit_list::limit, "Entries at most, newest first")
            .min(1)
            .max(100'000);
    }
};

} // namespace content_server
