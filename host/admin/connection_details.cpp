// SPDX-License-Identifier: Apache-2.0
// One connection with its settings, triggers, users and the last thing that went wrong.
#include "admin/at_work.hpp"
#include "admin/data_routes.hpp"
#include "admin/hidden.hpp"
#include "admin/replies.hpp"
#include "admin/settings_view.hpp"
#include "config/units.hpp"
#include "journal/journal.hpp"
#include "operate/dead_letters.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

namespace json = boost::json;

json::object limits_view(const connection_config& c) {
    json::object out{{"burst", c.limits.burst},
                     {"max_concurrent", c.limits.max_concurrent},
                     {"timeout", to_duration_text(c.limits.timeout)},
                     {"verify_tls", c.limits.verify_tls}};
    if (c.limits.requests_per_second) out["requests_per_second"] = *c.limits.requests_per_second;
    if (c.limits.call_timeout) out["call_timeout"] = to_duration_text(*c.limits.call_timeout);
    if (!c.limits.proxy.empty()) {
        json::value proxy(c.limits.proxy);
        hide_url_passwords(proxy);
        out["proxy"] = std::move(proxy);
    }
    if (!c.limits.ca_file.empty()) out["ca_file"] = c.limits.ca_file;
    return out;
}

json::array triggers_view(const connection_config& c,
                          const connector_descriptor& d,
                          const json::object& view,
                          journal_reader& reader) {
    json::array out;
    const auto* open = view.if_contains("triggers");
    const auto* polls = view.if_contains("polls");
    for (const auto& t : d.triggers) {
        json::object one{{"id", t.id}, {"title", t.title}};
        one["open"] = open != nullptr && open->is_array() &&
                      std::any_of(open->get_array().begin(), open->get_array().end(),
                                  [&](const json::value& id) { return id.get_string() == t.id; });
        one["polls"] = 0;
        one["last_poll_at"] = 0;
        const auto* own = polls != nullptr && polls->is_object()
                              ? polls->get_object().if_contains(t.id)
                              : nullptr;
        if (own != nullptr) {
            one["polls"] = own->get_object().at("count");
            one["last_poll_at"] = own->get_object().at("last_at");
        }
        const auto cursor = reader.cursor(c.name, t.id);
        one["cursor"] = cursor.empty() ? json::value(nullptr) : json::value(cursor);
        out.push_back(std::move(one));
    }
    return out;
}

// A connection that is switched off has no view of its own.
json::object idle_view(const connection_config& c) {
    return {{"name", c.name},          {"connector", c.connector},
            {"version", ""},           {"triggers", json::array()},
            {"open_calls", 0},         {"requests_queued", 0},
            {"requests_in_flight", 0}, {"waits_ms", 0},
            {"breaker", "closed"},     {"failures_in_a_row", 0},
            {"locked_out", false},     {"sign_ins_refused", 0},
            {"probe_in_ms", 0},        {"last_error", nullptr},
            {"paused", nullptr}};
}

json::object details(const admin_parts& parts,
                     const at_work& now,
                     const connection_config& c,
                     json::object view,
                     journal_reader& reader) {
    const auto flows = parts.letters.flows();
    const auto* d = now.plugins->find_connector(c.connector);
    json::array users, operations;
    for (const auto& [name, f] : flows->flows())
        if (std::any_of(f.roles.begin(), f.roles.end(),
                        [&](const bound_role& r) { return r.connection == c.name; }))
            users.emplace_back(name);
    json::array triggers;
    if (d != nullptr) {
        for (const auto& o : d->operations)
            operations.emplace_back(o.id);
        triggers = triggers_view(c, *d, view, reader);
    }
    view.erase("polls");
    view["enabled"] = c.enabled;
    view["triggers"] = std::move(triggers);
    view["settings"] = written_settings(c, *now.config, *now.plugins);
    view["limits"] = limits_view(c);
    view["used_by"] = std::move(users);
    view["operations"] = std::move(operations);
    return view;
}

void show_connection(const admin_parts& parts, const admin_call& call) {
    const auto now = parts.at_work();
    const auto it = now->config->connections.find(call.args[0]);
    if (it == now->config->connections.end()) {
        call.reply(problem_reply(404, "connection.unknown",
                                 "no connection \"" + call.args[0] + "\" is configured"));
        return;
    }
    parts.list_connections(
        [&parts, now, &c = it->second, reply = call.reply](const json::array& list) {
            auto view = idle_view(c);
            for (const auto& one : list)
                if (one.get_object().at("name").get_string() == c.name) view = one.get_object();
            answer_from_journal(parts, reply, [&parts, now, &c, view](journal_reader& reader) {
                return result<json::value>(details(parts, *now, c, view, reader));
            });
        });
}

} // namespace

void add_connection_detail_routes(route_table& to, const admin_parts& parts) {
    to.add({.method = "GET",
            .pattern = "/api/v1/connections/{name}",
            .id = "getConnection",
            .summary = "A connection with its settings, triggers, flows and last failure.",
            .tag = "connections",
            .answer = "#/components/schemas/connection_details"},
           [&parts](const admin_call& call) { show_connection(parts, call); });
}

} // namespace mortise::host
