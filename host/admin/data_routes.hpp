// SPDX-License-Identifier: Apache-2.0
// Routes that only show: what the console's pages are made from. One function for each topic; parts
// outlives the table.
#pragma once

#include "admin/routes.hpp"

namespace mortise::host {

// All of them, as far as parts has what they show.
void add_data_routes(route_table& to, const admin_parts& parts);

// Of lists whose cursor is the id of their last row: empty, or a UUID; else it answers 400.
bool is_cursor(const admin_call& call, std::string_view cursor);

void add_overview_routes(route_table& to, const admin_parts& parts);
void add_plugin_routes(route_table& to, const admin_parts& parts);
void add_event_routes(route_table& to, const admin_parts& parts);
void add_settings_routes(route_table& to, const admin_parts& parts);
void add_ledger_routes(route_table& to, const admin_parts& parts);
void add_connection_detail_routes(route_table& to, const admin_parts& parts);
void add_live_routes(route_table& to, const admin_parts& parts);

} // namespace mortise::host
