// SPDX-License-Identifier: Apache-2.0
// What is left of a review: the record in the workspace, the word on the asset.
#include "flow.hpp"

#include <iconik_workspaces/record.hpp>

namespace asset_approval {

using iconik_workspaces::dam;
using iconik_workspaces::workspaces;
using mortise::category;
using mortise::flow_run;
using mortise::link;
using mortise::task;
namespace json = mortise::json;

// The record first, publish-ready last: whatever is cut off in between, an asset that is marked has
// its record.
task<void> flow::finish(flow_run run, review r, outcome o) {
    if (o.is_running) {
        json::value which{{"process_id", r.process}};
        co_await run.call("stop", workspaces, "workflows.stop", std::move(which));
    }
    const auto today = mortise::format_time(run.now()).substr(0, 10);
    const auto text = record_text(r, o.result, o.why, o.decisions);
    for (const auto& p : r.places) {
        const flow_run there = run.scope("record:" + std::to_string(p.workspace));
        json::value values{{"id", p.reference},
                           {"category", settings_.review.record_category},
                           {"values", record_values(r, o.result, o.why, o.decisions, today)}};
        const auto set =
            co_await there.try_call("category", workspaces, "categories.set", std::move(values));
        // Somebody deleted the reference: the document still says it all.
        if (!set && set.error().category != category::not_found) throw set.error();
        iconik_workspaces::record document;
        document.key = "approval of " + review_key(r.of);
        document.folder = settings_.review.folder;
        document.name = "Approval record of " + reference_name(r.of) + ".txt";
        document.text = text;
        co_await iconik_workspaces::file_record(there, "asset-approval-record", p.workspace,
                                                std::move(document));
    }
    if (!o.now.gone) co_await tell_asset(run, r, o, text);
    json::value data{
        {"submitted", submission_of(r.of)}, {"version", r.of.version}, {"result", o.result}};
    link ended{review_key(r.of), "xecm:process/" + std::to_string(r.process), std::move(data)};
    co_await run.link_put("ended", reviews, std::move(ended));
}

task<void> flow::tell_asset(flow_run run, review r, outcome o, std::string record) {
    std::string said = "Review of version " + std::to_string(r.of.version) + ": " + o.result;
    if (!o.why.empty()) said += " (" + o.why + ')';
    json::value comment{{"asset_id", r.of.id},
                        {"text", said},
                        {"external_id", "mortise:review/" + std::to_string(r.process) + "/result"}};
    co_await run.call("tell", dam, "comments.add", std::move(comment));
    // A version may have come since the last look; it has not been reviewed.
    const auto now = co_await iconik_workspaces::read_asset(run.scope("last-look"), r.of.id);
    if (now.gone) co_return;
    if (now.version_id != r.of.version_id && o.result != "Superseded") o.result = "Superseded";
    json::value which{{"asset_id", r.of.id}};
    if (o.result == "Stopped") {
        co_await run.call("withdraw", dam, "approvals.withdraw", std::move(which));
    } else if (settings_.asset.vote && (o.result == "Approved" || o.result == "Rejected")) {
        which.as_object()["status"] = o.result == "Approved" ? "APPROVED" : "NOT_APPROVED";
        co_await run.call("vote", dam, "approvals.vote", std::move(which));
    }
    co_await write_fields(run.scope("fields"), r.of.id, o.result, record);
}

// The new version takes the place of the old one, with the same reviewers in iconik.
task<asset> flow::ask_again(flow_run run, asset reviewed, asset now) {
    if (now.approval != "REQUESTED") {
        json::value request{{"asset_id", now.id}};
        for (const char* key : {"users", "groups", "min_number"})
            if (const auto* v = mortise::find_json(reviewed.raw, std::string("approval.") + key);
                v != nullptr && !v->is_null())
                request.as_object()[key] = *v;
        co_await run.call("ask-again", dam, "approvals.request", std::move(request));
    }
    co_return co_await iconik_workspaces::read_asset(run.scope("submitted-again"), now.id);
}

task<json::value> flow::not_submitted(flow_run run, asset of) {
    json::value none{{"review", "none"}};
    if (of.gone || settings_.asset.ready.empty()) co_return none;
    const auto all = co_await run.link_find("reviews", reviews, "iconik:asset/" + of.id + "#*");
    if (all.empty()) co_return none;
    for (const auto& l : all) {
        if (l.a == review_key(of) && of.approval == "APPROVED" &&
            mortise::optional_string(l.data, "result").value_or("") == "Approved")
            co_return none;
    }
    const auto metadata = co_await iconik_workspaces::read_metadata(run.scope("mark"), "assets",
                                                                    of.id, settings_.asset.view);
    if (iconik_workspaces::text(metadata, settings_.asset.ready) != "true") co_return none;
    co_await write_fields(run.scope("unmark"), of.id, "Superseded", {});
    co_return json::value{{"review", "none"}, {"publish_ready", false}};
}

task<void>
flow::write_fields(flow_run run, std::string asset_id, std::string result, std::string record) {
    const auto& s = settings_.asset;
    iconik_workspaces::field_texts wanted;
    const auto status = s.status_values.find(result);
    if (!s.status.empty() && status != s.status_values.end()) wanted[s.status] = {status->second};
    if (!s.ready.empty()) wanted[s.ready] = {result == "Approved" ? "true" : "false"};
    if (!s.record.empty() && !record.empty()) wanted[s.record] = {record};
    if (wanted.empty()) co_return;
    co_await iconik_workspaces::write_metadata(run, "assets", asset_id, s.view, std::move(wanted));
}

} // namespace asset_approval
