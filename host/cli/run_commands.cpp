// SPDX-License-Identifier: Apache-2.0
// mortise runs
#include "cli/changes.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/run_list.hpp"
#include "cli/run_show.hpp"

#include <boost/json.hpp>

#include <map>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

// Each run once when it is there and again when its state has changed, oldest
// first.
int follow_runs(const common& c, run_choice o, std::uint32_t count) {
    const interruptible until;
    std::map<std::string, std::string> known;
    for (std::uint32_t n = 1;; ++n) {
        const auto v = runs_view(o);
        if (!v) return refuse(v.error());
        const auto answer = seen(c, *v);
        if (!answer) return refuse(answer.error());
        json::array fresh;
        const auto& runs = list_in(*answer, "runs");
        for (std::size_t i = runs.size(); i-- > 0;) {
            auto& state = known[member(runs[i], "id")];
            if (state == member(runs[i], "state")) continue;
            state = member(runs[i], "state");
            fresh.push_back(runs[i]);
        }
        if (c.json) {
            for (const auto& r : fresh)
                print_json(r);
        } else if (!fresh.empty() || n == 1) {
            auto text = runs_text(json::value{{"runs", std::move(fresh)}});
            if (n > 1) text.erase(0, text.find('\n') + 1); // one heading is enough
            print(text);
        }
        std::fflush(stdout);
        if (count != 0 && n >= count) return exit_ok;
        if (!until.wait(std::chrono::milliseconds(500))) return exit_ok;
    }
}

int cancel_run(const common& c, const std::string& id, const std::string& reason) {
    const auto answer =
        ask_host(c, "POST", "/api/v1/runs/" + url_encoded(id) + "/cancel", {{"reason", reason}});
    return say(c, answer, [&](const json::value& v) {
        const auto count = [&v](const char* name) { return list_in(v, name).size(); };
        std::string text = "run " + id + ": ";
        if (count("active") + count("told") > 0)
            text += "told to stop";
        else
            text += "cancelled";
        const auto all = count("ended") + count("told") + count("active");
        if (all > 1) text += ", with " + std::to_string(all - 1) + " child runs";
        return text;
    });
}

void add_list(command& group, common& c) {
    auto o = std::make_shared<run_choice>();
    auto follow = std::make_shared<bool>(false);
    auto& list = group.sub("list", "Lists runs, newest first");
    list.value("--state", o->state,
               "Only runs in this state, or in one of several with commas "
               "between: ready, active, "
               "waiting, succeeded, failed, in_doubt, cancelled, discarded")
        .completes("states")
        .shown_as("STATE");
    add_run_filters(list, o);
    list.flag("--follow", *follow, "Stays, and prints each run when its state changes")
        .excludes(list.watchable(c));
    list.example("mortise runs list --state failed,in_doubt --since 24h",
                 "what needs a person since yesterday")
        .example("mortise runs list --flow campaigns --follow",
                 "what happens in one flow, as it does")
        .example("mortise runs list --json | jq -r '.runs[].id'", "ids for a program");
    list.does([&c, o, follow]() -> int {
        if (*follow) return follow_runs(c, *o, c.watch_count);
        const auto v = runs_view(*o);
        return v ? show(c, *v, runs_text) : refuse(v.error());
    });
}

} // namespace

void add_runs(command& program, common& c) {
    auto& group = program.sub("runs", "Runs of flows: what happened, step by step");
    add_list(group, c);
    auto id = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    auto wait = std::make_shared<bool>(false);
    auto& one =
        group.sub("show", "Shows a run with its event, steps, children, and what to do next");
    one.argument("run", *id, "The run's id").required().completes("runs");
    one.flag("--wait", *wait,
             "Stays until the run has come to an end; exit code 0 only when it succeeded")
        .excludes(one.watchable(c));
    one.example("mortise runs show 0190d3c5-5f0a-7cc0-8000-000000000000", "one run")
        .example("mortise runs show --watch 1 RUN", "the same, again every second");
    one.does([&c, id, wait] { return *wait ? wait_for_run(c, *id) : show_run(c, *id); });

    auto& cancel = group.sub("cancel", "Asks an unfinished run and its child "
                                       "runs to stop; needs a running host");
    cancel.argument("run", *id, "The run's id").required().completes("runs");
    cancel.value("--reason", *reason, "Why; kept with the run").required();
    cancel.example("mortise runs cancel RUN --reason \"wrong campaign\"", "calls it off");
    cancel.does([&c, id, reason] { return cancel_run(c, *id, *reason); });
    add_retry(group, c, false);
    add_discard(group, c, false);
}

} // namespace mortise::host::cli
