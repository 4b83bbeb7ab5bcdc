// SPDX-License-Identifier: Apache-2.0
#include "watch.hpp"

#include "content_server/text.hpp"

namespace xecm_workspaces {

namespace json = mortise::json;

std::string position::text() const {
    json::object o;
    o["v"] = 1;
    o["since"] = since;
    o["baseline"] = baseline;
    o["after"] = after;
    o["deep_page"] = deep_page;
    o["items"] = items_started;
    o["maps"] = json::array(maps.begin(), maps.end());
    o["documents"] = documents_since;
    o["documents_baseline"] = documents_baseline;
    return mortise::serialize_json(o);
}

position position::from_text(std::string_view text) {
    position out;
    if (text.empty()) return out;
    try {
        const json::value v = mortise::parse_json(text);
        if (mortise::require_int(v, "v") != 1) return out;
        position p;
        p.since = mortise::require_string(v, "since");
        p.baseline = mortise::require_string(v, "baseline");
        p.after = mortise::require_string(v, "after");
        p.deep_page = mortise::require_int(v, "deep_page");
        p.items_started = mortise::require_bool(v, "items");
        // What an older version did not write begins anew.
        const auto& o = v.as_object();
        if (const auto* maps = o.if_contains("maps"); maps && maps->is_array()) {
            for (const auto& id : maps->get_array())
                p.maps.push_back(content_server::to_integer(id).value_or(0));
        }
        p.documents_since = content_server::text_at(o, "documents");
        p.documents_baseline = content_server::text_at(o, "documents_baseline");
        p.started = true;
        return p;
    } catch (const mortise::error&) {
        return out;
    }
}

json::value known_object::to_json() const {
    json::object o;
    o["changed_at"] = changed_at;
    o["facts"] = facts;
    o["reads"] = reads;
    o["read_at"] = read_at;
    o["data"] = data;
    return o;
}

known_object known_object::from_json(const json::value& from) {
    known_object out;
    const auto* o = from.if_object();
    if (!o) return out;
    out.changed_at = content_server::text_at(*o, "changed_at");
    out.facts = content_server::text_at(*o, "facts");
    out.reads = content_server::int_at(*o, "reads");
    out.read_at = content_server::int_at(*o, "read_at");
    const auto* data = o->if_contains("data");
    if (data && data->is_object()) out.data = data->get_object();
    return out;
}

void count_read(known_object& now, const known_object* before, mortise::time_point at) {
    using std::chrono::milliseconds;
    const std::int64_t now_ms =
        std::chrono::duration_cast<milliseconds>(at.time_since_epoch()).count();
    constexpr std::int64_t over = 2000;
    now.read_at = before ? before->read_at : now_ms;
    const bool later = before && (now_ms - before->read_at >= over || now_ms < before->read_at);
    now.reads = later ? enough_reads : 1;
}

std::string workspace_key(std::int64_t id) {
    return "workspace/" + std::to_string(id);
}

std::string node_key(std::int64_t id) {
    const std::string digits = std::to_string(id);
    return "node/" + std::string(digits.size() < 19 ? 19 - digits.size() : 0, '0') + digits;
}

std::string process_key(std::int64_t id) {
    return "process/" + std::to_string(id);
}

std::string document_key(std::int64_t id) {
    return "document/" + std::to_string(id);
}

std::int64_t id_of_key(std::string_view key) {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos) return 0;
    return content_server::to_integer(json::value(key.substr(slash + 1))).value_or(0);
}

mortise::event make_event(std::string type,
                          std::string_view kind,
                          std::int64_t id,
                          std::string_view facts,
                          json::object data) {
    const std::string number = std::to_string(id);
    std::string event_id(kind);
    event_id.append(":").append(number);
    if (!facts.empty()) event_id.append("@").append(facts);
    const std::string when = content_server::text_at(data, "changed_at");
    mortise::event out(std::move(type), std::move(event_id), number, std::move(data));
    // Without a zone it is the server's local time, which nobody can place.
    if (when.ends_with('Z')) out.time = mortise::parse_time(when);
    return out;
}

} // namespace xecm_workspaces
