// SPDX-License-Identifier: Apache-2.0
//
// Comments on items.
#include "content_server/social.hpp"
#include "content_server/text.hpp"

namespace content_server {

using mortise::category;
using mortise::error;
using mortise::task;
using object = json::object;

namespace {

comment comment_of(const object& from) {
    comment out;
    out.id = int_at(from, "id");
    out.text = text_at(from, "text");
    out.date_created = text_at(from, "created_at_iso8601");
    if (const auto* user = from.if_contains("user"); user && user->is_object()) {
        out.user_id = int_at(user->get_object(), "id");
        out.user = text_at(user->get_object(), "screen_name");
    }
    if (const auto to = int_at(from, "in_reply_to_status_id"); to != 0) out.reply_to = to;
    return out;
}

} // namespace

task<comment_listed> social::list_comments(context& c, comment_list in) {
    const std::int64_t id = id_of(in.id, "id");
    mortise::url url = all_.server().at("v1/pulse/statuses/public_timeline");
    url.query("data_id", std::to_string(id)).query("count", std::to_string(in.limit));
    url.query("includes", "actions,reply_count,user_info");
    const json::value answer = co_await all_.server().get(
        c, url.str(), subject("comment", "the comments on item " + std::to_string(id)));
    const json::array& items = mortise::require_array(answer, "data");
    // Of an item that is not there this family says nothing at all.
    if (items.empty()) co_await all_.read_node(c, id);
    comment_listed out;
    for (const auto& item : items) {
        const auto* o = item.if_object();
        // A server that does not know the filter leaves it out.
        if (o && int_at(*o, "data_id") == id) out.comments.push_back(comment_of(*o));
    }
    co_return out;
}

task<comment_found> social::find_comment(context& c, comment_find in) {
    const std::int64_t me = co_await all_.own_id(c);
    comment_list which;
    which.id = in.id;
    which.limit = 1000;
    comment_listed all = co_await list_comments(c, std::move(which));
    comment_found out;
    for (auto& one : all.comments) {
        if (one.text != in.text || (one.user_id != 0 && one.user_id != me)) continue;
        out.found = true;
        out.result = std::move(one);
        break;
    }
    co_return out;
}

task<comment> social::add_comment(context& c, comment_add in) {
    const std::int64_t id = id_of(in.id, "id");
    // This family takes plain form fields only.
    mortise::form_body form;
    form.add("eventtype", "1").add("in_comment_on_obj_id", std::to_string(id));
    form.add("status", in.text);
    subject about("comment", "the comment on item " + std::to_string(id));
    co_await all_.server().write_form(c, "POST", all_.server().at("v1/pulse/statuses/update").str(),
                                      form, std::move(about));
    // The answer has only a count.
    try {
        comment_find which;
        which.id = in.id;
        which.text = in.text;
        comment_found found = co_await find_comment(c, std::move(which));
        if (found.result) co_return std::move(*found.result);
    } catch (error& e) {
        e.effect = mortise::effect::done;
        throw;
    }
    comment out;
    out.text = in.text;
    co_return out;
}

} // namespace content_server
