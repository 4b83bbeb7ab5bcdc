// SPDX-License-Identifier: Apache-2.0
//
// Operations on comments, reminders and the audit trail of items. Comments need the Pulse module,
// whose REST interface is not published: addresses and fields are those OpenText's own clients use.
// [strand]
#pragma once

#include "content_server/describe.hpp"
#include "content_server/inputs_social.hpp"
#include "content_server/repository.hpp"

namespace content_server {

class social {
public:
    using object = mortise::json::object;
    using context = mortise::call_context;
    template <class T>
    using task = mortise::task<T>;

    explicit social(repository& all) noexcept : all_(all) {}

    task<comment_listed> list_comments(context& c, comment_list in);
    task<comment_found> find_comment(context& c, comment_find in);
    task<comment> add_comment(context& c, comment_add in);
    task<object> list_reminders(context& c, node_id_only in);
    task<object> find_reminder(context& c, reminder_find in);
    task<object> create_reminder(context& c, reminder_create in);
    task<object> remove_reminder(context& c, reminder_ref in);
    task<object> list_audit(context& c, audit_list in);

private:
    repository& all_;
};

template <class C>
void describe_social(mortise::connector_builder<C>& b) {
    using s = social;
    add_operation(b, "comments.list", &s::list_comments).title("List comments on an item").reads();
    add_operation(b, "comments.find", &s::find_comment)
        .title("Find a comment of the connection's user")
        .doc("Looks first before comments.add repeats.")
        .reads();
    add_operation(b, "comments.add", &s::add_comment)
        .title("Comment on an item")
        .lookup_first("comments.find");
    add_operation(b, "reminders.list", &s::list_reminders).title("List reminders").reads();
    add_operation(b, "reminders.find", &s::find_reminder)
        .title("Find a reminder")
        .doc("One that is not completed; looks first before reminders.create repeats.")
        .reads();
    add_operation(b, "reminders.create", &s::create_reminder)
        .title("Create a reminder")
        .lookup_first("reminders.find");
    add_operation(b, "reminders.remove", &s::remove_reminder)
        .title("Complete a reminder")
        .doc("The interface deletes none; one that is completed, or not there, is fine.")
        .idempotent();
    add_operation(b, "audit.list", &s::list_audit).title("Read the history of an item").reads();
}

} // namespace content_server
