// SPDX-License-Identifier: Apache-2.0
// mortise backfill: every object of a trigger's kind as events.
#include "base/stored_json.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/view.hpp"
#include "intake/backfill_job.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

struct choice {
    std::string connection, trigger;
    double rate = 50;
    bool again = false, wait = false;
};

std::string job_text(const json::value& v) {
    auto text = member(v, "connection") + '/' + member(v, "trigger") + ": " + member(v, "state") +
                ", " + member(v, "emitted") + " events in " + member(v, "pages") + " pages, " +
                member(v, "duplicates") + " were known";
    const auto& e = part(v, "last_error");
    if (e.is_object()) text += "\nlast problem: " + member(e, "message");
    return text;
}

std::string jobs_text(const json::value& v) {
    table t({{"CONNECTION", matters::most},
             {"TRIGGER", matters::most},
             {"STATE", matters::most},
             {"RATE", matters::less},
             {"PAGES", matters::less},
             {"EVENTS", matters::most},
             {"KNOWN", matters::less},
             {"STARTED", matters::less},
             {"LAST PROBLEM", matters::text}});
    for (const auto& job : list_in(v, "backfills")) {
        char rate[32];
        const auto& per_second = part(job, "events_per_second");
        std::snprintf(rate, sizeof rate, "%g/s",
                      per_second.is_number() ? per_second.to_number<double>() : 0.0);
        t.row({member(job, "connection"), member(job, "trigger"), member(job, "state"), rate,
               member(job, "pages"), member(job, "emitted"), member(job, "duplicates"),
               time_in(job, "started_at"), member(part(job, "last_error"), "message")});
    }
    return t.text();
}

view jobs_view() {
    view v;
    v.path = "/api/v1/backfills";
    v.here = [](journal_reader& reader) -> result<json::value> {
        json::array out;
        for (const auto& stored : reader.state_list(backfill_scope, {}, {}, 10'000))
            if (const auto job = backfill_job_from_json(stored.value))
                out.push_back(stored_json(to_json_text(*job)));
        return json::value{{"backfills", std::move(out)}};
    };
    return v;
}

// Stays until the job has ended. How many objects there are nobody knows, so
// there is no share.
int follow(const common& c, const choice& o) {
    json::value mine;
    {
        const interruptible until;
        progress bar(c, "backfill " + o.connection + '/' + o.trigger, "events");
        for (;;) {
            const auto all = ask_host(c, "GET", "/api/v1/backfills");
            if (!all) return refuse(all.error());
            for (const auto& job : list_in(*all, "backfills"))
                if (member(job, "connection") == o.connection &&
                    member(job, "trigger") == o.trigger)
                    mine = job;
            bar.at(static_cast<std::uint64_t>(number_in(mine, "emitted") +
                                              number_in(mine, "duplicates")));
            if (member(mine, "state") != "running") break;
            if (!until.wait(std::chrono::milliseconds(300)))
                return fail(exit_interrupted,
                            "the backfill goes on; see it with: mortise backfill list");
        }
    }
    if (c.json)
        print_json(mine);
    else
        print(job_text(mine) + '\n');
    return member(mine, "state") == "done" ? exit_ok : exit_failed;
}

int start(const common& c, const choice& o) {
    const auto answer = ask_host(c, "POST", "/api/v1/backfills",
                                 {{"connection", o.connection},
                                  {"trigger", o.trigger},
                                  {"events_per_second", o.rate},
                                  {"again", o.again}});
    return answer && o.wait ? follow(c, o) : say(c, answer, job_text);
}

int change(const common& c, const choice& o, const std::string& verb) {
    return say(c,
               ask_host(c, "POST",
                        "/api/v1/backfills/" + url_encoded(o.connection) + '/' +
                            url_encoded(o.trigger) + '/' + verb,
                        json::object{}),
               job_text);
}

} // namespace

void add_backfill(command& program, common& c) {
    auto& group =
        program.sub("backfill", "Every object of a trigger's kind as events, page by page");
    auto o = std::make_shared<choice>();
    const auto named = [&](command& cmd) {
        cmd.argument("connection", o->connection, "The connection")
            .required()
            .completes("connections");
        cmd.argument("trigger", o->trigger, "Its trigger").required().completes("triggers");
    };
    auto& begin = group.sub("start", "Begins one");
    named(begin);
    begin.value("--rate", o->rate, "At most so many events a second");
    begin.flag("--again", o->again, "Although one has ended before");
    begin.flag("--wait", o->wait, "Stays until it has ended, and shows how far it is");
    begin.example("mortise backfill start iconik changes --rate 20 --wait",
                  "every object, twenty a second");
    begin.does([&c, o] { return start(c, *o); });
    auto& list = group.sub("list", "Lists them and how far they have come");
    list.watchable(c);
    list.example("mortise backfill list --watch", "how far they are, again and again");
    list.does([&c] { return show(c, jobs_view(), jobs_text); });
    const std::pair<const char*, const char*> verbs[] = {
        {"pause", "Stops one after the page in flight"},
        {"resume", "Goes on where a paused, failed or cancelled one was"},
        {"cancel", "Ends one; its events stay"}};
    for (const auto& [verb, doc] : verbs) {
        auto& cmd = group.sub(verb, doc);
        named(cmd);
        cmd.example("mortise backfill " + std::string(verb) + " iconik changes", "that one");
        cmd.does([&c, o, verb = std::string(verb)] { return change(c, *o, verb); });
    }
}

} // namespace mortise::host::cli
