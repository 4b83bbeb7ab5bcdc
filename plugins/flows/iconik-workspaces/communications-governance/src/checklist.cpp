// SPDX-License-Identifier: Apache-2.0
#include "checklist.hpp"

#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>

namespace communications {

using mortise::flow_run;
using mortise::task;
namespace iw = iconik_workspaces;
namespace json = mortise::json;

namespace {

constexpr int document_type = 144;

task<bool> has_document(flow_run run,
                        std::int64_t workspace_id,
                        std::vector<std::string> folder,
                        std::string name) {
    folder.push_back(std::move(name));
    json::value path{{"parent_id", workspace_id}, {"path", json::value_from(folder)}};
    const auto made =
        co_await run.call("folder", iw::workspaces, "nodes.path_ensure", std::move(path));
    json::value which{{"id", mortise::require_int(made, "id")},
                      {"types", json::array{document_type}},
                      {"limit", 1}};
    const auto inside =
        co_await run.call("documents", iw::workspaces, "nodes.children", std::move(which));
    co_return !mortise::require_array(inside, "nodes").empty();
}

task<bool> is_settled(flow_run run, iw::workspace in, checklist_item item) {
    const auto now = iw::attribute(in.raw, item.category, item.attribute);
    if (now.empty() && !item.opened_as.empty()) {
        json::object values{{item.attribute, item.opened_as}};
        json::value open{{"id", in.id}, {"category", item.category}, {"values", std::move(values)}};
        co_await run.call("open", iw::workspaces, "categories.set", std::move(open));
    }
    if (now.empty()) co_return false;
    co_return item.done.empty()
        ? now != item.opened_as
        : std::find(item.done.begin(), item.done.end(), now) != item.done.end();
}

std::vector<std::string> names_in(const json::value& v, const char* key) {
    const auto* list = mortise::find_json(v, key);
    return list != nullptr ? json::value_to<std::vector<std::string>>(*list)
                           : std::vector<std::string>();
}

} // namespace

json::value progress::to_json() const {
    return json::value{{"done", json::value_from(done)}, {"open", json::value_from(open)}};
}

progress progress::from(const json::value& v) {
    return {names_in(v, "done"), names_in(v, "open")};
}

task<progress> open_checklist(flow_run run,
                              iw::workspace in,
                              std::vector<std::string> folder,
                              std::vector<checklist_item> items) {
    progress so_far;
    for (const auto& item : items) {
        const auto scope = run.scope("item:" + item.name);
        bool settled = false;
        if (item.by == evidence::document)
            settled = co_await has_document(scope, in.id, folder, item.name);
        else
            settled = co_await is_settled(scope, in, item);
        (settled ? so_far.done : so_far.open).push_back(item.name);
    }
    co_return so_far;
}

} // namespace communications
