// SPDX-License-Identifier: Apache-2.0
#include "engine/flow_revision.hpp"

#include "base/digest.hpp"
#include "plugin/descriptors.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

// Null when it says nothing; else what it says.
boost::json::value to_value(const retry_config& r) {
    if (r.empty()) return nullptr;
    boost::json::object o;
    if (r.max_attempts) o["max_attempts"] = *r.max_attempts;
    if (r.first_delay) o["first_delay_ms"] = r.first_delay->count();
    if (r.max_delay) o["max_delay_ms"] = r.max_delay->count();
    if (r.multiplier) o["multiplier"] = *r.multiplier;
    if (r.jitter) o["jitter"] = *r.jitter;
    if (r.max_age) o["max_age_ms"] = r.max_age->count();
    return o;
}

retry_config retry_from(const boost::json::object& o) {
    retry_config r;
    const auto ms = [&](const char* key, std::optional<std::chrono::milliseconds>& to) {
        if (const auto* v = o.if_contains(key))
            to = std::chrono::milliseconds(v->to_number<std::int64_t>());
    };
    if (const auto* v = o.if_contains("max_attempts")) r.max_attempts = v->to_number<int>();
    ms("first_delay_ms", r.first_delay);
    ms("max_delay_ms", r.max_delay);
    if (const auto* v = o.if_contains("multiplier")) r.multiplier = v->to_number<double>();
    if (const auto* v = o.if_contains("jitter")) r.jitter = v->to_number<double>();
    ms("max_age_ms", r.max_age);
    return r;
}

} // namespace

flow_revision revision_of(const flow_config& f, const flow_descriptor& d) {
    flow_revision r;
    r.name = f.name;
    r.flow = d.id;
    r.version = d.version;
    r.settings = f.settings;
    r.connections = f.connections;
    r.retry = f.retry;
    r.deadline = f.deadline.value_or(std::chrono::milliseconds(0));
    return r;
}

std::string flow_revision::to_json() const {
    return boost::json::serialize(
        boost::json::value{{"name", name},
                           {"flow", flow},
                           {"version", version},
                           {"settings", settings},
                           {"connections", boost::json::value_from(connections)},
                           {"retry", to_value(retry)},
                           {"deadline_ms", deadline.count()}});
}

std::string flow_revision::id() const {
    return to_hex(sha256(to_json())).substr(0, 16);
}

result<flow_revision> read_revision(std::string_view text) {
    try {
        const auto value = boost::json::parse(text);
        const auto& o = value.as_object();
        flow_revision r;
        r.name = o.at("name").as_string();
        r.flow = o.at("flow").as_string();
        r.version = o.at("version").as_string();
        r.settings = o.at("settings").as_object();
        for (const auto& [role, connection] : o.at("connections").as_object())
            r.connections.emplace(role, connection.as_string());
        if (const auto& retry = o.at("retry"); retry.is_object())
            r.retry = retry_from(retry.get_object());
        r.deadline = std::chrono::milliseconds(o.at("deadline_ms").to_number<std::int64_t>());
        return r;
    } catch (const std::exception& e) {
        return error{category::internal, "flow.revision-malformed",
                     std::string("a flow revision in the journal cannot be read: ") + e.what()};
    }
}

} // namespace mortise::host
