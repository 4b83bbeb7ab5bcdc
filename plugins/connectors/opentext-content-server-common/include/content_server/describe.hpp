// SPDX-License-Identifier: Apache-2.0
//
// Declares the operations of an area for a connector that derives from it.
#pragma once

#include "content_server/repository.hpp"

namespace content_server {

// The builder wants members of C itself.
template <class C, class Area, class Out, class In>
mortise::operation_builder add_operation(mortise::connector_builder<C>& b,
                                         const char* id,
                                         mortise::task<Out> (Area::*handler)(mortise::call_context&,
                                                                             In)) {
    return b.operation(id,
                       static_cast<mortise::task<Out> (C::*)(mortise::call_context&, In)>(handler));
}

template <class C>
void describe_repository(mortise::connector_builder<C>& b) {
    using r = repository;
    const auto add = [&b](const char* id, auto handler) { return add_operation(b, id, handler); };
    add("nodes.get", &r::get_node).title("Read an item").reads();
    add("nodes.children", &r::list_children).title("List what lies in a container").reads();
    add("nodes.find_child", &r::find_child)
        .title("Find an item by its exact name")
        .doc("Answers {found, result}; looks first before nodes.create_url and nodes.upload "
             "repeat.")
        .reads();
    add("nodes.path_ensure", &r::ensure_path)
        .title("Make sure that folders are there")
        .doc("Answers the innermost folder's id and the names of those that were made.")
        .idempotent();
    add("nodes.create_url", &r::create_url)
        .title("Create a URL item")
        .lookup_first("nodes.find_child");
    add("nodes.update", &r::update_node).title("Rename, describe or move an item").idempotent();
    add("nodes.delete", &r::delete_node)
        .title("Delete an item")
        .doc("An item that is not there any more is fine: deleted is false then.")
        .idempotent();
    add("versions.list", &r::list_versions).title("List the versions of a document").reads();
    add("categories.list", &r::list_categories)
        .title("Read the categories of an item, by names")
        .reads();
    add("categories.set", &r::set_category)
        .title("Set attributes of a category, by names")
        .doc("Adds the category when the item does not carry it. Writes nothing when the values "
             "are there already. before: what was there until now, for each attribute given.")
        .idempotent();
    add("categories.remove", &r::remove_category)
        .title("Take a category off an item")
        .doc("One that is not on the item is fine: removed is false then.")
        .idempotent();
    add("members.find", &r::find_member).title("Find a user or group").reads();
    add("members.get", &r::get_member).title("Read a user or group").reads();
    add("members.of_group", &r::list_group_members).title("List the members of a group").reads();
    add("search.nodes", &r::search_nodes).title("Search items").reads();
    add("permissions.get", &r::get_permissions).title("Read the access to an item").reads();
    add("permissions.set", &r::set_permissions).title("Set the access to an item").idempotent();
}

} // namespace content_server
