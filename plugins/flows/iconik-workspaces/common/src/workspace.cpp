// SPDX-License-Identifier: Apache-2.0
#include <iconik_workspaces/workspace.hpp>

namespace iconik_workspaces {

using mortise::category;
using mortise::error;
using mortise::flow_run;
using mortise::task;
namespace json = mortise::json;

namespace {

json::object address(const business_object_type& type, const std::string& id) {
    return {{"ext_system_id", type.system}, {"bo_type", type.type}, {"bo_id", id}};
}

std::string as_text(const json::value& v) {
    return v.is_string() ? std::string(v.get_string()) : mortise::serialize_json(v);
}

// The id of the template, for workspaces.create; 0 when the type has the one that is taken anyway.
task<std::int64_t> template_id(flow_run run, new_workspace wanted) {
    if (wanted.template_name.empty()) co_return 0;
    const auto answer = co_await run.call("types", workspaces, "workspace_types.list");
    std::string known;
    for (const auto& type : mortise::require_array(answer, "types")) {
        if (mortise::require_string(type, "name") != wanted.workspace_type) continue;
        for (const auto& t : mortise::require_array(type, "templates")) {
            const auto name = mortise::require_string(t, "name");
            if (name == wanted.template_name) co_return mortise::require_int(t, "id");
            known += (known.empty() ? "\"" : ", \"") + name + '"';
        }
    }
    throw error(category::config, "iconik-workspaces.template.unknown",
                "workspace type \"" + wanted.workspace_type + "\" has no template \"" +
                    wanted.template_name + "\" (it has " + (known.empty() ? "none" : known) +
                    "): correct the flow's settings, then retry this run");
}

} // namespace

std::vector<std::string>
attributes(const json::value& node, const std::string& category, const std::string& attribute) {
    std::vector<std::string> out;
    const auto* list = mortise::find_json(node, "categories");
    if (list == nullptr || !list->is_array()) return out;
    for (const auto& c : list->get_array()) {
        if (mortise::optional_string(c, "name").value_or("") != category) continue;
        const auto* values = mortise::find_json(c, "values");
        const auto* v = values != nullptr && values->is_object()
                            ? values->get_object().if_contains(attribute)
                            : nullptr;
        if (v == nullptr || v->is_null()) return out;
        if (!v->is_array()) return {as_text(*v)};
        for (const auto& each : v->get_array())
            if (!each.is_null()) out.push_back(as_text(each));
        return out;
    }
    return out;
}

std::string
attribute(const json::value& node, const std::string& category, const std::string& attribute) {
    const auto all = attributes(node, category, attribute);
    return all.empty() ? std::string() : all.front();
}

std::vector<std::string> business_objects(const json::value& workspace,
                                          const business_object_type& type) {
    std::vector<std::string> out;
    const auto* list = mortise::find_json(workspace, "business_objects");
    if (list == nullptr || !list->is_array()) return out;
    for (const auto& bo : list->get_array()) {
        if (mortise::optional_string(bo, "bo_type").value_or("") != type.type) continue;
        if (mortise::optional_string(bo, "ext_system_id").value_or(type.system) != type.system)
            continue;
        out.push_back(mortise::require_string(bo, "bo_id"));
    }
    return out;
}

task<workspace> read_workspace(flow_run run, std::int64_t id) {
    json::value which{{"id", id}, {"categories", true}};
    workspace w;
    w.raw = co_await run.call("workspace", workspaces, "workspaces.get", std::move(which));
    w.id = id;
    w.name = mortise::optional_string(w.raw, "name").value_or("");
    co_return w;
}

task<std::optional<workspace>>
find_workspace(flow_run run, business_object_type type, std::string id) {
    json::value which = address(type, id);
    const auto answer = co_await run.call("find", workspaces, "workspaces.find", std::move(which));
    if (!mortise::require_bool(answer, "found")) co_return std::nullopt;
    auto found = co_await read_workspace(run, mortise::require_int(answer, "workspace.id"));
    co_return std::optional<workspace>(std::move(found));
}

task<workspace> await_workspace(
    flow_run run, business_object_type type, std::string id, patience wait, std::string named_by) {
    mortise::growing_pauses pauses(wait);
    for (;;) {
        const auto scope = run.scope(pauses.round());
        auto found = co_await find_workspace(scope, type, id);
        if (found) co_return std::move(*found);
        const bool again = co_await pauses.next(run);
        if (!again) throw workspace_missing(type, id, named_by);
    }
}

error workspace_missing(const business_object_type& type,
                        const std::string& id,
                        const std::string& named_by) {
    return {category::not_found, "iconik-workspaces.workspace.missing",
            named_by + " names " + type.type + " \"" + id +
                "\", but there is no workspace for business object " + type.said(id) +
                ": create the workspace or correct the field, then retry this run"};
}

task<workspace> ensure_workspace(flow_run run,
                                 business_object_type type,
                                 std::string id,
                                 new_workspace wanted,
                                 std::string named_by) {
    auto there = co_await find_workspace(run, type, id);
    if (there) co_return std::move(*there);
    const auto from_template = co_await template_id(run, wanted);
    json::object what = address(type, id);
    what["workspace_type"] = wanted.workspace_type;
    if (from_template != 0) what["template_id"] = from_template;
    if (const auto at = wanted.name.find("{id}"); at != std::string::npos)
        wanted.name.replace(at, 4, id);
    if (!wanted.name.empty()) what["name"] = wanted.name;
    json::value input = std::move(what);
    const auto made =
        co_await run.try_call("create", workspaces, "workspaces.create", std::move(input));
    if (made) {
        run.info("workspace made", {{"business_object", type.said(id)}});
        co_return co_await read_workspace(run, mortise::require_int(*made, "id"));
    }
    // Somebody else may have been quicker; any other refusal stands.
    auto theirs = co_await find_workspace(run.scope("found"), type, id);
    if (!theirs) {
        auto refusal = made.error();
        refusal.context("the workspace of business object " + type.said(id) + " cannot be made");
        if (!named_by.empty()) refusal.context(named_by);
        throw refusal;
    }
    co_return std::move(*theirs);
}

} // namespace iconik_workspaces
