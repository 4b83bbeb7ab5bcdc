// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <mortise/sdk/turn.hpp>

#include <boost/json/value_from.hpp>

namespace vendor_deliverables {

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
    b.id("vendor-deliverables").version("1.0.0").title("Deliverables of vendors");
    b.doc("Tracks each asset a vendor delivers as an item in the vendor's workspace: version, "
          "feedback, approval, invoice; feedback and approval come back to the asset.");
    b.config<settings>();
    b.role(dam, "iconik", "Where the media assets are")
        .uses("assets.get", "versions.list", "collections.of_asset", "metadata.get", "metadata.set",
              "approvals.request", "approvals.vote", "approvals.withdraw", "comments.add",
              "comments.list");
    b.role(workspaces, "xecm-workspaces", "Where the vendors' workspaces are")
        .uses("workspaces.find", "workspaces.get", "nodes.path_ensure", "nodes.create_url",
              "nodes.get", "nodes.update", "categories.list", "categories.set", "comments.add");
    for (const char* type :
         {"iconik.asset.version-created", "iconik.asset.metadata-changed", "iconik.asset.updated",
          "iconik.asset.approved", "iconik.asset.approval-changed", "iconik.asset.deleted",
          "iconik.collection.asset-added", "iconik.collection.asset-removed",
          "iconik.comment.added"})
        b.starts_on(dam, type);
    b.starts_on(workspaces, "xecm.node.changed").starts_on(workspaces, "xecm.node.deleted");
}

// Whatever the event is, the asset and the item are brought together as they are now, so that late,
// doubled and reordered events do no harm.
task<json::value> flow::run(flow_run& run, event e) {
    const auto known = co_await link_of(run, e);
    const bool is_ours = e.type.starts_with("xecm.");
    if (is_ours && !known) co_return json::value{{"deliverable", false}};
    std::string asset_id;
    if (is_ours)
        asset_id = asset_in_key(known->a);
    else
        asset_id = iconik_workspaces::asset_of(e);
    const asset of = co_await iconik_workspaces::read_asset(run, asset_id);
    std::string vendor;
    if (!of.gone) vendor = co_await vendor_of(run, of);
    if (vendor.empty()) {
        if (!known) co_return json::value{{"deliverable", false}};
        std::string why = "no vendor is named any more";
        if (of.gone) why = "deleted in iconik";
        co_return co_await withdraw(run, *known, std::move(why));
    }
    co_return co_await track(run, of, vendor, e);
}

task<std::optional<link>> flow::link_of(flow_run run, event e) {
    std::vector<link> found;
    if (e.type.starts_with("xecm."))
        found = co_await run.link_find_b("known", deliverables, "xecm:node/" + e.subject);
    else
        found = co_await run.link_find("known", deliverables,
                                       asset_key(iconik_workspaces::asset_of(e)));
    std::optional<link> out;
    if (!found.empty()) out = std::move(found.front());
    co_return out;
}

task<std::string> flow::vendor_of(flow_run run, asset of) {
    const auto vendors =
        co_await iconik_workspaces::ids_named_by(run, of, settings_.vendor, "vendor");
    if (vendors.size() < 2) {
        std::string only;
        if (!vendors.empty()) only = *vendors.begin();
        co_return only;
    }
    std::string all;
    for (const auto& v : vendors)
        all += (all.empty() ? "\"" : ", \"") + v + '"';
    throw error(category::input, "vendor-deliverables.vendor.several",
                "metadata field \"" + settings_.vendor.field + "\" (view \"" +
                    settings_.vendor.view + "\") of asset " + of.id +
                    " and its collections names several vendors (" + all +
                    "), but a deliverable has one: correct the field, then retry this run");
}

// The workspace is awaited before the turn is taken: that may take long.
task<json::value> flow::track(flow_run run, asset of, std::string vendor, event e) {
    const workspace in = co_await iconik_workspaces::await_workspace(
        run, settings_.business_object, vendor, settings_.wait_for_workspace,
        "metadata field \"" + settings_.vendor.field + "\" of asset " + of.id);
    mortise::turn_work work = [this, run, of, vendor, in, e]() {
        return bring_together(run.scope("deliverable"), of.id, vendor, in, e);
    };
    mortise::turn_options options;
    co_return co_await mortise::take_turn(run.scope("turn"), "deliverable " + of.id, options,
                                          std::move(work));
}

task<json::value> flow::bring_together(
    flow_run run, std::string asset_id, std::string vendor, workspace in, event e) {
    // Read in turn: another run may have been here meanwhile.
    const auto links = co_await run.link_find("link", deliverables, asset_key(asset_id));
    const asset of = co_await iconik_workspaces::read_asset(run, asset_id);
    if (of.gone) co_return json::value{{"deliverable", false}};
    std::optional<link> known;
    if (!links.empty()) known = links.front();
    const auto put = co_await put_item(run, of, vendor, in, known);
    if (!put) co_return json::value{{"deliverable", true}, {"removed", true}};

    mortise::sync_ends ends{asset_key(of.id) + '#' + of.version_id,
                            node_key(put->node) + '#' + of.version_id};
    mortise::two_way_sync::sides how = sides(of, *put);
    const auto report = co_await sync_.run(run.scope("sync"), std::move(ends), std::move(how));
    if (!settings_.feedback.empty()) {
        const auto* said = report.b.if_contains(settings_.feedback);
        if (said != nullptr && said->is_string() && !said->get_string().empty())
            co_await tell_feedback(run, of, std::string(said->get_string()));
    }
    if (e.type == "iconik.comment.added" && settings_.comments)
        co_await tell_comment(run, of, put->node, e);
    report.check();
    json::object out{{"deliverable", true}, {"vendor", vendor}, {"version", of.version}};
    out["sync"] = report.to_json();
    co_return json::value(std::move(out));
}

task<std::optional<flow::item>> flow::put_item(
    flow_run run, asset of, std::string vendor, workspace in, std::optional<link> known) {
    json::value path{{"parent_id", in.id}, {"path", json::value_from(settings_.folder)}};
    const auto folder = co_await run.call("folder", workspaces, "nodes.path_ensure", path);
    const auto folder_id = mortise::require_int(folder, "id");
    json::value which{{"asset_id", of.id}};
    const auto listed = co_await run.call("versions", dam, "versions.list", which);
    const auto versions = versions_in(listed);

    item put;
    if (known) {
        json::value same{{"id", node_in_key(known->b)},
                         {"parent_id", folder_id}, // of the new vendor, when it is another one
                         {"name", item_name(of)},
                         {"url", item_url(settings_, of)},
                         {"description", of.title}};
        const auto kept = co_await run.try_call("item", workspaces, "nodes.update", same);
        if (!kept && kept.error().category != category::not_found) throw kept.error();
        if (kept) put.node = node_in_key(known->b);
        const bool is_old = mortise::optional_int(known->data, "version").value_or(0) == of.version;
        if (!kept && is_old) co_return std::nullopt;
    }
    if (put.node == 0) {
        json::value wanted{{"parent_id", folder_id},
                           {"name", item_name(of)},
                           {"url", item_url(settings_, of)},
                           {"description", of.title}};
        const auto made = co_await run.call("create", workspaces, "nodes.create_url", wanted);
        put.node = mortise::require_int(made, "id");
    }
    json::value node{{"id", put.node}};
    const auto before = co_await run.call("before", workspaces, "categories.list", node);
    put.values = values_on(before, settings_.category);
    const auto was = mortise::optional_string(put.values, "Vendor ID").value_or("");
    json::value write{{"id", put.node},
                      {"category", settings_.category},
                      {"values", category_values(settings_, of, vendor, versions, put.values)}};
    co_await run.call("category", workspaces, "categories.set", std::move(write));
    const auto tracked = version_in(put.values);
    if (tracked != 0 && tracked < of.version) co_await clear_feedback(run, of);
    json::value data{{"vendor", vendor}, {"version", of.version}};
    link kept_link{asset_key(of.id), node_key(put.node), std::move(data)};
    co_await run.link_put("put-link", deliverables, std::move(kept_link));
    if (!was.empty() && was != vendor) {
        json::value moved{{"id", put.node},
                          {"text", "Moved from vendor " + was +
                                       ": the asset "
                                       "names vendor " +
                                       vendor + " in iconik."}};
        co_await run.call("moved", workspaces, "comments.add", std::move(moved));
    }
    co_return put;
}

// What was said of the former version stays in its row; the asset's field is for the new one.
task<void> flow::clear_feedback(flow_run run, asset of) {
    json::object fields;
    for (const auto& f : settings_.fields)
        if (f.b == settings_.feedback && f.a != approval_field) fields[f.a] = json::array();
    if (fields.empty()) co_return;
    json::value clear{{"object_type", "assets"},
                      {"object_id", of.id},
                      {"view", settings_.view},
                      {"values", std::move(fields)}};
    co_await run.call("clear-feedback", dam, "metadata.set", std::move(clear));
}

task<json::value> flow::withdraw(flow_run run, link known, std::string why) {
    json::value mark{{"id", node_in_key(known.b)},
                     {"category", settings_.category},
                     {"values", {{"Status", "Withdrawn"}}}};
    const auto marked =
        co_await run.try_call("withdraw", workspaces, "categories.set", std::move(mark));
    if (!marked && marked.error().category != category::not_found) throw marked.error();
    co_return json::value{{"deliverable", true}, {"withdrawn", why}};
}

// Once for each version and text: our comment moves the asset's date, so a run comes by again.
task<void> flow::tell_feedback(flow_run run, asset of, std::string feedback) {
    const std::string version_key = asset_key(of.id) + '#' + of.version_id;
    const std::string mark = fingerprint(feedback);
    const auto told = co_await run.link_find("told", told_feedback, version_key);
    if (!told.empty() &&
        mortise::optional_string(told.front().data, "feedback").value_or("") == mark)
        co_return;
    json::value comment{
        {"asset_id", of.id},
        {"text", "Feedback on version " + std::to_string(of.version) + ": " + feedback},
        {"external_id", "mortise:feedback/" + of.version_id + '/' + mark}};
    co_await run.call("feedback", dam, "comments.add", std::move(comment));
    json::value data{{"feedback", mark}};
    link kept{version_key, "vendor-feedback/" + of.version_id, std::move(data)};
    co_await run.link_put("put-told", told_feedback, std::move(kept));
}

task<void> flow::tell_comment(flow_run run, asset of, std::int64_t node, event e) {
    const auto id = mortise::optional_string(e.data, "comment_id").value_or("");
    json::value which{{"asset_id", of.id}, {"all_versions", true}};
    const auto all = co_await run.call("comments", dam, "comments.list", std::move(which));
    for (const auto& c : mortise::require_array(all, "comments")) {
        if (mortise::optional_string(c, "id").value_or("") != id) continue;
        // What came from the workspace does not go back there.
        if (mortise::optional_string(c, "external_id").value_or("").starts_with("mortise:"))
            co_return;
        json::value copy{{"id", node}, {"text", comment_text(of, c)}};
        co_await run.call("comment", workspaces, "comments.add", std::move(copy));
    }
}

} // namespace vendor_deliverables
