// SPDX-License-Identifier: Apache-2.0
#include "upload_state.hpp"

#include "client.hpp"

namespace iconik {

namespace json = mortise::json;

upload_state upload_state::read(const json::value& stored) {
    upload_state s;
    s.at = number_at(stored, "at").value_or(0);
    s.asset_id = text_at(stored, "asset_id");
    s.after_version = number_at(stored, "after_version").value_or(-1);
    s.version_id = text_at(stored, "version_id");
    s.storage_id = text_at(stored, "storage_id");
    s.method = text_at(stored, "method");
    s.format_id = text_at(stored, "format_id");
    s.file_set_id = text_at(stored, "file_set_id");
    s.file_id = text_at(stored, "file_id");
    s.size = static_cast<std::uint64_t>(number_at(stored, "size").value_or(0));
    s.part_size = static_cast<std::uint64_t>(number_at(stored, "part_size").value_or(0));
    s.upload_id = text_at(stored, "upload_id");
    s.session_url = text_at(stored, "session_url");
    const json::value* completing = mortise::find_json(stored, "completing");
    s.completing = completing && completing->is_bool() && completing->get_bool();
    const json::value* all_sent = mortise::find_json(stored, "all_sent");
    s.all_sent = all_sent && all_sent->is_bool() && all_sent->get_bool();
    const json::value* transcoding = mortise::find_json(stored, "transcoding");
    s.transcoding = transcoding && transcoding->is_bool() && transcoding->get_bool();
    if (const json::value* answer = mortise::find_json(stored, "answer"))
        if (answer->is_object()) s.answer = answer->get_object();
    return s;
}

json::value upload_state::to_value() const {
    json::object out;
    out["at"] = at;
    out["asset_id"] = asset_id;
    out["after_version"] = after_version;
    out["version_id"] = version_id;
    out["storage_id"] = storage_id;
    out["method"] = method;
    out["format_id"] = format_id;
    out["file_set_id"] = file_set_id;
    out["file_id"] = file_id;
    // As the parser gives small numbers back.
    out["size"] = static_cast<std::int64_t>(size);
    out["part_size"] = static_cast<std::int64_t>(part_size);
    out["upload_id"] = upload_id;
    out["session_url"] = session_url;
    out["all_sent"] = all_sent;
    out["completing"] = completing;
    out["transcoding"] = transcoding;
    if (answer) out["answer"] = *answer;
    return json::value(std::move(out));
}

} // namespace iconik
