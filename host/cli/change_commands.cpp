// SPDX-License-Identifier: Apache-2.0
// retry, edit and discard of failed runs: one of them here, many in
// bulk_changes.cpp.
#include "admin/edit_form.hpp"
#include "admin/put_back.hpp"
#include "cli/changes.hpp"
#include "cli/output.hpp"
#include "cli/reach.hpp"
#include "cli/words.hpp"
#include "journal/journal.hpp"
#include "operate/bulk_jobs.hpp"
#include "operate/dead_letters.hpp"

#include <boost/json.hpp>

namespace mortise::host::cli {
namespace {

namespace json = boost::json;

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

struct edit_options {
    std::string event, input, patch, step;
};

// As the host would take it: what was shown as "***" and left so is what it was.
result<json::value> edit_here(const dead_letters& letters,
                              const run_id& id,
                              const edit_options& o,
                              const json::value& given) {
    std::optional<claimed_run> run;
    try {
        letters.store().read([&](journal_reader& reader) { run = reader.run(id); });
    } catch (const journal_failure& failure) {
        return failure.get();
    }
    if (!run) return given; // which the change itself says
    const auto flows = letters.flows();
    const char* member = !o.event.empty() ? "event" : !o.input.empty() ? "input" : "patch";
    return edit_in_full(*run, flows->find(run->run.instance), member, o.step, given);
}

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
        if (const auto whole = refuse_hidden(*value); !whole) return refuse(whole.error());
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
                    [&](dead_letters& letters) -> result<json::value> {
                        const run_id id(s.run);
                        const auto whole = edit_here(letters, id, o, *value);
                        if (!whole) return whole.error();
                        const auto text = json::serialize(*whole);
                        return done_here(s.run, letters, [&](dead_letters::answer done) {
                            if (!o.event.empty())
                                letters.edit_event(id, text, person(), std::move(done));
                            else
                                letters.edit_step(id, o.step, text, !o.patch.empty(), person(),
                                                  std::move(done));
                        });
                    });
    return say(c, answer, changed_text);
}

int retry(const common& c, const selection& s, const std::string& taken, retry_choice choice) {
    if (const int wrong = complaint(s); wrong != exit_ok) return wrong;
    if (choice.redo && !taken.empty())
        return fail(exit_usage, "give --redo (it did not happen) or --result (it did), not both");
    if (s.many()) {
        if (!taken.empty() || choice.repin)
            return fail(exit_usage, "--result and --repin are for one run");
        bulk_request r;
        r.redo = choice.redo;
        r.fresh = choice.fresh;
        return change_many(c, s, std::move(r));
    }
    json::object body{{"redo", choice.redo}, {"repin", choice.repin}, {"fresh", choice.fresh}};
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
        ask_host_or(c, "POST", "/api/v1/runs/" + url_encoded(s.run) + "/retry", body,
                    choice.repin || choice.fresh, [&](dead_letters& letters) {
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

} // namespace

void add_retry(command& group, common& c, bool bulk) {
    auto& cmd = group.sub("retry", "Lets failed runs go on from the failed step");
    auto s = std::make_shared<selection>();
    auto taken = std::make_shared<std::string>();
    auto choice = std::make_shared<retry_choice>();
    add_selection(cmd, s, bulk);
    cmd.flag("--redo", choice->redo, "For runs in doubt: the step did not happen, repeat it");
    cmd.value("--result,--taken-as-done", *taken,
              "For a run in doubt: the step did happen; its result as JSON")
        .shown_as("JSON");
    cmd.flag("--repin", choice->repin,
             "Goes on with the flow's version and settings of today, not those "
             "the run began with");
    cmd.flag("--fresh", choice->fresh,
             "For failed runs: reads the systems again instead of going on with what the run had "
             "read");
    cmd.example("mortise " + group.name() + " retry RUN", "one run")
        .example("mortise " + group.name() + " retry RUN --result '{\"id\":\"4711\"}'",
                 "a run in doubt whose step did happen");
    if (bulk)
        cmd.example("mortise dead-letters retry --group CAUSE --rate 5 --wait",
                    "all that stopped for one cause, five a second");
    cmd.does([&c, s, taken, choice] { return retry(c, *s, *taken, *choice); });
}

void add_edit(command& group, common& c) {
    auto& cmd = group.sub("edit", "Changes a run's event or a failed step's input, checked against "
                                  "its schema, and lets it go on");
    auto s = std::make_shared<selection>();
    auto o = std::make_shared<edit_options>();
    add_selection(cmd, s, true);
    cmd.value("--input", o->input, "The step's new input: a JSON file, - for standard input")
        .completes("files");
    cmd.value("--patch", o->patch,
              "A JSON merge patch over the step's input: a file, - for standard "
              "input")
        .completes("files");
    cmd.value("--step", o->step, "The step, when it is not the one the run failed at")
        .shown_as("KEY");
    cmd.value("--event", o->event,
              "The event's new data: a JSON file, - for standard input; for runs "
              "that have not "
              "changed anything yet")
        .completes("files");
    cmd.example("echo '{\"name\":\"Spring\"}' | mortise dead-letters edit RUN --patch -",
                "mends one member of what the failed step was to send");
    cmd.does([&c, s, o] { return edit(c, *s, *o); });
}

void add_discard(command& group, common& c, bool bulk) {
    auto& cmd = group.sub("discard", "Gives failed runs up");
    auto s = std::make_shared<selection>();
    auto reason = std::make_shared<std::string>();
    add_selection(cmd, s, bulk);
    cmd.value("--reason", *reason, "Why; kept with each run").required();
    cmd.example("mortise " + group.name() + " discard RUN --reason \"the asset is gone\"",
                "one run");
    cmd.does([&c, s, reason] { return discard(c, *s, *reason); });
}

} // namespace mortise::host::cli
