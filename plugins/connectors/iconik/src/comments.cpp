// SPDX-License-Identifier: Apache-2.0
//
// comments.*: segments of type COMMENT.
#include "connector.hpp"

#include <utility>

namespace iconik {

namespace json = mortise::json;

namespace {

std::optional<std::int64_t> number_at(const json::value& from, std::string_view key) {
    const json::value* v = mortise::find_json(from, key);
    return v && v->is_int64() ? std::optional(v->get_int64()) : std::nullopt;
}

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

} // namespace iconik
