// SPDX-License-Identifier: Apache-2.0
#include "config/host_schemas.hpp"

namespace mortise::host {

std::string_view root_schema_text() {
    return R"json({
"type": "object", "additionalProperties": false,
"properties": {
 "host": {"type": "object", "title": "The host itself", "additionalProperties": false, "default": {}, "properties": {
  "state_dir": {"type": "string", "minLength": 1, "title": "Folder of the durable state", "description": "Default: STATE_DIRECTORY of systemd, else \"state\" beside the configuration.", "examples": ["/var/lib/mortise"]},
  "threads": {"type": "integer", "minimum": 0, "maximum": 1024, "default": 0, "title": "Threads for the work; 0 is half the processors, and all of them once a plugin has blocked one"},
  "shutdown_grace": {"type": "string", "format": "duration", "default": "30s", "title": "How long a shutdown waits for work in flight"},
  "watchdog": {"type": "string", "format": "duration", "default": "50ms", "title": "A plugin that blocks a strand longer is logged"},
  "max_active_runs": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 2000, "title": "Runs in memory at once; others wait in the journal"},
  "min_free_disk": {"type": "string", "format": "size", "default": "256MiB", "title": "Free space of the journal's disk below which new work is refused"},
  "verify_ledger": {"type": "string", "format": "duration", "default": "1d", "title": "How often the whole ledger is verified; 0ms is never", "description": "New entries are verified every minute all the same."},
  "tracing": {"type": "object", "title": "Export of traces by OTLP over HTTP", "additionalProperties": false, "default": {}, "properties": {
   "endpoint": {"type": "string", "title": "Base URL of the receiver; none: nothing is exported", "description": "/v1/traces is added to it.", "examples": ["http://127.0.0.1:4318"]},
   "headers": {"type": "object", "title": "Headers that go with each export", "default": {}, "examples": [{"x-tenant": "dam"}], "additionalProperties": {"type": "string", "title": "Value of the header", "examples": ["dam"]}},
   "secret_headers": {"type": "object", "title": "Headers whose values are secrets", "default": {}, "additionalProperties": {"type": "string", "x-secret": true, "title": "Value of the header"}},
   "sample": {"type": "number", "minimum": 0, "maximum": 1, "default": 1.0, "title": "Share of the traces that are exported, chosen by trace id"},
   "service_name": {"type": "string", "minLength": 1, "default": "mortise", "title": "service.name of the traces"},
   "gzip": {"type": "boolean", "default": false, "title": "Compress what is exported"}}},
  "http": {"type": "object", "title": "Listener of webhooks and requests", "additionalProperties": false, "default": {}, "properties": {
   "address": {"type": "string", "minLength": 1, "default": "127.0.0.1", "title": "Address to listen on"},
   "port": {"type": "integer", "minimum": 0, "maximum": 65535, "default": 8080, "title": "Port; 0 is any free one"},
   "max_body": {"type": "string", "format": "size", "default": "8MiB", "title": "Largest webhook body"},
   "max_connections": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 10000, "title": "Connections at once"},
   "request_timeout": {"type": "string", "format": "duration", "default": "30s", "title": "Time for a request to flows"},
   "max_backlog": {"type": "integer", "minimum": 1, "default": 100000, "title": "Events waiting; above it webhooks are answered 503"},
   "tls": {"type": "object", "title": "TLS", "additionalProperties": false, "required": ["certificate_file", "key_file"], "properties": {
    "certificate_file": {"type": "string", "minLength": 1, "title": "PEM file of the certificate chain", "examples": ["/etc/mortise/tls.crt"]},
    "key_file": {"type": "string", "minLength": 1, "title": "PEM file of the private key", "examples": ["/etc/mortise/tls.key"]}}}}},
  "log": {"type": "object", "title": "Log", "additionalProperties": false, "default": {}, "properties": {
   "format": {"type": "string", "enum": ["console", "json"], "default": "console", "title": "Form of the lines"},
   "level": {"type": "string", "enum": ["trace", "debug", "info", "warn", "error", "off"], "default": "info", "title": "Least level that is written"},
   "file": {"type": "string", "title": "File; standard error when absent", "examples": ["/var/log/mortise/mortise.log"]}}}}},
 "journal": {"type": "object", "title": "Journal", "additionalProperties": false, "default": {}, "properties": {
  "path": {"type": "string", "minLength": 1, "title": "Database file", "description": "Default: journal.db in the state folder.", "examples": ["/var/lib/mortise/journal.db"]},
  "keep_runs": {"type": "string", "format": "duration", "default": "30d", "title": "Age at which finished runs are removed; 0ms is never"},
  "keep_count": {"type": "integer", "minimum": 0, "default": 0, "title": "Finished runs kept for each flow; 0 is by age alone"},
  "keep_event_ids": {"type": "string", "format": "duration", "default": "90d", "title": "How long an event is recognised when it comes again; 0ms is for ever", "description": "Never shorter than keep_runs."},
  "keep_ledger": {"type": "string", "format": "duration", "default": "0ms", "title": "Age at which entries of the ledger are removed; 0ms is never"}}},
 "plugins": {"type": "object", "title": "Plugins", "additionalProperties": false, "default": {}, "properties": {
  "paths": {"type": "array", "items": {"type": "string", "minLength": 1}, "default": [], "title": "Folders and files to load from", "examples": [["/usr/lib/mortise/plugins"]]},
  "pin": {"type": "object", "title": "File name to the SHA-256 it must have", "examples": [{"acme.so": "sha256:<64 hex digits>"}], "default": {}, "additionalProperties": {"type": "string", "minLength": 1}}}},
 "admin": {"type": "object", "title": "Admin API and console", "additionalProperties": false, "default": {}, "properties": {
  "enabled": {"type": "boolean", "default": true, "title": "Serve it"},
  "address": {"type": "string", "minLength": 1, "default": "127.0.0.1", "title": "Address to listen on"},
  "port": {"type": "integer", "minimum": 0, "maximum": 65535, "default": 8081, "title": "Port; 0 is any free one"},
  "tls": {"type": "object", "title": "TLS", "additionalProperties": false, "required": ["certificate_file", "key_file"], "properties": {
   "certificate_file": {"type": "string", "minLength": 1, "title": "PEM file of the certificate chain", "examples": ["/etc/mortise/tls.crt"]},
   "key_file": {"type": "string", "minLength": 1, "title": "PEM file of the private key", "examples": ["/etc/mortise/tls.key"]}}},
  "names": {"type": "array", "title": "Host names under which it is reached, besides its addresses", "default": [], "examples": [["mortise.example.com"]], "items": {"type": "string", "minLength": 1, "pattern": "^[A-Za-z0-9.-]+$", "examples": ["mortise.example.com"]}},
  "tokens": {"type": "object", "title": "Access tokens by name", "default": {}, "additionalProperties": {"type": "object", "additionalProperties": false, "required": ["role", "hash"], "properties": {
   "role": {"type": "string", "enum": ["viewer", "operator", "admin"], "title": "What it may do", "description": "viewer looks; operator also retries, edits, discards, pauses and starts; admin also manages tokens and reloads.", "examples": ["viewer"]},
   "hash": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "title": "SHA-256 of the token", "description": "Of `mrt_` and 256 random bits, so that the hash cannot be turned back. `printf %s TOKEN | sha256sum` prints it.", "examples": ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]},
   "expires": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$", "title": "When it ends, UTC: a day (at its beginning) or a time", "examples": ["2027-01-01"]}}}}}},
 "alerts": {"type": "object", "title": "Alerts by name", "default": {}, "additionalProperties": {"type": "object", "additionalProperties": false, "required": ["on"], "properties": {
  "on": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": ["dead-letter", "breaker-open", "connection-failing", "ledger-broken"]}, "title": "What it tells of", "examples": [["dead-letter", "breaker-open"]]},
  "webhook": {"type": "string", "minLength": 1, "title": "URL that is posted to", "examples": ["https://alerts.example.com/mortise"]},
  "secret_webhook": {"type": "string", "x-secret": true, "title": "The same for a URL that is a secret itself"},
  "command": {"type": "array", "minItems": 1, "items": {"type": "string"}, "title": "Program and arguments that get the alert on standard input", "examples": [["/usr/local/bin/page", "--team", "ops"]]},
  "headers": {"type": "object", "title": "Headers of the webhook", "default": {}, "examples": [{"x-team": "dam"}], "additionalProperties": {"type": "string", "title": "Value of the header", "examples": ["dam"]}},
  "secret_headers": {"type": "object", "title": "Headers whose values are secrets", "default": {}, "additionalProperties": {"type": "string", "x-secret": true, "title": "Value of the header"}},
  "repeat_after": {"type": "string", "format": "duration", "default": "1h", "title": "How long the same cause is not told again; 0ms is every time"},
  "failing_after": {"type": "string", "format": "duration", "default": "5m", "title": "How long a connection must have failed for connection-failing"},
  "timeout": {"type": "string", "format": "duration", "default": "10s", "title": "Time for the webhook or the program"}}}},
 "connections": {"type": "object", "title": "Connections by name", "additionalProperties": {"type": "object"}},
 "flows": {"type": "object", "title": "Flow instances by name", "additionalProperties": {"type": "object"}},
 "mappings": {"type": "object", "title": "Mappings by name", "additionalProperties": {"x-mapping": true}}}})json";
}

std::string_view connection_schema_text() {
    return R"json({
"type": "object", "additionalProperties": false, "required": ["connector"],
"properties": {
 "connector": {"type": "string", "minLength": 1, "title": "Id of the connector", "examples": ["iconik"]},
 "enabled": {"type": "boolean", "default": true, "title": "Use it"},
 "limits": {"type": "object", "title": "Limits towards the system", "additionalProperties": false, "default": {}, "properties": {
  "requests_per_second": {"type": "number", "minimum": 0.001, "maximum": 1000000, "title": "Requests a second", "description": "Not limited where nothing is said.", "examples": [10]},
  "burst": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 1, "title": "Requests at once after a pause"},
  "max_concurrent": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 8, "title": "Requests in flight"},
  "timeout": {"type": "string", "format": "duration", "default": "30s", "title": "Time for one request"},
  "call_timeout": {"type": "string", "format": "duration", "title": "Time for one operation with all its requests", "description": "Default: three times timeout, at least one minute.", "examples": ["2m"]},
  "proxy": {"type": "string", "format": "uri", "title": "HTTP proxy", "examples": ["http://proxy.example.com:3128"]},
  "ca_file": {"type": "string", "minLength": 1, "title": "PEM file of trusted certificates", "examples": ["/etc/mortise/ca.pem"]},
  "verify_tls": {"type": "boolean", "default": true, "title": "Check certificates"}}},
 "grant": {"type": "object", "title": "What the connector may use", "additionalProperties": false, "default": {}, "properties": {
  "http": {"type": "array", "title": "Further hosts", "default": [], "examples": [["cdn.example.com:443"]], "items": {"type": "string", "title": "host:port", "pattern": "^(\\*\\.)?[A-Za-z0-9._-]+:[0-9]{1,5}$|^\\[[0-9A-Fa-f:.]+\\]:[0-9]{1,5}$", "examples": ["cdn.example.com:443"]}},
  "state": {"type": "boolean", "default": true, "title": "Keep state"},
  "services": {"type": "array", "title": "Further services", "default": [], "items": {"type": "string", "minLength": 1}}}},
 "triggers": {"type": "object", "title": "Triggers by id", "default": {}, "additionalProperties": {"type": "object", "additionalProperties": false, "properties": {
  "enabled": {"type": "boolean", "default": true, "title": "Run it"},
  "poll_interval": {"type": "string", "format": "duration", "title": "Time between polls", "examples": ["1m"]},
  "settings": {"type": "object", "title": "The trigger's own settings", "default": {}}}}},
 "breaker": {"type": "object", "title": "Circuit breaker", "additionalProperties": false, "default": {}, "properties": {
  "enabled": {"type": "boolean", "title": "Leave the system alone while it answers nothing but failures", "description": "true where nothing is said.", "examples": [true]},
  "failures": {"type": "integer", "minimum": 1, "maximum": 100000, "title": "Failures in a row that open it", "description": "10 where nothing is said.", "examples": [10]},
  "failure_ratio": {"type": "number", "minimum": 0.01, "maximum": 1, "title": "Share of failed calls within 30 s that opens it, of at least 20", "description": "0.5 where nothing is said.", "examples": [0.5]},
  "open_for": {"type": "string", "format": "duration", "title": "Time to the first probe; doubled after each that fails", "description": "5s where nothing is said.", "examples": ["5s"]},
  "max_open_for": {"type": "string", "format": "duration", "title": "Longest time between probes", "description": "2m where nothing is said.", "examples": ["2m"]}}},
 "operations": {"type": "object", "title": "Operations by id", "default": {}, "additionalProperties": {"type": "object", "additionalProperties": false, "properties": {
  "timeout": {"type": "string", "format": "duration", "title": "Time for one call", "examples": ["2m"]},
  "retry": {"type": "object", "title": "Retries", "additionalProperties": false, "default": {}, "properties": {
   "max_attempts": {"type": "integer", "minimum": 1, "maximum": 1000, "title": "Attempts; 1 is no repeat", "description": "8 where nothing is said.", "examples": [8]},
   "first_delay": {"type": "string", "format": "duration", "title": "Delay before the first repeat", "description": "500ms where nothing is said.", "examples": ["1s"]},
   "max_delay": {"type": "string", "format": "duration", "title": "Longest delay", "description": "5m where nothing is said.", "examples": ["5m"]},
   "multiplier": {"type": "number", "minimum": 1, "maximum": 100, "title": "Growth of the delay", "description": "2 where nothing is said.", "examples": [2.0]},
   "jitter": {"type": "number", "minimum": 0, "maximum": 1, "title": "Random share of the delay", "description": "0.2 where nothing is said.", "examples": [0.2]},
   "max_age": {"type": "string", "format": "duration", "title": "Give up this long after the step began", "description": "Never where nothing is said.", "examples": ["1d"]}}}}}},
 "retry": {"type": "object", "title": "Retries", "additionalProperties": false, "default": {}, "properties": {
  "max_attempts": {"type": "integer", "minimum": 1, "maximum": 1000, "title": "Attempts; 1 is no repeat", "description": "8 where nothing is said.", "examples": [8]},
  "first_delay": {"type": "string", "format": "duration", "title": "Delay before the first repeat", "description": "500ms where nothing is said.", "examples": ["1s"]},
  "max_delay": {"type": "string", "format": "duration", "title": "Longest delay", "description": "5m where nothing is said.", "examples": ["5m"]},
  "multiplier": {"type": "number", "minimum": 1, "maximum": 100, "title": "Growth of the delay", "description": "2 where nothing is said.", "examples": [2.0]},
  "jitter": {"type": "number", "minimum": 0, "maximum": 1, "title": "Random share of the delay", "description": "0.2 where nothing is said.", "examples": [0.2]},
  "max_age": {"type": "string", "format": "duration", "title": "Give up this long after the step began", "description": "Never where nothing is said.", "examples": ["1d"]}}}}})json";
}

std::string_view flow_schema_text() {
    return R"json({
"type": "object", "additionalProperties": false, "required": ["flow"],
"properties": {
 "flow": {"type": "string", "minLength": 1, "title": "Id of the flow", "examples": ["campaign-asset-references"]},
 "version": {"type": "string", "minLength": 1, "title": "Version of the flow", "examples": ["1.2.0"]},
 "enabled": {"type": "boolean", "default": true, "title": "Use it"},
 "connections": {"type": "object", "title": "Role to connection", "default": {}, "additionalProperties": {"type": "string", "minLength": 1}},
 "settings": {"type": "object", "title": "The flow's own settings", "default": {}},
 "when": {"type": "string", "minLength": 1, "title": "jq expression: which events start it", "examples": [".data.status == \"APPROVED\""]},
 "key": {"type": "string", "minLength": 1, "title": "jq expression: events of one key run in order", "examples": [".subject"]},
 "deadline": {"type": "string", "format": "duration", "title": "Time for a whole run", "examples": ["1h"]},
 "keep_runs": {"type": "string", "format": "duration", "title": "Age at which its finished runs are removed, instead of the journal's", "examples": ["7d"]},
 "keep_count": {"type": "integer", "minimum": 0, "title": "Its finished runs kept, instead of the journal's", "examples": [1000]},
 "schedule": {"type": "string", "minLength": 1, "title": "cron expression", "examples": ["0 3 * * *"]},
 "time_zone": {"type": "string", "minLength": 1, "default": "UTC", "title": "Time zone of the schedule", "examples": ["Europe/Zurich"]},
 "jitter": {"type": "string", "format": "duration", "default": "0ms", "title": "Random delay of the schedule"},
 "missed": {"type": "string", "enum": ["skip", "once", "all"], "default": "once", "title": "What becomes of ticks missed while the host was away"},
 "missed_limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100, "title": "Most missed ticks that fire with missed = \"all\""},
 "retry": {"type": "object", "title": "Retries", "additionalProperties": false, "default": {}, "properties": {
  "max_attempts": {"type": "integer", "minimum": 1, "maximum": 1000, "title": "Attempts; 1 is no repeat", "description": "8 where nothing is said.", "examples": [8]},
  "first_delay": {"type": "string", "format": "duration", "title": "Delay before the first repeat", "description": "500ms where nothing is said.", "examples": ["1s"]},
  "max_delay": {"type": "string", "format": "duration", "title": "Longest delay", "description": "5m where nothing is said.", "examples": ["5m"]},
  "multiplier": {"type": "number", "minimum": 1, "maximum": 100, "title": "Growth of the delay", "description": "2 where nothing is said.", "examples": [2.0]},
  "jitter": {"type": "number", "minimum": 0, "maximum": 1, "title": "Random share of the delay", "description": "0.2 where nothing is said.", "examples": [0.2]},
  "max_age": {"type": "string", "format": "duration", "title": "Give up this long after the step began", "description": "Never where nothing is said.", "examples": ["1d"]}}}}})json";
}

} // namespace mortise::host
