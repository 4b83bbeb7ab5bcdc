// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/event.hpp>

namespace mortise {

event from_c(const mortise_event& e) {
    event out;
    out.id = view(e.id);
    out.source = view(e.source);
    out.type = view(e.type);
    out.subject = view(e.subject);
    out.partition_key = view(e.partition_key);
    out.trace_parent = view(e.trace_parent);
    if (e.time_unix_ms != 0) out.time = time_point(std::chrono::milliseconds(e.time_unix_ms));
    if (e.data.data.len != 0) {
        parse_options options;
        options.blame = category::input;
        options.what = "the event's data";
        out.data = parse_json(view(e.data), options);
    }
    return out;
}

event event_from_json(const json::value& from) {
    event out;
    const auto text = [&](std::string_view key) {
        return optional_string(from, key, category::internal).value_or(std::string());
    };
    out.id = text("id");
    out.source = text("source");
    out.type = text("type");
    out.subject = text("subject");
    out.partition_key = text("partitionkey");
    out.trace_parent = text("traceparent");
    if (const std::string t = text("time"); !t.empty()) out.time = parse_time(t);
    if (const auto* data = find_json(from, "data")) out.data = *data;
    return out;
}

} // namespace mortise
