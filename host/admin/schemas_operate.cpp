// SPDX-License-Identifier: Apache-2.0
// Refusals, dead letters, connections, links, the ledger.
#include "admin/schemas.hpp"

namespace mortise::host {
namespace {

constexpr component_schema list[] = {
    {"problem",
     R"json({"type": "object", "required": ["type", "title", "status"], "additionalProperties": true, "properties": {
 "type": {"type": "string"},
 "title": {"type": "string"},
 "status": {"type": "integer"},
 "detail": {"type": "string", "description": "What is wrong, and how to mend it."},
 "code": {"type": "string", "description": "Stable name of the refusal."},
 "problems": {"type": "array", "items": {"$ref": "#/components/schemas/problem_place"}}}})json"},
    {"problem_place", R"json({"type": "object", "required": ["message"], "properties": {
 "pointer": {"type": "string", "description": "JSON pointer into the body."},
 "parameter": {"type": "string", "description": "Name of the query parameter."},
 "file": {"type": "string"}, "line": {"type": "integer"}, "column": {"type": "integer"},
 "severity": {"type": "string", "enum": ["error", "warning"]},
 "message": {"type": "string"}, "hint": {"type": "string"}}})json"},
    {"dead_letter_group",
     R"json({"type": "object", "required": ["fingerprint", "flow", "failed", "in_doubt"], "properties": {
 "fingerprint": {"type": "string"},
 "flow": {"type": "string"},
 "plugin": {"type": "string"},
 "step": {"type": "string"},
 "code": {"type": "string"},
 "message": {"type": "string"},
 "failed": {"type": "integer"},
 "in_doubt": {"type": "integer"},
 "first_at": {"type": "integer"},
 "last_at": {"type": "integer"},
 "oldest": {"type": "string", "description": "Id of the oldest run of the group."}}})json"},
    {"bulk_job",
     R"json({"type": "object", "required": ["id", "action", "state", "total", "done"], "properties": {
 "id": {"type": "string"},
 "action": {"type": "string", "enum": ["retry", "discard", "edit"]},
 "state": {"type": "string", "enum": ["running", "done", "stopped", "cancelled", "failed"]},
 "total": {"type": "integer"},
 "done": {"type": "integer"},
 "failed": {"type": "integer", "description": "Of those done, dead letters again."},
 "left_out": {"type": "integer"},
 "under_way": {"type": "integer"},
 "fingerprint": {"type": "string"},
 "flow": {"type": "string"},
 "all": {"type": "boolean"},
 "runs_per_second": {"type": "number"},
 "redo": {"type": "boolean"},
 "fresh": {"type": "boolean"},
 "reason": {"type": "string"},
 "patch": {},
 "give_up_after": {"type": "integer"},
 "who": {"type": "string"},
 "why": {"type": "string"},
 "last_problem": {"type": "string"},
 "started_at": {"type": "integer"},
 "updated_at": {"type": "integer"},
 "ended_at": {"type": "integer"}}})json"},
    {"connection",
     R"json({"type": "object", "required": ["name", "connector", "breaker", "paused"], "properties": {
 "name": {"type": "string"},
 "connector": {"type": "string"},
 "version": {"type": "string"},
 "triggers": {"type": "array", "items": {"type": "string"}},
 "open_calls": {"type": "integer"},
 "requests_queued": {"type": "integer"},
 "requests_in_flight": {"type": "integer"},
 "waits_ms": {"type": "integer", "description": "Time that the system asked to be left alone."},
 "breaker": {"type": "string"},
 "failures_in_a_row": {"type": "integer"},
 "locked_out": {"type": "boolean", "description": "The credentials are refused, not one token that had just expired."},
 "sign_ins_refused": {"type": "integer", "description": "Times in a row that the system refused our credentials; it answers, so the breaker stays closed."},
 "probe_in_ms": {"type": "integer"},
 "polls": {"type": "object", "description": "By trigger that polls.", "additionalProperties": {"type": "object", "properties": {
  "count": {"type": "integer", "description": "Answered since it was opened."}, "last_at": {"type": "integer"}}}},
 "last_error": {"type": ["object", "null"], "description": "Of the last call or poll that failed since the start; kept when later ones go well.", "properties": {
  "code": {"type": "string"}, "category": {"type": "string"}, "effect": {"type": "string"}, "message": {"type": "string"}, "at": {"type": "integer"}}},
 "paused": {"type": ["object", "null"], "properties": {"since": {"type": "integer"}, "reason": {"type": "string"}}}}})json"},
    {"connection_paused",
     R"json({"type": "object", "required": ["connection", "paused"], "properties": {
 "connection": {"type": "string"}, "paused": {"type": "boolean"}}})json"},
    {"backfill",
     R"json({"type": "object", "required": ["connection", "trigger", "state"], "properties": {
 "connection": {"type": "string"},
 "trigger": {"type": "string"},
 "state": {"type": "string", "enum": ["running", "paused", "done", "failed", "cancelled"]},
 "events_per_second": {"type": "number"},
 "pages": {"type": "integer"},
 "emitted": {"type": "integer"},
 "duplicates": {"type": "integer"},
 "failures": {"type": "integer"},
 "cursor": {"type": "string"},
 "started_at": {"type": "integer"},
 "updated_at": {"type": "integer"},
 "ended_at": {"type": "integer"},
 "last_error": {"type": "object", "properties": {
  "category": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}}}}})json"},
    {"link", R"json({"type": "object", "required": ["relation", "a", "b"], "properties": {
 "relation": {"type": "string"},
 "a": {"type": "string"},
 "b": {"type": "string"},
 "data": {},
 "updated_at": {"type": "integer"}}})json"},
    {"person_note", R"json({"type": "object", "properties": {
 "at": {"type": "integer"}, "who": {"type": "string"}, "action": {"type": "string"},
 "what": {"type": "string"}, "detail": {}}})json"},
    {"ledger_entry",
     R"json({"type": "object", "required": ["seq", "at", "outcome", "hash"], "properties": {
 "seq": {"type": "integer"},
 "at": {"type": "string", "format": "date-time"},
 "actor": {"type": "string", "description": "Who did it by hand; absent where a run did it."},
 "run": {"type": "string"},
 "instance": {"type": "string"},
 "step": {"type": "string"},
 "attempt": {"type": "integer"},
 "connection": {"type": "string"},
 "operation": {"type": "string"},
 "object": {"type": "string"},
 "outcome": {"type": "string", "enum": ["done", "found", "unknown", "refused", "failed"]},
 "request": {"type": "string", "description": "SHA-256 of the input."},
 "before": {"type": "string"},
 "after": {"type": "string"},
 "hash": {"type": "string"}}})json"},
    {"journal", R"json({"type": "object", "required": ["events", "runs"], "properties": {
 "events": {"type": "integer"},
 "duplicates": {"type": "integer"},
 "poll_only_events": {"type": "integer"},
 "runs": {"type": "object", "additionalProperties": {"type": "integer"}},
 "backlog": {"type": "integer"},
 "held": {"type": "integer"},
 "dead_letters": {"type": "integer"},
 "ledger_entries": {"type": "integer"},
 "schema_version": {"type": "integer"},
 "file_bytes": {"type": "integer"}}})json"},
};

} // namespace

std::span<const component_schema> operate_schemas() {
    return list;
}

} // namespace mortise::host
