// SPDX-License-Identifier: Apache-2.0
// Runs: list, show, cancel; flows: list, start.
#include "admin/data_routes.hpp"
#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "admin/run_views.hpp"
#include "base/ids.hpp"
#include "base/no_effect.hpp"
#include "base/trace_context.hpp"
#include "content/transfer_board.hpp"
#include "engine/engine.hpp"
#include "operate/dead_letters.hpp"
#include "operate/run_details.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

// "failed,in_doubt"; nothing for a word that is no state.
std::optional<std::vector<run_state>> states_in(std::string_view text, std::string& unknown) {
    std::vector<run_state> out;
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto word = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        const auto state = run_state_from_string(word);
        if (!state) {
            unknown = word;
            return std::nullopt;
        }
        out.push_back(*state);
    }
    return out;
}

void list_runs(const admin_parts& parts, const admin_call& call) {
    run_filter filter;
    std::string unknown;
    auto states = states_in(call.parameter("state"), unknown);
    if (!states) {
        call.reply(problem_reply(400, "admin.input",
                                 "unknown state \"" + unknown +
                                     "\"; the states are ready, active, waiting, succeeded, "
                                     "failed, in_doubt, cancelled, discarded, several with commas "
                                     "between them"));
        return;
    }
    filter.states = std::move(*states);
    filter.instance = call.parameter("flow");
    filter.fingerprint = call.parameter("fingerprint");
    filter.key = call.parameter("key");
    filter.event_type = call.parameter("type");
    filter.since = static_cast<unix_ms>(call.number_parameter("since"));
    filter.until = static_cast<unix_ms>(call.number_parameter("until"));
    filter.begins = call.parameter("q");
    filter.before = call.parameter("cursor");
    if (!is_cursor(call, filter.before)) return;
    if (filter.before.empty()) filter.before = call.parameter("before");
    const auto limit = call.limit(50, 1000);
    filter.limit = limit + 1;
    answer_from_journal(parts, call.reply, [filter, limit](journal_reader& reader) {
        auto found = reader.runs(filter);
        json::value next = nullptr;
        if (found.size() > limit) {
            found.pop_back();
            next = found.back().id.str();
        }
        json::array runs;
        for (const auto& r : found)
            runs.push_back(to_view(r));
        return result<json::value>(
            json::object{{"runs", std::move(runs)}, {"next", std::move(next)}});
    });
}

// What moves right now; nothing where nothing does.
void add_transfers(json::object& run, const transfer_board& board, const run_id& id) {
    const auto front = id.str() + '/';
    json::array out;
    for (const auto& t : board.under_way(front)) {
        json::object one{{"step", t.key.substr(front.size())}, {"moved_bytes", t.moved}};
        if (t.total) one["total_bytes"] = *t.total;
        out.push_back(std::move(one));
    }
    if (!out.empty()) run["transfers"] = std::move(out);
}

void show_run(const admin_parts& parts, const admin_call& call) {
    answer_from_journal(
        parts, call.reply,
        [&parts, id = run_id(call.args[0])](journal_reader& reader) -> result<json::value> {
            const auto flows = parts.letters.flows();
            const auto details = read_details(reader, *flows, id);
            if (!details) {
                return no_effect(category::not_found, "run.unknown",
                                 "the journal holds no run " + id.str());
            }
            auto out = run_view(reader, *details, *flows);
            if (parts.transfers != nullptr) add_transfers(out, *parts.transfers, id);
            return json::value(std::move(out));
        });
}

json::array ids(const std::vector<run_id>& runs) {
    json::array out;
    for (const auto& r : runs)
        out.push_back(json::value(r.str()));
    return out;
}

void cancel_run(const admin_parts& parts, const admin_call& call) {
    const auto reason = call.text("reason");
    if (reason.empty()) {
        call.reply(problem_reply(400, "admin.input",
                                 "cancelling a run needs a reason: {\"reason\":\"...\"}"));
        return;
    }
    parts.runs.cancel(run_id(call.args[0]), call.who, reason,
                      [reply = call.reply, id = call.args[0]](result<cancelled_runs> done) {
                          if (!done) {
                              reply(refusal(done.error()));
                              return;
                          }
                          reply(json_reply(202, json::object{{"run", id},
                                                             {"ended", ids(done->ended)},
                                                             {"told", ids(done->woken)},
                                                             {"active", ids(done->active)}}));
                      });
}

void list_flows(const admin_parts& parts, const admin_call& call) {
    const auto flows = parts.letters.flows();
    json::array out;
    for (const auto& [name, flow] : flows->flows())
        out.push_back(to_view(flow));
    call.reply(json_reply(200, json::object{{"flows", std::move(out)}}));
}

void start_flow(const admin_parts& parts, const admin_call& call) {
    const auto now = parts.time.now_unix_ms();
    event_record e;
    e.id = call.text("id");
    if (e.id.empty()) e.id = uuid_v7(now);
    e.type = call.text("type");
    if (e.type.empty()) e.type = "mortise.manual";
    e.source = "/manual";
    e.subject = call.text("subject");
    e.time = now;
    e.via = "manual";
    if (const auto* trace = find_header(call.headers, "traceparent"))
        e.trace_parent = clean_trace_parent(*trace);
    e.data = call.json_text("data").value_or("");
    parts.runs.request(
        call.args[0], std::move(e),
        [reply = call.reply](result<run_id> r) {
            reply(r ? json_reply(202, json::object{{"run", r->str()}}) : refusal(r.error()));
        },
        {});
}

} // namespace

void add_run_routes(route_table& to, const admin_parts& parts) {
    const auto with = [&parts](auto fn) {
        return [&parts, fn](const admin_call& call) { fn(parts, call); };
    };
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/runs",
         .id = "listRuns",
         .summary = "Runs, newest first.",
         .tag = "runs",
         .query = {{"state", "Only runs in these states, with commas between them."},
                   {"flow", "Name of the flow instance."},
                   {"key", "Only runs of this key."},
                   {"fingerprint", "Only dead letters of this cause."},
                   {"type", "Only runs of events of this type."},
                   {"since", "Made at or after (Unix ms).", R"({"type":"integer","minimum":0})"},
                   {"until", "Made before (Unix ms).", R"({"type":"integer","minimum":0})"},
                   {"q", "The run's id, its key or its event's subject begins so."},
                   {"cursor", "What the page before gave as \"next\"."},
                   {"before", "Id of a run: only older ones."},
                   {"limit", "At most so many.",
                    R"({"type":"integer","minimum":1,"maximum":1000})"}},
         .answer =
             R"({"type":"object","required":["runs","next"],"properties":{"runs":{"type":"array","items":{"$ref":"#/components/schemas/run"}},"next":{"type":["string","null"]}}})"},
        with(list_runs));
    to.add({.method = "GET",
            .pattern = "/api/v1/runs/{id}",
            .id = "getRun",
            .summary = "A run with its event, steps, children, notes and what to do next.",
            .tag = "runs",
            .answer = "#/components/schemas/run_details"},
           with(show_run));
    to.add(
        {.method = "POST",
         .pattern = "/api/v1/runs/{id}/cancel",
         .id = "cancelRun",
         .summary = "Stops a run and its children; those at work end soon after.",
         .tag = "runs",
         .least = role::operator_,
         .request =
             R"({"type":"object","required":["reason"],"properties":{"reason":{"type":"string","minLength":1}}})",
         .answer = "#/components/schemas/run_cancelled",
         .status = 202},
        with(cancel_run));
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/flows",
         .id = "listFlows",
         .summary = "Flow instances with what they are bound to.",
         .tag = "flows",
         .answer =
             R"({"type":"object","required":["flows"],"properties":{"flows":{"type":"array","items":{"$ref":"#/components/schemas/flow"}}}})"},
        with(list_flows));
    to.add(
        {.method = "POST",
         .pattern = "/api/v1/flows/{name}/start",
         .id = "startFlow",
         .summary = "Starts a run by hand.",
         .tag = "flows",
         .least = role::operator_,
         .request =
             R"({"type":"object","properties":{"id":{"type":"string"},"type":{"type":"string"},"subject":{"type":"string"},"data":{}}})",
         .answer = R"({"type":"object","required":["run"],"properties":{"run":{"type":"string"}}})",
         .status = 202},
        with(start_flow));
}

} // namespace mortise::host
