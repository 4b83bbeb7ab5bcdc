// SPDX-License-Identifier: Apache-2.0
// The settings as they were read from the configuration's files.
#include "admin/data_routes.hpp"
#include "admin/replies.hpp"
#include "admin/settings_view.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>

namespace mortise::host {
namespace {

void show_settings(const admin_parts& parts, const admin_call& call) {
    boost::asio::post(parts.workers, [&parts, reply = call.reply] {
        const auto now = parts.at_work();
        reply(json_reply(200, settings_view(*now->config, *now->plugins)));
    });
}

} // namespace

void add_settings_routes(route_table& to, const admin_parts& parts) {
    to.add({.method = "GET",
            .pattern = "/api/v1/settings",
            .id = "getSettings",
            .summary = "The settings at work, with file and line, defaults and sources of secrets.",
            .tag = "settings",
            .answer = "#/components/schemas/settings"},
           [&parts](const admin_call& call) { show_settings(parts, call); });
}

} // namespace mortise::host
