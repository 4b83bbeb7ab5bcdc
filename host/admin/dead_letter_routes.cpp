// SPDX-License-Identifier: Apache-2.0
// Dead letters: groups, lists, retry, edit, discard, and bulk jobs.
#include "admin/edit_form.hpp"
#include "admin/put_back.hpp"
#include "admin/replies.hpp"
#include "admin/routes.hpp"
#include "admin/views.hpp"
#include "operate/bulk_jobs.hpp"
#include "operate/dead_letters.hpp"

#include <boost/json.hpp>

namespace mortise::host {
namespace {

namespace json = boost::json;

void list_groups(const admin_parts& parts, const admin_call& call) {
    answer_from_journal(
        parts, call.reply,
        [flow = call.parameter("flow"), limit = call.limit(100, 10'000)](journal_reader& reader) {
            json::array groups;
            for (const auto& g : reader.dead_letters(flow, limit))
                groups.push_back(to_view(g));
            return result<json::value>(json::object{{"groups", std::move(groups)}});
        });
}

dead_letters::answer changed(const admin_call& call) {
    return [reply = call.reply, id = call.args[0]](result<run_state> state) {
        reply(state ? json_reply(200, json::object{{"run", id}, {"state", to_string(*state)}})
                    : refusal(state.error()));
    };
}

void retry_run(const admin_parts& parts, const admin_call& call) {
    retry_choice choice;
    choice.redo = call.flag("redo");
    choice.taken_as_done = call.json_text("result");
    choice.repin = call.flag("repin");
    choice.fresh = call.flag("fresh");
    parts.letters.retry(run_id(call.args[0]), std::move(choice), call.who, changed(call));
}

void discard_run(const admin_parts& parts, const admin_call& call) {
    parts.letters.discard(run_id(call.args[0]), call.text("reason"), call.who, changed(call));
}

void edit_checked(const admin_parts& parts, const admin_call& call) {
    const auto event = call.json_text("event");
    const auto input = call.json_text("input");
    const auto patch = call.json_text("patch");
    if ((event ? 1 : 0) + (input ? 1 : 0) + (patch ? 1 : 0) != 1) {
        call.reply(
            problem_reply(400, "admin.input",
                          "give one of event (new data), input (new input of the step) and patch "
                          "(a merge patch over the step's input)"));
        return;
    }
    if (call.flag("dry_run")) return try_edit(parts, call);
    const run_id id(call.args[0]);
    if (event)
        parts.letters.edit_event(id, *event, call.who, changed(call));
    else
        parts.letters.edit_step(id, call.text("step"), input ? *input : *patch, !input, call.who,
                                changed(call));
}

void edit_run(const admin_parts& parts, const admin_call& call) {
    // Whatever comes of it, also a refusal.
    if (call.action && call.flag("dry_run")) call.action->is_trial = true;
    with_hidden_put_back(parts, call,
                         [&parts](const admin_call& mended) { edit_checked(parts, mended); });
}

bulk_jobs::answer job_reply(const admin_call& call, unsigned status) {
    return [reply = call.reply, status](result<bulk_job> job) {
        reply(job ? json_reply(status, to_view(*job)) : refusal(job.error()));
    };
}

void start_bulk(const admin_parts& parts, const admin_call& call) {
    const auto action = bulk_action_from_string(call.text("action"));
    if (!action) {
        call.reply(problem_reply(400, "admin.input", "action must be retry, discard or edit"));
        return;
    }
    bulk_request r;
    r.action = *action;
    r.fingerprint = call.text("fingerprint");
    r.flow = call.text("flow");
    r.all = call.flag("all");
    r.runs_per_second = call.number("runs_per_second").value_or(r.runs_per_second);
    r.redo = call.flag("redo");
    r.fresh = call.flag("fresh");
    r.reason = call.text("reason");
    if (const auto* patch = call.body.if_contains("patch"))
        if (const auto whole = refuse_hidden(*patch); !whole) {
            call.reply(refusal(whole.error()));
            return;
        }
    r.patch = call.json_text("patch").value_or("");
    const auto again = call.number("give_up_after").value_or(r.give_up_after);
    r.give_up_after = again >= 1 && again <= 1e6 ? static_cast<std::uint32_t>(again) : 0;
    r.who = call.who;
    parts.bulk.start(std::move(r), job_reply(call, 202));
}

void list_bulk(const admin_parts& parts, const admin_call& call) {
    const auto jobs = parts.bulk.list();
    if (!jobs) {
        call.reply(refusal(jobs.error()));
        return;
    }
    json::array out;
    for (const auto& job : *jobs)
        out.push_back(to_view(job));
    call.reply(json_reply(200, json::object{{"jobs", std::move(out)}}));
}

void show_bulk(const admin_parts& parts, const admin_call& call) {
    job_reply(call, 200)(parts.bulk.find(call.args[0]));
}

void cancel_bulk(const admin_parts& parts, const admin_call& call) {
    parts.bulk.cancel(call.args[0], call.who, job_reply(call, 200));
}

} // namespace

void add_dead_letter_routes(route_table& to, const admin_parts& parts) {
    const auto with = [&parts](auto fn) {
        return [&parts, fn](const admin_call& call) { fn(parts, call); };
    };
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/dead-letters",
         .id = "listDeadLetters",
         .summary = "Dead letters by cause, the most frequent first.",
         .tag = "dead letters",
         .query = {{"flow", "Name of the flow instance."},
                   {"limit", "At most so many.",
                    R"({"type":"integer","minimum":1,"maximum":10000})"}},
         .answer =
             R"({"type":"object","required":["groups"],"properties":{"groups":{"type":"array","items":{"$ref":"#/components/schemas/dead_letter_group"}}}})"},
        with(list_groups));
    to.add(
        {.method = "POST",
         .pattern = "/api/v1/runs/{id}/retry",
         .id = "retryRun",
         .summary = "Lets a dead letter go on from its failed step.",
         .tag = "dead letters",
         .least = role::operator_,
         .request =
             R"({"type":"object","properties":{"redo":{"type":"boolean","description":"In doubt: repeat the step."},"result":{"description":"In doubt: take the step as done with this result."},"repin":{"type":"boolean","description":"Go on with the newest plugin and configuration."},"fresh":{"type":"boolean","description":"Failed: read the systems again instead of going on with what the run had read."}}})",
         .answer = "#/components/schemas/run_changed"},
        with(retry_run));
    to.add(
        {.method = "POST",
         .pattern = "/api/v1/runs/{id}/discard",
         .id = "discardRun",
         .summary = "Gives a dead letter up.",
         .tag = "dead letters",
         .least = role::operator_,
         .request =
             R"({"type":"object","required":["reason"],"properties":{"reason":{"type":"string","minLength":1}}})",
         .answer = "#/components/schemas/run_changed"},
        with(discard_run));
    to.add(
        {.method = "POST",
         .pattern = "/api/v1/runs/{id}/edit",
         .id = "editRun",
         .summary =
             "Changes the event or the failed step's input of a dead letter, and lets it go on.",
         .tag = "dead letters",
         .least = role::operator_,
         .request =
             R"({"type":"object","properties":{"event":{"description":"New data of the event."},"input":{"description":"New input of the step."},"patch":{"description":"A merge patch (RFC 7396) over the step's input."},"step":{"type":"string","description":"Key of the step; without it the failed one."},"dry_run":{"type":"boolean","description":"Only check it: {\"ok\":true}, or the refusal it would get."}}})",
         .answer =
             R"({"type":"object","properties":{"run":{"type":"string"},"state":{"$ref":"#/components/schemas/run_state"},"ok":{"type":"boolean","description":"Of a dry run."}}})"},
        with(edit_run));
    add_edit_form_route(to, parts);
    to.add(
        {.method = "GET",
         .pattern = "/api/v1/bulk",
         .id = "listBulkJobs",
         .summary = "Jobs on many dead letters, newest first.",
         .tag = "dead letters",
         .answer =
             R"({"type":"object","required":["jobs"],"properties":{"jobs":{"type":"array","items":{"$ref":"#/components/schemas/bulk_job"}}}})"},
        with(list_bulk));
    to.add(
        {.method = "POST",
         .pattern = "/api/v1/bulk",
         .id = "startBulkJob",
         .summary = "Retries, edits or discards many dead letters.",
         .tag = "dead letters",
         .least = role::operator_,
         .request =
             R"({"type":"object","required":["action"],"properties":{"action":{"type":"string","enum":["retry","discard","edit"]},"fingerprint":{"type":"string"},"flow":{"type":"string"},"all":{"type":"boolean"},"runs_per_second":{"type":"number"},"give_up_after":{"type":"number"},"redo":{"type":"boolean"},"fresh":{"type":"boolean"},"reason":{"type":"string"},"patch":{"description":"For edit: a merge patch over the failed step's input."}}})",
         .answer = "#/components/schemas/bulk_job",
         .status = 202},
        with(start_bulk));
    to.add({.method = "GET",
            .pattern = "/api/v1/bulk/{id}",
            .id = "getBulkJob",
            .summary = "One job.",
            .tag = "dead letters",
            .answer = "#/components/schemas/bulk_job"},
           with(show_bulk));
    to.add({.method = "POST",
            .pattern = "/api/v1/bulk/{id}/cancel",
            .id = "cancelBulkJob",
            .summary = "Ends a job; what it has done stays done.",
            .tag = "dead letters",
            .least = role::operator_,
            .answer = "#/components/schemas/bulk_job"},
           with(cancel_bulk));
}

} // namespace mortise::host
