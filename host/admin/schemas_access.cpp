// SPDX-License-Identifier: Apache-2.0
// Sessions and tokens.
#include "admin/schemas.hpp"

namespace mortise::host {
namespace {

constexpr component_schema list[] = {
    {"session",
     R"json({"type": "object", "required": ["who", "role", "csrf", "expires_at"], "properties": {
 "who": {"type": "string"},
 "role": {"$ref": "#/components/schemas/role"},
 "csrf": {"type": "string", "description": "For the header X-CSRF-Token; empty without a session."},
 "expires_at": {"type": "integer"}}})json"},
    {"role", R"json({"type": "string", "enum": ["viewer", "operator", "admin"]})json"},
    {"session_code",
     R"json({"type": "object", "required": ["code", "expires_at", "url"], "properties": {
 "code": {"type": "string"},
 "expires_at": {"type": "integer"},
 "url": {"type": "string", "description": "Opens the console and signs in."}}})json"},
    {"token",
     R"json({"type": "object", "required": ["name", "role", "created_at", "expires_at", "last_used_at", "source"], "properties": {
 "name": {"type": "string"},
 "role": {"$ref": "#/components/schemas/role"},
 "created_at": {"type": "integer"},
 "expires_at": {"type": "integer"},
 "last_used_at": {"type": "integer"},
 "source": {"type": "string", "enum": ["journal", "configuration"]}}})json"},
    {"token_created",
     R"json({"type": "object", "required": ["name", "role", "token"], "properties": {
 "name": {"type": "string"},
 "role": {"$ref": "#/components/schemas/role"},
 "token": {"type": "string", "description": "Shown this once; only its hash is kept."},
 "created_at": {"type": "integer"},
 "expires_at": {"type": "integer"},
 "last_used_at": {"type": "integer"},
 "source": {"type": "string"}}})json"},
};

} // namespace

std::span<const component_schema> access_schemas() {
    return list;
}

} // namespace mortise::host
