// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <boost/json/value_from.hpp>

#include <set>

namespace asset_approval {

using iconik_workspaces::dam;
using iconik_workspaces::workspaces;
using mortise::category;
using mortise::error;
using mortise::event;
using mortise::flow_run;
using mortise::link;
using mortise::task;
namespace json = mortise::json;

namespace {
constexpr const char* approval_changed = "iconik.asset.approval-changed";
constexpr const char* version_created = "iconik.asset.version-created";
constexpr const char* asset_deleted = "iconik.asset.deleted";
} // namespace

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("asset-approval").version("1.0.0").title("Approval of assets");
    b.doc("Starts a review workflow in the business workspace for each version submitted in "
          "iconik, waits for the reviewers, brings comments, decisions and the approval record "
          "back, and marks the asset publish-ready when all approve.");
    b.config<settings>();
    b.role(dam, "iconik", "Where the media assets are")
        .uses("assets.get", "collections.of_asset", "metadata.get", "metadata.set",
              "approvals.request", "approvals.vote", "approvals.withdraw", "comments.add");
    b.role(workspaces, "xecm-workspaces", "Where the reviews are")
        .uses("workspaces.find", "workspaces.get", "nodes.path_ensure", "nodes.create_url",
              "nodes.upload", "versions.add", "categories.set", "members.find", "workflows.start",
              "workflows.get", "workflows.stop", "assignments.complete", "comments.add",
              "reminders.create");
    b.starts_on(dam, approval_changed).starts_on(dam, version_created);
    // Awaited, not begun on; a flow that starts on none of a trigger's events does not open it.
    b.starts_on(workspaces, "xecm.workflow.stopped");
}

task<json::value> flow::run(flow_run& run, event e) {
    if (e.type.starts_with("xecm.")) co_return json::value{{"review", "none"}};
    asset of = co_await iconik_workspaces::read_asset(run.scope("submitted"),
                                                      iconik_workspaces::asset_of(e));
    if (of.gone || of.approval != "REQUESTED") co_return co_await not_submitted(run, of);
    const auto known = co_await run.link_find("known", reviews, review_key(of));
    if (!known.empty() && mortise::optional_string(known.front().data, "submitted").value_or("") ==
                              submission_of(of)) {
        co_return json::value{{"review", "known"}, {"workflow", known.front().b}};
    }
    mortise::event_inbox inbox(run, "news");
    for (const char* type : {approval_changed, version_created, asset_deleted})
        inbox.listen(type, of.id);
    json::array rounds;
    for (int n = 1;; ++n) {
        const flow_run round = run.scope("round-" + std::to_string(n));
        const review r = co_await begin(round, of);
        for (const char* type :
             {"xecm.workflow.step-completed", "xecm.workflow.completed", "xecm.workflow.stopped"})
            inbox.listen(type, std::to_string(r.process));
        const outcome o = co_await follow(round, inbox, r);
        co_await finish(round, r, o);
        json::object done{{"version", of.version}, {"workflow", r.process}, {"result", o.result}};
        rounds.push_back(std::move(done));
        if (o.result != "Superseded") break;
        of = co_await ask_again(round, of, o.now);
        if (of.gone || of.approval != "REQUESTED") break;
    }
    co_return json::value{{"reviews", rounds}};
}

task<review> flow::begin(flow_run run, asset of) {
    const auto campaigns =
        co_await iconik_workspaces::ids_named_by(run, of, settings_.campaign, "campaign");
    if (campaigns.empty()) {
        throw error(category::input, "asset-approval.campaign.empty",
                    "asset " + of.id + " (\"" + of.title +
                        "\") was submitted for approval, but metadata field \"" +
                        settings_.campaign.field + "\" (view \"" + settings_.campaign.view +
                        "\") is empty on it and on its collections, so there is no workspace to "
                        "review it in: enter the campaign, then retry this run");
    }
    review r;
    r.of = of;
    r.escalate_to = co_await member_to_escalate_to(run);
    for (const auto& campaign : campaigns) {
        const auto place = co_await put_reference(run.scope("campaign:" + campaign), of, campaign);
        r.places.push_back(place);
    }
    r.process = co_await start_workflow(run, r);
    co_await write_fields(run.scope("in-review"), of.id, "In Review", {});
    co_return r;
}

// One node for each version, so that the record of what was reviewed stays when the next one comes.
task<review::place> flow::put_reference(flow_run run, asset of, std::string campaign) {
    const auto in = co_await iconik_workspaces::await_workspace(
        run, settings_.business_object, campaign, settings_.wait_for_workspace,
        "metadata field \"" + settings_.campaign.field + "\" of asset " + of.id);
    const auto& s = settings_.review;
    json::value path{{"parent_id", in.id}, {"path", json::value_from(s.folder)}};
    const auto folder = co_await run.call("folder", workspaces, "nodes.path_ensure", path);
    json::value wanted{{"parent_id", mortise::require_int(folder, "id")},
                       {"name", reference_name(of)},
                       {"url", reference_url(s, of)},
                       {"description", of.title}};
    const auto node = co_await run.call("reference", workspaces, "nodes.create_url", wanted);
    const auto id = mortise::require_int(node, "id");
    json::value empty_record{{"id", id},
                             {"category", s.record_category},
                             {"values",
                              {{"Asset ID", of.id},
                               {"Asset Version", of.version},
                               {"Result", "In Review"},
                               {"Decisions", json::array{}}}}};
    co_await run.call("category", workspaces, "categories.set", std::move(empty_record));
    review::place made{in.id, in.name, id};
    co_return made;
}

task<std::int64_t> flow::start_workflow(flow_run run, review r) {
    const auto& s = settings_.review;
    json::array attached;
    for (const auto& p : r.places)
        attached.push_back(p.reference);
    json::value wanted{{"map", s.workflow_map},
                       {"title", review_title(r.of, run.uuid("review").substr(0, 8))},
                       {"attachments", std::move(attached)},
                       {"attributes", workflow_attributes(s, r.of)}};
    const auto started = co_await run.call("start", workspaces, "workflows.start", wanted);
    const auto process = mortise::require_int(started, "process_id");
    json::value submitted{{"submitted", submission_of(r.of)}, {"version", r.of.version}};
    link known{review_key(r.of), "xecm:process/" + std::to_string(process), submitted};
    co_await run.link_put("link", reviews, std::move(known));

    const auto workflow = co_await read_workflow(run.scope("started"), process);
    if (const auto problem = missing_steps(s, workflow)) {
        json::value which{{"process_id", process}};
        co_await run.call("stop-wrong-map", workspaces, "workflows.stop", std::move(which));
        throw error(*problem);
    }
    for (const auto& step : mortise::require_array(workflow, "steps")) {
        if (mortise::require_string(step, "title") != s.intake_step ||
            mortise::require_string(step, "state") != "current")
            continue;
        json::value done{{"process_id", process},
                         {"task_id", mortise::require_int(step, "task_id")}};
        co_await run.call("intake", workspaces, "assignments.complete", std::move(done));
    }
    co_return process;
}

// What the systems say decides; events only say that it is time to look.
task<flow::outcome> flow::follow(flow_run run, mortise::event_inbox& inbox, review r) {
    slow_steps slow(settings_.patience);
    std::set<std::int64_t> told; // steps end in any order
    for (int n = 1;; ++n) {
        const flow_run look = run.scope("look-" + std::to_string(n));
        outcome o;
        o.now = co_await iconik_workspaces::read_asset(look, r.of.id);
        // Asset and approval are two answers: a version that came between them looks like a
        // withdrawal of the former one.
        if (!o.now.gone && o.now.approval == "N/A" && o.now.version_id == r.of.version_id)
            o.now = co_await iconik_workspaces::read_asset(look.scope("again"), r.of.id);
        const auto workflow = co_await read_workflow(look, r.process);
        o.is_running = !workflow.is_null();
        if (o.is_running) {
            o.decisions = decisions_in(settings_.review, workflow);
            const auto ended = result_of(settings_.review, workflow, o.decisions);
            o.is_running = !ended;
            o.result = ended.value_or("");
            slow.look(settings_.review, workflow, run.now());
        } else {
            o.result = "Stopped";
            o.why = "the workflow was deleted";
        }
        for (const auto& d : o.decisions)
            if (!o.now.gone && told.insert(d.task).second) co_await bring_back(run, r, d);
        if (o.now.gone) {
            o.result = "Withdrawn";
            o.why = "the asset was deleted in iconik";
        } else if (o.now.version_id != r.of.version_id) {
            o.result = "Superseded";
            o.why = "version " + std::to_string(o.now.version) + " was uploaded";
        } else if (o.now.approval == "N/A") {
            o.result = "Withdrawn";
            o.why = "the request was withdrawn in iconik";
        }
        if (!o.result.empty()) co_return o;

        const auto news = co_await inbox.next(slow.due());
        if (news) continue;
        for (const auto& late : slow.take(run.now())) {
            const std::string which = std::to_string(late.task) + '-' + std::to_string(late.number);
            co_await nudge(run.scope("nudge-" + which), r, late);
        }
    }
}

// Null when there is none any more.
task<json::value> flow::read_workflow(flow_run run, std::int64_t process) {
    json::value which{{"process_id", process}};
    auto got = co_await run.try_call("workflow", workspaces, "workflows.get", std::move(which));
    if (!got && got.error().category == category::not_found) co_return json::value(nullptr);
    if (!got) throw got.error();
    co_return *got;
}

task<void> flow::bring_back(flow_run run, review r, decision d) {
    const std::string mark = std::to_string(r.process) + '/' + std::to_string(d.task);
    json::value comment{{"asset_id", r.of.id},
                        {"text", comment_text(r.of, d)},
                        {"external_id", "mortise:review/" + mark}};
    if (d.time_ms) comment.as_object()["time_start_ms"] = *d.time_ms;
    co_await run.call("decision-" + std::to_string(d.task), dam, "comments.add",
                      std::move(comment));
}

} // namespace asset_approval
