// SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "config/config_read.hpp"
#include "config/host_schemas.hpp"
#include "config/schema_parts.hpp"
#include "config/units.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <tuple>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace mortise::host {

namespace {

void sort_problems(std::vector<config_problem>& problems, const std::vector<std::string>& files) {
    const auto rank = [&files](const config_problem& p) {
        return std::find(files.begin(), files.end(), p.place.file) - files.begin();
    };
    std::stable_sort(problems.begin(), problems.end(),
                     [&rank](const config_problem& a, const config_problem& b) {
                         return std::tuple(rank(a), a.place.line, a.place.column) <
                                std::tuple(rank(b), b.place.line, b.place.column);
                     });
}

// Loads, and reads what does not depend on plugins; rest reads the others.
template <class Rest>
load_result load(const fs::path& path, Rest&& rest) {
    load_result r;
    const auto written =
        std::make_shared<const toml_document>(toml_document::load(path, r.problems));
    const toml_document& document = *written;
    r.config.files = document.files();
    r.config.written = written;
    r.config.loaded_at = system_clock().now_unix_ms();
    // A file that is no TOML would give follow-up problems only.
    if (!r.ok()) {
        sort_problems(r.problems, r.config.files);
        return r;
    }
    std::error_code ec;
    const fs::path folder = fs::absolute(path, ec).parent_path().lexically_normal();
    const config_reader reader{document, folder, r.problems};
    const schema s(root_schema_text());
    json::value root = document.root();
    const auto found = s.check(root, {.secret_references = true, .closed = true});
    for (const schema_problem& p : found)
        reader.add("", p);
    if (found.empty()) {
        fill_defaults(root, s.document());
        take_secrets(root, s.document(), "", "", reader, r.config.secrets);
        read_host_sections(root.get_object(), reader, r.config);
        read_observe_sections(root.get_object(), reader, r.config);
    }
    rest(reader, r.config);
    sort_problems(r.problems, r.config.files);
    return r;
}

json::object retry_json(const retry_config& r) {
    json::object o;
    if (r.max_attempts) o["max_attempts"] = *r.max_attempts;
    if (r.first_delay) o["first_delay"] = to_duration_text(*r.first_delay);
    if (r.max_delay) o["max_delay"] = to_duration_text(*r.max_delay);
    if (r.multiplier) o["multiplier"] = *r.multiplier;
    if (r.jitter) o["jitter"] = *r.jitter;
    if (r.max_age) o["max_age"] = to_duration_text(*r.max_age);
    return o;
}

json::object breaker_json(const breaker_config& b) {
    json::object o;
    if (b.enabled) o["enabled"] = *b.enabled;
    if (b.failures) o["failures"] = *b.failures;
    if (b.failure_ratio) o["failure_ratio"] = *b.failure_ratio;
    if (b.open_for) o["open_for"] = to_duration_text(*b.open_for);
    if (b.max_open_for) o["max_open_for"] = to_duration_text(*b.max_open_for);
    return o;
}

json::object operations_json(const std::map<std::string, operation_config>& operations) {
    json::object o;
    for (const auto& [id, one] : operations) {
        json::object values{{"retry", retry_json(one.retry)}};
        if (one.timeout) values["timeout"] = to_duration_text(*one.timeout);
        o[id] = std::move(values);
    }
    return o;
}

json::object tls_json(const tls_config& t) {
    return {{"certificate_file", t.certificate_file}, {"key_file", t.key_file}};
}

json::object strings_json(const std::map<std::string, std::string>& map) {
    json::object o;
    for (const auto& [key, value] : map)
        o[key] = value;
    return o;
}

json::object connection_json(const connection_config& c) {
    json::object triggers;
    for (const auto& [id, t] : c.triggers) {
        json::object one{{"enabled", t.enabled}, {"settings", t.settings}};
        if (t.poll_interval) one["poll_interval"] = to_duration_text(*t.poll_interval);
        triggers[id] = std::move(one);
    }
    json::object limits{{"burst", c.limits.burst},
                        {"max_concurrent", c.limits.max_concurrent},
                        {"timeout", to_duration_text(c.limits.timeout)},
                        {"proxy", c.limits.proxy},
                        {"ca_file", c.limits.ca_file},
                        {"verify_tls", c.limits.verify_tls}};
    if (c.limits.requests_per_second) limits["requests_per_second"] = *c.limits.requests_per_second;
    if (c.limits.call_timeout) limits["call_timeout"] = to_duration_text(*c.limits.call_timeout);
    json::object grant{{"state", c.grants.state}};
    grant["http"] = json::array(c.grants.http.begin(), c.grants.http.end());
    grant["services"] = json::array(c.grants.services.begin(), c.grants.services.end());
    json::object o{{"connector", c.connector}, {"enabled", c.enabled}, {"settings", c.settings}};
    o["limits"] = std::move(limits);
    o["grant"] = std::move(grant);
    o["egress"] = json::array(c.egress.begin(), c.egress.end());
    o["triggers"] = std::move(triggers);
    o["retry"] = retry_json(c.retry);
    o["breaker"] = breaker_json(c.breaker);
    o["operations"] = operations_json(c.operations);
    return o;
}

json::object flow_json(const flow_config& f) {
    json::object o{{"flow", f.flow}, {"enabled", f.enabled}, {"settings", f.settings},
                   {"when", f.when}, {"key", f.key},         {"time_zone", f.time_zone}};
    o["connections"] = strings_json(f.connections);
    o["retry"] = retry_json(f.retry);
    o["jitter"] = to_duration_text(f.jitter);
    if (f.version) o["version"] = *f.version;
    if (f.deadline) o["deadline"] = to_duration_text(*f.deadline);
    if (f.keep_runs) o["keep_runs"] = to_duration_text(*f.keep_runs);
    if (f.keep_count) o["keep_count"] = *f.keep_count;
    if (f.schedule) {
        o["schedule"] = *f.schedule;
        o["missed"] = f.missed;
        o["missed_limit"] = f.missed_limit;
    }
    return o;
}

json::object host_json(const host_config& h) {
    return {{"state_dir", h.state_dir.string()},
            {"threads", h.threads},
            {"shutdown_grace", to_duration_text(h.shutdown_grace)},
            {"watchdog", to_duration_text(h.watchdog)},
            {"max_active_runs", h.max_active_runs},
            {"min_free_disk", h.min_free_disk},
            {"http",
             {{"address", h.http_address},
              {"port", h.http_port},
              {"max_body", h.max_body},
              {"max_connections", h.max_connections},
              {"request_timeout", to_duration_text(h.request_timeout)},
              {"max_backlog", h.max_backlog},
              {"tls", tls_json(h.tls)}}},
            {"log",
             {{"format", h.log.json ? "json" : "console"},
              {"level", static_cast<std::uint32_t>(h.log.level)},
              {"file", h.log.file}}},
            {"tracing", tracing_json(h.tracing)},
            {"verify_ledger", to_duration_text(h.verify_ledger)}};
}

json::object tokens_json(const admin_config& admin) {
    json::object out;
    for (const auto& t : admin.tokens)
        out[t.name] = {
            {"role", t.role}, {"hash", "sha256:" + t.hash}, {"expires_at", t.expires_at}};
    return out;
}

} // namespace

std::string to_json_text(const configuration& config) {
    json::object connections, flows, secrets;
    for (const auto& [name, c] : config.connections)
        connections[name] = connection_json(c);
    for (const auto& [name, f] : config.flows)
        flows[name] = flow_json(f);
    for (const auto& [name, reference] : config.secrets.all())
        secrets[name] = describe(reference);
    json::array paths;
    for (const fs::path& p : config.plugins.paths)
        paths.emplace_back(p.string());
    json::object o;
    o["host"] = host_json(config.host);
    o["journal"] = {{"path", config.journal.path.string()},
                    {"keep_runs", to_duration_text(config.journal.keep_runs)},
                    {"keep_count", config.journal.keep_count},
                    {"keep_event_ids", to_duration_text(config.journal.keep_event_ids)},
                    {"keep_ledger", to_duration_text(config.journal.keep_ledger)}};
    o["plugins"] = {{"paths", std::move(paths)}, {"pin", strings_json(config.plugins.pin)}};
    o["admin"] = {{"enabled", config.admin.enabled},
                  {"address", config.admin.address},
                  {"port", config.admin.port},
                  {"tls", tls_json(config.admin.tls)},
                  {"names", json::value_from(config.admin.names)},
                  {"tokens", tokens_json(config.admin)}};
    o["alerts"] = alerts_json(config.alerts);
    o["connections"] = std::move(connections);
    o["flows"] = std::move(flows);
    o["mappings"] = config.mappings;
    o["secrets"] = std::move(secrets);
    return json::serialize(o);
}

load_result load_host_sections(const fs::path& path) {
    return load(path, [](const config_reader&, configuration&) {});
}

load_result load_configuration(const fs::path& path, const schema_catalog& catalog) {
    load_result r = load(path, [&catalog](const config_reader& reader, configuration& config) {
        read_mappings(reader, config);
        read_connections(reader, catalog, config);
        read_flows(reader, catalog, config);
        say_unused_mappings(reader, config);
    });
    if (r.ok()) r.config.revision = sha256_hex(to_json_text(r.config));
    return r;
}

} // namespace mortise::host
