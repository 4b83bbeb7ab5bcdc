// SPDX-License-Identifier: Apache-2.0
#include "admin/data_routes.hpp"

#include "admin/replies.hpp"

namespace mortise::host {

bool is_cursor(const admin_call& call, std::string_view cursor) {
    bool good = cursor.empty() || cursor.size() == 36;
    for (std::size_t i = 0; good && i < cursor.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        good = dash ? cursor[i] == '-'
                    : std::string_view("0123456789abcdef").find(cursor[i]) != std::string::npos;
    }
    if (!good)
        call.reply(
            problem_reply(400, "admin.input",
                          "cursor is not what a page gave as \"next\": " + std::string(cursor)));
    return good;
}

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
