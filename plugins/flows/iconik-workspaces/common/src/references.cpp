// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/flow.hpp>

#include <boost/json/value_from.hpp>

#include <iconik_workspaces/references.hpp>

namespace iconik_workspaces {

using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::link;
using mortise::task;
namespace json = mortise::json;

namespace {

json::object data_of(const link& l) {
    return l.data.is_object() ? l.data.get_object() : json::object();
}

} // namespace

json::value kept::to_json() const {
    json::array done, gone;
    for (const auto& p : placed)
        done.emplace_back(p.object);
    for (const auto& w : withdrawn)
        gone.emplace_back(w);
    return json::value{{"references", std::move(done)}, {"withdrawn", std::move(gone)}};
}

void references::declare(mortise::role_builder dam_role, mortise::role_builder workspaces_role) {
    dam_role.uses("assets.get", "collections.of_asset", "metadata.get", "metadata.set",
                  "proxies.list", "keyframes.list");
    workspaces_role.uses("workspaces.find", "workspaces.get", "nodes.path_ensure",
                         "nodes.create_url", "nodes.update", "nodes.delete", "categories.set",
                         "categories.list");
}

task<std::map<std::string, link>> references::of_asset(flow_run run, std::string asset_id) const {
    std::map<std::string, link> out;
    const auto key = asset_key(asset_id, "*");
    const auto links = co_await run.link_find("links", relation_, key);
    for (const auto& l : links)
        out.emplace(object_in_key(l.a), l);
    co_return out;
}

task<std::vector<std::string>> references::of_object(flow_run run, std::string object) const {
    std::vector<std::string> out;
    const auto found = co_await run.link_find("assets:" + object, members(), object + "#*");
    for (const auto& l : found)
        out.push_back(asset_in_key(l.b));
    co_return out;
}

task<std::vector<std::string>> references::objects(flow_run run) const {
    const auto found = co_await run.link_find("objects", members(), "*");
    std::set<std::string> objects;
    for (const auto& l : found)
        objects.insert(l.a.substr(0, l.a.find('#')));
    co_return std::vector<std::string>(objects.begin(), objects.end());
}

task<kept> references::keep(flow_run run,
                            asset of,
                            std::set<std::string> objects,
                            business_object_type type,
                            std::string why) const {
    kept out;
    const auto known = co_await of_asset(run, of.id);
    for (const auto& [object, l] : known) {
        if (objects.contains(object)) continue;
        co_await withdraw(run.scope("withdraw:" + object), l, why);
        out.withdrawn.push_back(object);
    }
    if (objects.empty()) co_return out;

    json::value which{{"asset_id", of.id}};
    const auto proxies = co_await run.call("proxies", dam, "proxies.list", which);
    const auto keyframes = co_await run.call("keyframes", dam, "keyframes.list", which);
    for (const auto& object : objects) {
        const auto scope = run.scope(type.type + ':' + object);
        try {
            auto in = co_await find_workspace(scope, type, object);
            if (!in) {
                out.missing.push_back(object);
                continue;
            }
            auto wanted = describe_asset(settings_, of, proxies, keyframes, object, objects);
            std::optional<link> before;
            if (const auto it = known.find(object); it != known.end()) before = it->second;
            const bool changed = co_await put(scope, *in, std::move(wanted), std::move(before));
            out.placed.push_back({object, std::move(*in), changed});
        } catch (const error& e) {
            if (e.category == category::cancelled) throw;
            out.problem = e;
        }
    }
    co_return out;
}

task<bool>
references::put(flow_run run, workspace in, reference wanted, std::optional<link> known) const {
    json::value fingerprint = wanted.fingerprint();
    std::string node;
    if (known) {
        auto before = data_of(*known);
        const bool removed = before.erase("removed") > 0;
        // A reference that a person removed stays away until the asset has something new to say.
        if (json::value(before) == fingerprint) co_return false;
        if (!removed) node = known->b;
    }
    if (!node.empty()) {
        json::value change{{"id", node_in_key(node)},
                           {"name", node_name(wanted)},
                           {"url", wanted.url},
                           {"description", wanted.title}};
        const auto updated =
            co_await run.try_call("update", workspaces, "nodes.update", std::move(change));
        if (!updated && updated.error().category != category::not_found) throw updated.error();
        if (!updated) node.clear(); // deleted a moment ago: it is made again
    }
    if (node.empty()) node = co_await create(run, in, wanted);
    json::value values{{"id", node_in_key(node)},
                       {"category", settings_.category},
                       {"values", category_values(settings_, wanted)}};
    co_await run.call("category", workspaces, "categories.set", std::move(values));
    const auto key = asset_key(wanted.asset_id, wanted.object);
    link member{wanted.object + '#' + wanted.asset_id, key, nullptr};
    co_await run.link_put("member", members(), std::move(member));
    link reference_link{key, node, std::move(fingerprint)};
    co_await run.link_put("link", relation_, std::move(reference_link));
    co_return true;
}

task<std::string> references::create(flow_run run, workspace in, reference wanted) const {
    json::value path{{"parent_id", in.id}, {"path", json::value_from(settings_.folder)}};
    const auto folder =
        co_await run.call("folder", workspaces, "nodes.path_ensure", std::move(path));
    json::value url{{"parent_id", mortise::require_int(folder, "id")},
                    {"name", node_name(wanted)},
                    {"url", wanted.url},
                    {"description", wanted.title}};
    const auto made = co_await run.call("create", workspaces, "nodes.create_url", std::move(url));
    run.info("reference made", {{"asset", wanted.asset_id}, {"workspace", in.name}});
    co_return node_key(mortise::require_int(made, "id"));
}

task<void> references::withdraw(flow_run run, link known, std::string why) const {
    json::value which{{"id", node_in_key(known.b)}};
    if (settings_.on_withdrawn == withdrawal::remove) {
        // The links go first: the deletion comes back as an event and must find nothing to report.
        const std::string member = object_in_key(known.a) + '#' + asset_in_key(known.a);
        co_await run.link_remove("unlink", relation_, known.a);
        co_await run.link_remove("unmember", members(), member);
        co_await run.call("delete", workspaces, "nodes.delete", std::move(which));
        co_return;
    }
    auto data = data_of(known);
    if (mortise::optional_string(data, "status").value_or("") == why) co_return;
    json::value mark{{"id", node_in_key(known.b)},
                     {"category", settings_.category},
                     {"values", {{settings_.status_attribute, "withdrawn: " + why}}}};
    const auto marked =
        co_await run.try_call("mark", workspaces, "categories.set", std::move(mark));
    if (!marked && marked.error().category != category::not_found) throw marked.error();
    data["status"] = why;
    link still{known.a, known.b, std::move(data)};
    co_await run.link_put("marked", relation_, std::move(still));
}

task<std::optional<reference_news>>
references::node_changed(flow_run run, std::string node_id, bool removed) const {
    const auto links = co_await run.link_find_b("link", relation_, "xecm:node/" + node_id);
    if (links.empty()) co_return std::nullopt;
    const link known = links.front();
    reference_news news{asset_in_key(known.a), object_in_key(known.a), "reference removed"};
    if (removed) {
        auto data = data_of(known);
        if (data.contains("removed")) co_return std::nullopt;
        data["removed"] = true;
        link still{known.a, known.b, std::move(data)};
        co_await run.link_put("removed", relation_, std::move(still));
    } else {
        json::value which{{"id", node_in_key(known.b)}};
        const auto node =
            co_await run.call("categories", workspaces, "categories.list", std::move(which));
        const auto now = attribute(node, settings_.category, settings_.status_attribute);
        // Our own write comes back here as well: it says what we wrote, and that is no news.
        const auto ours = mortise::optional_string(data_of(known), "status").value_or("");
        if (now == ours || now == "withdrawn: " + ours) co_return std::nullopt;
        news.said = "reference: " + now;
    }
    co_return std::optional<reference_news>(std::move(news));
}

} // namespace iconik_workspaces
