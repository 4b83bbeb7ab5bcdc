// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <mortise/sdk/turn.hpp>

namespace production_coordination {

using iconik_workspaces::dam;
using iconik_workspaces::workspace;
using iconik_workspaces::workspaces;
using mortise::category;
using mortise::error;
using mortise::event;
using mortise::flow_run;
using mortise::link;
using mortise::task;
namespace json = mortise::json;

namespace {
constexpr const char* collections = "production-collection"; // project#collection
constexpr const char* requests = "production-change-request";
constexpr const char* late_deliveries = "production-late-delivery";
} // namespace

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("production-coordination").version("1.0.0").title("Coordination of productions");
    b.doc("Deliveries and approvals in iconik move the milestones of the project's workspace; its "
          "deadlines and change requests come back to the collection and its assets.");
    b.config<settings>();
    b.role(dam, "iconik", "Where the media assets are")
        .uses("assets.get", "versions.list", "collections.of_asset", "collections.find",
              "metadata.get", "metadata.set", "comments.add");
    b.role(workspaces, "xecm-workspaces", "Where the projects' workspaces are")
        .uses("workspaces.find", "workspaces.get", "categories.list", "categories.set",
              "comments.add");
    for (const char* type : {"iconik.asset.approved", "iconik.asset.approval-changed",
                             "iconik.asset.version-created", "iconik.asset.metadata-changed",
                             "iconik.collection.asset-added", "iconik.collection.metadata-changed"})
        b.starts_on(dam, type);
    b.starts_on(workspaces, "xecm.workspace.changed")
        .starts_on(workspaces, "xecm.workspace.created");
}

// What the systems say now decides, so events may be late, doubled or in any order.
task<json::value> flow::run(flow_run& run, event e) {
    if (e.type.starts_with("xecm."))
        co_return co_await workspace_changed(run, std::stoll(e.subject));
    if (e.type == "iconik.collection.metadata-changed")
        co_return co_await collection_changed(run, e.subject);
    co_return co_await asset_changed(run, iconik_workspaces::asset_of(e));
}

// ---- iconik -> workspace ----

task<json::value> flow::asset_changed(flow_run run, std::string asset_id) {
    const asset of = co_await iconik_workspaces::read_asset(run, asset_id);
    if (of.gone) co_return json::value{{"project", nullptr}};
    const auto& where = settings_.project;
    const auto own = co_await iconik_workspaces::read_metadata(run, "assets", of.id, where.view);
    std::set<std::string> projects;
    iconik_workspaces::collect_ids(own, where, "project", "asset " + of.id, projects);
    json::value which{{"asset_id", of.id}, {"view", where.view}};
    const auto places = co_await run.call("places", dam, "collections.of_asset", std::move(which));
    for (const auto& c : mortise::require_array(places, "collections")) {
        const auto id = mortise::require_string(c, "id");
        const auto* metadata = mortise::find_json(c, "metadata");
        if (metadata == nullptr) continue;
        const json::value values{{"values", *metadata}};
        std::set<std::string> named;
        iconik_workspaces::collect_ids(values, where, "project", "collection " + id, named);
        for (const auto& project : named) {
            projects.insert(project);
            co_await remember(run, project, id);
        }
    }
    json::array done;
    const auto milestone = iconik_workspaces::text(own, settings_.milestones.field);
    if (milestone.empty()) co_return json::value{{"delivered", done}};
    if (projects.empty()) {
        throw error(category::input, "production-coordination.project.empty",
                    "asset " + of.id + " (\"" + of.title + "\") delivers milestone \"" + milestone +
                        "\", but metadata field \"" + where.field + "\" (view \"" + where.view +
                        "\") is empty on it and on its collections: enter the project, then retry "
                        "this run");
    }
    json::value version_of{{"asset_id", of.id}};
    const auto versions = co_await run.call("versions", dam, "versions.list", version_of);
    std::string date;
    for (const auto& v : mortise::require_array(versions, "versions"))
        if (mortise::optional_string(v, "id").value_or("") == of.version_id)
            date = mortise::optional_string(v, "created_at").value_or("").substr(0, 10);
    for (const auto& project : projects) {
        const flow_run scope = run.scope("project:" + project);
        const workspace in = co_await iconik_workspaces::await_workspace(
            scope, settings_.business_object, project, settings_.wait_for_workspace,
            "metadata field \"" + where.field + "\" of asset " + of.id);
        // Rows are read and written as a whole: one at a time.
        mortise::turn_work work = [this, scope, asset_id, milestone, date, in]() {
            return record_delivery(scope.scope("delivery"), asset_id, milestone, date, in);
        };
        mortise::turn_options options;
        auto recorded = co_await mortise::take_turn(
            scope.scope("turn"), "workspace " + std::to_string(in.id), options, std::move(work));
        done.push_back(std::move(recorded));
    }
    co_return json::value{{"delivered", done}};
}

task<json::value> flow::record_delivery(
    flow_run run, std::string asset_id, std::string milestone, std::string date, workspace in) {
    const auto& s = settings_.milestones;
    const asset of = co_await iconik_workspaces::read_asset(run, asset_id);
    json::value which{{"id", in.id}};
    const auto node = co_await run.call("before", workspaces, "categories.list", std::move(which));
    json::array rows = rows_of(values_on(node, s.category), "Milestones");
    std::string what = "known";
    // A person may have changed the rows between reading and writing: theirs count, ours go in
    // again.
    for (int round = 1; !of.gone && round <= 3; ++round) {
        const json::array read = rows;
        const auto done = deliver(s, of, milestone, date, rows);
        if (done == delivery::unknown) {
            throw error(category::input, "production-coordination.milestone.unknown",
                        "metadata field \"" + s.field + "\" of asset " + of.id + " says \"" +
                            milestone + "\", but workspace \"" + in.name +
                            "\" has no such milestone (it has " + milestones_in(rows) +
                            "; category \"" + s.category +
                            "\"): correct the field or add the milestone, then retry this run");
        }
        if (done == delivery::closed) {
            co_await tell_late(run, of, milestone, in.id);
            co_return json::value{{"milestone", milestone}, {"result", "closed"}};
        }
        if (done == delivery::known) break;
        what = "recorded";
        json::value write{
            {"id", in.id}, {"category", s.category}, {"values", {{"Milestones", rows}}}};
        const auto written = co_await run.call("write-" + std::to_string(round), workspaces,
                                               "categories.set", std::move(write));
        const auto* before = mortise::find_json(written, "before.Milestones");
        if (before == nullptr || !before->is_array() || before->get_array() == read) break;
        rows = before->get_array();
    }
    co_return json::value{{"milestone", milestone}, {"result", what}, {"version", of.version}};
}

// Nothing is lost and nothing is reopened: both sides are told, once for each version.
task<void>
flow::tell_late(flow_run run, asset of, std::string milestone, std::int64_t workspace_id) {
    const std::string key = of.id + '#' + of.version_id + '#' + std::to_string(workspace_id);
    const auto told = co_await run.link_find("told", late_deliveries, key);
    if (!told.empty()) co_return;
    const std::string what = "version " + std::to_string(of.version) + " of \"" + of.title + "\"";
    json::value note{{"id", workspace_id},
                     {"text", "Milestone \"" + milestone + "\" is closed; " + what +
                                  " came in iconik all the same."}};
    co_await run.call("late", workspaces, "comments.add", std::move(note));
    json::value comment{
        {"asset_id", of.id},
        {"text", "Milestone \"" + milestone + "\" is closed; " + what + " was not recorded."},
        {"external_id", "mortise:late/" + std::to_string(workspace_id) + '/' + of.version_id}};
    co_await run.call("late-comment", dam, "comments.add", std::move(comment));
    link kept{key, "late/" + key, nullptr};
    co_await run.link_put("put-told", late_deliveries, std::move(kept));
}

// ---- workspace -> iconik ----

task<json::value> flow::workspace_changed(flow_run run, std::int64_t id) {
    const workspace ws = co_await iconik_workspaces::read_workspace(run, id);
    const auto p = production_in(settings_, values_on(ws.raw, settings_.milestones.category));
    json::array told;
    if (!p.says_anything()) co_return json::value{{"told", told}};
    for (const auto& project :
         iconik_workspaces::business_objects(ws.raw, settings_.business_object)) {
        const flow_run scope = run.scope("project:" + project);
        const auto places = co_await collections_of(scope, project, ws.name);
        for (const auto& c : places) {
            const bool is_new = co_await tell_collection(scope, c, p);
            if (is_new) told.emplace_back(c);
        }
        for (const auto& r : p.requests)
            co_await tell_request(scope.scope("request:" + r.key), project, r);
    }
    co_return json::value{{"told", told}};
}

task<json::value> flow::collection_changed(flow_run run, std::string id) {
    const auto metadata =
        co_await iconik_workspaces::read_metadata(run, "collections", id, settings_.project.view);
    std::set<std::string> projects;
    iconik_workspaces::collect_ids(metadata, settings_.project, "project", "collection " + id,
                                   projects);
    json::array told;
    for (const auto& project : projects) {
        const flow_run scope = run.scope("project:" + project);
        co_await remember(scope, project, id);
        const auto ws =
            co_await iconik_workspaces::find_workspace(scope, settings_.business_object, project);
        if (!ws) continue; // an asset's delivery waits for it, and says so when it does not come
        const auto p = production_in(settings_, values_on(ws->raw, settings_.milestones.category));
        if (!p.says_anything()) continue;
        const bool is_new = co_await tell_collection(scope, id, p);
        if (is_new) told.emplace_back(id);
    }
    co_return json::value{{"told", told}};
}

task<bool> flow::tell_collection(flow_run run, std::string collection, production p) {
    const auto& f = settings_.collection;
    iconik_workspaces::field_texts wanted;
    const auto one = [](const std::string& text) {
        return text.empty() ? std::vector<std::string>() : std::vector<std::string>{text};
    };
    if (!f.status.empty()) wanted[f.status] = one(p.status);
    if (!f.deadline.empty()) wanted[f.deadline] = one(p.deadline);
    if (!f.milestones.empty()) wanted[f.milestones] = p.milestones;
    if (!f.change_requests.empty()) wanted[f.change_requests] = p.open_requests;
    co_return co_await iconik_workspaces::write_metadata(run, "collections", std::move(collection),
                                                         settings_.project.view, std::move(wanted));
}

// iconik has comments on assets only: a request is told on those it is about.
task<void> flow::tell_request(flow_run run, std::string project, change_request r) {
    const std::string key = project + '#' + r.key;
    const auto known = co_await run.link_find("known", requests, key);
    std::string before;
    if (!known.empty()) before = mortise::optional_string(known.front().data, "said").value_or("");
    std::string said = "done";
    if (r.open) said = "open";
    if (before == said || (before.empty() && !r.open) || r.assets.empty()) co_return;
    std::string text = "Change request: " + r.text;
    if (!r.open) text = "Change request " + r.status + ": " + r.text;
    for (const auto& asset_id : r.assets) {
        json::value comment{{"asset_id", asset_id},
                            {"text", text},
                            {"external_id", "mortise:change/" + r.key + '/' + said}};
        const auto told =
            co_await run.try_call("tell:" + asset_id, dam, "comments.add", std::move(comment));
        // Deleted meanwhile: the others are told all the same.
        if (!told && told.error().category != category::not_found) throw told.error();
    }
    json::value data{{"said", said}};
    link kept{key, "production-request/" + key, std::move(data)};
    co_await run.link_put("told", requests, std::move(kept));
}

task<std::vector<std::string>>
flow::collections_of(flow_run run, std::string project, std::string workspace_name) {
    std::vector<std::string> out;
    const auto known = co_await run.link_find("collections", collections, project + "#*");
    for (const auto& l : known)
        out.push_back(l.a.substr(project.size() + 1));
    if (!out.empty()) co_return out;
    json::value titled{{"title", workspace_name}};
    const auto found = co_await run.call("find-collection", dam, "collections.find", titled);
    if (mortise::require_bool(found, "found")) {
        out.push_back(mortise::require_string(found, "result.id"));
        co_return out;
    }
    throw error(category::input, "production-coordination.collection.missing",
                "workspace \"" + workspace_name + "\" of project " + project +
                    " has deadlines or change requests, but no collection in iconik is known to "
                    "name the project in metadata field \"" +
                    settings_.project.field + "\" (view \"" + settings_.project.view +
                    "\") or to have the workspace's name: enter the project on its collection, "
                    "then retry this run");
}

task<void> flow::remember(flow_run run, std::string project, std::string collection) {
    const std::string key = project + '#' + collection;
    link known{key, "iconik:collection/" + collection + '#' + project, nullptr};
    co_await run.link_put("remember:" + key, collections, std::move(known));
}

} // namespace production_coordination
