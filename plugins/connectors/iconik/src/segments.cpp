// SPDX-License-Identifier: Apache-2.0
//
// segments.*: markers, tags and the like; comments have operations of their own.
#include "connector.hpp"

#include <utility>

namespace iconik {

namespace json = mortise::json;

namespace {

bool is_this(const json::value& segment, const segment_add& in) {
    if (!in.external_id.empty()) return text_at(segment, "external_id") == in.external_id;
    return text_at(segment, "segment_text") == in.text &&
           number_at(segment, "time_start_milliseconds") == in.time_start_ms &&
           number_at(segment, "time_end_milliseconds") == in.time_end_ms;
}

} // namespace

mortise::task<json::object> connector::add_segment(context& c, segment_add in) {
    if (in.time_end_ms && (!in.time_start_ms || *in.time_end_ms < *in.time_start_ms)) {
        throw mortise::error(mortise::category::input, "iconik.segment.time",
                             "time_end_ms needs a time_start_ms that is not after it.");
    }
    json::object body;
    body["segment_type"] = in.type;
    body["segment_text"] = in.text;
    if (in.time_start_ms) body["time_start_milliseconds"] = *in.time_start_ms;
    if (in.time_end_ms) body["time_end_milliseconds"] = *in.time_end_ms;
    if (!in.external_id.empty()) body["external_id"] = in.external_id;
    address url = client_.to("assets/v1/assets");
    std::string text = url.part(in.asset_id).part("segments").str();
    json::value sent(std::move(body));
    subject_of about("segment", "a segment of asset " + in.asset_id);
    const json::value answer =
        co_await client_.write(c, "POST", std::move(text), std::move(sent), std::move(about));
    co_return mortise::require_object(answer, "");
}

mortise::task<json::object> connector::find_segment(context& c, segment_add in) {
    std::string id = in.asset_id;
    std::string type = in.type;
    const json::array all = co_await read_segments(c, std::move(id), std::move(type), "*", 100'000);
    json::object out;
    out["found"] = false;
    for (const auto& segment : all) {
        if (!is_this(segment, in)) continue;
        out["found"] = true;
        out["result"] = segment;
        break;
    }
    co_return std::move(out);
}

mortise::task<json::object> connector::list_segments(context& c, segment_list in) {
    std::string id = in.asset_id;
    std::string type = in.type;
    std::string version = in.version_id;
    const auto limit = static_cast<std::size_t>(in.limit);
    json::array all =
        co_await read_segments(c, std::move(id), std::move(type), std::move(version), limit);
    json::object out;
    out["asset_id"] = in.asset_id;
    out["segments"] = std::move(all);
    co_return std::move(out);
}

mortise::task<json::object> connector::delete_segment(context& c, comment_which in) {
    return delete_comment(c, std::move(in));
}

} // namespace iconik
