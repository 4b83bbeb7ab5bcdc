// SPDX-License-Identifier: Apache-2.0
// mortise backfill: every object of a trigger's kind as events.
#include "base/stored_json.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"
#include "intake/backfill_job.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

std::string job_text(const json::value& v) {
    auto text = member(v, "connection") + '/' + member(v, "trigger") + ": " + member(v, "state") +
                ", " + member(v, "emitted") + " events in " + member(v, "pages") + " pages, " +
                member(v, "duplicates") + " were known";
    const auto* e = v.is_object() ? v.get_object().if_contains("last_error") : nullptr;
    if (e != nullptr && e->is_object()) text += "\nlast problem: " + member(*e, "message");
    return text;
}

// The journal knows them all, so that a list needs no running host.
int list(const common& c) {
    return with_journal(c, [&](journal_reader& reader) {
        json::array out;
        table t({"CONNECTION", "TRIGGER", "STATE", "RATE", "PAGES", "EVENTS", "KNOWN", "STARTED",
                 "LAST PROBLEM"});
        for (const auto& stored : reader.state_list(backfill_scope, {}, {}, 10'000)) {
            const auto job = backfill_job_from_json(stored.value);
            if (!job) continue;
            if (c.json) {
                out.push_back(stored_json(to_json_text(*job)));
                continue;
            }
            char rate[32];
            std::snprintf(rate, sizeof rate, "%g/s", job->events_per_second);
            t.row({job->connection, job->trigger, std::string(to_string(job->state)), rate,
                   std::to_string(job->pages), std::to_string(job->emitted),
                   std::to_string(job->duplicates), time_text(job->started_at),
                   job->last_error ? job->last_error->message : ""});
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
    });
}

int change(const common& c,
           const std::string& connection,
           const std::string& trigger,
           const std::string& verb) {
    return say(c,
               ask_host(c, "POST",
                        "/api/v1/backfills/" + url_encoded(connection) + '/' +
                            url_encoded(trigger) + '/' + verb,
                        json::object{}),
               job_text);
}

} // namespace

void add_backfill(CLI::App& app, common& c, action& chosen) {
    auto* group =
        app.add_subcommand("backfill", "Every object of a trigger's kind as events, page by page")
            ->require_subcommand(1);
    auto connection = std::make_shared<std::string>(), trigger = std::make_shared<std::string>();
    auto rate = std::make_shared<double>(50);
    auto again = std::make_shared<bool>(false);
    const auto named = [&](CLI::App* cmd) {
        cmd->add_option("connection", *connection, "The connection")->required();
        cmd->add_option("trigger", *trigger, "Its trigger")->required();
    };
    auto* start = group->add_subcommand("start", "Begin one");
    named(start);
    start->add_option("--rate", *rate, "At most so many events a second")->capture_default_str();
    start->add_flag("--again", *again, "Although one has ended before");
    start->callback([&c, &chosen, connection, trigger, rate, again] {
        chosen = [&c, connection, trigger, rate, again] {
            return say(c,
                       ask_host(c, "POST", "/api/v1/backfills",
                                {{"connection", *connection},
                                 {"trigger", *trigger},
                                 {"events_per_second", *rate},
                                 {"again", *again}}),
                       job_text);
        };
    });
    group->add_subcommand("list", "How far they have come")->callback([&c, &chosen] {
        chosen = [&c] { return list(c); };
    });
    const std::pair<const char*, const char*> verbs[] = {
        {"pause", "Stop after the page in flight"},
        {"resume", "Go on where a paused, failed or cancelled one was"},
        {"cancel", "End it; its events stay"}};
    for (const auto& [verb, doc] : verbs) {
        auto* cmd = group->add_subcommand(verb, doc);
        named(cmd);
        cmd->callback([&c, &chosen, connection, trigger, verb = std::string(verb)] {
            chosen = [&c, connection, trigger, verb] {
                return change(c, *connection, *trigger, verb);
            };
        });
    }
}

} // namespace mortise::host::cli
