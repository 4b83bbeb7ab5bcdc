// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <boost/json/value_from.hpp>

#include <regex>

namespace campaign_references {

using mortise::category;
using mortise::error;
using mortise::event;
using mortise::flow_run;
using mortise::link;
using mortise::task;
namespace json = mortise::json;

namespace {
constexpr const char* references = "campaign-asset-reference"; // asset in campaign <-> node
constexpr const char* members = "campaign-member"; // campaign#asset <-> asset in campaign
} // namespace

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("campaign-asset-references").version("1.0.0").title("Campaign asset references");
    b.doc("Puts a reference to each approved iconik asset into the Business Workspaces of its "
          "campaigns, keeps it true "
          "when the asset changes, and writes the workspace's status back to the asset.");
    b.config<settings>();
    b.role("dam", "iconik", "Where the media assets are")
        .uses("assets.get", "collections.of_asset", "metadata.get", "metadata.set", "proxies.list",
              "keyframes.list");
    b.role("workspaces", "xecm-workspaces", "Where the campaign workspaces are")
        .uses("workspaces.find", "workspaces.get", "nodes.path_ensure", "nodes.create_url",
              "nodes.get", "nodes.update", "nodes.delete", "categories.set", "categories.list");
    for (const char* type :
         {"iconik.asset.approved", "iconik.asset.approval-changed", "iconik.asset.updated",
          "iconik.asset.metadata-changed", "iconik.asset.version-created", "iconik.asset.deleted",
          "iconik.collection.asset-added", "iconik.collection.asset-removed"}) {
        b.starts_on("dam", type);
    }
    for (const char* type : {"xecm.workspace.changed", "xecm.workspace.created",
                             "xecm.node.changed", "xecm.node.deleted"}) {
        b.starts_on("workspaces", type);
    }
}

task<json::value> flow::run(flow_run& run, event e) {
    if (e.type.starts_with("xecm.workspace.")) co_return co_await workspace_changed(run, e.subject);
    if (e.type.starts_with("xecm.node.")) {
        const bool removed = e.type == "xecm.node.deleted";
        co_return co_await reference_changed(run, e.subject, removed);
    }
    std::string asset_id = mortise::optional_string(e.data, "asset_id").value_or(e.subject);
    co_return co_await refresh_asset(run, std::move(asset_id));
}

// ---- iconik -> workspaces
// -----------------------------------------------------------------------------

task<json::value> flow::refresh_asset(flow_run run, std::string asset_id) {
    json::value which{{"asset_id", asset_id}, {"include_collections", true}};
    auto found = co_await run.try_call("asset", "dam", "assets.get", std::move(which));
    if (!found && found.error().category != category::not_found) throw found.error();
    const bool gone =
        !found || mortise::optional_string(*found, "status").value_or("ACTIVE") == "DELETED";
    const std::string approval =
        gone ? "deleted" : mortise::optional_string(*found, "approval.status").value_or("N/A");
    const bool approved = !gone && contains(settings_.approved_statuses, approval);

    std::set<std::string> campaigns;
    if (approved) {
        json::value asset = *found;
        campaigns = co_await campaigns_of(run, std::move(asset));
    }

    // What is no longer true goes first: a reference must never be stale.
    json::array done, withdrawn;
    std::map<std::string, link> known;
    const auto links = co_await run.link_find("links", references, asset_key(asset_id, "*"));
    for (const auto& l : links) {
        const auto campaign = campaign_of(l.a);
        if (campaigns.contains(campaign)) {
            known.emplace(campaign, l);
            continue;
        }
        const std::string why = gone       ? "deleted"
                                : approved ? "not in the campaign any more"
                                           : approval;
        co_await withdraw(run.scope("withdraw:" + campaign), l, why);
        withdrawn.emplace_back(campaign);
    }
    if (campaigns.empty()) co_return json::value{{"references", done}, {"withdrawn", withdrawn}};

    json::value of_asset{{"asset_id", asset_id}};
    const auto proxies = co_await run.call("proxies", "dam", "proxies.list", of_asset);
    const auto keyframes = co_await run.call("keyframes", "dam", "keyframes.list", of_asset);

    // One campaign without a workspace must not hold up the others: it fails the run at the end.
    std::optional<error> problem;
    std::string status;
    for (const auto& campaign : campaigns) {
        const auto scope = run.scope("campaign:" + campaign);
        try {
            const auto in = co_await find_workspace(scope, campaign, asset_id);
            auto wanted =
                describe_asset(settings_, *found, proxies, keyframes, campaign, campaigns);
            std::optional<link> before;
            if (const auto it = known.find(campaign); it != known.end()) before = it->second;
            const bool changed =
                co_await put_reference(scope, in, std::move(wanted), std::move(before));
            done.emplace_back(campaign);
            // Without news there is none to tell: our own write to the asset comes back here.
            if (changed && !in.status.empty()) status += (status.empty() ? "" : ", ") + in.status;
        } catch (const error& e) {
            if (e.category == category::cancelled) throw;
            problem = e;
        }
    }
    if (!status.empty()) co_await write_status(run, asset_id, status);
    if (problem) throw *problem;
    co_return json::value{{"references", done}, {"withdrawn", withdrawn}};
}

// From the asset's own metadata and from that of every collection it is in.
task<std::set<std::string>> flow::campaigns_of(flow_run run, json::value asset) {
    const std::string asset_id = mortise::require_string(asset, "id");
    struct holder {
        std::string type, id, said;
    };
    std::vector<holder> holders{{"assets", asset_id, "asset " + asset_id}};
    json::value which{{"asset_id", asset_id}};
    const auto places =
        co_await run.call("collections", "dam", "collections.of_asset", std::move(which));
    for (const auto& c : mortise::require_array(places, "collections")) {
        const auto id = mortise::require_string(c, "id");
        holders.push_back({"collections", id, "collection " + id});
    }
    const std::regex shape(settings_.campaign_pattern);
    std::set<std::string> campaigns;
    for (const auto& h : holders) {
        json::value of{
            {"object_type", h.type}, {"object_id", h.id}, {"view", settings_.metadata_view}};
        const auto metadata =
            co_await run.call("metadata:" + h.id, "dam", "metadata.get", std::move(of));
        for (const auto& id : field_texts(metadata, settings_.campaign_field)) {
            if (!std::regex_match(id, shape)) {
                throw error(category::input, "campaign-asset-references.campaign.malformed",
                            "metadata field \"" + settings_.campaign_field + "\" (view \"" +
                                settings_.metadata_view + "\") of " + h.said + " holds \"" + id +
                                "\", which is no campaign id (" + settings_.campaign_pattern +
                                "): correct the field, then retry this run");
            }
            campaigns.insert(id);
        }
    }
    co_return campaigns;
}

task<workspace> flow::find_workspace(flow_run run, std::string campaign, std::string asset_id) {
    auto pause = settings_.first_wait;
    std::chrono::seconds waited{0};
    for (int round = 0;; ++round) {
        const auto n = std::to_string(round);
        json::value business_object{{"ext_system_id", settings_.external_system},
                                    {"bo_type", settings_.business_object_type},
                                    {"bo_id", campaign}};
        const auto answer = co_await run.call("find-" + n, "workspaces", "workspaces.find",
                                              std::move(business_object));
        if (mortise::require_bool(answer, "found")) {
            const std::int64_t id = mortise::require_int(answer, "workspace.id");
            json::value which{{"id", id}, {"categories", true}};
            const auto ws =
                co_await run.call("workspace", "workspaces", "workspaces.get", std::move(which));
            co_return workspace{id, mortise::optional_string(ws, "name").value_or(""),
                                status_of(ws)};
        }
        if (waited >= settings_.wait_for_workspace) break;
        pause = std::min(pause, settings_.wait_for_workspace - waited);
        co_await run.sleep_for("wait-" + n, pause);
        waited += pause;
        pause *= 2;
    }
    throw error(category::not_found, "campaign-asset-references.workspace.missing",
                "metadata field \"" + settings_.campaign_field + "\" of asset " + asset_id +
                    " names campaign \"" + campaign +
                    "\", but there is no workspace for business object " +
                    settings_.external_system + "/" + settings_.business_object_type + "/" +
                    campaign + ": create the workspace or correct the field, then retry this run");
}

task<bool>
flow::put_reference(flow_run run, workspace in, reference wanted, std::optional<link> known) {
    json::value fingerprint = wanted.fingerprint();
    std::string node;
    if (known) {
        auto before = known->data.is_object() ? known->data.as_object() : json::object();
        const bool removed = before.erase("removed") > 0;
        // A reference that a person removed stays away until the asset has something new to say.
        if (json::value(before) == fingerprint) co_return false;
        if (!removed) node = known->b;
    }
    if (!node.empty()) {
        json::value change{{"id", node_of(node)},
                           {"name", node_name(wanted)},
                           {"url", wanted.url},
                           {"description", wanted.title}};
        const auto updated =
            co_await run.try_call("update", "workspaces", "nodes.update", std::move(change));
        if (!updated && updated.error().category != category::not_found) throw updated.error();
        if (!updated) node.clear(); // deleted a moment ago: it is made again
    }
    if (node.empty()) node = co_await create_reference(run, in, wanted);
    json::value values{{"id", node_of(node)},
                       {"category", settings_.reference_category},
                       {"values", category_values(wanted)}};
    co_await run.call("category", "workspaces", "categories.set", std::move(values));
    const auto key = asset_key(wanted.asset_id, wanted.campaign);
    link member{wanted.campaign + '#' + wanted.asset_id, key, nullptr};
    co_await run.link_put("member", members, std::move(member));
    link reference_link{key, node, std::move(fingerprint)};
    co_await run.link_put("link", references, std::move(reference_link));
    co_return true;
}

task<std::string> flow::create_reference(flow_run run, workspace in, reference wanted) {
    json::value folder_path{{"parent_id", in.id},
                            {"path", json::value_from(settings_.media_folder)}};
    const auto folder =
        co_await run.call("folder", "workspaces", "nodes.path_ensure", std::move(folder_path));
    json::value url{{"parent_id", mortise::require_int(folder, "id")},
                    {"name", node_name(wanted)},
                    {"url", wanted.url},
                    {"description", wanted.title}};
    const auto made = co_await run.call("create", "workspaces", "nodes.create_url", std::move(url));
    run.info("reference made", {{"asset", wanted.asset_id}, {"workspace", in.name}});
    co_return node_key(mortise::require_int(made, "id"));
}

task<void> flow::withdraw(flow_run run, link known, std::string why) {
    json::value which{{"id", node_of(known.b)}};
    if (settings_.on_withdrawn == withdrawal::remove) {
        // The links go first: the deletion comes back as an event and must find nothing to report.
        co_await run.link_remove("unlink", references, known.a);
        co_await run.link_remove("unmember", members,
                                 campaign_of(known.a) + '#' + asset_of(known.a));
        co_await run.call("delete", "workspaces", "nodes.delete", std::move(which));
        co_return;
    }
    if (mortise::optional_string(known.data, "status").value_or("") == why) co_return;
    json::value mark{{"id", node_of(known.b)},
                     {"category", settings_.reference_category},
                     {"values", {{"Approval Status", "withdrawn: " + why}}}};
    const auto marked =
        co_await run.try_call("mark", "workspaces", "categories.set", std::move(mark));
    if (!marked && marked.error().category != category::not_found) throw marked.error();
    json::object data = known.data.is_object() ? known.data.as_object() : json::object();
    data["status"] = why;
    link kept{known.a, known.b, std::move(data)};
    co_await run.link_put("marked", references, std::move(kept));
}

// ---- workspaces -> iconik
// -----------------------------------------------------------------------------

std::string flow::status_of(const json::value& ws) const {
    const auto text = attribute_text(ws, settings_.status_category, settings_.status_attribute);
    const auto mapped = settings_.status_values.find(text);
    return mapped != settings_.status_values.end() ? mapped->second : text;
}

task<json::value> flow::workspace_changed(flow_run run, std::string workspace_id) {
    json::value which{{"id", std::stoll(workspace_id)}, {"categories", true}};
    const auto ws =
        co_await run.call("workspace", "workspaces", "workspaces.get", std::move(which));
    const auto status = status_of(ws);
    json::array written;
    if (status.empty()) co_return json::value{{"assets", written}};
    for (const auto& bo : mortise::require_array(ws, "business_objects")) {
        if (mortise::optional_string(bo, "bo_type").value_or("") != settings_.business_object_type)
            continue;
        const auto campaign = mortise::require_string(bo, "bo_id");
        const auto assets = co_await run.link_find("assets:" + campaign, members, campaign + "#*");
        for (const auto& member : assets) {
            const auto asset_id = asset_of(member.b);
            co_await write_status(run.scope("asset:" + asset_id), asset_id, status);
            written.emplace_back(asset_id);
        }
    }
    co_return json::value{{"assets", written}, {"status", status}};
}

// Somebody changed or removed a reference in the workspace: the asset hears of it.
task<json::value> flow::reference_changed(flow_run run, std::string node_id, bool removed) {
    const auto links = co_await run.link_find_b("link", references, "xecm:node/" + node_id);
    if (links.empty()) co_return json::value{{"known", false}};
    const auto known = links.front();
    const auto asset_id = asset_of(known.a);
    std::string said = "reference removed";
    if (removed) {
        json::object data = known.data.is_object() ? known.data.as_object() : json::object();
        if (data.contains("removed")) co_return json::value{{"known", true}};
        data["removed"] = true;
        link kept{known.a, known.b, std::move(data)};
        co_await run.link_put("removed", references, std::move(kept));
    } else {
        json::value which{{"id", node_of(known.b)}};
        const auto node =
            co_await run.call("categories", "workspaces", "categories.list", std::move(which));
        const auto now = attribute_text(node, settings_.reference_category, "Approval Status");
        // Our own write comes back here as well: it says what we wrote, and that is no news.
        if (now == mortise::optional_string(known.data, "status").value_or(""))
            co_return json::value{{"known", true}};
        said = "reference: " + now;
    }
    co_await write_status(run, asset_id, said);
    co_return json::value{{"known", true}, {"asset", asset_id}, {"status", said}};
}

// Only when it differs: what we write comes back as an event, and must end there.
task<void> flow::write_status(flow_run run, std::string asset_id, std::string status) {
    if (settings_.status_field.empty()) co_return;
    json::value which{
        {"object_type", "assets"}, {"object_id", asset_id}, {"view", settings_.metadata_view}};
    const auto before = co_await run.try_call("status-before", "dam", "metadata.get", which);
    if (!before && before.error().category == category::not_found) co_return; // the asset is gone
    if (!before) throw before.error();
    const std::vector<std::string> wanted{status};
    if (field_texts(*before, settings_.status_field) == wanted) co_return;
    json::object values{{settings_.status_field, json::value_from(wanted)}};
    which.as_object()["values"] = std::move(values);
    co_await run.call("status", "dam", "metadata.set", std::move(which));
}

} // namespace campaign_references
