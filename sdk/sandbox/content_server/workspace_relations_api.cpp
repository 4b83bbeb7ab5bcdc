// SPDX-License-Identifier: Apache-2.0
//
// Related workspaces.
#include "column_query.hpp"
#include "render.hpp"
#include "workspace.hpp"

namespace mortise::sandbox::content_server {
namespace {

bool as_child(const std::string& kind) {
    const std::string k = lower_case(kind);
    if (k == "child") return true;
    if (k == "parent") return false;
    throw failure{400, "Invalid value specified for argument 'rel_type'.", {}};
}

reply list(service& s, call& c) {
    const auto& n = require_workspace(s, c.id(), c.user);
    const auto kinds = c.args.list("where_rel_types");
    const auto types = c.args.integers("where_workspace_type_ids");
    const auto name = lower_case(c.args.text("where_name"));
    const auto wanted = [&kinds](std::string_view kind) {
        return kinds.empty() || std::any_of(kinds.begin(), kinds.end(),
                                            [&](const auto& k) { return equal_text(k, kind); });
    };
    std::vector<node_id> ids;
    std::map<node_id, std::string> kind_of;
    const auto collect = [&](const std::set<node_id>& from, const char* kind) {
        if (!wanted(kind)) return;
        for (const node_id id : from) {
            const auto* other = s.repo().find(id);
            if (other == nullptr || !s.repo().may(c.user, *other, "see")) continue;
            if (!types.empty() &&
                std::find(types.begin(), types.end(), other->workspace->type_id) == types.end())
                continue;
            if (!name.empty() && !lower_case(other->name).starts_with(name)) continue;
            ids.push_back(id);
            kind_of[id] = std::string("BO_") + (kind[0] == 'c' ? "Child" : "Parent");
        }
    };
    collect(n.workspace->children, "child");
    collect(n.workspace->parents, "parent");
    const std::string sort = c.args.text("sort", "asc_name");
    sort_nodes(s, ids, sort);
    const page p = page_of(s, c, ids.size(), 100);
    json::array results;
    for (const node_id id : cut(ids, p)) {
        auto properties = workspace_properties(s, *s.repo().find(id), c.user);
        properties["rel_type"] = kind_of[id];
        json::object item;
        item["actions"] = json::object{
            {"data", json::object()}, {"map", json::object()}, {"order", json::array()}};
        item["data"] = json::object{{"properties", std::move(properties)}};
        results.push_back(std::move(item));
    }
    json::object body;
    body["links"] = self_links(c);
    body["paging"] = paging_json(c, p);
    body["results"] = std::move(results);
    body["wksp_info"] = json::object{{"wksp_type_icon", nullptr}};
    return reply::json(200, body);
}

reply add(service& s, call& c) {
    auto& n = require_workspace(s, c.id(), c.user);
    auto& other = require_workspace(s, c.args.required_integer("rel_bw_id"), c.user);
    s.repo().require(n.id, c.user, "modify");
    if (as_child(c.args.text("rel_type", "child")))
        relate(s, n, other, c.user);
    else
        relate(s, other, n, c.user);
    return v2_empty(c);
}

reply remove(service& s, call& c) {
    auto& n = require_workspace(s, c.id(), c.user);
    auto& other = require_workspace(s, c.id("rel"), c.user);
    s.repo().require(n.id, c.user, "modify");
    if (as_child(c.args.text("rel_type", "child")))
        unrelate(s, n, other, c.user);
    else
        unrelate(s, other, n, c.user);
    return v2_empty(c);
}

reply linkable(service& s, call& c) {
    const auto& n = require_workspace(s, c.id(), c.user);
    std::vector<node_id> ids;
    for (const auto& [id, other] : s.repo().data().nodes)
        if (other.workspace && !other.workspace->is_template && id != n.id &&
            !n.workspace->children.contains(id) && !n.workspace->parents.contains(id) &&
            s.repo().may(c.user, other, "see"))
            ids.push_back(id);
    sort_nodes(s, ids, c.args.text("sort", "asc_name"));
    const page p = page_of(s, c, ids.size(), 100);
    json::array results;
    for (const node_id id : cut(ids, p))
        results.push_back(json::object{
            {"data",
             json::object{{"properties", workspace_properties(s, *s.repo().find(id), c.user)}}}});
    json::object body;
    body["links"] = self_links(c);
    body["paging"] = paging_json(c, p);
    body["results"] = std::move(results);
    return reply::json(200, body);
}

} // namespace

void add_workspace_relation_routes(service& s) {
    s.module("conws");
    const std::string base = "v2/businessworkspaces/{id}/relateditems";
    s.add("GET", base, [&s](call& c) { return list(s, c); });
    s.add("POST", base, [&s](call& c) { return add(s, c); });
    s.add("DELETE", base + "/{rel}", [&s](call& c) { return remove(s, c); });
    s.add("GET", "v2/businessworkspaces/{id}/relateditemspicklist",
          [&s](call& c) { return linkable(s, c); });
    s.module("");
}

} // namespace mortise::sandbox::content_server
