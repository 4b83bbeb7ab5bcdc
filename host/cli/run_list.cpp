// SPDX-License-Identifier: Apache-2.0
#include "cli/run_list.hpp"

#include "admin/views.hpp"
#include "base/no_effect.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"

#include <boost/json.hpp>

#include <sstream>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

result<std::vector<run_state>> states_of(const std::string& text) {
    std::vector<run_state> out;
    std::istringstream in(text);
    for (std::string word; std::getline(in, word, ',');) {
        const auto state = run_state_from_string(word);
        if (!state) {
            return no_effect(category::input, "cli.usage",
                             "unknown state \"" + word +
                                 "\"; there are ready, active, waiting, succeeded, failed, "
                                 "in_doubt, cancelled and discarded");
        }
        out.push_back(*state);
    }
    return out;
}

std::string number_text(unix_ms t) {
    return t == 0 ? std::string() : std::to_string(t);
}

} // namespace

void add_run_filters(command& cmd, const std::shared_ptr<run_choice>& o) {
    cmd.value("--flow", o->flow, "Only runs of this flow").completes("flows").shown_as("NAME");
    cmd.value("--key", o->key, "Only runs of this order key");
    cmd.value("--type", o->type, "Only runs of events of this type");
    cmd.value("--group", o->fingerprint, "Only runs that stopped for this cause")
        .completes("fingerprints")
        .shown_as("CAUSE");
    cmd.value("--since", o->since,
              "Only runs begun since then: 2026-03-01, 2026-03-01T14:05:09Z "
              "(UTC), 36h, 7d")
        .shown_as("TIME");
    cmd.value("--until", o->until, "Only runs begun before then").shown_as("TIME");
    cmd.value("--starting", o->begins, "Only runs whose id, key or subject starts so");
    cmd.value("--limit", o->limit, "At most this many").between(1, 1'000'000);
}

result<view> runs_view(const run_choice& o) {
    run_filter filter;
    auto states = states_of(o.state);
    if (!states) return states.error();
    filter.states = *states;
    const auto now = system_clock().now_unix_ms();
    for (const auto& [text, to] :
         {std::pair(&o.since, &filter.since), std::pair(&o.until, &filter.until)}) {
        if (text->empty()) continue;
        const auto at = point_in_time(*text, now);
        if (!at) return at.error();
        *to = *at;
    }
    filter.instance = o.flow;
    filter.key = o.key;
    filter.event_type = o.type;
    filter.fingerprint = o.fingerprint;
    filter.begins = o.begins;
    filter.limit = o.limit;
    view v;
    v.path = "/api/v1/runs";
    v.query = {{"state", o.state},
               {"flow", o.flow},
               {"key", o.key},
               {"type", o.type},
               {"q", o.begins},
               {"fingerprint", o.fingerprint},
               {"since", number_text(filter.since)},
               {"until", number_text(filter.until)}};
    v.list = "runs";
    v.limit = o.limit;
    v.here = [filter](journal_reader& reader) -> result<json::value> {
        json::array runs;
        for (const auto& r : reader.runs(filter))
            runs.push_back(to_view(r));
        return json::value{{"runs", std::move(runs)}, {"next", nullptr}};
    };
    return v;
}

std::string runs_text(const json::value& v) {
    table t({{"RUN", matters::most},
             "FLOW",
             {"STATE", matters::most},
             "SUBJECT",
             {"EVENT", matters::less},
             {"STARTED", matters::less},
             {"PROBLEM", matters::text}});
    for (const auto& r : list_in(v, "runs"))
        t.row({member(r, "id"), member(r, "flow"), member(r, "state"), member(r, "event_subject"),
               member(r, "event_type"), time_in(r, "created_at"),
               member(part(r, "failure"), "message")});
    return t.text();
}

} // namespace mortise::host::cli
