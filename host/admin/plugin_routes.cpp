// SPDX-License-Identifier: Apache-2.0
// Plugins, as their files say, and those that were refused.
#include "admin/at_work.hpp"
#include "admin/data_routes.hpp"
#include "admin/replies.hpp"
#include "plugin/inspect.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace mortise::host {
namespace {

namespace json = boost::json;

std::string abi_of(const plugin_descriptor& p) {
    return std::to_string(p.abi_major) + "." + std::to_string(p.abi_minor);
}

// A later file with the same plugin took its place; it stays for the runs that began with it.
bool is_retired(const plugin_descriptor& p, const std::vector<const plugin_descriptor*>& all) {
    return std::any_of(all.begin(), all.end(), [&](const plugin_descriptor* other) {
        return other != &p && other->id == p.id && compare_versions(other->version, p.version) > 0;
    });
}

json::object head_of(const plugin_descriptor& p, bool retired) {
    json::array kinds;
    if (!p.connectors.empty()) kinds.emplace_back("connector");
    if (!p.flows.empty()) kinds.emplace_back("flow");
    std::string title, vendor;
    for (const auto& c : p.connectors) {
        if (title.empty()) title = c.title;
        if (vendor.empty()) vendor = c.vendor;
    }
    if (title.empty() && !p.flows.empty()) title = p.flows.front().title;
    return {{"id", p.id},
            {"title", title.empty() ? p.id : title},
            {"version", p.version},
            {"vendor", vendor},
            {"kinds", std::move(kinds)},
            {"abi", abi_of(p)},
            {"sdk", p.sdk},
            {"state", retired ? "retired" : "loaded"},
            {"file", p.file.string()},
            {"sha256", p.sha256}};
}

json::object listed(const plugin_descriptor& p, bool retired) {
    auto out = head_of(p, retired);
    json::array connectors, flows;
    for (const auto& c : p.connectors)
        connectors.push_back(json::object{{"id", c.id},
                                          {"title", c.title},
                                          {"operations", c.operations.size()},
                                          {"triggers", c.triggers.size()}});
    for (const auto& f : p.flows)
        flows.push_back(json::object{{"id", f.id}, {"title", f.title}});
    out["connectors"] = std::move(connectors);
    out["flows"] = std::move(flows);
    return out;
}

std::string id_of(const plugin_refusal& r) {
    return r.plugin_id.empty() ? r.file.filename().string() : r.plugin_id;
}

json::object to_view(const plugin_refusal& r) {
    return {{"id", id_of(r)},
            {"title", r.file.filename().string()},
            {"version", ""},
            {"vendor", ""},
            {"kinds", json::array()},
            {"abi", ""},
            {"sdk", ""},
            {"state", "refused"},
            {"file", r.file.string()},
            {"sha256", ""},
            {"connectors", json::array()},
            {"flows", json::array()},
            {"refusal", r.text()},
            {"reason_code", r.reason_code},
            {"hint", r.hint}};
}

void list_plugins(const admin_parts& parts, const admin_call& call) {
    const auto now = parts.at_work();
    const auto all = now->plugins->plugins();
    json::array out;
    for (const auto* p : all)
        out.push_back(listed(*p, is_retired(*p, all)));
    for (const auto& r : now->plugins->refusals())
        out.push_back(to_view(r));
    call.reply(json_reply(200, json::object{{"plugins", std::move(out)}}));
}

void show_plugin(const admin_parts& parts, const admin_call& call) {
    const auto now = parts.at_work();
    const auto all = now->plugins->plugins();
    const plugin_descriptor* found = nullptr;
    for (const auto* p : all)
        if (p->id == call.args[0] &&
            (found == nullptr || compare_versions(p->version, found->version) > 0))
            found = p;
    if (found != nullptr) {
        auto manifest = json::parse(manifest_json(*found)).get_object();
        for (auto& member : head_of(*found, false))
            manifest.insert_or_assign(member.key(), std::move(member.value()));
        return call.reply(json_reply(200, manifest));
    }
    for (const auto& r : now->plugins->refusals())
        if (id_of(r) == call.args[0]) return call.reply(json_reply(200, to_view(r)));
    call.reply(problem_reply(404, "plugin.unknown",
                             "no plugin \"" + call.args[0] +
                                 "\" was found; GET /api/v1/plugins lists those that were"));
}

} // namespace

void add_plugin_routes(route_table& to, const admin_parts& parts) {
    const auto with = [&parts](auto fn) {
        return [&parts, fn](const admin_call& call) { fn(parts, call); };
    };
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/plugins",
         .id = "listPlugins",
         .summary = "Plugin files, those refused included.",
         .tag = "plugins",
         .answer =
             R"({"type":"object","required":["plugins"],"properties":{"plugins":{"type":"array","items":{"$ref":"#/components/schemas/plugin"}}}})"},
        with(list_plugins));
    to.add({.method = "GET",
            .pattern = "/api/v1/plugins/{id}",
            .id = "getPlugin",
            .summary = "Everything a plugin says of itself: settings, operations, triggers, roles.",
            .tag = "plugins",
            .answer = "#/components/schemas/plugin_details"},
           with(show_plugin));
}

} // namespace mortise::host
