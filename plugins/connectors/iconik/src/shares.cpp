// SPDX-License-Identifier: Apache-2.0
//
// shares.*: links and mails to people without an account.
#include "connector.hpp"
#include "moment.hpp"

#include <utility>

namespace iconik {

namespace json = mortise::json;

namespace {

bool flag_at(const json::value& from, std::string_view key) {
    const json::value* v = mortise::find_json(from, key);
    return v && v->is_bool() && v->get_bool();
}

bool is_this(const json::value& share, const share_create& in) {
    if (text_at(share, "title") != in.title) return false;
    if (!in.expires_at.empty() &&
        micros_of(text_at(share, "expires")) != micros_of(in.expires_at)) {
        return false;
    }
    return flag_at(share, "allow_download") == in.allow_download &&
           flag_at(share, "allow_comments") == in.allow_comments &&
           flag_at(share, "allow_approving_comments") == in.allow_approving_comments &&
           flag_at(share, "allow_setting_approve_status") == in.allow_setting_approve_status;
}

} // namespace

mortise::task<json::object> connector::create_share(context& c, share_create in) {
    json::object body;
    body["title"] = in.title;
    body["allow_download"] = in.allow_download;
    body["allow_download_proxy"] = in.allow_download_proxy;
    body["allow_comments"] = in.allow_comments;
    body["allow_approving_comments"] = in.allow_approving_comments;
    body["allow_setting_approve_status"] = in.allow_setting_approve_status;
    if (!in.expires_at.empty()) {
        if (!micros_of(in.expires_at)) {
            throw mortise::error(mortise::category::input, "iconik.share.expires",
                                 "expires_at is \"" + in.expires_at +
                                     "\"; write a time such as 2026-03-01T00:00:00Z.");
        }
        body["expires"] = in.expires_at;
    }
    address url = client_.to("assets/v1");
    url.part(in.object_type).part(in.object_id).part("shares");
    if (in.emails.empty()) {
        url.part("url");
    } else {
        json::array to;
        for (const auto& one : in.emails)
            to.emplace_back(one);
        body["emails"] = std::move(to);
        if (!in.message.empty()) body["message"] = in.message;
    }
    std::string text = url.str();
    json::value sent(std::move(body));
    subject_of about("share", "a share of " + in.object_type + " " + in.object_id);
    const json::value answer =
        co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    co_return mortise::require_object(answer, "");
}

mortise::task<json::object> connector::list_shares(context& c, share_list in) {
    address url = client_.to("assets/v1");
    url.part(in.object_type).part(in.object_id).part("shares");
    subject_of about("share", "the shares of " + in.object_type + " " + in.object_id);
    const auto limit = static_cast<std::size_t>(in.limit);
    json::array shares =
        co_await client_.list_by_last_id(c, std::move(url), std::move(about), limit);
    json::object out;
    out["shares"] = std::move(shares);
    co_return std::move(out);
}

mortise::task<json::object> connector::find_share(context& c, share_create in) {
    share_list which;
    which.object_type = in.object_type;
    which.object_id = in.object_id;
    which.limit = 10'000;
    json::object all = co_await list_shares(c, std::move(which));
    json::object out;
    out["found"] = false;
    for (const auto& share : all["shares"].as_array()) {
        if (!is_this(share, in)) continue;
        out["found"] = true;
        out["result"] = share;
        break;
    }
    co_return std::move(out);
}

mortise::task<json::object> connector::revoke_share(context& c, share_revoke in) {
    address url = client_.to("assets/v1");
    url.part(in.object_type).part(in.object_id).part("shares").part(in.share_id);
    std::string text = url.str();
    subject_of about("share", "the end of share " + in.share_id);
    const auto done =
        co_await client_.exchange(c, "DELETE", std::move(text), nullptr, std::move(about), 404);
    json::object out;
    out["share_id"] = in.share_id;
    out["changed"] = done.status != 404;
    co_return std::move(out);
}

} // namespace iconik
