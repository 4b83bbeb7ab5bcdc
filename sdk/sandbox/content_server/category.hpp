// SPDX-License-Identifier: Apache-2.0
//
// Category values on nodes: keys such as 16878_25 (attribute), 16878_39_2_41 (row 2 of a set),
// checks against the definition, edit tokens, and the metadata that describes attributes.
#pragma once

#include "service.hpp"

namespace mortise::sandbox::content_server {

const category_definition& require_category(service& s, node_id category);

// Puts a category on the node, with defaults, then `values`. An existing one is an error.
void add_category(
    service& s, node& n, node_id category, const json::object& values, member_id user);
// Changes the named keys only. Throws failure 400 for unknown keys and wrong values, 409 when a
// sent metadata token is old. `token_sent` tells whether one was there.
void change_category(service& s,
                     node& n,
                     node_id category,
                     const json::object& values,
                     member_id user,
                     bool* token_sent = nullptr);
// roles.categories of a create call: flat ("9830_2": ...), per category ("9830": {...}), or both.
void apply_role_categories(service& s, node& n, const json::object& categories, member_id user);

std::string category_token(const node& n, node_id category);
std::string node_token(const node& n);

// Every key of the category with its value; unset single values are null, multi-values [].
json::object category_output(const category_definition& d, const category_values& v);
// {"9830":{...},"9830_2":{...},"9830_39_x_41":{...}}
json::object category_metadata(const category_definition& d, const std::string& name);
json::array category_order(const category_definition& d); // keys in order of definition
std::string attribute_key(node_id category, const attribute& a);
std::string_view kind_name(value_kind k);
int set_rows(const category_values& v, node_id category, int set_id);

} // namespace mortise::sandbox::content_server
