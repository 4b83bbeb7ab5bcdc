// SPDX-License-Identifier: Apache-2.0
#include "admin/topology.hpp"

#include <boost/json.hpp>

#include <set>

namespace mortise::host {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& o, std::string_view key) {
    const auto* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

const json::object* find_by_name(const json::array& list, std::string_view name) {
    for (const auto& one : list)
        if (text_of(one.get_object(), "name") == name) return &one.get_object();
    return nullptr;
}

// What a person must know of a connection first.
std::pair<const char*, std::string> state_of(const json::object* view) {
    if (view == nullptr) return {"off", "not at work"};
    if (const auto* paused = view->if_contains("paused"); paused != nullptr && paused->is_object())
        return {"paused", text_of(paused->get_object(), "reason")};
    if (const auto breaker = text_of(*view, "breaker"); !breaker.empty() && breaker != "closed") {
        return {"failing", breaker == "open" ? "the breaker is open: calls wait"
                                             : "the breaker is " + breaker};
    }
    const auto in_a_row = [&](const char* what) {
        const auto* n = view->if_contains(what);
        return n != nullptr && n->is_number() ? n->to_number<std::uint64_t>() : 0;
    };
    if (const auto* out = view->if_contains("locked_out");
        out != nullptr && out->is_bool() && out->get_bool())
        return {"failing", "the credentials are refused (" +
                               std::to_string(in_a_row("sign_ins_refused")) + " times)"};
    if (const auto n = in_a_row("failures_in_a_row"); n >= 3)
        return {"failing", "the last " + std::to_string(n) + " calls failed"};
    return {"well", ""};
}

json::object connection_node(const connection_config& c,
                             const json::object* view,
                             const plugin_catalog* plugins) {
    const auto* d = plugins != nullptr ? plugins->find_connector(c.connector) : nullptr;
    auto [state, detail] = state_of(c.enabled ? view : nullptr);
    if (!c.enabled) detail = "switched off in the configuration";
    return {{"id", "connection:" + c.name},
            {"kind", "connection"},
            {"name", c.name},
            {"plugin", c.connector},
            {"title", d != nullptr ? d->title : c.connector},
            {"state", state},
            {"detail", detail}};
}

json::object flow_node(const flow_entry& f, const instance_counts& counts) {
    const char* state = !f.enabled ? "off" : counts.dead_letters > 0 ? "dead_letters" : "well";
    return {{"id", "flow:" + f.name},
            {"kind", "flow"},
            {"name", f.name},
            {"plugin", f.flow},
            {"title", f.descriptor != nullptr ? f.descriptor->title : f.flow},
            {"state", state},
            {"active", counts.active},
            {"waiting", counts.waiting},
            {"dead_letters", counts.dead_letters}};
}

class edges {
public:
    explicit edges(const std::map<std::string, edge_traffic>& traffic) : traffic_(traffic) {}

    // Several roles of a flow may be bound to one connection; they share the edge.
    void add(const std::string& id,
             const std::string& from,
             const std::string& to,
             const char* kind,
             const std::string& role) {
        if (const auto it = places_.find(id); it != places_.end()) {
            auto& roles = out_[it->second].get_object()["role"].get_string();
            if (!seen_.insert(id + '\n' + role).second) return;
            roles.append(roles.empty() ? "" : ", ").append(role);
            return;
        }
        seen_.insert(id + '\n' + role);
        edge_traffic t;
        if (const auto it = traffic_.find(id); it != traffic_.end()) t = it->second;
        const bool is_trigger = std::string_view(kind) == "trigger";
        json::object last_minute{{is_trigger ? "events" : "calls", t.last_minute},
                                 {"errors", t.last_minute_errors}};
        places_.emplace(id, out_.size());
        out_.push_back(json::object{{"id", id},
                                    {"from", from},
                                    {"to", to},
                                    {"kind", kind},
                                    {"role", role},
                                    {"last_minute", std::move(last_minute)},
                                    {"last_at", t.last_at}});
    }
    json::array take() { return std::move(out_); }

private:
    const std::map<std::string, edge_traffic>& traffic_;
    std::map<std::string, std::size_t> places_;
    std::set<std::string> seen_;
    json::array out_;
};

} // namespace

json::object topology(const at_work& now,
                      const flow_directory& flows,
                      const json::array& connections,
                      const std::map<std::string, instance_counts>& counts,
                      const std::map<std::string, edge_traffic>& traffic) {
    json::array nodes;
    for (const auto& [name, c] : now.config->connections)
        nodes.push_back(connection_node(c, find_by_name(connections, name), now.plugins));
    edges all(traffic);
    for (const auto& [name, f] : flows.flows()) {
        const auto it = counts.find(name);
        nodes.push_back(flow_node(f, it == counts.end() ? instance_counts() : it->second));
        std::set<std::string> waking; // roles whose events start it
        if (f.descriptor != nullptr)
            for (const auto& s : f.descriptor->subscriptions)
                waking.insert(s.role);
        for (const auto& r : f.roles) {
            if (r.connection.empty()) continue;
            if (waking.contains(r.name))
                all.add(trigger_edge(r.connection, name), "connection:" + r.connection,
                        "flow:" + name, "trigger", r.name);
            if (!r.operations.empty() || traffic.contains(call_edge(name, r.connection)))
                all.add(call_edge(name, r.connection), "flow:" + name, "connection:" + r.connection,
                        "call", r.name);
        }
    }
    return {{"nodes", std::move(nodes)}, {"edges", all.take()}};
}

} // namespace mortise::host
