// SPDX-License-Identifier: Apache-2.0
// Runs: list, show, cancel; flows: list, start.
#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "admin/views.hpp"
#include "base/ids.hpp"
#include "base/no_effect.hpp"
#include "engine/engine.hpp"
#include "operate/dead_letters.hpp"
#include "operate/run_details.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

void list_runs(const admin_parts& parts, const admin_call& call) {
    run_filter filter;
    if (const auto state = call.parameter("state"); !state.empty()) {
        filter.state = run_state_from_string(state);
        if (!filter.state) {
            call.reply(problem(400, "input",
                               "unknown state \"" + state +
                                   "\"; the states are ready, active, waiting, succeeded, failed, "
                                   "in_doubt, cancelled, discarded"));
            return;
        }
    }
    filter.instance = call.parameter("flow");
    filter.fingerprint = call.parameter("fingerprint");
    filter.key = call.parameter("key");
    filter.before = call.parameter("before");
    filter.limit = call.limit(50, 1000);
    answer_from_journal(parts, call.reply, [filter](journal_reader& reader) {
        json::array runs;
        for (const auto& r : reader.runs(filter))
            runs.push_back(to_view(r));
        return result<json::value>(json::object{{"runs", std::move(runs)}});
    });
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
            return json::value(to_view(*details));
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
        call.reply(problem(400, "input", "cancelling a run needs a reason: {\"reason\":\"...\"}"));
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
    to.add("GET", "/api/v1/runs", with(list_runs));
    to.add("GET", "/api/v1/runs/{}", with(show_run));
    to.add("POST", "/api/v1/runs/{}/cancel", with(cancel_run));
    to.add("GET", "/api/v1/flows", with(list_flows));
    to.add("POST", "/api/v1/flows/{}/start", with(start_flow));
}

} // namespace mortise::host
