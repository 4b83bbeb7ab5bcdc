// SPDX-License-Identifier: Apache-2.0
// The live feed of the console.
#include "admin/data_routes.hpp"
#include "admin/live_feed.hpp"

namespace mortise::host {

void add_live_routes(route_table& to, const admin_parts& parts) {
    to.add({.method = "GET",
            .pattern = "/api/v1/live",
            .id = "watchLive",
            .summary = "Server-sent events: traffic, run, connection, counts, health, config.",
            .tag = "overview",
            .content_type = "text/event-stream"},
           [&parts](const admin_call& call) { call.reply(parts.live->open(parts)); });
}

} // namespace mortise::host
