// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <iconik_workspaces/reference.hpp>
#include <set>

namespace rights_metadata_sync {

using mortise::category;
using mortise::error;
using mortise::event;
using mortise::flow_run;
using mortise::sync_report;
using mortise::task;
namespace iw = iconik_workspaces;
namespace json = mortise::json;

namespace {

rights_field pair(std::string a, std::string b, mortise::sync_type type = {}) {
    rights_field f;
    f.a = std::move(a);
    f.b = std::move(b);
    f.type = type;
    return f;
}

std::string first_text(const json::object& values, const std::string& field) {
    const auto all = texts_of(values, field);
    return all.empty() ? std::string() : all.front();
}

} // namespace

std::vector<rights_field> settings::standard_fields() {
    using mortise::sync_owner;
    using mortise::sync_type;
    auto rights = pair("usage_rights", "Usage Rights");
    auto expiry = pair("expiry_date", "Expiry Date", sync_type::date);
    auto territories = pair("territories", "Territories", sync_type::set);
    territories.values = {
        {"DE", "DE"}, {"AT", "AT"}, {"CH", "CH"}, {"US", "US"}, {"WORLD", "WORLDWIDE"}};
    auto status = pair("rights_status", "Status");
    auto approval = pair("approval_status", "Approval Status");
    auto release = pair("talent_release", "Release Form", sync_type::boolean);
    // The business process decides on rights, the media team on the approval of the picture.
    for (auto* f : {&rights, &expiry, &territories, &status, &release})
        f->owner = sync_owner::b;
    approval.owner = sync_owner::a;
    return {rights, expiry, territories, status, approval, release};
}

flow::flow(mortise::instance&, settings s)
    : settings_(std::move(s)), items_(settings_), restriction_(settings_.restriction),
      sync_(item_relation, mortise::plain_fields(settings_.fields), settings_.limits) {
    const auto& r = settings_.restriction;
    for (const std::string& field : {r.status_field, r.expiry_field}) {
        bool known = field.empty();
        for (const auto& f : settings_.fields)
            known = known || f.a == field;
        if (known) continue;
        throw error(category::config, "rights-metadata-sync.field.unpaired",
                    "restriction names the iconik field \"" + field +
                        "\", but no pair of \"fields\" has a = \"" + field +
                        "\": add the pair, or correct the name");
    }
}

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("rights-metadata-sync").version("1.0.0").title("Rights metadata in step with workspaces");
    b.doc(
        "Keeps usage rights, expiry, territories, rights and approval status of an asset equal in "
        "iconik and in its business workspaces, files rights records and agreements there, and "
        "takes an asset out of use when its right is revoked or has expired.");
    b.config<settings>();
    b.role("dam", "iconik", "Where the media assets are")
        .uses("assets.get", "collections.of_asset", "metadata.get", "metadata.set", "acls.get",
              "acls.set", "collections.add", "collections.remove");
    b.role("workspaces", "xecm-workspaces", "Where the business workspaces are")
        .uses("workspaces.find", "workspaces.get", "nodes.path_ensure", "nodes.create_url",
              "nodes.get", "nodes.update", "categories.set", "nodes.upload", "versions.add");
    for (const char* type :
         {"iconik.asset.created", "iconik.asset.updated", "iconik.asset.metadata-changed",
          "iconik.asset.version-created", "iconik.asset.deleted", "iconik.collection.asset-added",
          "iconik.collection.asset-removed"}) {
        b.starts_on("dam", type);
    }
    b.starts_on("workspaces", "xecm.node.changed").starts_on("workspaces", "xecm.node.deleted");
    b.on_schedule().on_manual();
}

task<json::value> flow::run(flow_run& run, event e) {
    if (e.type == "mortise.schedule" || e.type == "mortise.manual") co_return co_await sweep(run);
    if (e.type.starts_with("xecm.node.")) {
        const auto links =
            co_await run.link_find_b("item", item_relation, "xecm:node/" + e.subject);
        if (links.empty()) co_return json::value{{"known", false}};
        co_return co_await asset_changed(run, iw::asset_in_key(links.front().a));
    }
    co_return co_await asset_changed(run, iw::asset_of(e));
}

// Each round looks at everything again: what was true before a wait may not be true after it.
task<json::value> flow::asset_changed(flow_run run, std::string asset_id) {
    mortise::growing_pauses pauses(settings_.wait);
    for (;;) {
        const flow_run look = run.scope(pauses.round());
        outcome found;
        outcome* out = &found;
        mortise::turn_work work = [this, look, asset_id, out] {
            return bring_together(look, asset_id, out);
        };
        std::string turn = "asset/" + asset_id;
        auto in_turn = mortise::take_turn(look, std::move(turn), settings_.limits.turn, work);
        co_await std::move(in_turn);
        if (found.problem) throw *found.problem;
        if (found.missing.empty()) {
            co_return json::value{{"synced", found.synced},
                                  {"conflicts", found.conflicts},
                                  {"restricted", found.restricted}};
        }
        const bool again = co_await pauses.next(run);
        if (!again) {
            throw iw::workspace_missing(settings_.object, found.missing.front(),
                                        "metadata field \"" + settings_.objects.field +
                                            "\" of asset " + asset_id);
        }
    }
}

task<json::value> flow::bring_together(flow_run run, std::string asset_id, outcome* out) {
    const auto asset = co_await iw::read_asset(run, asset_id);
    std::set<std::string> objects;
    std::string what = settings_.object.type;
    if (!asset.gone) objects = co_await iw::ids_named_by(run, asset, settings_.objects, what);
    const auto links = co_await run.link_find("known", item_relation, iw::asset_key(asset_id, "*"));
    for (const auto& l : links) {
        const std::string object = iw::object_in_key(l.a);
        if (objects.contains(object)) continue;
        const std::string why = asset.gone ? "asset deleted" : "no longer in " + object;
        co_await items_.retire(run.scope("retire:" + object), l, why);
    }
    std::vector<place> places;
    json::object rights;
    for (const auto& object : objects) {
        const flow_run step = run.scope("object:" + object);
        try {
            auto in = co_await iw::find_workspace(step, settings_.object, object);
            if (!in) {
                out->missing.push_back(object);
                continue;
            }
            place at{asset, object, std::move(*in)};
            const sync_report done = co_await sync_place(step, at);
            places.push_back(at);
            rights = done.a;
            const json::object told = done.to_json();
            for (const auto& c : told.at("conflicts").as_array())
                out->conflicts.push_back(c);
            done.check();
            out->synced.emplace_back(json::string(object));
        } catch (const error& e) {
            if (e.category == category::cancelled) throw;
            out->problem = e;
        }
    }
    if (places.empty()) co_return nullptr;
    const bool by_date = co_await enforce(run, asset_id, rights, out);
    for (const auto& at : places) {
        const flow_run step = run.scope("record:" + at.object);
        try {
            if (by_date) {
                const sync_report again = co_await sync_place(step, at);
                rights = again.a;
            }
            co_await items_.file_record(step, at, rights, out->restricted);
            co_await items_.file_agreements(step, at, rights);
        } catch (const error& e) {
            if (e.category == category::cancelled) throw;
            out->problem = e;
        }
    }
    co_return nullptr;
}

task<sync_report> flow::sync_place(flow_run run, place at) const {
    const std::int64_t node = co_await items_.ensure(run, at);
    const std::string asset_id = at.asset.id;
    mortise::two_way_sync::sides sides{
        [this, asset_id](flow_run r) { return items_.read_asset(r, asset_id); },
        [this, node](flow_run r) { return items_.read_item(r, node); },
        [this, asset_id](flow_run r, json::object v) {
            return items_.write_asset(r, asset_id, std::move(v));
        },
        [this, node, asset_id](flow_run r, json::object v) {
            return items_.write_item(r, node, asset_id, std::move(v));
        }};
    mortise::sync_ends ends{at.key(), iw::node_key(node)};
    const flow_run step = run.scope("sync");
    co_return co_await sync_.run(step, std::move(ends), std::move(sides));
}

task<bool>
flow::enforce(flow_run run, std::string asset_id, json::object rights, outcome* out) const {
    const auto& r = settings_.restriction;
    std::string status = first_text(rights, r.status_field);
    const std::string expiry = first_text(rights, r.expiry_field);
    const std::string before = co_await restriction_.remembered(run, asset_id);
    const std::string due = restriction_.due_status(status, expiry, before, run.now());
    if (!due.empty()) {
        if (restriction_.restricts(due)) co_await restriction_.remember(run, asset_id, status);
        json::object change{{r.status_field, due}};
        co_await items_.write_asset(run.scope("by-date"), asset_id, std::move(change));
        status = due;
    }
    if (restriction_.restricts(status)) {
        out->restricted = status;
        co_await restriction_.apply(run, asset_id, status);
    } else {
        co_await restriction_.lift(run, asset_id);
    }
    co_return !due.empty();
}

// By what is kept with the link: the last day is over and the status does not say so yet.
bool flow::is_due(const json::value& kept, mortise::time_point now) const {
    const auto* fields = mortise::find_json(kept, "fields");
    if (!fields || !fields->is_object()) return false;
    std::string status, expiry;
    for (const auto& f : settings_.fields) {
        const auto* one = fields->get_object().if_contains(f.name());
        const auto* base = one ? mortise::find_json(*one, "base.0") : nullptr;
        if (!base || !base->is_string()) continue;
        if (f.a == settings_.restriction.status_field) status = base->get_string();
        if (f.a == settings_.restriction.expiry_field) expiry = base->get_string();
    }
    return !restriction_.due_status(status, expiry, {}, now).empty();
}

// Days pass without an event: assets whose time has come are looked at, and no others.
task<json::value> flow::sweep(flow_run run) {
    const auto links = co_await run.link_find("items", item_relation, "iconik:asset/*");
    std::set<std::string> due;
    for (const auto& l : links)
        if (is_due(l.data, run.now())) due.insert(iw::asset_in_key(l.a));
    json::array looked_at;
    std::optional<error> problem;
    for (const auto& asset_id : due) {
        try {
            co_await asset_changed(run.scope("asset:" + asset_id), asset_id);
            looked_at.emplace_back(json::string(asset_id));
        } catch (const error& e) {
            if (e.category == category::cancelled) throw;
            problem = e;
        }
    }
    if (problem) throw *problem;
    co_return json::value{{"items", links.size()}, {"assets", looked_at}};
}

} // namespace rights_metadata_sync
