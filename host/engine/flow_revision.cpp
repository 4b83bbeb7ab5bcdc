// SPDX-License-Identifier: Apache-2.0
#include "engine/flow_revision.hpp"

#include "base/digest.hpp"
#include "plugin/descriptors.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

bool says_something(const retry_config& r) {
    return r.max_attempts || r.first_delay || r.max_delay || r.multiplier || r.jitter || r.max_age;
}

boost::json::value to_value(const retry_policy& r) {
    return {{"max_attempts", r.max_attempts},
            {"first_delay_ms", r.first_delay.count()},
            {"max_delay_ms", r.max_delay.count()},
            {"multiplier", r.multiplier},
            {"jitter", r.jitter},
            {"max_age_ms", r.max_age.count()}};
}

retry_policy policy_from(const boost::json::object& o) {
    const auto ms = [&](const char* key) {
        return std::chrono::milliseconds(o.at(key).to_number<std::int64_t>());
    };
    retry_policy r;
    r.max_attempts = o.at("max_attempts").to_number<std::uint32_t>();
    r.first_delay = ms("first_delay_ms");
    r.max_delay = ms("max_delay_ms");
    r.multiplier = o.at("multiplier").to_number<double>();
    r.jitter = o.at("jitter").to_number<double>();
    r.max_age = ms("max_age_ms");
    return r;
}

} // namespace

retry_policy merge(retry_policy base, const retry_config& over) {
    if (over.max_attempts)
        base.max_attempts = static_cast<std::uint32_t>(std::max(*over.max_attempts, 1));
    if (over.first_delay) base.first_delay = *over.first_delay;
    if (over.max_delay) base.max_delay = *over.max_delay;
    if (over.multiplier) base.multiplier = *over.multiplier;
    if (over.jitter) base.jitter = *over.jitter;
    if (over.max_age) base.max_age = *over.max_age;
    return base;
}

flow_revision revision_of(const flow_config& f, const flow_descriptor& d) {
    flow_revision r;
    r.name = f.name;
    r.flow = d.id;
    r.version = d.version;
    r.settings = f.settings;
    r.connections = f.connections;
    if (says_something(f.retry)) r.retry = merge({}, f.retry);
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
                           {"retry", retry ? to_value(*retry) : boost::json::value(nullptr)},
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
            r.retry = policy_from(retry.get_object());
        r.deadline = std::chrono::milliseconds(o.at("deadline_ms").to_number<std::int64_t>());
        return r;
    } catch (const std::exception& e) {
        return error{category::internal, "flow.revision-malformed",
                     std::string("a flow revision in the journal cannot be read: ") + e.what()};
    }
}

} // namespace mortise::host
