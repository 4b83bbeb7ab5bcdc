// SPDX-License-Identifier: Apache-2.0
#include "item.hpp"

#include <boost/json/value_from.hpp>

#include <iconik_workspaces/record.hpp>
#include <iconik_workspaces/reference.hpp>

namespace rights_metadata_sync {

using mortise::category;
using mortise::flow_run;
using mortise::link;
using mortise::task;
namespace iw = iconik_workspaces;
namespace json = mortise::json;

namespace {

std::optional<mortise::time_point> time_in(const json::value& answer, const char* key) {
    const auto text = mortise::optional_string(answer, key).value_or("");
    const auto exact = mortise::parse_time(text);
    // Content Server gives its dates without a zone unless it is told to.
    return exact ? exact : mortise::parse_time(text + "Z");
}

std::string name_of(const iw::asset& asset) {
    iw::reference r;
    r.asset_id = asset.id;
    r.title = asset.title;
    return iw::node_name(r);
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& t : texts)
        out += (out.empty() ? "" : ", ") + t;
    return out;
}

// The end of a long address tells it from others of the same asset.
std::string short_end(const std::string& url) {
    constexpr std::size_t most = 150;
    return url.size() > most ? url.substr(url.size() - most) : url;
}

} // namespace

std::string place::key() const {
    return iw::asset_key(asset.id, object);
}

std::vector<std::string> texts_of(const json::object& values, const std::string& field) {
    const json::value all{{"values", values}};
    const auto* one = values.if_contains(field);
    if (one && !one->is_array() && !one->is_null()) {
        return {one->is_string() ? std::string(one->get_string()) : mortise::serialize_json(*one)};
    }
    return iw::texts(all, field);
}

task<std::int64_t>
items::folder(flow_run run, std::int64_t workspace, std::vector<std::string> path) const {
    json::value input{{"parent_id", workspace}, {"path", json::value_from(path)}};
    const auto made =
        co_await run.call("folder", iw::workspaces, "nodes.path_ensure", std::move(input));
    co_return mortise::require_int(made, "id");
}

task<std::int64_t> items::ensure(flow_run run, place at) const {
    const std::string name = name_of(at.asset);
    const std::string key = at.key();
    const auto links = co_await run.link_find("item", item_relation, key);
    if (!links.empty()) {
        const std::int64_t node = iw::node_in_key(links.front().b);
        json::value which{{"id", node}};
        const auto there = co_await run.try_call("there", iw::workspaces, "nodes.get", which);
        if (!there && there.error().category != category::not_found) throw there.error();
        if (there) {
            if (mortise::optional_string(*there, "name").value_or("") != name) {
                which.as_object()["name"] = name;
                co_await run.call("rename", iw::workspaces, "nodes.update", std::move(which));
            }
            co_return node;
        }
    }
    // Made for the first time, or deleted by a person: the rights must be on record.
    const std::int64_t parent = co_await folder(run, at.in.id, settings_.folder);
    std::string url = settings_.asset_link;
    if (const auto mark = url.find("{asset_id}"); mark != std::string::npos)
        url.replace(mark, 10, at.asset.id);
    json::value item{{"parent_id", parent}, {"name", name}, {"url", url}};
    const auto made =
        co_await run.call("create", iw::workspaces, "nodes.create_url", std::move(item));
    co_return mortise::require_int(made, "id");
}

task<mortise::sync_view> items::read_asset(flow_run run, std::string asset_id) const {
    const auto metadata = co_await iw::read_metadata(run, "assets", asset_id, settings_.view);
    mortise::sync_view view;
    view.values = mortise::require_object(metadata, "values");
    view.changed_at = time_in(metadata, "date_modified");
    // iconik does not list the fields of a view that hold nothing: they are empty.
    for (const auto& f : settings_.fields)
        if (!view.values.contains(f.a)) view.values[f.a] = json::array();
    co_return view;
}

task<mortise::sync_view> items::read_item(flow_run run, std::int64_t node) const {
    json::value which{{"id", node}, {"categories", true}};
    const auto item = co_await run.call("item", iw::workspaces, "nodes.get", std::move(which));
    mortise::sync_view view;
    view.changed_at = time_in(item, "modify_date");
    for (const auto& c : mortise::require_array(item, "categories")) {
        if (mortise::optional_string(c, "name").value_or("") == settings_.category)
            view.values = mortise::require_object(c, "values");
    }
    co_return view;
}

task<json::value>
items::write_asset(flow_run run, std::string asset_id, json::object values) const {
    json::value input{{"object_type", "assets"},
                      {"object_id", asset_id},
                      {"view", settings_.view},
                      {"values", std::move(values)}};
    const auto done = co_await run.call("write-asset", iw::dam, "metadata.set", std::move(input));
    const auto* before = mortise::find_json(done, "before");
    json::value replaced;
    if (before) replaced = *before;
    co_return replaced;
}

task<json::value> items::write_item(flow_run run,
                                    std::int64_t node,
                                    std::string asset_id,
                                    json::object values) const {
    if (!settings_.asset_attribute.empty()) values[settings_.asset_attribute] = asset_id;
    json::value input{
        {"id", node}, {"category", settings_.category}, {"values", std::move(values)}};
    const auto done =
        co_await run.call("write-item", iw::workspaces, "categories.set", std::move(input));
    const auto* before = mortise::find_json(done, "before");
    json::value replaced;
    if (before) replaced = *before;
    co_return replaced;
}

task<void>
items::file_record(flow_run run, place at, json::object rights, std::string restricted) const {
    if (settings_.record_folder.empty()) co_return;
    iw::record what;
    what.key = "asset/" + at.asset.id + "/rights";
    what.folder = settings_.record_folder;
    what.name = "Rights record " + name_of(at.asset) + ".txt";
    what.text = "Rights record\nAsset: " + at.asset.title + " (" + at.asset.id +
                ")\nVersion: " + std::to_string(at.asset.version) + "\n";
    for (const auto& f : settings_.fields)
        what.text += f.b + ": " + joined(texts_of(rights, f.a)) + "\n";
    what.text += "Use: " + (restricted.empty() ? "allowed" : "restricted, " + restricted) + "\n";
    co_await iw::file_record(run, "rights-record", at.in.id, std::move(what));
}

task<void> items::file_agreements(flow_run run, place at, json::object metadata) const {
    int n = 0;
    for (const auto& field : settings_.agreement_fields) {
        for (const auto& url : texts_of(metadata, field)) {
            const flow_run step = run.scope("agreement-" + std::to_string(++n));
            const std::string key = at.key() + '#' + short_end(url);
            const auto filed = co_await step.link_find("filed", "rights-agreement", key);
            if (!filed.empty()) continue;
            const std::int64_t parent = co_await folder(step, at.in.id, settings_.agreement_folder);
            const std::string name = iw::document_name("Agreement " + std::to_string(n) + " of " +
                                                       name_of(at.asset).substr(0, 200));
            json::value item{{"parent_id", parent}, {"name", name}, {"url", url}};
            const auto made =
                co_await step.call("file", iw::workspaces, "nodes.create_url", std::move(item));
            link l;
            l.a = key;
            l.b = iw::node_key(mortise::require_int(made, "id")) + '#' + key;
            co_await step.link_put("keep", "rights-agreement", std::move(l));
        }
    }
}

task<void> items::retire(flow_run run, link known, std::string why) const {
    json::value note{{"id", iw::node_in_key(known.b)},
                     {"description", "not kept in step with iconik any more: " + why}};
    const auto noted =
        co_await run.try_call("note", iw::workspaces, "nodes.update", std::move(note));
    if (!noted && noted.error().category != category::not_found) throw noted.error();
    co_await run.link_remove("unlink", item_relation, known.a);
}

} // namespace rights_metadata_sync
