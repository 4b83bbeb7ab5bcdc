// SPDX-License-Identifier: Apache-2.0
// What the sync reads and writes: side a is the asset, side b the item in the workspace.
#include "flow.hpp"

namespace vendor_deliverables {

using iconik_workspaces::dam;
using iconik_workspaces::workspaces;
using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::sync_view;
using mortise::task;
namespace json = mortise::json;

mortise::two_way_sync::sides flow::sides(asset of, item in) const {
    mortise::two_way_sync::sides how;
    how.read_a = [this, of](flow_run run) { return read_asset_side(run, of); };
    how.read_b = [this, in](flow_run run) { return read_item_side(run, in); };
    how.write_a = [this, of](flow_run run, json::object v) {
        return write_asset_side(run, of, std::move(v));
    };
    how.write_b = [this, in](flow_run run, json::object v) {
        return write_item_side(run, in, std::move(v));
    };
    return how;
}

task<sync_view> flow::read_asset_side(flow_run run, asset of) const {
    const asset now = co_await iconik_workspaces::read_asset(run, of.id);
    const auto metadata =
        co_await iconik_workspaces::read_metadata(run, "assets", of.id, settings_.view);
    sync_view view;
    for (const auto& field : settings_.fields) {
        // Another version has come: of this one there is nothing more to say.
        if (field.a == approval_field) {
            if (now.version_id == of.version_id) view.values[field.a] = now.approval;
            continue;
        }
        const auto* values = mortise::find_json(metadata, "values");
        const auto* v = values != nullptr && values->is_object()
                            ? values->get_object().if_contains(field.a)
                            : nullptr;
        if (v != nullptr) view.values[field.a] = *v;
    }
    co_return view;
}

task<sync_view> flow::read_item_side(flow_run run, item in) const {
    json::value which{{"id", in.node}};
    const auto node = co_await run.call("item", workspaces, "categories.list", std::move(which));
    const auto values = values_on(node, settings_.category);
    sync_view view;
    for (const auto& field : settings_.fields) {
        const auto* v = values.is_object() ? values.get_object().if_contains(field.b) : nullptr;
        if (v != nullptr) view.values[field.b] = *v;
    }
    co_return view;
}

task<json::value> flow::write_asset_side(flow_run run, asset of, json::object values) const {
    json::object fields;
    for (const auto& entry : values) {
        const std::string name(entry.key());
        if (name == approval_field) {
            std::string status;
            if (entry.value().is_string()) status = std::string(entry.value().get_string());
            co_await decide(run, of, std::move(status));
        } else if (entry.value().is_array()) {
            fields[name] = entry.value();
        } else if (entry.value().is_null()) {
            fields[name] = json::array();
        } else {
            fields[name] = json::array{entry.value()};
        }
    }
    if (fields.empty()) co_return json::value(nullptr);
    json::value write{{"object_type", "assets"},
                      {"object_id", of.id},
                      {"view", settings_.view},
                      {"values", std::move(fields)}};
    const auto written = co_await run.call("write", dam, "metadata.set", std::move(write));
    const auto* before = mortise::find_json(written, "before");
    if (before == nullptr) co_return json::value(nullptr);
    co_return *before;
}

// iconik takes a vote only where approval was asked for.
task<void> flow::decide(flow_run run, asset of, std::string status) const {
    const asset now = co_await iconik_workspaces::read_asset(run.scope("decide"), of.id);
    // The decision was on the version that the item showed.
    if (now.gone || now.version_id != of.version_id) co_return;
    json::value which{{"asset_id", of.id}};
    if (status.empty() || status == "N/A") {
        co_await run.call("withdraw", dam, "approvals.withdraw", std::move(which));
        co_return;
    }
    if (status != "REQUESTED" && status != "APPROVED" && status != "NOT_APPROVED") {
        throw error(category::input, "vendor-deliverables.approval.unknown",
                    "the deliverable of asset " + of.id + " was given the approval \"" + status +
                        "\", which cannot be set in iconik: set Pending, In Review, Approved or "
                        "Rejected there (setting fields), then retry this run");
    }
    if (now.approval == "N/A") {
        json::value request = which;
        co_await run.call("request", dam, "approvals.request", std::move(request));
    }
    if (status == "REQUESTED") co_return;
    which.as_object()["status"] = status;
    co_await run.call("vote", dam, "approvals.vote", std::move(which));
}

task<json::value> flow::write_item_side(flow_run run, item in, json::object values) const {
    json::value write{
        {"id", in.node}, {"category", settings_.category}, {"values", std::move(values)}};
    const auto written = co_await run.call("write", workspaces, "categories.set", std::move(write));
    const auto* before = mortise::find_json(written, "before");
    if (before == nullptr) co_return json::value(nullptr);
    co_return *before;
}

} // namespace vendor_deliverables
