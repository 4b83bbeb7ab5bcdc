// SPDX-License-Identifier: Apache-2.0
//
// comments.*: segments of type COMMENT.
#include "connector.hpp"

#include <utility>

namespace iconik {

namespace json = mortise::json;

namespace {

bool is_this(const json::value& segment, const comment_add& in) {
    if (text_at(segment, "status") == "DELETED") return false;
    if (!in.external_id.empty()) return text_at(segment, "external_id") == in.external_id;
    return text_at(segment, "segment_text") == in.text &&
           number_at(segment, "time_start_milliseconds") == in.time_start_ms &&
           number_at(segment, "time_end_milliseconds") == in.time_end_ms &&
           text_at(segment, "parent_id") == in.parent_id;
}

} // namespace

mortise::task<json::object> connector::add_comment(context& c, comment_add in) {
    if (in.time_end_ms && (!in.time_start_ms || *in.time_end_ms < *in.time_start_ms)) {
        throw mortise::error(mortise::category::input, "iconik.comment.time",
                             "time_end_ms needs a time_start_ms that is not after it.");
    }
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("segments").str();
    json::object body;
    body["segment_type"] = "COMMENT";
    body["segment_text"] = in.text;
    if (in.time_start_ms) body["time_start_milliseconds"] = *in.time_start_ms;
    if (in.time_end_ms) body["time_end_milliseconds"] = *in.time_end_ms;
    if (!in.parent_id.empty()) body["parent_id"] = in.parent_id;
    if (!in.external_id.empty()) body["external_id"] = in.external_id;
    json::value sent(std::move(body));
    subject_of about("comment", "a comment on asset " + in.asset_id);
    const json::value answer =
        co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    co_return mortise::require_object(answer, "");
}

mortise::task<json::object> connector::find_comment(context& c, comment_add in) {
    address url = client_.to("assets/v1/assets");
    url.part(in.asset_id).part("segments").query("segment_type", "COMMENT");
    subject_of about("comment", "the comments on asset " + in.asset_id);
    constexpr std::size_t looked_at = 10'000;
    const json::array list = co_await client_.list(c, std::move(url), std::move(about), looked_at);
    json::object out;
    out["found"] = false;
    for (const auto& segment : list) {
        if (!is_this(segment, in)) continue;
        out["found"] = true;
        out["result"] = segment;
        break;
    }
    co_return std::move(out);
}

mortise::task<json::array> connector::read_segments(
    context& c, std::string asset_id, std::string type, std::string version, std::size_t limit) {
    address url = client_.to("assets/v1/assets");
    url.part(asset_id).part("segments");
    if (!type.empty()) url.query("segment_type", type);
    if (version == "*") {
        url.query("include_all_versions", "true");
    } else if (!version.empty()) {
        url.query("version_id", version);
    }
    url.query("sort", "date_created,asc");
    subject_of about("comment", "the comments and segments of asset " + asset_id);
    const json::array all = co_await client_.list(c, std::move(url), std::move(about), limit);
    json::array out;
    for (const auto& segment : all) {
        if (text_at(segment, "status") != "DELETED") out.push_back(segment);
    }
    co_return std::move(out);
}

mortise::task<json::object> connector::list_comments(context& c, comment_list in) {
    std::string id = in.asset_id;
    std::string version = in.all_versions ? "*" : in.version_id;
    const auto limit = static_cast<std::size_t>(in.limit);
    const json::array all =
        co_await read_segments(c, std::move(id), "COMMENT", std::move(version), limit);
    json::array comments;
    for (const auto& segment : all)
        comments.emplace_back(comment_summary(segment));
    json::object out;
    out["asset_id"] = in.asset_id;
    out["comments"] = std::move(comments);
    co_return std::move(out);
}

mortise::task<json::object> connector::update_comment(context& c, comment_update in) {
    if (!in.text && !in.done) {
        throw mortise::error(mortise::category::input, "iconik.comment.no-change",
                             "Neither text nor done is given; say what is to change.");
    }
    json::object body;
    if (in.text) body["segment_text"] = *in.text;
    if (in.done) body["segment_checked"] = *in.done;
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("segments").part(in.comment_id).str();
    json::value sent(std::move(body));
    subject_of about("comment", "comment " + in.comment_id);
    const json::value answer =
        co_await client_.write(c, "PATCH", std::move(text), std::move(sent), std::move(about));
    co_return comment_summary(answer);
}

mortise::task<json::object> connector::delete_comment(context& c, comment_which in) {
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("segments").part(in.comment_id).str();
    subject_of about("comment", "the deletion of comment " + in.comment_id);
    const auto done =
        co_await client_.exchange(c, "DELETE", std::move(text), nullptr, std::move(about), 404);
    json::object out;
    out["comment_id"] = in.comment_id;
    out["changed"] = done.status != 404;
    co_return std::move(out);
}

json::object comment_summary(const json::value& segment) {
    json::object out;
    out["id"] = text_at(segment, "id");
    out["text"] = text_at(segment, "segment_text");
    if (const auto t = number_at(segment, "time_start_milliseconds")) out["time_start_ms"] = *t;
    if (const auto t = number_at(segment, "time_end_milliseconds")) out["time_end_ms"] = *t;
    for (const std::string_view key : {"user_id", "version_id", "date_created", "parent_id",
                                       "external_id", "share_id", "share_user_email"}) {
        const std::string value = text_at(segment, key);
        if (!value.empty()) out[key] = value;
    }
    const json::value* done = mortise::find_json(segment, "segment_checked");
    out["done"] = done && done->is_bool() && done->get_bool();
    return out;
}

} // namespace iconik
