// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <mortise/sdk/join.hpp>
#include <mortise/state.h>

#include <boost/json/value_from.hpp>

#include <algorithm>

namespace communications {

using mortise::category;
using mortise::error;
using mortise::event;
using mortise::flow_run;
using mortise::task;
namespace iw = iconik_workspaces;
namespace json = mortise::json;

namespace {

mortise::child child_of(std::string key, json::object data) {
    mortise::child c;
    c.key = std::move(key);
    c.data = std::move(data);
    return c;
}

std::string state_of(const std::string& program) {
    return "program:" + program;
}

} // namespace

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("communications-governance").version("1.0.0").title("Communications governance");
    b.doc("Links the media of webinars, trainings and executive messages in the Business Workspace "
          "of their event or program, which is made from a template when it is missing; opens the "
          "checklist there and reports its completeness on the asset.");
    b.config<settings>();
    auto workspaces = b.role("workspaces", "xecm-workspaces", "Where the program workspaces are");
    workspaces.uses("workspaces.create", "workspace_types.list", "nodes.children");
    iw::references::declare(b.role("dam", "iconik", "Where the media assets are"), workspaces);
    for (const char* type :
         {"iconik.asset.created", "iconik.asset.updated", "iconik.asset.metadata-changed",
          "iconik.asset.version-created", "iconik.asset.approved", "iconik.asset.approval-changed",
          "iconik.asset.deleted", "iconik.collection.asset-added",
          "iconik.collection.asset-removed"}) {
        b.starts_on("dam", type);
    }
    // Created: what a person changes before the first poll comes with that event alone.
    for (const char* type : {"xecm.workspace.created", "xecm.workspace.changed",
                             "xecm.document.added", "xecm.document.version-added"})
        b.starts_on("workspaces", type);
    b.on_child();
    b.on_schedule(); // what no event tells: a document that was taken away
}

task<json::value> flow::run(flow_run& run, event e) {
    if (e.type == "mortise.schedule") {
        auto all = co_await links_.objects(run);
        co_return co_await check_and_tell(run, std::move(all));
    }
    if (e.type.starts_with("xecm.document.")) {
        const auto id = mortise::require_int(e.data, "workspace_id", category::input);
        co_return co_await workspace_changed(run, id);
    }
    if (e.type.starts_with("xecm.workspace.")) {
        const auto id = std::stoll(e.subject);
        co_return co_await workspace_changed(run, id);
    }
    if (e.type == "mortise.child") {
        const bool of_program = mortise::find_json(e.data, "program") != nullptr;
        if (of_program) co_return co_await check_program(run, e.data);
        co_return co_await tell_asset(run, iw::asset_of(e));
    }
    co_return co_await asset_changed(run, iw::asset_of(e));
}

task<std::string> flow::kind_of(flow_run run, iw::asset of) {
    if (of.gone) co_return std::string();
    const auto metadata =
        co_await iw::read_metadata(run.scope("kind"), "assets", of.id, settings_.programs.view);
    for (const auto& kind : iw::texts(metadata, settings_.kind_field)) {
        if (std::find(settings_.kinds.begin(), settings_.kinds.end(), kind) !=
            settings_.kinds.end())
            co_return kind;
    }
    co_return std::string();
}

// Each round looks at everything again: what was true before a wait may not be true after it.
task<json::value> flow::asset_changed(flow_run run, std::string asset_id) {
    mortise::growing_pauses pauses(settings_.wait);
    for (;;) {
        const auto round = run.scope(pauses.round());
        const auto asset = co_await iw::read_asset(round, asset_id);
        const auto kind = co_await kind_of(round, asset);
        std::set<std::string> programs;
        if (!kind.empty())
            programs = co_await iw::ids_named_by(round, asset, settings_.programs, "program");
        if (!kind.empty() && programs.empty()) {
            const bool again = co_await pauses.next(run);
            if (again) continue;
            throw error(category::input, "communications-governance.program.missing",
                        "metadata field \"" + settings_.kind_field + "\" of asset " + asset_id +
                            " says " + kind + ", but field \"" + settings_.programs.field +
                            "\" (view \"" + settings_.programs.view +
                            "\") of the asset and its collections is empty: name the program "
                            "there, or another kind");
        }
        std::vector<task<json::value>> checks;
        for (const auto& program : programs) {
            json::object data{{"program", program}, {"kind", kind}, {"asset_id", asset_id}};
            auto check = child_of("program:" + program, std::move(data));
            checks.push_back(round.spawn("check:" + program, std::move(check)));
        }
        co_await mortise::all(std::move(checks));
        std::string why = "not of the program any more";
        if (kind.empty()) why = asset.gone ? asset.approval : "of another kind";
        const auto kept = co_await links_.keep(round, asset, programs, settings_.program, why);
        if (!kept.placed.empty() || !kept.withdrawn.empty())
            co_await tell_asset(round.scope("tell"), asset_id);
        if (kept.problem) throw *kept.problem;
        if (!kept.missing.empty()) {
            throw iw::workspace_missing(settings_.program, kept.missing.front(),
                                        "metadata field \"" + settings_.programs.field +
                                            "\" of asset " + asset_id);
        }
        co_return kept.to_json();
    }
}

task<json::value> flow::check_program(flow_run run, json::value which) {
    const auto program = mortise::require_string(which, "program", category::input);
    auto how = settings_.workspace;
    const auto kind = mortise::optional_string(which, "kind").value_or("");
    if (const auto other = settings_.templates.find(kind); other != settings_.templates.end())
        how.template_name = other->second;
    std::string named_by;
    if (const auto asset = mortise::optional_string(which, "asset_id"))
        named_by = "metadata field \"" + settings_.programs.field + "\" of asset " + *asset +
                   " names " + settings_.program.type + " \"" + program + '"';
    auto workspace = co_await iw::ensure_workspace(run, settings_.program, program, how, named_by);
    const auto progress = co_await open_checklist(run, std::move(workspace),
                                                  settings_.checklist_folder, settings_.checklist);
    auto now = progress.to_json();
    std::optional<json::value> kept = now;
    co_await run.state_put("progress", state_of(program), std::move(kept), MORTISE_STATE_ANY);
    co_return now;
}

task<json::value> flow::workspace_changed(flow_run run, std::int64_t id) {
    const auto workspace = co_await iw::read_workspace(run, id);
    std::vector<std::string> known;
    for (const auto& program : iw::business_objects(workspace.raw, settings_.program)) {
        // A workspace without media of ours is not ours to open a checklist in.
        const auto assets = co_await links_.of_object(run.scope("known"), program);
        if (!assets.empty()) known.push_back(program);
    }
    co_return co_await check_and_tell(run, std::move(known));
}

task<json::value> flow::check_and_tell(flow_run run, std::vector<std::string> programs) {
    std::vector<task<json::value>> checks;
    for (const auto& program : programs) {
        auto check = child_of("program:" + program, {{"program", program}});
        checks.push_back(run.spawn("check:" + program, std::move(check)));
    }
    co_await mortise::all(std::move(checks));
    // The assets hear of it outside the program's order key: an asset's own run waits for that one.
    std::set<std::string> assets;
    for (const auto& program : programs) {
        const auto of_program = co_await links_.of_object(run, program);
        assets.insert(of_program.begin(), of_program.end());
    }
    std::vector<task<json::value>> told;
    for (const auto& id : assets) {
        auto tell = child_of(id, {{"asset_id", id}});
        told.push_back(run.spawn("tell:" + id, std::move(tell)));
    }
    co_await mortise::all(std::move(told));
    co_return json::value{{"programs", json::value_from(programs)}, {"assets", assets.size()}};
}

task<json::value> flow::tell_asset(flow_run run, std::string asset_id) {
    const auto links = co_await links_.of_asset(run, asset_id);
    progress all;
    for (const auto& [program, l] : links) {
        const auto kept = co_await run.state_get("progress:" + program, state_of(program));
        const auto one = progress::from(kept.value);
        const std::string of = links.size() > 1 ? program + ": " : std::string();
        for (const auto& name : one.done)
            all.done.push_back(of + name);
        for (const auto& name : one.open)
            all.open.push_back(of + name);
    }
    const auto total = all.done.size() + all.open.size();
    std::vector<std::string> status;
    if (!links.empty())
        status = {all.open.empty()
                      ? std::string("complete")
                      : std::to_string(all.done.size()) + " of " + std::to_string(total)};
    iw::field_texts fields;
    if (!settings_.status_field.empty()) fields[settings_.status_field] = status;
    if (!settings_.open_field.empty()) fields[settings_.open_field] = all.open;
    co_await iw::write_metadata(run, "assets", asset_id, settings_.programs.view, fields);
    co_return json::value{{"status", json::value_from(status)}};
}

} // namespace communications
