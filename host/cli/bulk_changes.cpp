// SPDX-License-Identifier: Apache-2.0
// Changes of many runs at once: as a job of the host, or here when none runs.
#include "admin/views.hpp"
#include "cli/changes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/reach.hpp"
#include "cli/words.hpp"
#include "operate/bulk_jobs.hpp"
#include "operate/dead_letters.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {

namespace json = boost::json;

void add_selection(command& cmd, const std::shared_ptr<selection>& s, bool bulk) {
    auto& run = cmd.argument("run", s->run, "The run's id").completes("dead-letters");
    if (!bulk) {
        run.required();
        return;
    }
    cmd.value("--group", s->group,
              "All runs that stopped for this cause (see mortise dead-letters)")
        .completes("fingerprints")
        .shown_as("CAUSE");
    cmd.value("--flow", s->flow, "All runs of this flow; with --group those of both")
        .completes("flows")
        .shown_as("NAME");
    cmd.flag("--all", s->all, "All dead letters there are");
    cmd.value("--rate", s->rate, "At most so many runs a second");
    cmd.value("--give-up-after", s->give_up_after,
              "Stops when so many in a row fail again for the same cause");
    cmd.flag("--wait", s->wait, "Stays until the job has ended, and shows how far it is");
}

int complaint(const selection& s) {
    if (s.run.empty() && !s.many())
        return fail(exit_usage, "name a run, or many with --group, --flow or --all");
    if (!s.run.empty() && s.many())
        return fail(exit_usage, "name one run or many (--group, --flow, --all), not both");
    return exit_ok;
}

std::string job_text(const json::value& v) {
    const auto again = number_in(v, "failed");
    auto text = member(v, "action") + " " + member(v, "state") + ": " + member(v, "done") + " of " +
                member(v, "total") + (again == 0 ? " done" : " tried");
    if (again != 0) text += ", " + std::to_string(again) + " failed again";
    if (const auto n = member(v, "left_out"); n != "0")
        text += ", " + n + " left out (" + member(v, "last_problem") + ')';
    if (const auto why = member(v, "why"); !why.empty()) text += "\n" + why;
    return text;
}

int follow_job(const common& c, const std::string& id) {
    result<json::value> job = json::value();
    {
        const interruptible until;
        std::optional<progress> bar;
        for (;;) {
            job = ask_host(c, "GET", "/api/v1/bulk/" + url_encoded(id));
            if (!job) return refuse(job.error());
            if (!bar) bar.emplace(c, member(*job, "action"), "runs");
            const auto count = [&job](const char* name) {
                return static_cast<std::uint64_t>(number_in(*job, name));
            };
            bar->at(count("done") + count("left_out"), count("total"));
            if (member(*job, "state") != "running") break;
            if (!until.wait(std::chrono::milliseconds(300)))
                return fail(exit_interrupted,
                            "the job goes on; see it with: mortise dead-letters jobs " + id);
        }
    }
    if (c.json)
        print_json(*job);
    else
        print(job_text(*job) + '\n');
    return member(*job, "state") == "done" && member(*job, "failed") == "0" ? exit_ok : exit_failed;
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
                      {"fresh", r.fresh},
                      {"reason", r.reason},
                      {"give_up_after", r.give_up_after}};
    if (!r.patch.empty()) body["patch"] = json::parse(r.patch);
    bool here = false;
    const bool needs_flows = r.action == bulk_action::edit || r.fresh;
    const auto answer = ask_host_or(c, "POST", "/api/v1/bulk", body, needs_flows,
                                    [&](dead_letters& letters) -> result<json::value> {
                                        here = true;
                                        const system_clock time;
                                        const auto job = change_now(letters, time, r);
                                        if (!job) return job.error();
                                        return json::value(to_view(*job));
                                    });
    if (answer && s.wait && !here) return follow_job(c, member(*answer, "id"));
    return say(c, answer, [&](const json::value& v) {
        auto text = job_text(v);
        if (here) return text + "\nno host runs; the runs go on with the next start";
        return text + "\nfollow it with: mortise dead-letters jobs " + member(v, "id");
    });
}

} // namespace mortise::host::cli
