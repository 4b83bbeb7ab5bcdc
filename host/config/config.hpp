// SPDX-License-Identifier: Apache-2.0
//
// The host's typed configuration: one TOML file and conf.d/*.toml beside it, checked against the
// host's own schemas and those of the plugins, defaults filled in, secrets as references.
#pragma once

#include "base/log.hpp"
#include "config/catalog.hpp"
#include "config/failure_config.hpp"
#include "config/observe_config.hpp"
#include "config/places.hpp"
#include "config/secrets.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mortise::host {

class toml_document;

// [connections.<name>.limits]
struct connection_limits {
    std::optional<double> requests_per_second; // absent: not limited
    int burst = 1;
    int max_concurrent = 8;
    std::chrono::milliseconds timeout{30'000}; // of one HTTP exchange
    // Of one operation, with all its exchanges; absent: three times timeout, at least a minute.
    std::optional<std::chrono::milliseconds> call_timeout;
    std::string proxy;   // URL or empty
    std::string ca_file; // PEM, absolute path, or empty: the system's
    bool verify_tls = true;
};

// [connections.<name>.grant]
struct connection_grants {
    std::vector<std::string> http; // further "host:port"
    bool state = true;
    std::vector<std::string> services; // further service ids
};

// [connections.<name>.triggers.<id>]
struct trigger_config {
    bool enabled = true;
    std::optional<std::chrono::milliseconds> poll_interval; // absent: the trigger's own
    boost::json::object settings;
    source_place place;
};

struct connection_config {
    std::string name;
    std::string connector;
    // For the plugin: defaults filled in, secrets as {"$secret":"connections.<name>.<path>"}.
    boost::json::object settings;
    connection_limits limits;
    connection_grants grants;
    // Where HTTP may go, "host:port": every format "uri" setting, the connector's own, grants.http.
    std::vector<std::string> egress;
    std::map<std::string, trigger_config> triggers; // those written down; others run by default
    retry_config retry;
    breaker_config breaker;
    std::map<std::string, operation_config> operations; // those written down
    bool enabled = true;
    source_place place;
};

struct flow_config {
    std::string name;
    std::string flow;
    std::optional<std::string> version;             // absent: the newest loaded
    std::map<std::string, std::string> connections; // role -> connection
    boost::json::object settings; // as connection_config::settings, "flows.<name>.<path>"
    std::string when;             // jq over the event; empty: every event
    std::string key;              // jq over the event; empty: the event's subject
    retry_config retry;
    std::optional<std::chrono::milliseconds> deadline; // of a whole run; absent: none
    // Absent: [journal]'s.
    std::optional<std::chrono::milliseconds> keep_runs;
    std::optional<std::uint64_t> keep_count;
    // Host triggers: cron text and time zone, or absent.
    std::optional<std::string> schedule;
    std::string time_zone = "UTC";
    std::chrono::milliseconds jitter{0};
    std::string missed = "once"; // or "skip", "all"
    std::uint32_t missed_limit = 100;
    source_place schedule_place, time_zone_place; // of the values
    bool enabled = true;
    source_place place;
};

struct tls_config {
    std::string certificate_file; // PEM chain; empty: plain HTTP
    std::string key_file;
};

// [host] and [host.http], [host.log]
struct host_config {
    std::filesystem::path state_dir; // absolute
    int threads = 0;                 // 0: one per processor
    std::chrono::milliseconds shutdown_grace{30'000};
    std::chrono::milliseconds watchdog{50};
    std::uint32_t max_active_runs = 2000;
    std::uint64_t min_free_disk = 256u << 20; // bytes; below it new work is refused

    // [host.http]: the listener of webhooks and flow requests.
    std::string http_address = "127.0.0.1";
    std::uint16_t http_port = 8080; // 0: any free one
    std::uint64_t max_body = 8u << 20;
    int max_connections = 10'000;
    std::chrono::milliseconds request_timeout{30'000};
    std::uint64_t max_backlog = 100'000; // events waiting; above it webhooks get 503
    tls_config tls;

    log_options log;
    tracing_config tracing;
    std::chrono::milliseconds verify_ledger{std::chrono::hours(24)}; // 0: never as a whole
};

// [journal]
struct journal_config {
    std::filesystem::path path; // absolute
    // 0: for ever.
    std::chrono::milliseconds keep_runs{std::chrono::hours(24 * 30)};
    std::uint64_t keep_count = 0; // per flow instance; 0: by age alone
    std::chrono::milliseconds keep_event_ids{std::chrono::hours(24 * 90)};
    std::chrono::milliseconds keep_ledger{0};
};

// [plugins]
struct plugins_config {
    std::vector<std::filesystem::path> paths; // folders or files, absolute
    std::map<std::string, std::string> pin;   // plugin id -> version
};

// [admin.tokens.<name>]
struct admin_token_config {
    std::string name;
    std::string role;            // "viewer", "operator", "admin"
    std::string hash;            // SHA-256 of the token, 64 hex digits
    std::int64_t expires_at = 0; // Unix milliseconds; 0: never
};

// [admin]
struct admin_config {
    bool enabled = true;
    std::string address = "127.0.0.1";
    std::uint16_t port = 8081;
    tls_config tls;
    std::vector<std::string> names; // host names it is reached under, lower case
    std::vector<admin_token_config> tokens;
};

// A setting that takes a mapping.
struct mapping_use {
    std::string owner;        // "flows.campaigns"
    std::string setting_name; // within the settings, "fields" or "rules/0/fields"
    std::string mapping;      // [mappings.<name>]; empty: written in place, or the plugin's default
    std::string setting;      // pointer into the file
    std::string table;        // pointer to the table
    std::size_t fields = 0;
    source_place place;
};

// A value that names an object of a system ("x-names" of docs/schemas.md), for check --online.
struct named_object {
    std::string connection;
    std::string kind;
    std::string name;
    bool is_scoped = false;
    std::vector<std::string> of; // when scoped: it must be there in one of these
    std::string setting;         // "[flows.campaigns.settings.view]"
    source_place place;
};

struct configuration {
    host_config host;
    journal_config journal;
    plugins_config plugins;
    admin_config admin;
    std::map<std::string, connection_config> connections;
    std::map<std::string, flow_config> flows;
    std::map<std::string, alert_config> alerts;
    // [mappings.<name>], as written. Settings hold the tables themselves.
    boost::json::object mappings;
    std::vector<mapping_use> mapping_uses;
    std::map<std::string, source_place> mapping_places; // pointers into tables -> place
    std::vector<named_object> named_objects;
    secret_store secrets;
    std::vector<std::string> files;               // read, in order
    std::shared_ptr<const toml_document> written; // as it stands in them
    std::int64_t loaded_at = 0;                   // Unix ms
    std::string revision; // SHA-256 of the effective text (no secret values in it)
};

struct load_result {
    configuration config;                 // to be used only without errors
    std::vector<config_problem> problems; // by file and line
    bool ok() const noexcept { return !has_errors(problems); }
};

// [main] Reads, checks and types the configuration; no network, secrets are not read. Relative
// paths in it are relative to the file's folder. Never throws for bad content.
load_result load_configuration(const std::filesystem::path& path, const schema_catalog& catalog);

// [main] [host], [plugins], [journal], [admin] alone: what is needed before plugins can be loaded.
load_result load_host_sections(const std::filesystem::path& path);

// The effective configuration as JSON with secret references shown by source; for people.
std::string to_json_text(const configuration& config);

} // namespace mortise::host
