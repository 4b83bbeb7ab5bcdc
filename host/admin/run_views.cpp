// SPDX-License-Identifier: Apache-2.0
#include "admin/run_views.hpp"

#include "admin/hidden.hpp"
#include "base/trace_context.hpp"

#include <boost/json.hpp>

#include <set>

namespace mortise::host {
namespace {

namespace json = boost::json;

constexpr std::uint32_t most_objects = 1000;
constexpr std::size_t most_sides = 50;

std::string schema_of(const event_record& e, const flow_entry* flow, const flow_directory& flows) {
    if (flow != nullptr) return flow->event_schema(e.source, e.type);
    for (const auto& [name, f] : flows.flows())
        if (auto schema = f.event_schema(e.source, e.type); !schema.empty()) return schema;
    return {};
}

// Steps name the relation of a link only. Whose it is: what the run was about and what it wrote.
json::array
links_of(journal_reader& reader, const claimed_run& run, const std::vector<ledger_entry>& written) {
    std::set<std::string> relations, sides;
    for (const auto& s : run.steps) {
        const auto at = s.target.find(':');
        if (s.kind == step_kind::link && at != std::string::npos)
            relations.insert(s.target.substr(at + 1));
    }
    sides.insert(run.run.event_subject);
    for (const auto& e : written)
        if (sides.size() < most_sides) sides.insert(e.object);
    sides.erase("");
    json::array out;
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto& relation : relations)
        for (const auto& side : sides)
            for (const auto& l : reader.links_with(relation, side))
                if (seen.emplace(l.relation, l.a).second) out.push_back(to_view(l));
    return out;
}

} // namespace

json::object
event_view(const event_record& e, const flow_entry* flow, const flow_directory& flows) {
    auto out = to_view(e);
    hide_marked(out["data"], schema_of(e, flow, flows));
    if (!e.trace_parent.empty()) out["trace_parent"] = e.trace_parent;
    return out;
}

json::object run_view(journal_reader& reader, const run_details& d, const flow_directory& flows) {
    const auto* flow = flows.find(d.run.run.instance);
    auto out = to_view(d);
    out["event"] = event_view(d.run.event, flow, flows);
    auto& steps = out["steps"].get_array();
    for (std::size_t i = 0; i < steps.size() && i < d.run.steps.size(); ++i) {
        const auto* operation = flow != nullptr ? flow->operation(d.run.steps[i].target) : nullptr;
        if (operation == nullptr) continue;
        auto& step = steps[i].get_object();
        hide_marked(step["input"], operation->input_schema);
        hide_marked(step["result"], operation->output_schema);
    }
    json::array objects;
    ledger_filter of_run;
    of_run.run = d.run.run.id;
    of_run.limit = most_objects;
    const auto written = reader.ledger(of_run);
    for (const auto& e : written)
        objects.push_back(json::object{{"connection", e.connection},
                                       {"operation", e.operation},
                                       {"object", e.object},
                                       {"outcome", e.outcome},
                                       {"at", e.at},
                                       {"step", e.step},
                                       {"seq", e.seq}});
    out["objects"] = std::move(objects);
    out["links"] = links_of(reader, d.run, written);
    out["trace_id"] = trace_of_run(d.run.event.trace_parent, d.run.run.id).trace_id;
    return out;
}

} // namespace mortise::host
