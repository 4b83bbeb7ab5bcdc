// SPDX-License-Identifier: Apache-2.0
// mortise events
#include "admin/run_views.hpp"
#include "base/no_effect.hpp"
#include "cli/commands.hpp"
#include "cli/flow_reading.hpp"
#include "cli/output.hpp"
#include "cli/run_list.hpp"
#include "cli/view.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

std::string events_text(const json::value& v) {
    table t({{"ACCEPTED", matters::most},
             "TYPE",
             "SUBJECT",
             {"VIA", matters::less},
             "ID",
             {"REF", matters::most}});
    for (const auto& e : list_in(v, "events"))
        t.row({time_in(e, "accepted_at"), member(e, "type"), member(e, "subject"), member(e, "via"),
               member(e, "id"), member(e, "ref")});
    return t.text();
}

view events_view(const common& c, const event_filter& f) {
    view v;
    v.path = "/api/v1/events";
    v.query = {{"type", f.type}, {"source", f.source}, {"subject", f.subject}};
    v.list = "events";
    v.limit = f.limit;
    v.here = [&c, f](journal_reader& reader) -> result<json::value> {
        const auto flows = flows_for_reading(c);
        json::array out;
        for (const auto& e : reader.events(f))
            out.push_back(host::event_view(e, nullptr, *flows.directory));
        return json::value{{"events", std::move(out)}, {"next", nullptr}};
    };
    return v;
}

view event_view(const common& c, const std::string& ref) {
    view v;
    v.path = "/api/v1/events/" + url_encoded(ref);
    v.here = [&c, ref](journal_reader& reader) -> result<json::value> {
        const auto e = reader.event(event_ref(ref));
        if (!e)
            return no_effect(category::not_found, "event.unknown",
                             "the journal holds no event " + ref +
                                 "; mortise events list shows them, in the column REF");
        const auto flows = flows_for_reading(c);
        auto out = host::event_view(*e, nullptr, *flows.directory);
        json::array runs;
        for (const auto& r : reader.runs_of(event_ref(ref)))
            runs.push_back(to_view(r));
        out["runs"] = std::move(runs);
        return json::value(std::move(out));
    };
    return v;
}

std::string event_text(const json::value& e) {
    std::string out;
    const auto line = [&out](const char* label, const std::string& value) {
        if (value.empty()) return;
        out += label + harmless(value) + '\n';
    };
    line("event     ", member(e, "ref"));
    line("type      ", member(e, "type"));
    line("subject   ", member(e, "subject"));
    line("source    ", member(e, "source"));
    line("id        ", member(e, "id"));
    line("accepted  ", time_in(e, "accepted_at") + ", by " + member(e, "via"));
    out += "\n" + pretty(part(e, "data")) + "\n";
    if (list_in(e, "runs").empty()) return out + "\nno flow took it\n";
    return out + '\n' + runs_text(e);
}

} // namespace

void add_events(command& program, common& c) {
    auto& group = program.sub("events", "Accepted events: what came in, and which runs it began");
    auto filter = std::make_shared<event_filter>();
    auto& list = group.sub("list", "Lists events, newest first");
    list.value("--type", filter->type, "Only events of this type");
    list.value("--source", filter->source, "Only events from this source");
    list.value("--subject", filter->subject, "Only events whose subject starts so");
    list.value("--limit", filter->limit, "At most this many").between(1, 1'000'000);
    list.watchable(c);
    list.example("mortise events list --type iconik.asset.updated --limit 10",
                 "the last ten of one type");
    list.does([&c, filter] { return show(c, events_view(c, *filter), events_text); });
    auto ref = std::make_shared<std::string>();
    auto& one = group.sub("show", "Shows one event with its data and its runs");
    one.argument("ref", *ref, "The event's ref, as events list shows it")
        .required()
        .completes("events");
    one.watchable(c);
    one.example("mortise events show REF", "what came in");
    one.does([&c, ref] { return show(c, event_view(c, *ref), event_text); });
}

} // namespace mortise::host::cli
