// SPDX-License-Identifier: Apache-2.0
#include "admin/data_routes.hpp"

namespace mortise::host {

void add_data_routes(route_table& to, const admin_parts& parts) {
    add_event_routes(to, parts);
    add_ledger_routes(to, parts);
    if (!parts.at_work) return;
    add_overview_routes(to, parts);
    add_plugin_routes(to, parts);
    add_settings_routes(to, parts);
    add_connection_detail_routes(to, parts);
    if (parts.live) add_live_routes(to, parts);
}

} // namespace mortise::host
