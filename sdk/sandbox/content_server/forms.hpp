// SPDX-License-Identifier: Apache-2.0
//
// Alpaca forms: {data, options, schema}. The only view of a category's rules that clients have.
#pragma once

#include "service.hpp"

namespace mortise::sandbox::content_server {

// The form of a category; with the values of `n` when it is applied there, else with defaults.
json::object
category_form(service& s, node_id category, const category_values* values, const node* n);

} // namespace mortise::sandbox::content_server
