// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <iconik_workspaces/record.hpp>

namespace project_archive {

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

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("project-archive").version("1.0.0").title("Archiving of projects");
    b.doc("After final sign-off in the workspace the project's assets get the references to its "
          "sign-off documents and its retention metadata, are archived in iconik, and the "
          "workspace gets the record of it; retention stays equal on both sides.");
    b.config<settings>();
    b.role(dam, "iconik", "Where the media assets are")
        .uses("assets.get", "assets.archive", "assets.archive_status", "search.assets",
              "collections.find", "collections.list_contents", "metadata.get", "metadata.set");
    b.role(workspaces, "xecm-workspaces", "Where the projects' workspaces are")
        .uses("workspaces.get", "nodes.find_child", "nodes.children", "nodes.path_ensure",
              "nodes.upload", "versions.add", "categories.list", "categories.set");
    b.starts_on(workspaces, "xecm.workspace.changed");
    b.starts_on(dam, "iconik.asset.metadata-changed");
}

task<json::value> flow::run(flow_run& run, event e) {
    if (e.type.starts_with("iconik."))
        co_return co_await asset_changed(run, iconik_workspaces::asset_of(e));
    co_return co_await workspace_changed(run, std::stoll(e.subject));
}

task<json::value> flow::workspace_changed(flow_run run, std::int64_t id) {
    const workspace ws = co_await iconik_workspaces::read_workspace(run, id);
    json::array done;
    for (const auto& project :
         iconik_workspaces::business_objects(ws.raw, settings_.business_object)) {
        const flow_run scope = run.scope("project:" + project);
        const auto archived = co_await scope.link_find("done", archived_projects, project);
        json::value what;
        if (archived.empty() && is_signed_off(settings_.sign_off, ws.raw)) {
            what = co_await archive(scope, project, ws);
        } else {
            const auto synced = co_await keep_retention(scope, project);
            what = json::value{{"project", project}, {"retention", synced}};
        }
        done.push_back(std::move(what));
    }
    co_return json::value{{"projects", done}};
}

// One asset that is missing or fails does not keep the others from being archived; the record says
// what became of each, and only then the run ends with an error that asks for a person.
task<json::value> flow::archive(flow_run run, std::string project, workspace ws) {
    const auto documents = co_await sign_off_documents(run, ws);
    const auto retention = retention_texts(settings_, ws.raw);
    if (retention.empty()) {
        throw error(category::input, "project-archive.retention.empty",
                    "workspace \"" + ws.name + "\" of project " + project +
                        " is signed off, but category \"" + settings_.retention_category +
                        "\" has no value in any of the attributes of the setting retention (\"" +
                        settings_.retention.front().b +
                        "\"): enter the retention, then retry this run");
    }
    const auto ids = co_await assets_of(run, project, ws);
    std::vector<archived_asset> assets;
    for (const auto& id : ids) {
        auto one = co_await archive_asset(run.scope("asset:" + id), id, project, ws, documents);
        assets.push_back(std::move(one));
    }
    assets = co_await await_archive(run, std::move(assets));

    iconik_workspaces::record document;
    document.key = "archive of " + project;
    document.folder = settings_.record_folder;
    document.name = "Archive record of " + project + ".txt";
    document.text = record_text(project, ws.name, documents, retention, assets);
    co_await iconik_workspaces::file_record(run, "project-archive-record", ws.id,
                                            std::move(document));
    if (const auto problem = incomplete(project, assets)) throw error(*problem);
    link all_done{project, "xecm:workspace/" + std::to_string(ws.id), nullptr};
    co_await run.link_put("all-done", archived_projects, std::move(all_done));
    co_return json::value{{"project", project}, {"archived", assets.size()}};
}

task<archived_asset> flow::archive_asset(flow_run run,
                                         std::string asset_id,
                                         std::string project,
                                         workspace ws,
                                         std::vector<sign_off_document> documents) {
    archived_asset out;
    out.id = asset_id;
    const auto of = co_await iconik_workspaces::read_asset(run, asset_id);
    out.title = of.title;
    if (of.gone) {
        out.state = "missing";
        co_return out;
    }
    const auto& f = settings_.asset;
    iconik_workspaces::field_texts wanted;
    if (!f.record.empty()) wanted[f.record] = {link_to(settings_.sign_off, ws.id)};
    if (!f.documents.empty()) wanted[f.documents] = document_texts(documents);
    if (!f.state.empty()) wanted[f.state] = {f.requested};
    co_await iconik_workspaces::write_metadata(run, "assets", asset_id, settings_.project.view,
                                               std::move(wanted));
    link known{asset_key(asset_id, project), workspace_key(ws.id, asset_id), nullptr};
    co_await run.link_put("link", archived_assets, std::move(known));
    link of_project{project + '#' + asset_id, workspace_key(ws.id, asset_id), nullptr};
    co_await run.link_put("of-project", assets_of_project, std::move(of_project));
    co_await sync_retention(run.scope("retention"), asset_id, project, ws.id);
    json::value which{{"asset_id", asset_id}};
    if (!settings_.storage.empty()) which.as_object()["storage"] = settings_.storage;
    const auto begun = co_await run.try_call("archive", dam, "assets.archive", std::move(which));
    if (!begun && begun.error().category == category::cancelled) throw begun.error();
    out.state = "archiving";
    if (!begun) {
        out.state = "failed";
        out.why = begun.error().message;
    }
    co_return out;
}

task<std::vector<archived_asset>> flow::await_archive(flow_run run,
                                                      std::vector<archived_asset> assets) {
    mortise::growing_pauses pauses(settings_.wait_for_archive, "archiving");
    for (;;) {
        const flow_run round = run.scope(pauses.round());
        bool is_over = true;
        for (auto& a : assets) {
            if (a.state != "archiving") continue;
            a = co_await look(round.scope(a.id), a);
            if (a.state == "archiving") is_over = false;
        }
        if (is_over) break;
        const bool goes_on = co_await pauses.next(run);
        if (!goes_on) break;
    }
    for (auto& a : assets)
        if (a.state == "archiving") a.why = "iconik has not finished in wait_for_archive";
    co_return assets;
}

task<archived_asset> flow::look(flow_run run, archived_asset a) {
    json::value which{{"asset_id", a.id}};
    const auto status = co_await run.try_call("status", dam, "assets.archive_status", which);
    if (!status) {
        if (status.error().category != category::not_found) throw status.error();
        a.state = "missing";
        co_return a;
    }
    const auto state = mortise::require_string(*status, "state");
    if (state == "FAILED") {
        a.state = "failed";
        a.why = "iconik could not archive it";
    }
    if (state != "ARCHIVED") co_return a;
    a.state = "archived";
    const auto& f = settings_.asset;
    iconik_workspaces::field_texts wanted;
    if (!f.state.empty()) wanted[f.state] = {f.archived};
    if (!wanted.empty())
        co_await iconik_workspaces::write_metadata(run, "assets", a.id, settings_.project.view,
                                                   std::move(wanted));
    co_return a;
}

} // namespace project_archive
