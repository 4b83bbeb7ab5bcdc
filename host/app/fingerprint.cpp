// SPDX-License-Identifier: Apache-2.0
#include "app/fingerprint.hpp"

#include "base/digest.hpp"
#include "base/ids.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

boost::json::value to_json(const retry_config& r) {
    boost::json::object o;
    if (r.max_attempts) o["max_attempts"] = *r.max_attempts;
    if (r.first_delay) o["first_delay"] = r.first_delay->count();
    if (r.max_delay) o["max_delay"] = r.max_delay->count();
    if (r.multiplier) o["multiplier"] = *r.multiplier;
    if (r.jitter) o["jitter"] = *r.jitter;
    if (r.max_age) o["max_age"] = r.max_age->count();
    return o;
}

// Nobody can compare what is kept in memory with guessed secrets.
const std::string& salt() {
    static const std::string text = uuid_v7(0) + std::to_string(random_u64());
    return text;
}

// Where an instance's secrets come from, and whether they are still the same: plugins may read
// them once only, so a secret that was rotated in its place needs a new instance.
boost::json::object secrets_of(std::string_view prefix, const secret_store& secrets) {
    boost::json::object out;
    for (const auto& [name, reference] : secrets.all()) {
        if (!name.starts_with(prefix)) continue;
        const auto value = read_secret(reference);
        const auto digest =
            value ? sha256_hex(salt() + std::string(value->view())) : value.error().code;
        out[name] = {{"from", describe(reference)}, {"digest", digest}};
    }
    return out;
}

boost::json::object to_json(const std::map<std::string, operation_config>& operations) {
    boost::json::object out;
    for (const auto& [id, o] : operations)
        out[id] = {{"retry", to_json(o.retry)}, {"timeout", o.timeout ? o.timeout->count() : -1}};
    return out;
}

} // namespace

// Everything that makes a difference to the instance; where a connection's text moved in the file
// does not.
std::string
fingerprint_of(const connection_config& c, const void* descriptor, const secret_store& secrets) {
    boost::json::object triggers;
    for (const auto& [id, t] : c.triggers) {
        triggers[id] = {{"enabled", t.enabled},
                        {"interval", t.poll_interval ? t.poll_interval->count() : -1},
                        {"settings", t.settings}};
    }
    return boost::json::serialize(boost::json::value{
        {"plugin", reinterpret_cast<std::uintptr_t>(descriptor)},
        {"settings", c.settings},
        {"egress", boost::json::value_from(c.egress)},
        {"triggers", triggers},
        {"retry", to_json(c.retry)},
        {"rps", c.limits.requests_per_second.value_or(0)},
        {"burst", c.limits.burst},
        {"concurrent", c.limits.max_concurrent},
        {"timeout", c.limits.timeout.count()},
        {"call_timeout", c.limits.call_timeout ? c.limits.call_timeout->count() : -1},
        {"operations", to_json(c.operations)},
        {"proxy", c.limits.proxy},
        {"ca", c.limits.ca_file},
        {"verify", c.limits.verify_tls},
        {"secrets", secrets_of("connections." + c.name + '.', secrets)},
        {"state", c.grants.state}});
}

std::string
fingerprint_of(const flow_config& f, const void* descriptor, const secret_store& secrets) {
    return boost::json::serialize(
        boost::json::value{{"plugin", reinterpret_cast<std::uintptr_t>(descriptor)},
                           {"settings", f.settings},
                           {"connections", boost::json::value_from(f.connections)},
                           {"secrets", secrets_of("flows." + f.name + '.', secrets)},
                           {"retry", to_json(f.retry)},
                           {"deadline", f.deadline ? f.deadline->count() : 0}});
}

} // namespace mortise::host
