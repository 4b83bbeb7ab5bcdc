// SPDX-License-Identifier: Apache-2.0
// Events that were taken in, and what became of them.
#include "admin/data_routes.hpp"
#include "admin/replies.hpp"
#include "admin/run_views.hpp"
#include "base/no_effect.hpp"
#include "journal/journal.hpp"
#include "operate/dead_letters.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

void list_events(const admin_parts& parts, const admin_call& call) {
    event_filter filter;
    filter.type = call.parameter("type");
    filter.source = call.parameter("source");
    filter.subject = call.parameter("subject");
    filter.before = call.parameter("cursor");
    if (!is_cursor(call, filter.before)) return;
    const auto limit = call.limit(50, 1000);
    filter.limit = limit + 1;
    answer_from_journal(parts, call.reply, [&parts, filter, limit](journal_reader& reader) {
        auto found = reader.events(filter);
        json::value next = nullptr;
        if (found.size() > limit) {
            found.pop_back();
            next = found.back().ref.str();
        }
        const auto flows = parts.letters.flows();
        json::array events;
        for (const auto& e : found)
            events.push_back(event_view(e, nullptr, *flows));
        return result<json::value>(
            json::object{{"events", std::move(events)}, {"next", std::move(next)}});
    });
}

void show_event(const admin_parts& parts, const admin_call& call) {
    answer_from_journal(
        parts, call.reply,
        [&parts, ref = event_ref(call.args[0])](journal_reader& reader) -> result<json::value> {
            const auto event = reader.event(ref);
            if (!event) {
                return no_effect(category::not_found, "event.unknown",
                                 "the journal holds no event " + ref.str());
            }
            const auto flows = parts.letters.flows();
            json::array runs;
            const flow_entry* flow = nullptr;
            for (const auto& r : reader.runs_of(ref)) {
                if (flow == nullptr) flow = flows->find(r.instance);
                runs.push_back(to_view(r));
            }
            auto out = event_view(*event, flow, *flows);
            out["runs"] = std::move(runs);
            return json::value(std::move(out));
        });
}

} // namespace

void add_event_routes(route_table& to, const admin_parts& parts) {
    const auto with = [&parts](auto fn) {
        return [&parts, fn](const admin_call& call) { fn(parts, call); };
    };
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/events",
         .id = "listEvents",
         .summary = "Events taken in, newest first.",
         .tag = "events",
         .query = {{"type", "Only events of this type."},
                   {"source", "Only events of this source: \"/connections/NAME\"."},
                   {"subject", "Only events whose subject begins so."},
                   {"cursor", "What the page before gave as \"next\"."},
                   {"limit", "At most so many.",
                    R"({"type":"integer","minimum":1,"maximum":1000})"}},
         .answer =
             R"({"type":"object","required":["events","next"],"properties":{"events":{"type":"array","items":{"$ref":"#/components/schemas/event"}},"next":{"type":["string","null"]}}})"},
        with(list_events));
    to.add({.method = "GET",
            .pattern = "/api/v1/events/{ref}",
            .id = "getEvent",
            .summary = "An event with the runs it started.",
            .tag = "events",
            .answer = "#/components/schemas/event_details"},
           with(show_event));
}

} // namespace mortise::host
