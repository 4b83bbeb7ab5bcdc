// SPDX-License-Identifier: Apache-2.0
//
// Business workspaces: creation from templates, business objects, relations, roles.
#pragma once

#include "service.hpp"

namespace mortise::sandbox::content_server {

// A 848 node the user may see; 404 "…" otherwise.
node& require_workspace(service& s, node_id id, member_id user);
node* workspace_of(service& s, const business_object& object);
const business_object_type*
find_object_type(service& s, std::string_view ext_system, std::string_view bo_type);

// Creates from the fields of POST businessworkspaces. Throws failure; nothing remains then.
node& create_workspace(service& s, const json::object& fields, member_id user);
// PUT businessworkspaces, one entry: updates the workspace of the business object or creates it.
node& create_or_update_workspace(service& s, const json::object& fields, member_id user);
// Ext system, type (or bo_type_id) and id out of the fields; nothing when none is named.
std::optional<business_object> read_business_object(service& s, const json::object& fields);

void relate(service& s, node& parent, node& child, member_id user);
void unrelate(service& s, node& parent, node& child, member_id user);
workspace_role& add_role(service& s, node& workspace, workspace_role role);
void set_role_members(service& s, workspace_role& role, std::set<member_id> members);

json::object workspace_properties(service& s, const node& n, member_id user);
json::object workspace_type_json(service& s, const workspace_type& type, bool templates, bool info);

} // namespace mortise::sandbox::content_server
