// SPDX-License-Identifier: Apache-2.0
// mortise dead-letters: what failed, by cause, and what a person does about it.
#include "admin/views.hpp"
#include "cli/changes.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/run_list.hpp"
#include "cli/run_show.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

std::string groups_text(const json::value& v) {
    const auto& groups = list_in(v, "groups");
    if (groups.empty()) return "no dead letters\n";
    table t({{"GROUP", matters::most},
             "FLOW",
             "STEP",
             {"FAILED", matters::most},
             {"IN DOUBT", matters::most},
             {"FIRST", matters::less},
             {"LAST", matters::less},
             {"PROBLEM", matters::text}});
    for (const auto& g : groups)
        t.row({member(g, "fingerprint"), member(g, "flow"),
               member(g, "step").empty() ? "-" : member(g, "step"), member(g, "failed"),
               member(g, "in_doubt"), time_in(g, "first_at"), time_in(g, "last_at"),
               member(g, "message")});
    return t.text() + "\nruns of a group: mortise dead-letters list --group GROUP\n";
}

int list_groups(const common& c, const std::string& flow, std::uint32_t limit) {
    view v;
    v.path = "/api/v1/dead-letters";
    v.query = {{"flow", flow}};
    v.list = "groups";
    v.limit = limit;
    v.here = [flow, limit](journal_reader& reader) -> result<json::value> {
        json::array groups;
        for (const auto& g : reader.dead_letters(flow, limit))
            groups.push_back(to_view(g));
        return json::value{{"groups", std::move(groups)}};
    };
    return show(c, v, groups_text);
}

std::string letters_text(const json::value& v) {
    table t({{"RUN", matters::most},
             "FLOW",
             {"STATE", matters::most},
             "SUBJECT",
             "AT STEP",
             {"ENDED", matters::less},
             {"PROBLEM", matters::text}});
    for (const auto& r : list_in(v, "runs"))
        t.row({member(r, "id"), member(r, "flow"), member(r, "state"), member(r, "event_subject"),
               member(r, "failed_step").empty() ? "-" : member(r, "failed_step"),
               time_in(r, "updated_at"), member(part(r, "failure"), "message")});
    return t.text();
}

std::string jobs_text(const json::value& v) {
    table t({{"JOB", matters::most},
             "ACTION",
             {"STATE", matters::most},
             {"TOTAL", matters::most},
             {"DONE", matters::most},
             {"FAILED", matters::most},
             {"LEFT OUT", matters::less},
             {"WHO", matters::less},
             {"WHY", matters::text}});
    for (const auto& job : list_in(v, "jobs"))
        t.row({member(job, "id"), member(job, "action"), member(job, "state"), member(job, "total"),
               member(job, "done"), member(job, "failed"), member(job, "left_out"),
               member(job, "who"), member(job, "why")});
    return t.text();
}

int show_jobs(const common& c, const std::string& id) {
    view v;
    v.path = id.empty() ? "/api/v1/bulk" : "/api/v1/bulk/" + url_encoded(id);
    if (id.empty()) return show(c, v, jobs_text);
    return show(c, v, [](const json::value& job) { return job_text(job) + '\n'; });
}

void add_list(command& group, common& c) {
    auto o = std::make_shared<run_choice>();
    auto runs = std::make_shared<bool>(false);
    o->limit = 100;
    auto& list =
        group.sub("list", "Lists causes with how many runs each; with --group or --runs the "
                          "runs");
    list.flag("--runs", *runs, "Runs, newest first, instead of causes");
    add_run_filters(list, o);
    list.watchable(c);
    list.example("mortise dead-letters list --runs --since 24h", "the runs of a day")
        .example("mortise dead-letters list --group CAUSE", "the runs that stopped for one cause");
    list.does([&c, o, runs]() -> int {
        const bool filtered = !o->key.empty() || !o->type.empty() || !o->since.empty() ||
                              !o->until.empty() || !o->begins.empty() || !o->fingerprint.empty();
        if (!*runs && !filtered) return list_groups(c, o->flow, o->limit);
        o->state = "failed,in_doubt";
        const auto v = runs_view(*o);
        return v ? show(c, *v, letters_text) : refuse(v.error());
    });
}

} // namespace

void add_dead_letters(command& program, common& c) {
    auto& group = program.sub("dead-letters",
                              "Runs that failed or are in doubt, by cause; retry, edit, discard");
    group.watchable(c);
    group.example("mortise dead-letters", "what needs a person, the most frequent cause first");
    group.does([&c] { return list_groups(c, {}, 100); });
    add_list(group, c);
    auto id = std::make_shared<std::string>();
    auto& one = group.sub("show", "Shows one with its steps and what to do next");
    one.argument("run", *id, "The run's id").required().completes("dead-letters");
    one.watchable(c);
    one.example("mortise dead-letters show RUN", "why it stopped, and the next command");
    one.does([&c, id] { return show_run(c, *id); });
    add_retry(group, c, true);
    add_edit(group, c);
    add_discard(group, c, true);

    auto& jobs = group.sub("jobs", "Lists bulk jobs and how far they have come");
    jobs.argument("job", *id, "Only this one").completes("jobs");
    jobs.watchable(c);
    jobs.example("mortise dead-letters jobs --watch", "how far they are, again and again");
    jobs.does([&c, id] { return show_jobs(c, *id); });
    auto& stop = group.sub("stop", "Stops a bulk job; what it did stays done");
    stop.argument("job", *id, "The job's id").required().completes("jobs");
    stop.example("mortise dead-letters stop JOB", "leaves the rest alone");
    stop.does([&c, id] {
        return say(
            c, ask_host(c, "POST", "/api/v1/bulk/" + url_encoded(*id) + "/cancel", json::object{}),
            job_text);
    });
}

} // namespace mortise::host::cli
