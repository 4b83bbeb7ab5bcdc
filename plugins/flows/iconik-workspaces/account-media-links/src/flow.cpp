// SPDX-License-Identifier: Apache-2.0
#include "flow.hpp"

#include <mortise/sdk/join.hpp>

#include <boost/json/value_from.hpp>

#include <algorithm>
#include <set>

namespace account_links {

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

} // namespace

void flow::describe(mortise::flow_builder<flow>& b) {
    b.id("account-media-links").version("1.0.0").title("Account media links");
    b.doc("Links the demos, testimonials and recordings in iconik to the Business Workspaces of "
          "their accounts; moves the link when an asset is tagged with another account; fills a "
          "newly created workspace with all assets of the account.");
    b.config<settings>();
    auto dam = b.role("dam", "iconik", "Where the media assets are");
    dam.uses("search.assets");
    iw::references::declare(
        dam, b.role("workspaces", "xecm-workspaces", "Where the account workspaces are"));
    for (const char* type :
         {"iconik.asset.created", "iconik.asset.updated", "iconik.asset.metadata-changed",
          "iconik.asset.version-created", "iconik.asset.approved", "iconik.asset.approval-changed",
          "iconik.asset.deleted"}) {
        b.starts_on("dam", type);
    }
    b.starts_on("workspaces", "xecm.workspace.created");
    b.on_child();
}

task<json::value> flow::run(flow_run& run, event e) {
    if (e.type == "xecm.workspace.created") {
        const auto id = std::stoll(e.subject);
        co_return co_await workspace_created(run, id);
    }
    if (e.data.is_object() && e.data.get_object().contains("account"))
        co_return co_await backfill(run, e.data);
    co_return co_await asset_changed(run, iw::asset_of(e));
}

// Each round looks at everything again: what was true before a wait may not be true after it.
task<json::value> flow::asset_changed(flow_run run, std::string asset_id) {
    mortise::growing_pauses pauses(settings_.wait);
    for (;;) {
        const auto kept = co_await refresh(run.scope(pauses.round()), asset_id);
        if (kept.problem) throw *kept.problem;
        const bool left = settings_.without_workspace == missing_workspace::leave;
        if (kept.missing.empty() || left) co_return kept.to_json();
        const bool again = co_await pauses.next(run);
        if (!again) {
            throw iw::workspace_missing(settings_.account, kept.missing.front(),
                                        "metadata field \"" + settings_.accounts.field +
                                            "\" of asset " + asset_id);
        }
    }
}

task<iw::kept> flow::refresh(flow_run run, std::string asset_id) {
    const auto asset = co_await iw::read_asset(run, asset_id);
    std::set<std::string> accounts;
    std::string why = asset.approval;
    if (!asset.gone &&
        (settings_.approved_statuses.empty() || asset.approved(settings_.approved_statuses))) {
        const auto metadata =
            co_await iw::read_metadata(run, "assets", asset_id, settings_.accounts.view);
        const auto kind = iw::texts(metadata, settings_.kind_field);
        const bool wanted = settings_.kind_field.empty() ||
                            std::find_first_of(kind.begin(), kind.end(), settings_.kinds.begin(),
                                               settings_.kinds.end()) != kind.end();
        if (wanted)
            iw::collect_ids(metadata, settings_.accounts, "account", "asset " + asset_id, accounts);
        why = wanted ? "not of the account any more" : "of another kind";
    }
    co_return co_await links_.keep(run, asset, std::move(accounts), settings_.account, why);
}

task<json::value> flow::workspace_created(flow_run run, std::int64_t id) {
    const auto workspace = co_await iw::read_workspace(run, id);
    std::vector<task<json::value>> pages;
    const auto accounts = iw::business_objects(workspace.raw, settings_.account);
    for (const auto& account : accounts) {
        auto first = child_of("backfill:" + account + ":1", {{"account", account}, {"page", 1}});
        pages.push_back(run.spawn("backfill:" + account, std::move(first)));
    }
    co_await mortise::all(std::move(pages));
    co_return json::value{{"accounts", json::value_from(accounts)}};
}

// A run per page, and a run per asset under the asset's own order key, so that it never meets one
// that the asset's own change has started. The next page starts before this one's assets are done:
// an asset that needs a person holds up nobody. No run grows with the number of assets.
task<json::value> flow::backfill(flow_run run, json::value page) {
    const auto account = mortise::require_string(page, "account", mortise::category::input);
    const auto number = mortise::require_int(page, "page", mortise::category::input);
    json::object tagged{{"name", "metadata." + settings_.accounts.field}, {"value", account}};
    json::object filter{{"operator", "AND"}, {"terms", json::array{std::move(tagged)}}};
    json::object query{{"filter", std::move(filter)},
                       {"fields", json::array{"id"}},
                       {"limit", settings_.page_size}};
    if (const auto* after = page.get_object().if_contains("after")) query["after"] = *after;
    json::value input = std::move(query);
    const auto found = co_await run.call("search", iw::dam, "search.assets", std::move(input));

    std::vector<task<json::value>> work;
    if (const auto* next = mortise::find_json(found, "next"); next != nullptr && !next->is_null()) {
        json::object data{{"account", account}, {"page", number + 1}, {"after", *next}};
        auto rest =
            child_of("backfill:" + account + ':' + std::to_string(number + 1), std::move(data));
        work.push_back(run.spawn("next", std::move(rest)));
    }
    const auto& assets = mortise::require_array(found, "assets");
    for (const auto& a : assets) {
        const auto id = mortise::require_string(a, "id");
        auto one = child_of(id, {{"asset_id", id}});
        work.push_back(run.spawn("asset:" + id, std::move(one)));
    }
    co_await mortise::all(std::move(work));
    co_return json::value{{"assets", assets.size()}};
}

} // namespace account_links
