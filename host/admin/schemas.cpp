// SPDX-License-Identifier: Apache-2.0
#include "admin/schemas.hpp"

namespace mortise::host {
namespace {

constexpr component_schema list[] = {
    {"error",
     R"json({"type": "object", "required": ["code", "category", "effect", "message"], "properties": {
 "code": {"type": "string", "description": "Stable name of the failure."},
 "category": {"type": "string", "description": "Its kind, which decides whether it is tried again."},
 "effect": {"type": "string", "enum": ["unknown", "none", "done"], "description": "Whether the system was changed."},
 "message": {"type": "string"},
 "http_status": {"type": "integer"},
 "details": {}}})json"},
    {"run",
     R"json({"type": "object", "required": ["id", "flow", "state", "created_at", "updated_at"], "properties": {
 "id": {"type": "string"},
 "flow": {"type": "string", "description": "Name of the flow instance."},
 "plugin": {"type": "string", "description": "Id of the flow."},
 "plugin_version": {"type": "string"},
 "config_revision": {"type": "string"},
 "state": {"$ref": "#/components/schemas/run_state"},
 "key": {"type": "string", "description": "Runs of one key go one after another."},
 "event_type": {"type": "string"},
 "event_subject": {"type": "string"},
 "created_at": {"type": "integer"},
 "updated_at": {"type": "integer"},
 "wake_at": {"type": "integer"},
 "starts": {"type": "integer", "description": "How often it was taken up."},
 "result": {},
 "failure": {"$ref": "#/components/schemas/error"},
 "failed_step": {"type": "string"},
 "fingerprint": {"type": "string", "description": "Of the cause of a dead letter."},
 "held_by": {"type": "string", "description": "Connection that takes no calls."},
 "cancel_reason": {"type": "string"},
 "parent": {"type": "string"},
 "parent_step": {"type": "string"},
 "event_edited": {"type": "boolean"},
 "dropped": {"type": "integer", "description": "In the live feed: runs left out since the last round."}}})json"},
    {"run_state",
     R"json({"type": "string", "enum": ["ready", "active", "waiting", "succeeded", "failed", "in_doubt", "cancelled", "discarded"]})json"},
    {"step",
     R"json({"type": "object", "required": ["key", "kind", "target", "state"], "properties": {
 "key": {"type": "string"},
 "kind": {"type": "string", "enum": ["call", "sleep", "wait_event", "record", "link", "state", "transfer", "spawn"]},
 "target": {"type": "string"},
 "state": {"type": "string", "enum": ["started", "waiting", "retrying", "done", "failed"]},
 "attempts": {"type": "integer"},
 "started_at": {"type": "integer"},
 "finished_at": {"type": "integer"},
 "wake_at": {"type": "integer"},
 "input": {},
 "result": {},
 "failure": {"$ref": "#/components/schemas/error"},
 "edited": {"type": "boolean"},
 "tries": {"type": "array", "items": {"$ref": "#/components/schemas/step_try"}, "description": "What became of its attempts, oldest first. None when the first attempt ended the step: then the step itself says all of it."},
 "tries_left_out": {"type": "integer", "description": "Of a step that is tried very often only the first and the last are kept; so many in between are not."}}})json"},
    {"step_try",
     R"json({"type": "object", "required": ["number", "attempt", "began_at", "ended_at", "outcome", "waits_for", "waits_until"], "properties": {
 "number": {"type": "integer", "description": "Among all of the step's, from 1."},
 "attempt": {"type": "integer", "description": "As the retry policy counts; 0: none was made, the step was held or called off. Counts from 1 again after a person's retry."},
 "began_at": {"type": "integer", "description": "0: not known."},
 "ended_at": {"type": "integer", "description": "When it failed or was done; held: when the connection was last asked; cut off: when the run was taken up again."},
 "limited_ms": {"type": "integer", "description": "How long of it its requests stood in the connection's queue: for its rate limit, its limit of concurrent requests, or a pause that the system had asked for."},
 "outcome": {"type": "string", "enum": ["retrying", "held", "done", "found", "failed", "in_doubt", "cancelled", "cut_off"], "description": "held: the connection took no calls, which costs no attempt. cut_off: by the host's own end, which is not counted."},
 "waits_for": {"type": "string", "enum": ["none", "back_off", "retry_after", "breaker", "pause", "person"]},
 "waits_until": {"type": "integer", "description": "As planned; when it really went on the next one says."},
 "failure": {"$ref": "#/components/schemas/error"}}})json"},
    {"event", R"json({"type": "object", "required": ["ref", "id", "source", "type"], "properties": {
 "ref": {"type": "string"},
 "id": {"type": "string"},
 "source": {"type": "string"},
 "type": {"type": "string"},
 "subject": {"type": "string"},
 "via": {"type": "string"},
 "time": {"type": "integer"},
 "accepted_at": {"type": "integer"},
 "trace_parent": {"type": "string", "description": "W3C trace context it came with."},
 "data": {}}})json"},
    {"run_note", R"json({"type": "object", "properties": {
 "at": {"type": "integer"}, "who": {"type": "string"}, "action": {"type": "string"}, "detail": {}}})json"},
    {"advice", R"json({"type": "object", "required": ["look", "commands"], "properties": {
 "look": {"type": "array", "items": {"type": "string"}, "description": "What to look at."},
 "commands": {"type": "array", "items": {"type": "object", "required": ["when", "command"], "properties": {
  "when": {"type": "string"}, "command": {"type": "string"}}}}}})json"},
    {"run_details",
     R"json({"type": "object", "required": ["id", "flow", "state", "event", "steps"], "properties": {
 "id": {"type": "string"},
 "flow": {"type": "string"},
 "plugin": {"type": "string"},
 "plugin_version": {"type": "string"},
 "config_revision": {"type": "string"},
 "state": {"$ref": "#/components/schemas/run_state"},
 "key": {"type": "string"},
 "event_type": {"type": "string"},
 "event_subject": {"type": "string"},
 "created_at": {"type": "integer"},
 "updated_at": {"type": "integer"},
 "wake_at": {"type": "integer"},
 "starts": {"type": "integer"},
 "result": {},
 "failure": {"$ref": "#/components/schemas/error"},
 "failed_step": {"type": "string"},
 "fingerprint": {"type": "string"},
 "held_by": {"type": "string"},
 "cancel_reason": {"type": "string"},
 "parent": {"type": "string"},
 "parent_step": {"type": "string"},
 "newer_run": {"type": "string", "description": "Of a dead letter: the last run of the same flow and key that was made after it and succeeded."},
 "event_edited": {"type": "boolean"},
 "event": {"$ref": "#/components/schemas/event"},
 "steps": {"type": "array", "items": {"$ref": "#/components/schemas/step"}},
 "children": {"type": "array", "items": {"$ref": "#/components/schemas/run"}},
 "notes": {"type": "array", "items": {"$ref": "#/components/schemas/run_note"}, "description": "What people did."},
 "objects": {"type": "array", "description": "What it wrote where, from the ledger.", "items": {"type": "object", "required": ["connection", "operation", "object", "outcome", "at", "step"], "properties": {
  "connection": {"type": "string"}, "operation": {"type": "string"}, "object": {"type": "string"},
  "outcome": {"type": "string"}, "at": {"type": "integer"}, "step": {"type": "string"}, "seq": {"type": "integer"}}}},
 "links": {"type": "array", "items": {"$ref": "#/components/schemas/link"}, "description": "Links of what it was about and what it wrote."},
 "transfers": {"type": "array", "description": "Content that moves right now.", "items": {"type": "object", "required": ["step", "moved_bytes"], "properties": {
  "step": {"type": "string"}, "moved_bytes": {"type": "integer"}, "total_bytes": {"type": "integer", "description": "Where the source has said it."}}}},
 "trace_id": {"type": "string"},
 "advice": {"$ref": "#/components/schemas/advice"}}})json"},
    {"run_changed", R"json({"type": "object", "required": ["run", "state"], "properties": {
 "run": {"type": "string"}, "state": {"$ref": "#/components/schemas/run_state"}}})json"},
    {"run_cancelled",
     R"json({"type": "object", "required": ["run", "ended", "told", "active"], "properties": {
 "run": {"type": "string"},
 "ended": {"type": "array", "items": {"type": "string"}, "description": "Runs that had not begun."},
 "told": {"type": "array", "items": {"type": "string"}, "description": "Waiting runs that end when they wake."},
 "active": {"type": "array", "items": {"type": "string"}, "description": "Runs at work that end at their next step."}}})json"},
    {"operation_bound",
     R"json({"type": "object", "required": ["role", "connection", "operation", "effect_class", "offered"], "properties": {
 "role": {"type": "string"},
 "connection": {"type": "string"},
 "operation": {"type": "string"},
 "effect_class": {"type": "string"},
 "offered": {"type": "boolean"}}})json"},
    {"flow",
     R"json({"type": "object", "required": ["name", "plugin", "enabled", "roles"], "properties": {
 "name": {"type": "string"},
 "plugin": {"type": "string"},
 "plugin_version": {"type": "string"},
 "loaded": {"type": "boolean"},
 "enabled": {"type": "boolean"},
 "roles": {"type": "object", "additionalProperties": {"type": "object", "properties": {
  "connection": {"type": "string"}, "connector": {"type": "string"},
  "operations": {"type": "array", "items": {"$ref": "#/components/schemas/operation_bound"}}}}},
 "weakest": {"type": ["object", "null"], "additionalProperties": true, "description": "The operation whose repeat is least safe."}}})json"},
};

} // namespace

std::span<const component_schema> run_schemas() {
    return list;
}

std::vector<component_schema> component_schemas() {
    std::vector<component_schema> out;
    for (const auto part : {access_schemas(), run_schemas(), operate_schemas(), page_schemas()})
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

} // namespace mortise::host
