// SPDX-License-Identifier: Apache-2.0
// Overview, topology, events, plugins, settings: what the console's pages are made from.
#include "admin/schemas.hpp"

namespace mortise::host {
namespace {

constexpr component_schema list[] = {
    {"health", R"json({"type": "object", "required": ["ready", "state", "reasons"], "properties": {
 "ready": {"type": "boolean"},
 "state": {"type": "string", "enum": ["starting", "ready", "draining"]},
 "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/health_reason"}, "description": "What keeps it from being ready."},
 "informs": {"type": "array", "items": {"$ref": "#/components/schemas/health_reason"}, "description": "What a person should look at."}}})json"},
    {"health_reason",
     R"json({"type": "object", "required": ["code", "message", "since"], "properties": {
 "code": {"type": "string"}, "message": {"type": "string"}, "since": {"type": "integer"}}})json"},
    {"counts",
     R"json({"type": "object", "required": ["events", "runs", "backlog", "held", "dead_letters", "ledger_entries"], "properties": {
 "events": {"type": "integer"},
 "runs": {"type": "object", "additionalProperties": {"type": "integer"}, "description": "By state."},
 "backlog": {"type": "integer", "description": "Runs that want to go on now."},
 "held": {"type": "integer", "description": "Runs that wait for a connection that takes no calls."},
 "dead_letters": {"type": "integer"},
 "ledger_entries": {"type": "integer"}}})json"},
    {"overview",
     R"json({"type": "object", "required": ["host", "health", "counts", "traffic", "memory", "journal"], "properties": {
 "host": {"type": "object", "required": ["version", "abi", "host_id", "started_at", "now", "config_file", "config_revision", "config_loaded_at"], "properties": {
  "version": {"type": "string"},
  "abi": {"type": "string", "description": "Of plugins: MAJOR.MINOR."},
  "host_id": {"type": "string"},
  "started_at": {"type": "integer"},
  "now": {"type": "integer"},
  "config_file": {"type": "string"},
  "config_revision": {"type": "string"},
  "config_loaded_at": {"type": "integer"}}},
 "health": {"$ref": "#/components/schemas/health"},
 "counts": {"$ref": "#/components/schemas/counts"},
 "traffic": {"type": "object", "required": ["step_ms", "from", "events", "succeeded", "failed", "calls"], "description": "The last ten minutes, the newest step at the end.", "properties": {
  "step_ms": {"type": "integer"},
  "from": {"type": "integer"},
  "events": {"type": "array", "items": {"type": "integer"}},
  "succeeded": {"type": "array", "items": {"type": "integer"}},
  "failed": {"type": "array", "items": {"type": "integer"}},
  "calls": {"type": "array", "items": {"type": "integer"}}}},
 "memory": {"type": "object", "required": ["rss_bytes"], "properties": {"rss_bytes": {"type": "integer"}}},
 "journal": {"type": "object", "required": ["file_bytes"], "properties": {"file_bytes": {"type": "integer"}}}}})json"},
    {"topology", R"json({"type": "object", "required": ["nodes", "edges"], "properties": {
 "nodes": {"type": "array", "items": {"type": "object", "required": ["id", "kind", "name", "plugin", "title", "state"], "properties": {
  "id": {"type": "string"},
  "kind": {"type": "string", "enum": ["connection", "flow"]},
  "name": {"type": "string"},
  "plugin": {"type": "string", "description": "Id of the connector or flow."},
  "title": {"type": "string"},
  "state": {"type": "string", "enum": ["well", "failing", "paused", "off", "dead_letters"]},
  "detail": {"type": "string"},
  "active": {"type": "integer"},
  "waiting": {"type": "integer"},
  "dead_letters": {"type": "integer"}}}},
 "edges": {"type": "array", "items": {"type": "object", "required": ["id", "from", "to", "kind", "role", "last_minute", "last_at"], "properties": {
  "id": {"type": "string"},
  "from": {"type": "string"},
  "to": {"type": "string"},
  "kind": {"type": "string", "enum": ["trigger", "call"]},
  "role": {"type": "string", "description": "Several with commas where they share a connection."},
  "last_minute": {"type": "object", "required": ["errors"], "properties": {
   "events": {"type": "integer"}, "calls": {"type": "integer"}, "errors": {"type": "integer"}}},
  "last_at": {"type": "integer"}}}}}})json"},
    {"event_details",
     R"json({"type": "object", "required": ["ref", "id", "source", "type", "runs"], "properties": {
 "ref": {"type": "string"},
 "id": {"type": "string"},
 "source": {"type": "string"},
 "type": {"type": "string"},
 "subject": {"type": "string"},
 "via": {"type": "string"},
 "time": {"type": "integer"},
 "accepted_at": {"type": "integer"},
 "trace_parent": {"type": "string"},
 "data": {},
 "runs": {"type": "array", "items": {"$ref": "#/components/schemas/run"}}}})json"},
    {"connection_details",
     R"json({"type": "object", "required": ["name", "connector", "breaker", "paused", "settings", "limits", "triggers", "used_by", "operations", "last_error"], "properties": {
 "name": {"type": "string"},
 "connector": {"type": "string"},
 "version": {"type": "string"},
 "enabled": {"type": "boolean"},
 "open_calls": {"type": "integer"},
 "requests_queued": {"type": "integer"},
 "requests_in_flight": {"type": "integer"},
 "waits_ms": {"type": "integer"},
 "breaker": {"type": "string"},
 "failures_in_a_row": {"type": "integer"},
 "locked_out": {"type": "boolean", "description": "The credentials are refused, not one token that had just expired."},
 "sign_ins_refused": {"type": "integer", "description": "Times in a row that the system refused our credentials; it answers, so the breaker stays closed."},
 "probe_in_ms": {"type": "integer"},
 "paused": {"type": ["object", "null"], "properties": {"since": {"type": "integer"}, "reason": {"type": "string"}}},
 "settings": {"type": "object", "additionalProperties": true, "description": "As written; secrets read \"***\"."},
 "limits": {"type": "object", "additionalProperties": true},
 "triggers": {"type": "array", "items": {"type": "object", "required": ["id", "title", "open", "polls", "last_poll_at", "cursor"], "properties": {
  "id": {"type": "string"}, "title": {"type": "string"}, "open": {"type": "boolean"},
  "polls": {"type": "integer", "description": "Answered since it was opened; 0 where it does not poll."},
  "last_poll_at": {"type": "integer"}, "cursor": {"type": ["string", "null"]}}}},
 "used_by": {"type": "array", "items": {"type": "string"}, "description": "Flow instances."},
 "operations": {"type": "array", "items": {"type": "string"}},
 "last_error": {"type": ["object", "null"], "description": "Of the last call or poll that failed since the start; kept when later ones go well.", "properties": {
  "code": {"type": "string"}, "category": {"type": "string"}, "effect": {"type": "string"}, "message": {"type": "string"}, "at": {"type": "integer"}}}}})json"},
    {"plugin",
     R"json({"type": "object", "required": ["id", "title", "version", "kinds", "abi", "state", "file", "connectors", "flows"], "properties": {
 "id": {"type": "string", "description": "Of a refused file whose id could not be read: the file's name."},
 "title": {"type": "string"},
 "version": {"type": "string"},
 "vendor": {"type": "string"},
 "kinds": {"type": "array", "items": {"type": "string", "enum": ["connector", "flow"]}},
 "abi": {"type": "string"},
 "sdk": {"type": "string"},
 "state": {"type": "string", "enum": ["loaded", "refused", "retired"], "description": "retired: a newer version took its place."},
 "file": {"type": "string"},
 "sha256": {"type": "string"},
 "connectors": {"type": "array", "items": {"type": "object", "required": ["id", "title", "operations", "triggers"], "properties": {
  "id": {"type": "string"}, "title": {"type": "string"}, "operations": {"type": "integer"}, "triggers": {"type": "integer"}}}},
 "flows": {"type": "array", "items": {"type": "object", "required": ["id", "title"], "properties": {
  "id": {"type": "string"}, "title": {"type": "string"}}}},
 "refusal": {"type": "string"},
 "reason_code": {"type": "string"},
 "hint": {"type": "string"}}})json"},
    {"plugin_details",
     R"json({"type": "object", "required": ["id", "version", "state", "file", "connectors", "flows"], "properties": {
 "id": {"type": "string"},
 "title": {"type": "string"},
 "version": {"type": "string"},
 "vendor": {"type": "string"},
 "kinds": {"type": "array", "items": {"type": "string"}},
 "abi": {"type": "string"},
 "sdk": {"type": "string"},
 "state": {"type": "string", "enum": ["loaded", "refused", "retired"]},
 "file": {"type": "string"},
 "sha256": {"type": "string"},
 "connectors": {"type": "array", "items": {"type": "object", "required": ["id", "operations", "triggers"], "properties": {
  "id": {"type": "string"}, "version": {"type": "string"}, "title": {"type": "string"}, "vendor": {"type": "string"}, "doc": {"type": "string"},
  "requires_services": {"type": "array", "items": {"type": "string"}},
  "config_schema": {},
  "operations": {"type": "array", "items": {"type": "object", "required": ["id", "effect_class"], "properties": {
   "id": {"type": "string"}, "title": {"type": "string"}, "doc": {"type": "string"}, "effect_class": {"type": "string"},
   "blocking": {"type": "boolean"}, "concurrent": {"type": "boolean"}, "lookup_operation": {"type": "string"},
   "input_schema": {}, "output_schema": {}}}},
  "triggers": {"type": "array", "items": {"type": "object", "required": ["id"], "properties": {
   "id": {"type": "string"}, "title": {"type": "string"}, "doc": {"type": "string"},
   "kinds": {"type": "array", "items": {"type": "string"}}, "default_poll_interval_s": {"type": "integer"}, "config_schema": {},
   "events": {"type": "array", "items": {"type": "object", "required": ["type"], "properties": {
    "type": {"type": "string"}, "title": {"type": "string"}, "doc": {"type": "string"}, "data_schema": {}}}}}}}}}},
 "flows": {"type": "array", "items": {"type": "object", "required": ["id"], "properties": {
  "id": {"type": "string"}, "version": {"type": "string"}, "title": {"type": "string"}, "doc": {"type": "string"}, "config_schema": {},
  "roles": {"type": "array", "items": {"type": "object", "properties": {
   "name": {"type": "string"}, "connectors": {"type": "array", "items": {"type": "string"}}, "doc": {"type": "string"},
   "operations": {"type": "array", "items": {"type": "string"}}}}},
  "subscriptions": {"type": "array", "items": {"type": "object", "properties": {"role": {"type": "string"}, "event_type": {"type": "string"}}}}}}},
 "refusal": {"type": "string"},
 "reason_code": {"type": "string"},
 "hint": {"type": "string"}}})json"},
    {"settings",
     R"json({"type": "object", "required": ["files", "revision", "sections"], "properties": {
 "files": {"type": "array", "items": {"type": "string"}},
 "revision": {"type": "string"},
 "sections": {"type": "array", "items": {"type": "object", "required": ["path", "title", "settings"], "properties": {
  "path": {"type": "string"}, "title": {"type": "string"}, "file": {"type": "string"}, "line": {"type": "integer"},
  "settings": {"type": "array", "items": {"type": "object", "required": ["path", "title", "value", "default", "secret"], "properties": {
   "path": {"type": "string"}, "title": {"type": "string"}, "description": {"type": "string"}, "value": {},
   "default": {"type": "boolean", "description": "Nothing was written: this is what counts."},
   "secret": {"type": "boolean"},
   "reference": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Where a secret comes from."},
   "file": {"type": "string"}, "line": {"type": "integer"}}}}}}}}})json"},
    {"ledger_verification",
     R"json({"type": "object", "required": ["ok", "entries", "first_bad_seq", "what", "last_seq", "last_hash", "took_ms"], "properties": {
 "ok": {"type": "boolean"},
 "entries": {"type": "integer", "description": "Looked at."},
 "first_bad_seq": {"type": "integer", "description": "0: nothing does not fit, or it cannot be said."},
 "what": {"type": "string"},
 "last_seq": {"type": "integer"},
 "last_hash": {"type": "string", "description": "Note it down: a later check can be held against it."},
 "took_ms": {"type": "integer"}}})json"},
    {"edit_form", R"json({"type": "object", "required": ["event", "step"], "properties": {
 "event": {"type": ["object", "null"], "required": ["schema", "value"], "properties": {"schema": {}, "value": {}}},
 "step": {"type": ["object", "null"], "required": ["key", "schema", "value"], "properties": {"key": {"type": "string"}, "schema": {}, "value": {}}}}})json"},
};

} // namespace

std::span<const component_schema> page_schemas() {
    return list;
}

} // namespace mortise::host
