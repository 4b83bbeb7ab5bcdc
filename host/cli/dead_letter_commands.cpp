// SPDX-License-Identifier: Apache-2.0
// mortise dead-letters: what failed, by cause, and what a person does about it.
#include "admin/views.hpp"
#include "base/no_effect.hpp"
#include "cli/changes.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"
#include "operate/bulk_jobs.hpp"
#include "operate/dead_letters.hpp"

#include <boost/json.hpp>

#include <thread>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

// Which dead letters, how fast.
struct selection {
    std::string run;
    std::string group, flow;
    bool all = false;
    double rate = 10;
    std::uint32_t give_up_after = 5;
    bool wait = false;

    bool many() const { return !group.empty() || !flow.empty() || all; }
};

void add_selection(CLI::App& cmd, const std::shared_ptr<selection>& s, bool bulk) {
    auto* run = cmd.add_option("run", s->run, "The run's id");
    if (!bulk) {
        run->required();
        return;
    }
    cmd.add_option("--group", s->group, "All of this cause (see mortise dead-letters)");
    cmd.add_option("--flow", s->flow, "All of this flow; with --group: of both");
    cmd.add_flag("--all", s->all, "All there are");
    cmd.add_option("--rate", s->rate, "At most so many runs a second")->capture_default_str();
    cmd.add_option("--give-up-after", s->give_up_after,
                   "Stop when so many in a row fail again for the same cause")
        ->capture_default_str();
    cmd.add_flag("--wait", s->wait, "Stay until the job has ended");
}

// Exactly one run or a choice of many.
int complaint(const selection& s) {
    if (s.run.empty() && !s.many())
        return fail(exit_usage, "name a run, or many with --group, --flow or --all");
    if (!s.run.empty() && s.many())
        return fail(exit_usage, "name one run or many (--group, --flow, --all), not both");
    return exit_ok;
}

// Waits for one change that the journal's writer thread will answer.
result<json::value> done_here(const std::string& id,
                              dead_letters& letters,
                              const std::function<void(dead_letters::answer)>& change) {
    result<run_state> outcome = run_state::failed;
    change([&](result<run_state> r) { outcome = std::move(r); });
    if (const auto durable = letters.store().flush(); !durable) return durable.error();
    if (!outcome) return outcome.error();
    return json::value{{"run", id}, {"state", to_string(*outcome)}, {"host", false}};
}

std::string changed_text(const json::value& v) {
    auto text = "run " + member(v, "run") + ": " + member(v, "state");
    if (v.get_object().contains("host")) text += "; no host runs, it goes on with the next start";
    return text;
}

std::string job_text(const json::value& v) {
    auto text = member(v, "action") + " " + member(v, "state") + ": " + member(v, "done") + " of " +
                member(v, "total") + " done";
    if (const auto n = member(v, "failed"); n != "0") text += ", " + n + " failed again";
    if (const auto n = member(v, "left_out"); n != "0")
        text += ", " + n + " left out (" + member(v, "last_problem") + ')';
    if (const auto why = member(v, "why"); !why.empty()) text += "\n" + why;
    return text;
}

// Follows a job to its end.
int follow(const common& c, const std::string& id) {
    for (;;) {
        const auto job = ask_host(c, "GET", "/api/v1/bulk/" + id);
        if (!job) return refuse(job.error());
        const auto state = member(*job, "state");
        if (state == "running") {
            if (!c.json) std::fprintf(stderr, "%s\n", job_text(*job).c_str());
            std::this_thread::sleep_for(std::chrono::seconds(1));
            continue;
        }
        if (c.json)
            print_json(*job);
        else
            std::printf("%s\n", job_text(*job).c_str());
        return state == "done" && member(*job, "failed") == "0" ? exit_ok : exit_failed;
    }
}

int change_many(const common& c, const selection& s, bulk_request r) {
    r.fingerprint = s.group;
    r.flow = s.flow;
    r.all = s.all;
    r.runs_per_second = s.rate;
    r.give_up_after = s.give_up_after;
    r.who = person();
    if (const auto good = check_request(r); !good) return fail(exit_usage, good.error().message);
    json::object body{{"action", to_string(r.action)},
                      {"fingerprint", r.fingerprint},
                      {"flow", r.flow},
                      {"all", r.all},
                      {"runs_per_second", r.runs_per_second},
                      {"redo", r.redo},
                      {"reason", r.reason},
                      {"give_up_after", r.give_up_after}};
    if (!r.patch.empty()) body["patch"] = json::parse(r.patch);
    bool here = false;
    const auto answer = ask_host_or(c, "POST", "/api/v1/bulk", body, r.action == bulk_action::edit,
                                    [&](dead_letters& letters) -> result<json::value> {
                                        here = true;
                                        const system_clock time;
                                        const auto job = change_now(letters, time, r);
                                        if (!job) return job.error();
                                        return json::value(to_view(*job));
                                    });
    if (answer && s.wait && !here) return follow(c, member(*answer, "id"));
    return say(c, answer, [&](const json::value& v) {
        auto text = job_text(v);
        if (here) return text + "\nno host runs; the runs go on with the next start";
        return text + "\nfollow it with: mortise dead-letters jobs " + member(v, "id");
    });
}

int list_groups(const common& c, const std::string& flow, std::uint32_t limit) {
    return with_journal(c, [&](journal_reader& reader) {
        const auto groups = reader.dead_letters(flow, limit);
        if (c.json) {
            json::array out;
            for (const auto& g : groups)
                out.push_back(to_view(g));
            print_json(out);
            return exit_ok;
        }
        if (groups.empty()) {
            std::printf("no dead letters\n");
            return exit_ok;
        }
        table t({"GROUP", "FLOW", "STEP", "FAILED", "IN DOUBT", "FIRST", "LAST", "PROBLEM"});
        for (const auto& g : groups)
            t.row({g.fingerprint, g.instance, g.step.empty() ? "-" : g.step,
                   std::to_string(g.failed), std::to_string(g.in_doubt), time_text(g.first),
                   time_text(g.last), g.message});
        std::printf("%s\nruns of a group: mortise dead-letters list --group GROUP\n",
                    t.text().c_str());
        return exit_ok;
    });
}

int list_letters(const common& c, run_filter filter) {
    return with_journal(c, [&](journal_reader& reader) {
        json::array out;
        table t({"RUN", "FLOW", "STATE", "SUBJECT", "AT STEP", "ENDED", "PROBLEM"});
        for (const auto state : {run_state::in_doubt, run_state::failed}) {
            filter.state = state;
            for (const auto& r : reader.runs(filter)) {
                if (c.json)
                    out.push_back(to_view(r));
                else
                    t.row({r.id.str(), r.instance, std::string(to_string(r.state)), r.event_subject,
                           r.failed_step.empty() ? "-" : r.failed_step, time_text(r.updated_at),
                           r.failure ? r.failure->message : ""});
            }
        }
        if (c.json)
            print_json(out);
        else
            std::fputs(t.text().c_str(), stdout);
        return exit_ok;
    });
}

struct edit_options {
    std::string event, input, patch, step;
};

int edit(const common& c, const selection& s, const edit_options& o) {
    if (const int wrong = complaint(s); wrong != exit_ok) return wrong;
    const int given = !o.event.empty() + !o.input.empty() + !o.patch.empty();
    if (given != 1) return fail(exit_usage, "give one of --event, --input and --patch");
    const auto& file = !o.event.empty() ? o.event : !o.input.empty() ? o.input : o.patch;
    const auto value = json_of(file);
    if (!value) return refuse(value.error());
    if (s.many()) {
        if (o.patch.empty())
            return fail(exit_usage, "many runs are edited with --patch: what they have in common");
        bulk_request r;
        r.action = bulk_action::edit;
        r.patch = json::serialize(*value);
        return change_many(c, s, std::move(r));
    }
    json::object body;
    body[!o.event.empty() ? "event" : !o.input.empty() ? "input" : "patch"] = *value;
    if (!o.step.empty()) body["step"] = o.step;
    const auto answer =
        ask_host_or(c, "POST", "/api/v1/runs/" + url_encoded(s.run) + "/edit", body, true,
                    [&](dead_letters& letters) {
                        return done_here(s.run, letters, [&](dead_letters::answer done) {
                            const run_id id(s.run);
                            const auto text = json::serialize(*value);
                            if (!o.event.empty())
                                letters.edit_event(id, text, person(), std::move(done));
                            else
                                letters.edit_step(id, o.step, text, !o.patch.empty(), person(),
                                                  std::move(done));
                        });
                    });
    return say(c, answer, changed_text);
}

int retry(const common& c, const selection& s, const std::string& taken, bool redo, bool repin) {
    if (const int wrong = complaint(s); wrong != exit_ok) return wrong;
    if (redo && !taken.empty())
        return fail(exit_usage, "give --redo (it did not happen) or --result (it did), not both");
    if (s.many()) {
        if (!taken.empty() || repin)
            return fail(exit_usage, "--result and --repin are for one run");
        bulk_request r;
        r.redo = redo;
        return change_many(c, s, std::move(r));
    }
    retry_choice choice;
    choice.redo = redo;
    choice.repin = repin;
    json::object body{{"redo", redo}, {"repin", repin}};
    if (!taken.empty()) {
        boost::system::error_code ec;
        const auto value = json::parse(taken, ec);
        if (ec)
            return fail(exit_usage, "--result is not JSON (" + ec.message() +
                                        "); write text in quotes: '\"text\"'");
        choice.taken_as_done = json::serialize(value);
        body["result"] = value;
    }
    const auto answer =
        ask_host_or(c, "POST", "/api/v1/runs/" + url_encoded(s.run) + "/retry", body, repin,
                    [&](dead_letters& letters) {
                        return done_here(s.run, letters, [&](dead_letters::answer done) {
                            letters.retry(run_id(s.run), choice, person(), std::move(done));
                        });
                    });
    return say(c, answer, changed_text);
}

int discard(const common& c, const selection& s, const std::string& reason) {
    if (const int wrong = complaint(s); wrong != exit_ok) return wrong;
    if (s.many()) {
        bulk_request r;
        r.action = bulk_action::discard;
        r.reason = reason;
        return change_many(c, s, std::move(r));
    }
    const auto answer =
        ask_host_or(c, "POST", "/api/v1/runs/" + url_encoded(s.run) + "/discard",
                    {{"reason", reason}}, false, [&](dead_letters& letters) {
                        return done_here(s.run, letters, [&](dead_letters::answer done) {
                            letters.discard(run_id(s.run), reason, person(), std::move(done));
                        });
                    });
    return say(c, answer, [](const json::value& v) {
        return "run " + member(v, "run") + ": " + member(v, "state");
    });
}

int list_jobs(const common& c, const std::string& id) {
    if (!id.empty()) {
        return say(c, ask_host(c, "GET", "/api/v1/bulk/" + url_encoded(id)), job_text);
    }
    return say(c, ask_host(c, "GET", "/api/v1/bulk"), [](const json::value& v) {
        table t({"JOB", "ACTION", "STATE", "TOTAL", "DONE", "FAILED", "LEFT OUT", "WHO", "WHY"});
        for (const auto& job : v.at("jobs").as_array())
            t.row({member(job, "id"), member(job, "action"), member(job, "state"),
                   member(job, "total"), member(job, "done"), member(job, "failed"),
                   member(job, "left_out"), member(job, "who"), member(job, "why")});
        auto text = t.text();
        text.pop_back();
        return text;
    });
}

} // namespace

void add_retry(CLI::App& group, common& c, action& chosen, bool bulk) {
    auto* cmd = group.add_subcommand("retry", "Let failed runs go on from the failed step");
    auto s = std::make_shared<selection>();
    auto taken = std::make_shared<std::string>();
    auto redo = std::make_shared<bool>(false), repin = std::make_shared<bool>(false);
    add_selection(*cmd, s, bulk);
    cmd->add_flag("--redo", *redo, "For runs in doubt: the step did not happen, repeat it");
    cmd->add_option("--result,--taken-as-done", *taken,
                    "For a run in doubt: the step did happen; its result as JSON");
    cmd->add_flag("--repin", *repin,
                  "Go on with the flow's version and settings of today, not those it began with");
    cmd->callback([&c, &chosen, s, taken, redo, repin] {
        chosen = [&c, s, taken, redo, repin] { return retry(c, *s, *taken, *redo, *repin); };
    });
}

void add_discard(CLI::App& group, common& c, action& chosen, bool bulk) {
    auto* cmd = group.add_subcommand("discard", "Give failed runs up");
    auto s = std::make_shared<selection>();
    auto reason = std::make_shared<std::string>();
    add_selection(*cmd, s, bulk);
    cmd->add_option("--reason", *reason, "Why; kept with each run")->required();
    cmd->callback(
        [&c, &chosen, s, reason] { chosen = [&c, s, reason] { return discard(c, *s, *reason); }; });
}

void add_dead_letters(CLI::App& app, common& c, action& chosen) {
    auto* group = app.add_subcommand(
        "dead-letters", "Runs that failed or are in doubt, by cause; retry, edit, discard");
    group->require_subcommand(0, 1);
    auto flow = std::make_shared<std::string>();
    auto limit = std::make_shared<std::uint32_t>(100);
    group->callback([&c, &chosen, group] {
        if (group->get_subcommands().empty()) chosen = [&c] { return list_groups(c, {}, 100); };
    });
    auto* list = group->add_subcommand("list", "Groups by cause; with --group or --runs the runs");
    auto filter = std::make_shared<run_filter>();
    auto runs = std::make_shared<bool>(false);
    list->add_option("--group", filter->fingerprint, "The runs of this cause, oldest first");
    list->add_option("--flow", *flow, "Only this flow");
    list->add_flag("--runs", *runs, "Runs instead of groups");
    list->add_option("--limit", *limit, "At most this many")->capture_default_str();
    list->callback([&c, &chosen, filter, flow, limit, runs] {
        chosen = [&c, filter, flow, limit, runs] {
            if (!*runs && filter->fingerprint.empty()) return list_groups(c, *flow, *limit);
            filter->instance = *flow;
            filter->limit = *limit;
            filter->oldest_first = true;
            return list_letters(c, *filter);
        };
    });
    auto id = std::make_shared<std::string>();
    auto* show = group->add_subcommand("show", "One with its steps and what to do next");
    show->add_option("run", *id, "The run's id")->required();
    show->callback([&c, &chosen, id] { chosen = [&c, id] { return show_run(c, *id); }; });

    add_retry(*group, c, chosen, true);
    auto* change = group->add_subcommand(
        "edit", "Change a run's event or a failed step's input, checked against its schema, and "
                "let it go on");
    auto s = std::make_shared<selection>();
    auto o = std::make_shared<edit_options>();
    add_selection(*change, s, true);
    change->add_option("--input", o->input, "The step's new input: a JSON file, - for stdin");
    change->add_option("--patch", o->patch,
                       "A JSON merge patch over the step's input: a file, - for stdin");
    change->add_option("--step", o->step, "The step, when it is not the one the run failed at");
    change->add_option("--event", o->event,
                       "The event's new data: a JSON file, - for stdin; for runs that have not "
                       "changed anything yet");
    change->callback([&c, &chosen, s, o] { chosen = [&c, s, o] { return edit(c, *s, *o); }; });
    add_discard(*group, c, chosen, true);

    auto* jobs = group->add_subcommand("jobs", "Bulk jobs: how far they have come");
    jobs->add_option("job", *id, "Only this one");
    jobs->callback([&c, &chosen, id] { chosen = [&c, id] { return list_jobs(c, *id); }; });
    auto* stop = group->add_subcommand("stop", "Stop a bulk job; what it did stays done");
    stop->add_option("job", *id, "The job's id")->required();
    stop->callback([&c, &chosen, id] {
        chosen = [&c, id] {
            return say(
                c,
                ask_host(c, "POST", "/api/v1/bulk/" + url_encoded(*id) + "/cancel", json::object{}),
                job_text);
        };
    });
}

} // namespace mortise::host::cli
