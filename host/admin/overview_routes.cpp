// SPDX-License-Identifier: Apache-2.0
// The first page: how the host is, what moves, and the graph of what is connected to what.
#include "admin/data_routes.hpp"
#include "admin/figures.hpp"
#include "admin/replies.hpp"
#include "admin/topology.hpp"
#include "journal/journal.hpp"
#include "operate/dead_letters.hpp"

#include <mortise/core.h>

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

template <class Member>
json::array series_of(const traffic_meter::series& s, Member member) {
    json::array out;
    out.reserve(s.points.size());
    for (const auto& p : s.points)
        out.push_back(p.*member);
    return out;
}

json::object host_view(const at_work& now, const admin_parts& parts) {
    return {{"version", now.version},
            {"abi", std::to_string(MORTISE_ABI_MAJOR) + '.' + std::to_string(MORTISE_ABI_MINOR)},
            {"host_id", now.host_id},
            {"started_at", now.started_at},
            {"now", parts.time.now_unix_ms()},
            {"config_file", now.config_file},
            {"config_revision", now.config->revision},
            {"config_loaded_at", now.loaded_at}};
}

void overview(const admin_parts& parts, const admin_call& call) {
    answer_from_journal(parts, call.reply, [&parts](journal_reader& reader) {
        const auto stats = reader.stats();
        json::object traffic{{"step_ms", traffic_meter::step_ms}};
        const auto s = parts.traffic->last_minutes();
        traffic["from"] = s.from;
        traffic["events"] = series_of(s, &host_traffic::events);
        traffic["succeeded"] = series_of(s, &host_traffic::succeeded);
        traffic["failed"] = series_of(s, &host_traffic::failed);
        traffic["calls"] = series_of(s, &host_traffic::calls);
        json::object out{{"host", host_view(*parts.at_work(), parts)},
                         {"counts", counts_view(stats)},
                         {"traffic", std::move(traffic)},
                         {"memory", {{"rss_bytes", resident_bytes()}}},
                         {"journal", {{"file_bytes", stats.file_bytes}}}};
        if (parts.health) out["health"] = parts.health();
        return result<json::value>(std::move(out));
    });
}

void show_topology(const admin_parts& parts, const admin_call& call) {
    parts.list_connections([&parts, reply = call.reply](const json::array& connections) {
        answer_from_journal(parts, reply, [&parts, connections](journal_reader& reader) {
            const auto flows = parts.letters.flows();
            return result<json::value>(topology(*parts.at_work(), *flows, connections,
                                                reader.instances(), parts.traffic->edges()));
        });
    });
}

} // namespace

void add_overview_routes(route_table& to, const admin_parts& parts) {
    const auto with = [&parts](auto fn) {
        return [&parts, fn](const admin_call& call) { fn(parts, call); };
    };
    to.add({.method = "GET",
            .pattern = "/api/v1/overview",
            .id = "getOverview",
            .summary = "The host, its health, what the journal holds and the last ten minutes.",
            .tag = "overview",
            .answer = "#/components/schemas/overview"},
           with(overview));
    to.add({.method = "GET",
            .pattern = "/api/v1/topology",
            .id = "getTopology",
            .summary = "Connections and flows as a graph, with what moved in the last minute.",
            .tag = "overview",
            .answer = "#/components/schemas/topology"},
           with(show_topology));
}

} // namespace mortise::host
